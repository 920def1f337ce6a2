/* The order of log files: kept as first seen, whatever the clock says. */
#include "follow/fileorder.h"
#include "tap.h"

static struct fileorder order;

/* The name of the file that was full at a minute past some hour. */
static struct logfile file(uint64_t inode, uint64_t birth, int minute) {
  struct logfile f = {.inode = inode, .birth = birth};
  snprintf(f.name, sizeof f.name, "@40000000%08x00000000.s", minute * 60);
  return f;
}

static struct logfile current(uint64_t inode, uint64_t birth) {
  return (struct logfile){.inode = inode, .birth = birth, .name = LOGFILE_CURRENT};
}

enum merged { SAME, GREW, LOST, LOST_BEGUN, FULL };

/* As sinbin-follow takes a scan. */
static enum merged merge(struct fileorder *o, const struct logfile *found, size_t n) {
  static const enum merged lost[] = {[FILEORDER_LOST] = LOST, [FILEORDER_LOST_BEGUN] = LOST_BEGUN};
  size_t known = o->n;
  bool reading = o->at < known;
  if (!fileorder_update(o, found, n)) return FULL;
  enum fileorder_loss loss = fileorder_find_loss(o, known);
  bool more = o->n > known;
  if (!reading) o->at = o->n;
  fileorder_forget_gone(o);
  return loss != FILEORDER_COMPLETE ? lost[loss] : more ? GREW : SAME;
}

#define MERGE(...)                                     \
  merge(&order, (const struct logfile[]){__VA_ARGS__}, \
        sizeof((const struct logfile[]){__VA_ARGS__}) / sizeof(struct logfile))

static const char *inodes(void) {
  static char text[128];
  size_t len = 0;
  text[0] = '\0';
  for (size_t i = 0; i < order.n && len < sizeof text - 8; i++)
    len += (size_t)snprintf(text + len, sizeof text - len, "%s%d%s", i == order.at ? ">" : "",
                            (int)order.file[i].inode, order.present[i] ? " " : "- ");
  return text;
}

static void is_order(const char *want, const char *name) {
  is_text(span_str(inodes()), want, "%s", name);
}

static void start(size_t at) {
  order.n = order.at = 0;
  MERGE(file(1, 1, 10), file(2, 2, 20), current(3, 3));
  order.at = at;
}

static void test_rotation(void) {
  start(0);
  is_order(">1 2 3 ", "files seen together are in the order of their names");
  ok(MERGE(file(1, 1, 10), file(2, 2, 20), current(3, 3)) == SAME, "nothing new");
  ok(MERGE(file(1, 1, 10), file(2, 2, 20), file(3, 3, 30), current(4, 4)) == GREW,
     "current was rotated");
  is_order(">1 2 3 4 ", "it keeps its place");
  ok(order.file[2].name[0] == '@', "and has its new name");
  order.at = 2;
  ok(MERGE(file(2, 2, 20), file(3, 3, 30), current(4, 4)) == SAME, "an old one is deleted");
  is_order("2 >3 4 ", "and forgotten");
  ok(MERGE(file(3, 3, 30), file(4, 4, 40), file(5, 5, 50), current(6, 6)) == GREW, "more");
  is_order(">3 4 5 6 ", "in the order of their names");
}

static void test_clock(void) {
  start(2);
  MERGE(file(1, 1, 10), file(3, 3, 12), file(2, 2, 20), current(4, 4));
  is_order("1 2 >3 4 ", "the clock went back before it was full: it stays where it was");
  MERGE(file(4, 4, 5), file(1, 1, 10), file(3, 3, 12), file(2, 2, 20), current(5, 5));
  is_order("1 2 >3 4 5 ", "and so does the next, which has the smallest name");
}

static void test_loss(void) {
  start(0);
  ok(MERGE(file(1, 1, 10), current(3, 3)) == LOST, "an unread file is gone");
  is_order(">1 3 ", "and left out");
  start(0);
  order.read[2].first = 7;
  ok(MERGE(file(1, 1, 10), current(3, 3)) == LOST, "one that was not begun");
  start(0);
  order.read[1].first = 7;
  ok(MERGE(file(1, 1, 10), current(3, 3)) == LOST_BEGUN, "one whose numbers are used");
  start(0);
  ok(MERGE(file(2, 2, 20), current(3, 3)) == SAME, "the one being read may go");
  is_order(">1- 2 3 ", "and stays in the list");
  start(2);
  ok(MERGE(file(3, 3, 30), current(4, 4)) == GREW, "all before it may go");
  start(2);
  ok(MERGE(file(5, 5, 50), current(6, 6)) == LOST,
     "it is gone and there are new ones: others may have been between them");
  start(2);
  ok(MERGE(file(1, 1, 10)) == SAME, "it is gone and there are none");
  start(3);
  ok(MERGE(file(5, 5, 50), current(6, 6)) == GREW, "nothing was being read");
  is_order("5 6 ", "the gone are forgotten");
}

static void test_identity(void) {
  start(1);
  ok(MERGE(file(2, 2, 20), current(3, 3), current(1, 9)) == GREW, "an inode is used again");
  is_order(">2 3 1 ", "it is another file, by its birth");
  order.n = order.at = 0;
  MERGE(file(1, 0, 10), current(2, 0));
  order.at = 1;
  MERGE(file(2, 0, 20), current(1, 0));
  is_order(">2 1 ", "or by its name, where births are unknown");
  ok(fileorder_find(&order, 1) == 1 && fileorder_find(&order, 77) == order.n, "found by inode");
}

static struct logfile with_hash(struct logfile f, uint64_t hash) {
  f.first_hash = hash;
  return f;
}

/* An inode is used again within a tick of the birth times: the first line tells the files apart. */
static void test_hashes(void) {
  start(2);
  ok(MERGE(with_hash(file(1, 1, 10), 5), file(2, 2, 20), current(3, 3)) == SAME &&
         order.file[0].first_hash == 5,
     "a hash that was not known is added");
  ok(MERGE(with_hash(file(1, 1, 10), 5), file(2, 2, 20), current(3, 3)) == SAME,
     "the same hash is the same file");
  MERGE(with_hash(file(1, 1, 10), 6), file(2, 2, 20), current(3, 3));
  is_order("2 >3 1 ", "another hash is another file, which is new");
  ok(order.file[2].first_hash == 6, "with its own hash");
  start(1);
  order.file[2].first_hash = 5;
  order.read[2].first = 7;
  ok(MERGE(file(1, 1, 10), file(2, 2, 20), current(3, 3)) == LOST_BEGUN,
     "a file without a first line is not one that had one");
  start(0);
  order.file[1].first_hash = 5;
  order.read[1].first = 7;
  ok(MERGE(file(1, 1, 10), with_hash(file(2, 2, 20), 6), current(3, 3)) == LOST_BEGUN,
     "another file in the place of one that was begun: that one is lost");
  start(2);
  order.file[2].first_hash = 5;
  ok(MERGE(file(1, 1, 10), file(2, 2, 20), with_hash(current(3, 3), 6)) == LOST,
     "in the place of the last one: files between them may be lost");
}

static const struct {
  const char *name, *text;
  uint64_t line;
} bad[] = {
    {"no line end", "1 2 current", 1},
    {"an empty line", "\n", 1},
    {"no name", "1 2\n", 1},
    {"another name", "1 2 state\n", 1},
    {"a label too short", "1 2 @4000000000000000000000.s\n", 1},
    {"a path", "1 2 ../current\n", 1},
    {"a leading zero", "1 2 current\n1 02 previous\n", 2},
    {"two spaces", "1  2 current\n", 1},
    {"a word too many", "1 2 current x\n", 1},
    {"a space at the end", "1 2 current \n", 1},
    {"no start", "1 2 current 5\n", 1},
    {"the number 0", "1 2 current 0 0\n", 1},
    {"a space after the start", "1 2 current 5 0 \n", 1},
    {"half a gap", "1 2 current 5 0 1000 3\n", 1},
    {"a gap without its last label", "1 2 current 5 0 1000 3 4 -\n", 1},
    {"a gap at no time", "1 2 current 5 0 0 3 4 - -\n", 1},
    {"a gap from no label", "1 2 current 5 0 1000 3 4 x -\n", 1},
    {"a word after the gap", "1 2 current 5 0 1000 3 4 - - x\n", 1},
    {"a hash of 15 digits", "1 2 current #0123456789abcde\n", 1},
    {"a hash in capitals", "1 2 current #0123456789ABCDEF\n", 1},
    {"a hash without its sign", "1 2 current 0123456789abcdef\n", 1},
    {"the hash 0", "1 2 current #0000000000000000\n", 1},
    {"a space after the hash", "1 2 current #0123456789abcdef \n", 1},
    {"a hash and no start", "1 2 current #0123456789abcdef 5\n", 1},
    {"two hashes", "1 2 current #0123456789abcdef #0123456789abcdef\n", 1},
    {"the epoch 0", "epoch 0\n", 1},
    {"an epoch too late", "epoch 253402300800\n", 1},
    {"an epoch further down", "1 2 current\nepoch 7\n", 2},
    {"two epochs", "epoch 7\nepoch 7\n", 2},
};

static void test_text(void) {
  static char text[FILEORDER_TEXT_MAX], again[FILEORDER_TEXT_MAX];
  static struct fileorder back;
  uint64_t line;
  start(1);
  size_t len = fileorder_encode(&order, text);
  is_text(span_of(text, len),
          "1 1 @400000000000025800000000.s\n2 2 @40000000000004b000000000.s\n3 3 current\n",
          "as text");
  ok(fileorder_decode(span_of(text, len), &back, &line) && back.n == 3 && back.at == 3, "and back");
  ok(span_equal(span_of(again, fileorder_encode(&back, again)), span_of(text, len)), "the same");
  ok(fileorder_decode(span_of("", 0), &back, &line) && back.n == 0, "no file is a list, too");
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
    ok(!fileorder_decode(span_str(bad[i].text), &back, &line) && line == bad[i].line, "refused: %s",
       bad[i].name);
}

#define LABEL "@400000006b04de0c0cc3c80f"

/* What is known of the lines of a file, as text and back. */
static void test_numbers(void) {
  static const char text[] = "epoch 1795960000\n"
                             "1 2 @400000000000025800000000.s #0123456789abcdef 9 30\n"
                             "3 4 previous 20 0 1795960000123 1 999 " LABEL " -\n"
                             "5 6 current 30 7 1 0 0 - " LABEL "\n"
                             "7 8 current #fedcba9876543210\n";
  static char again[FILEORDER_TEXT_MAX];
  static struct fileorder back;
  uint64_t line;
  ok(fileorder_decode(span_str(text), &back, &line) && back.n == 4, "numbers and gaps");
  ok(back.epoch == 1795960000 && back.read[0].first == 9 && back.read[0].start == 30, "are read");
  const struct gap *g = &back.read[1].gap;
  ok(back.read[1].first == 20 && g->at == UINT64_C(1795960000123) && g->inode == 1 &&
         g->offset == 999 && strcmp(g->from, LABEL) == 0 && !*g->to,
     "with the gap before the file");
  ok(back.file[0].first_hash == UINT64_C(0x0123456789abcdef) && back.file[1].first_hash == 0 &&
         back.file[3].first_hash == UINT64_C(0xfedcba9876543210),
     "with the hashes that are known");
  ok(back.read[3].first == 0 && back.read[3].gap.at == 0, "one that was not begun has none");
  is_text(span_of(again, fileorder_encode(&back, again)), text, "and written again");
  back.at = 1;
  merge(&back,
        (const struct logfile[]){{3, 4, 0, LOGFILE_PREVIOUS},
                                 {5, 6, 0, "@400000000000025800000001.s"}},
        2);
  ok(back.n == 2 && back.read[0].first == 20 && back.read[1].first == 30,
     "they stay with their file");
  fileorder_clear_numbers(&back, 8);
  ok(back.epoch == 8 && !back.read[0].first && !back.read[0].gap.at,
     "in another epoch they are gone");
}

static void test_full(void) {
  static struct logfile many[FILEORDER_MAX];
  static char text[FILEORDER_TEXT_MAX];
  order.n = order.at = 0;
  for (size_t i = 0; i < FILEORDER_MAX; i++) {
    many[i] = file(i + 1, UINT64_MAX, (int)i);
    many[i].inode = UINT64_MAX - i;
    many[i].first_hash = UINT64_MAX;
  }
  order.epoch = CHECKPOINT_EPOCH_MAX;
  ok(merge(&order, many, FILEORDER_MAX) == GREW, "as many files as there can be");
  for (size_t i = 0; i < FILEORDER_MAX; i++)
    order.read[i] = (struct filenumbers){SEQPOS_SEQ_MAX,
                                         SEQPOS_OFFSET_MAX,
                                         {GAP_AT_MAX, UINT64_MAX, SEQPOS_OFFSET_MAX, LABEL, LABEL}};
  ok(fileorder_encode(&order, text) <= sizeof text, "their text fits");
  order.epoch = 0;
  ok(MERGE(current(5, 5)) == FULL, "one more does not");
}

int main(void) {
  test_rotation();
  test_clock();
  test_loss();
  test_identity();
  test_hashes();
  test_text();
  test_numbers();
  test_full();
  return done();
}
