/* Where to go on at a start: for every state of the files, without a number or a line used twice.
 */
#include "follow/resume.h"
#include "tap.h"
#include <stdlib.h>
#include <unistd.h>

static struct fileorder order;

/* Files of the inodes 1, 2, ...: `+N` is there and begun with number N, `-N` gone and begun, `+`
   there and not begun, `-` gone and not begun. `*` before it: a gap. */
static void make(const char *files) {
  struct span rest = span_str(files), word;
  order.n = 0;
  while ((word = span_word(&rest)).len) {
    size_t i = order.n++, gap = word.s[0] == '*';
    order.file[i] = (struct logfile){.inode = i + 1, .birth = i + 1, .name = LOGFILE_CURRENT};
    order.present[i] = word.s[gap] == '+';
    order.read[i] =
        (struct filenumbers){.first = strtoull(word.s + gap + 1, NULL, 10), .gap.at = gap};
  }
}

static const struct {
  const char *name, *files;
  uint64_t seq;
  size_t at; /* 9: not in the list */
  bool good;
  enum resume want;
  size_t next; /* 9: none */
} rows[] = {
    {"all is there", "+1 +5 +9 +", 3, 0, true, RESUME_POSITION, 0},
    {"in the last file", "+1 +5 +9", 10, 2, true, RESUME_POSITION, 2},
    {"one before it is gone", "-1 +5 +9", 7, 1, true, RESUME_POSITION, 1},
    {"one after it that was not begun", "+1 +5 - +", 7, 1, true, RESUME_POSITION, 1},
    {"one after it that was begun", "+1 -5 +9 +", 3, 0, true, RESUME_FILE, 2},
    {"and the next, too", "+1 -5 -9 +", 3, 0, true, RESUME_EPOCH, 3},
    {"and all the others", "+1 -5 -9 -", 3, 0, true, RESUME_WAIT, 9},
    {"one that was begun is there, but not the last of them", "-1 +5 -9 +", 3, 0, false,
     RESUME_EPOCH, 3},
    {"its file is gone", "-1 +5 +9 +", 3, 0, false, RESUME_FILE, 1},
    {"its file is gone, and all of it was acknowledged", "-1 +5 +9 +", 5, 0, false, RESUME_FILE, 1},
    {"its file is gone, and the others were not begun", "-1 - +", 3, 0, false, RESUME_EPOCH, 2},
    {"older files were read", "+1 -5 +", 7, 1, false, RESUME_EPOCH, 2},
    {"older files were read, and there is no other", "+1 -5", 7, 1, false, RESUME_WAIT, 9},
    {"its file was written anew", "+1 +5", 7, 1, false, RESUME_EPOCH, 1},
    {"its file was written anew, but a later one was begun", "+1 +5 +9", 3, 0, false, RESUME_FILE,
     1},
    {"its file was emptied while it was read", "+1 *+9", 7, 1, false, RESUME_FILE, 1},
    {"its file is not in the list", "+ + +", 7, 9, false, RESUME_EPOCH, 0},
    {"its file is not in the list, but others were begun", "+1 +5 +9", 7, 9, false, RESUME_FILE, 2},
    {"nor is it there, with the same number", "-1 -5 + +", 7, 9, false, RESUME_EPOCH, 2},
    {"no file at all", "", 7, 9, false, RESUME_WAIT, 9},
};

static void choices(void) {
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    const struct checkpoint c = {.epoch = 1, .seq = rows[i].seq};
    make(rows[i].files);
    size_t next, at = rows[i].at == 9 ? order.n : rows[i].at;
    enum resume got = resume_choose(&order, &c, at, rows[i].good, &next);
    ok(got == rows[i].want && next == (rows[i].next == 9 ? order.n : rows[i].next), "%s (%d, %zu)",
       rows[i].name, got, next);
  }
}

static const struct {
  const char *name, *files;
  uint64_t inode, seq, offset;
  size_t known, want; /* 9: all; none */
} positions[] = {
    {"a file of which no number is known", "+ + +", 2, 5, 0, 9, 1},
    {"its first line", "+1 +5 +", 2, 5, 0, 9, 1},
    {"a number before its first line", "+1 +6 +", 2, 5, 0, 9, 9},
    {"the number of the gap before it", "+1 *+6 +", 2, 5, 0, 9, 1},
    {"the number of the gap, but not the offset", "+1 *+6 +", 2, 5, 1, 9, 9},
    {"no file of that inode", "+1 +5 +", 4, 7, 0, 9, 9},
    {"a new file of that inode", "+1 +5 +", 3, 7, 0, 2, 9},
    {"a file that was not begun, after one with a later number", "+6 + +", 3, 5, 0, 9, 9},
    {"a file that was not begun, after one with that number", "+5 + +", 3, 5, 0, 9, 9},
    {"a file that was not begun, after one with an earlier number", "+4 + +", 3, 5, 0, 9, 2},
    {"a file that was begun, after one with a later number", "+6 +3", 2, 5, 0, 9, 9},
};

static void find_file(void) {
  for (size_t i = 0; i < sizeof positions / sizeof *positions; i++) {
    const struct checkpoint c = {
        .inode = positions[i].inode, .seq = positions[i].seq, .offset = positions[i].offset};
    make(positions[i].files);
    size_t got =
        resume_find_file(&order, &c, positions[i].known == 9 ? order.n : positions[i].known);
    ok(got == (positions[i].want == 9 ? order.n : positions[i].want), "%s (%zu)", positions[i].name,
       got);
  }
  make("+ + +");
  order.file[0].inode = 3;
  const struct checkpoint c = {.inode = 3, .seq = 5};
  ok(resume_find_file(&order, &c, order.n) == 2, "the newest of two files of that inode");
}

static void unwritten(void) {
  struct checkpoint c = {.epoch = 0};
  make("+1 *+2");
  order.epoch = 9;
  order.read[1].start = 77;
  ok(resume_find_unwritten(&order, 8, &c) && c.epoch == 9 && c.seq == 1 && c.inode == 2 &&
         c.offset == 77,
     "a list that was written, and not its checkpoint");
  ok(!resume_find_unwritten(&order, 9, &c), "once the checkpoint is there, too");
  make("+1 +2");
  ok(!resume_find_unwritten(&order, 8, &c), "a list of sinbin-follow -n");
}

#define LABEL(n) "@400000006b04de0c0cc3c8" #n

static void skipping(void) {
  static const struct {
    const char *name, *text;
    uint64_t want;
  } files[] = {
      {"nothing", "", 0},
      {"all are newer", LABEL(51) " a\n", 0},
      {"one is the same", LABEL(50) " a\n" LABEL(51) " b\n", 28},
      {"older ones, and one without a label", LABEL(48) " a\nb\n" LABEL(49) " c\n" LABEL(60) " d\n",
       58},
      {"what comes after a newer one stays", LABEL(60) " a\n" LABEL(40) " b\n", 0},
      {"all are older", LABEL(40) " a\n" LABEL(41) " b\n", 56},
      {"all are older, and one is not whole", LABEL(40) " a\n" LABEL(41) " b", 28},
  };
  char path[] = "/tmp/sinbin-resume-XXXXXX";
  int fd = mkstemp(path);
  uint64_t offset;
  unlink(path);
  for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
    size_t len = strlen(files[i].text);
    if (ftruncate(fd, 0) != 0 || pwrite(fd, files[i].text, len, 0) != (ssize_t)len) abort();
    ok(resume_skip_old(fd, LABEL(50), &offset) && offset == files[i].want, "%s (%d)", files[i].name,
       (int)offset);
  }
  ok(!resume_skip_old(-1, LABEL(50), &offset), "a file that cannot be read");
}

static void copies(void) {
  make("- +");
  ok(!resume_is_copy(&order), "`current` has the same name in every directory");
  strcpy(order.file[0].name, "@400000000000025800000000.s");
  strcpy(order.file[1].name, "@400000000000025800000001.s");
  ok(!resume_is_copy(&order), "another full file");
  strcpy(order.file[1].name, "@400000000000025800000000.s");
  ok(resume_is_copy(&order), "a full file of the same name, and another number");
  order.present[0] = true;
  ok(!resume_is_copy(&order), "beside the old one");
}

int main(void) {
  choices();
  find_file();
  unwritten();
  skipping();
  copies();
  return done();
}
