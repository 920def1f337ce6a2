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
    order.file[i] = (struct logfile){.inode = i + 1, .born = i + 1, .name = LOGFILE_CURRENT};
    order.here[i] = word.s[gap] == '+';
    order.read[i] = (struct logread){.first = strtoull(word.s + gap + 1, NULL, 10), .gap.at = gap};
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

static void numbers(void) {
  struct logread r = {.first = 0};
  struct checkpoint c = {.seq = 5, .offset = 0};
  ok(resume_number_fits(&r, &c), "a file of which no number is known");
  r.first = 5;
  ok(resume_number_fits(&r, &c), "its first line");
  r.first = 6;
  ok(!resume_number_fits(&r, &c), "a number before its first line");
  r.gap.at = 1;
  ok(resume_number_fits(&r, &c), "unless it is that of a gap");
  c.offset = 1;
  ok(!resume_number_fits(&r, &c), "which is where the file begins");
}

static void unwritten(void) {
  struct checkpoint c = {.epoch = 0};
  make("+1 *+2");
  order.epoch = 9;
  order.read[1].start = 77;
  ok(resume_unwritten(&order, 8, &c) && c.epoch == 9 && c.seq == 1 && c.inode == 2 &&
         c.offset == 77,
     "a list that was written, and not its checkpoint");
  ok(!resume_unwritten(&order, 9, &c), "once the checkpoint is there, too");
  make("+1 +2");
  ok(!resume_unwritten(&order, 8, &c), "a list of sinbin-follow -n");
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
  order.here[0] = true;
  ok(!resume_is_copy(&order), "beside the old one");
}

int main(void) {
  choices();
  numbers();
  unwritten();
  skipping();
  copies();
  return done();
}
