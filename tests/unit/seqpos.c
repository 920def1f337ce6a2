/* The number and the position of a line: written, read, and removed. */
#include "line/seqpos.h"
#include "tap.h"

static const struct {
  const char *name, *line;
  bool found;
  struct seqpos want;
} reads[] = {
    {"a line", "session1 a=b seq=7 pos=12.345", true, {7, 12, 345}},
    {"the first of a log", "session1 seq=1 pos=0.0", true, {1, 0, 0}},
    {"the largest numbers",
     "x seq=9223372036854775807 pos=18446744073709551615.9223372036854775807",
     true,
     {SEQPOS_SEQ_MAX, UINT64_MAX, SEQPOS_OFFSET_MAX}},
    {"fields after it", "x seq=7 pos=12.345 ptr=a", true, {7, 12, 345}},
    {"the last pair counts", "x seq=1 pos=1.1 seq=2 pos=2.2", true, {2, 2, 2}},
    {"a pair of which one word is alone", "x seq=1 pos=1.1 seq=2", true, {1, 1, 1}},
    {"a position alone after it", "x seq=1 pos=1.1 pos=2.2", true, {1, 1, 1}},
    {"a malformed last pair", "x seq=1 pos=1.1 seq=2 pos=2", false, {0}},
    {"nothing", "", false, {0}},
    {"one word", "seq=1", false, {0}},
    {"no word before it", "seq=1 pos=1.1", false, {0}},
    {"no pair", "x a=b c=d", false, {0}},
    {"no position", "x seq=1", false, {0}},
    {"no number", "x pos=1.1", false, {0}},
    {"a word between", "x seq=1 a=b pos=1.1", false, {0}},
    {"two spaces between", "x seq=1  pos=1.1", false, {0}},
    {"the other order", "x pos=1.1 seq=1", false, {0}},
    {"another name that ends so", "x xseq=1 pos=1.1", false, {0}},
    {"another name of the second word", "x seq=1 poss=1.1", false, {0}},
    {"the number 0", "x seq=0 pos=1.1", false, {0}},
    {"a number with a leading zero", "x seq=01 pos=1.1", false, {0}},
    {"too large a number", "x seq=9223372036854775808 pos=1.1", false, {0}},
    {"no digits", "x seq= pos=1.1", false, {0}},
    {"too large a file", "x seq=1 pos=18446744073709551616.1", false, {0}},
    {"too large an offset", "x seq=1 pos=1.9223372036854775808", false, {0}},
    {"no file", "x seq=1 pos=.1", false, {0}},
    {"no offset", "x seq=1 pos=1.", false, {0}},
    {"no dot", "x seq=1 pos=11", false, {0}},
    {"two dots", "x seq=1 pos=1.1.1", false, {0}},
    {"nothing after the name", "x seq=1 pos=", false, {0}},
};

static const struct {
  const char *name, *line, *want;
} strips[] = {
    {"nothing", "", ""},
    {"a line without", "session1 a=b c=d", "session1 a=b c=d"},
    {"at the end", "session1 a=b seq=7 pos=12.345", "session1 a=b"},
    {"in the middle", "session1 seq=7 pos=12.345 ptr=x", "session1 ptr=x"},
    {"every one", "x seq=1 pos=1.1 a=b seq=2 pos=2.2 c=d", "x a=b c=d"},
    {"malformed ones, too", "x seq=z pos= a", "x a"},
    {"one of them", "x pos=1.1 seq=1 pos", "x pos"},
    {"the first word is kept", "seq=1 seq=2", "seq=1"},
    {"other names", "x xseq=1 seq pos seqs=1 apos=1", "x xseq=1 seq pos seqs=1 apos=1"},
    {"two spaces", "x  seq=1  a", "x   a"},
    {"spaces at the ends", " x seq=1 ", " x "},
    {"a space first", " seq=1 x", " x"},
};

static const struct {
  struct seqpos at;
  const char *want;
} writes[] = {
    {{1, 0, 0}, " seq=1 pos=0.0"},
    {{7, 12, 345}, " seq=7 pos=12.345"},
    {{SEQPOS_SEQ_MAX, UINT64_MAX, SEQPOS_OFFSET_MAX},
     " seq=9223372036854775807 pos=18446744073709551615.9223372036854775807"},
};

int main(void) {
  char buf[SEQPOS_TEXT_MAX + 1];
  for (size_t i = 0; i < sizeof reads / sizeof *reads; i++) {
    struct seqpos at = {91, 92, 93}, want = {91, 92, 93};
    if (reads[i].found) want = reads[i].want;
    ok(seqpos_parse(span_str(reads[i].line), &at) == reads[i].found, "%s", reads[i].name);
    ok(at.seq == want.seq && at.inode == want.inode && at.offset == want.offset, "%s: numbers",
       reads[i].name);
  }
  for (size_t i = 0; i < sizeof strips / sizeof *strips; i++) {
    char out[100];
    is_text(span_of(out, seqpos_strip(span_str(strips[i].line), out)), strips[i].want,
            "removed: %s", strips[i].name);
  }
  for (size_t i = 0; i < sizeof writes / sizeof *writes; i++) {
    struct seqpos back;
    buf[0] = 'x';
    size_t len = seqpos_format(&writes[i].at, buf + 1);
    is_text(span_of(buf + 1, len), writes[i].want, "written:%s", writes[i].want);
    ok(seqpos_parse(span_of(buf, len + 1), &back) && back.seq == writes[i].at.seq &&
           back.inode == writes[i].at.inode && back.offset == writes[i].at.offset,
       "and read again");
  }
  return done();
}
