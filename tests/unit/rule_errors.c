/* Complaints and warnings: kept up to a number, counted beyond it, cut where they are too long. */
#include "rule/errors.h"
#include "tap.h"

static struct rule_errors c;

static void test_texts(void) {
  char word[200], want[200];
  memset(word, 'x', sizeof word);
  rule_error(&c, "a", 7, "wrong", span_of(NULL, 0));
  is_text(span_str(c.kept[0].reason), "wrong", "a reason alone");
  rule_error(&c, "a", 7, "wrong", span_str("word"));
  is_text(span_str(c.kept[1].reason), "wrong: word", "and with a word");
  rule_error(&c, "a", 7, "wrong", span_of(word, 80));
  ok(strlen(c.kept[2].reason) == 87, "80 bytes of a word");
  rule_error(&c, "a", 7, "wrong", span_of(word, 81));
  snprintf(want, sizeof want, "wrong: %.80s...", word);
  is_text(span_str(c.kept[3].reason), want, "a longer one is cut");
  ok(strcmp(c.kept[3].file, "a") == 0 && c.kept[3].line == 7, "the place");
}

static void test_counts(void) {
  char reason[1000];
  memset(reason, 'r', sizeof reason - 1);
  reason[sizeof reason - 1] = '\0';
  c.count = c.warnings = 0;
  for (int i = 0; i < 50; i++) rule_error(&c, "a", (unsigned)i, reason, span_str("word"));
  ok(c.count == 50 && c.warnings == 0, "all are counted");
  ok(c.kept[RULE_ERRORS_MAX - 1].line == RULE_ERRORS_MAX - 1, "the first are kept");
  ok(strlen(c.kept[0].reason) == sizeof c.kept[0].reason - 1, "a reason is cut to fit");
  for (int i = 0; i < 30; i++) rule_warning(&c, "b", (unsigned)i + 1, "careful", span_str("word"));
  ok(c.count == 50 && c.warnings == 30, "warnings apart");
  is_text(span_str(c.warned[RULE_ERRORS_MAX - 1].reason), "careful: word", "the last that is kept");
  ok(c.warned[0].line == 1 && strcmp(c.warned[0].file, "b") == 0, "the place of a warning");
}

int main(void) {
  test_texts();
  test_counts();
  return done();
}
