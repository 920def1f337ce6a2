/* The checkpoint, the number and position of a line, and small files. */
#include "sys/fileio.h"
#include "line/checkpoint.h"
#include "tap.h"
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define LABEL "@400000006b04de0c0cc3c80f"

static const struct {
  const char *name, *text;
  struct checkpoint want;
} good[] = {
    {"a new one", "CP1 1764000000 1 131077 0 -\n", {1764000000, 1, 131077, 0, ""}},
    {"one with a label",
     "CP1 1764000000 4712 131077 90210 " LABEL "\n",
     {1764000000, 4712, 131077, 90210, LABEL}},
    {"the least", "CP1 1 1 0 0 -\n", {1, 1, 0, 0, ""}},
    {"the greatest",
     "CP1 253402300799 9223372036854775807 18446744073709551615 9223372036854775807 " LABEL "\n",
     {UINT64_C(253402300799), INT64_MAX, UINT64_MAX, INT64_MAX, LABEL}},
};

static const struct {
  const char *name, *text;
} bad[] = {
    {"nothing", ""},
    {"an empty line", "\n"},
    {"no line end", "CP1 1 1 1 0 -"},
    {"a second line", "CP1 1 1 1 0 -\n\n"},
    {"something after the line", "CP1 1 1 1 0 -\nx"},
    {"a CR", "CP1 1 1 1 0 -\r\n"},
    {"another kind", "CP2 1 1 1 0 -\n"},
    {"a blank before it", " CP1 1 1 1 0 -\n"},
    {"two spaces", "CP1 1  1 1 0 -\n"},
    {"a tab", "CP1\t1 1 1 0 -\n"},
    {"a space at the end", "CP1 1 1 1 0 - \n"},
    {"a word too many", "CP1 1 1 1 0 - -\n"},
    {"no label", "CP1 1 1 1 0\n"},
    {"an empty label", "CP1 1 1 1 0 \n"},
    {"epoch 0", "CP1 0 1 1 0 -\n"},
    {"number 0", "CP1 1 0 1 0 -\n"},
    {"a leading zero", "CP1 1 01 1 0 -\n"},
    {"a plus sign", "CP1 1 +1 1 0 -\n"},
    {"a minus sign", "CP1 1 1 1 -1 -\n"},
    {"hexadecimal", "CP1 1 1 0x1 0 -\n"},
    {"an epoch too late", "CP1 253402300800 1 1 0 -\n"},
    {"a number too great", "CP1 1 9223372036854775808 1 0 -\n"},
    {"an inode too great", "CP1 1 1 18446744073709551616 0 -\n"},
    {"an offset too great", "CP1 1 1 1 9223372036854775808 -\n"},
    {"a short label", "CP1 1 1 1 0 @400000006b04de0c0cc3c80\n"},
    {"a long label", "CP1 1 1 1 0 " LABEL "0\n"},
    {"a label without @", "CP1 1 1 1 0 0400000006b04de0c0cc3c80f\n"},
    {"a label in capitals", "CP1 1 1 1 0 @400000006B04DE0C0CC3C80F\n"},
};

static bool is_same(const struct checkpoint *a, const struct checkpoint *b) {
  return a->epoch == b->epoch && a->seq == b->seq && a->inode == b->inode &&
         a->offset == b->offset && strcmp(a->label, b->label) == 0;
}

static void test_codec(void) {
  char text[CHECKPOINT_TEXT_MAX];
  struct checkpoint c;
  for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
    ok(checkpoint_decode(span_str(good[i].text), &c) && is_same(&c, &good[i].want), "%s is read",
       good[i].name);
    is_text(span_of(text, checkpoint_encode(&good[i].want, text)), good[i].text, "%s is written",
            good[i].name);
  }
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    c = (struct checkpoint){.seq = 77};
    ok(!checkpoint_decode(span_str(bad[i].text), &c) && c.seq == 77, "refused: %s", bad[i].name);
  }
  ok(!checkpoint_decode(span_of("CP1 1 1 1 0 -\0\n", 15), &c), "refused: a NUL");
}

static const struct {
  const char *name, *line;
  struct seqpos want; /* seq 0: none is found */
} placed[] = {
    {"at the end", "session1 at=1.000 seq=4711 pos=131077.90210", {4711, 131077, 90210}},
    {"with fields after them", LABEL " session1 at=1.0 seq=7 pos=2.3 ptr=a score=4", {7, 2, 3}},
    {"after a diagnostic", "sinbin-listen: info: a seq=9 of mine seq=8 pos=2.3", {8, 2, 3}},
    {"the last of two", "x seq=1 pos=1.1 seq=2 pos=2.2", {2, 2, 2}},
    {"on an empty line", " seq=1 pos=1.0", {1, 1, 0}},
    {"none", "session1 at=1.000", {0, 0, 0}},
    {"nothing", "", {0, 0, 0}},
    {"a word between them", "x seq=1 y pos=1.1", {0, 0, 0}},
    {"the wrong way round", "x pos=1.1 seq=1", {0, 0, 0}},
    {"no position", "x seq=1", {0, 0, 0}},
    {"number 0", "x seq=0 pos=1.1", {0, 0, 0}},
    {"a leading zero", "x seq=01 pos=1.1", {0, 0, 0}},
    {"no offset", "x seq=1 pos=1", {0, 0, 0}},
    {"an empty offset", "x seq=1 pos=1.", {0, 0, 0}},
    {"two points", "x seq=1 pos=1.1.1", {0, 0, 0}},
    {"a number too great", "x seq=9223372036854775808 pos=1.1", {0, 0, 0}},
    {"within a value", "x from=seq=1 to=pos=1.1", {0, 0, 0}},
};

static const struct {
  const char *name, *line, *want;
} stripped[] = {
    {"nothing to strip", "@x session1 at=1  b", "@x session1 at=1  b"},
    {"at the end", "session1 at=1 seq=4711 pos=1.2", "session1 at=1"},
    {"in the middle", "session1 seq=4711 pos=1.2 score=3", "session1 score=3"},
    {"malformed ones, too", "a seq= b pos=x", "a b"},
    {"other words stay", "a xseq=1 pos =seq=1", "a xseq=1 pos =seq=1"},
    {"the first word stays", "seq=1 seq=2", "seq=1"},
    {"an empty line", "", ""},
    {"spaces stay", "  a  ", "  a  "},
};

static void test_places(void) {
  char text[128];
  for (size_t i = 0; i < sizeof placed / sizeof *placed; i++) {
    struct seqpos p = {0, 0, 0};
    const struct seqpos *want = &placed[i].want;
    bool found = seqpos_parse(span_str(placed[i].line), &p);
    ok(found == (want->seq > 0) && p.seq == want->seq && p.inode == want->inode &&
           p.offset == want->offset,
       "place: %s", placed[i].name);
  }
  for (size_t i = 0; i < sizeof stripped / sizeof *stripped; i++)
    is_text(span_of(text, seqpos_strip(span_str(stripped[i].line), text)), stripped[i].want,
            "stripped: %s", stripped[i].name);
  struct seqpos most = {SEQPOS_SEQ_MAX, UINT64_MAX, SEQPOS_OFFSET_MAX};
  size_t len = seqpos_format(&most, text);
  ok(len <= SEQPOS_TEXT_MAX, "the longest place fits");
  is_text(span_of(text, len),
          " seq=9223372036854775807 pos=18446744073709551615.9223372036854775807", "as text");
}

static void test_pass(void) {
  struct checkpoint c = {5, 7, 1, 100, LABEL};
  char text[CHECKPOINT_TEXT_MAX];
  ok(checkpoint_advance(&c, span_str("@400000006b04de0d0cc3c80f lost1 peer=x seq=7 pos=1.200 a=b")),
     "a line is passed");
  is_text(span_of(text, checkpoint_encode(&c, text)), "CP1 5 8 1 200 @400000006b04de0d0cc3c80f\n",
          "number, position and label move");
  ok(checkpoint_advance(&c, span_str("x seq=8 pos=2.10")) && c.label[0] == '\0' && c.inode == 2,
     "a line without a label leaves none");
  ok(!checkpoint_advance(&c, span_str("x")) && c.seq == 9, "a line without a place moves nothing");
  ok(!checkpoint_advance(&c, span_str("x seq=9223372036854775807 pos=2.20")) && c.seq == 9,
     "a line with the last number moves nothing");
}

static void test_file(void) {
  char dir[] = "/tmp/sinbin-checkpoint-XXXXXX", path[64], buf[8];
  struct span text;
  struct stat st;
  ok(mkdtemp(dir) != NULL, "a directory to work in");
  snprintf(path, sizeof path, "%s/file", dir);
  ok(fileio_read(path, buf, sizeof buf, &text) == 0 && text.len == 0, "no such file");
  ok(fileio_write(path, span_str("a b \n\n"), 0640), "a file is written");
  ok(fileio_read(path, buf, sizeof buf, &text) == 1, "a file is read");
  is_text(text, "a b \n\n", "as it was, blanks and line ends too");
  ok(stat(path, &st) == 0 && (st.st_mode & 07777) == 0640, "with the mode asked for");
  ok(fileio_write(path, span_str("12345678"), 0644) &&
         fileio_read(path, buf, sizeof buf, &text) == 1 && text.len == 8,
     "what just fits is read");
  ok(fileio_write(path, span_str("123456789"), 0644) &&
         fileio_read(path, buf, sizeof buf, &text) == -1 && errno == EFBIG,
     "what does not fit is refused");
  ok(fileio_write(path, span_of("", 0), 0644) && fileio_read(path, buf, sizeof buf, &text) == 1 &&
         text.len == 0,
     "an empty file is not a missing one");
  unlink(path);
  ok(fileio_read(dir, buf, sizeof buf, &text) == -1, "a directory cannot be read");
  rmdir(dir);
  ok(!fileio_write(path, span_str("x"), 0644) && errno == ENOENT, "no directory to write in");
}

int main(void) {
  test_codec();
  test_places();
  test_pass();
  test_file();
  return done();
}
