/* The line that replaces lost lines: written and parsed. */
#include "line/gap.h"
#include "tap.h"

#define A "@400000006b04de0c0cc3c80f"
#define B "@400000006b04de0d0cc3c80f"

static const struct {
  const char *name, *line;
  struct gap gap;
} good[] = {
    {"no labels", "gap1 at=1795960000.123 after=7.300", {UINT64_C(1795960000123), 7, 300, "", ""}},
    {"both", "gap1 at=0.001 after=0.0 from=" A " to=" B, {1, 0, 0, A, B}},
    {"the last line's only", "gap1 at=1.000 after=1.2 from=" A, {1000, 1, 2, A, ""}},
    {"the first line's only", "gap1 at=1.000 after=1.2 to=" B, {1000, 1, 2, "", B}},
    {"the greatest",
     "gap1 at=253402300799.999 after=18446744073709551615.9223372036854775807",
     {GAP_AT_MAX, UINT64_MAX, SEQPOS_OFFSET_MAX, "", ""}},
};

static const char *const bad[] = {
    "",
    "gap1",
    "gap2 at=1.000 after=1.2",
    "session1 at=1.000 after=1.2",
    "gap1 after=1.2 at=1.000",
    "gap1 at=1 after=1.2",
    "gap1 at=1.00 after=1.2",
    "gap1 at=01.000 after=1.2",
    "gap1 at=0.000 after=1.2",
    "gap1 at=253402300800.000 after=1.2",
    "gap1 at=1.000",
    "gap1 at=1.000 after=1",
    "gap1 at=1.000 after=1.x",
    "gap1 at=1.000 after=1.2 from=x",
    "gap1 at=1.000 after=1.2 from=" A "x",
    "gap1 at=1.000 after=1.2 to=",
};

static bool is_same(const struct gap *a, const struct gap *b) {
  return a->at == b->at && a->inode == b->inode && a->offset == b->offset &&
         strcmp(a->from, b->from) == 0 && strcmp(a->to, b->to) == 0;
}

int main(void) {
  char text[GAP_TEXT_MAX], label[CHECKPOINT_LABEL_LEN + 1];
  struct gap g = {.at = 77};
  for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
    is_text(span_of(text, gap_format(&good[i].gap, text)), good[i].line, "%s", good[i].name);
    ok(gap_parse(span_str(good[i].line), &g) && is_same(&g, &good[i].gap), "%s, and back",
       good[i].name);
  }
  ok(gap_parse(span_str(A " gap1 at=1.000 after=1.2 seq=9 pos=1.2 x=y"), &g) && g.at == 1000,
     "with a label before it and fields after it");
  g.at = 77;
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
    ok(!gap_parse(span_str(bad[i]), &g) && g.at == 77, "refused: %s", bad[i]);
  const struct gap longest = {GAP_AT_MAX, UINT64_MAX, SEQPOS_OFFSET_MAX, A, B};
  ok(gap_format(&longest, text) < GAP_TEXT_MAX &&
         gap_parse(span_of(text, gap_format(&longest, text)), &g) && is_same(&g, &longest),
     "the longest fits");
  gap_label(span_str(A " session1 x=1"), label);
  is_text(span_str(label), A, "the label of a line");
  gap_label(span_str("session1 x=1"), label);
  is_text(span_str(label), "", "and of one without");
  return done();
}
