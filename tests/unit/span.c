/* Spans: cutting, words and comparisons, with empty ones everywhere. */
#include "base/span.h"
#include "tap.h"

int main(void) {
  struct span rest = span_str("a,b,,c"), empty = {NULL, 0};
  is_text(span_cut(&rest, ','), "a", "the first piece");
  is_text(span_cut(&rest, ','), "b", "the second");
  is_text(span_cut(&rest, ','), "", "an empty one");
  is_text(span_cut(&rest, ','), "c", "the last");
  is_text(rest, "", "and nothing is left");
  is_text(span_cut(&rest, ','), "", "of nothing comes nothing");
  rest = span_str("  MAIL\t FROM:<a b> ");
  is_text(span_word(&rest), "MAIL", "a word");
  is_text(span_word(&rest), "FROM:<a", "another");
  is_text(span_word(&rest), "b>", "and one more");
  is_text(span_word(&rest), "", "then none");
  is_text(span_trim(span_str(" \r\n x y\t\r\n")), "x y", "trimmed");
  is_text(span_trim(span_str(" \t\r\n")), "", "blank trimmed");
  ok(span_equal(empty, span_str("")), "empty spans are equal");
  ok(span_equal_nocase(span_str("MaIl"), span_str("mAiL")), "case is ignored");
  ok(!span_equal_nocase(span_str("@"), span_str("`")), "but only that of letters");
  ok(!span_equal(span_str("mail"), span_str("Mail")), "unless it counts");
  ok(span_starts_nocase(span_str("RCPT TO:"), "rcpt") &&
         !span_starts_nocase(span_str("RC"), "rcpt"),
     "prefix");
  ok(span_ends_nocase(span_str("a.EXAMPLE"), span_str(".example")) &&
         !span_ends_nocase(span_str("e"), span_str(".example")),
     "suffix");
  ok(span_find(span_str("abc"), 'z') == 3 && span_find(empty, 'z') == 0, "not found is the length");
  ok(span_find_last(span_str("a.b.c"), '.') == 3 && span_find_last(empty, '.') == 0,
     "the last one");
  is_text(span_from(span_str("abc"), 9), "", "beyond the end there is nothing");
  is_text(span_head(span_str("abc"), 9), "abc", "a head is no longer than the whole");
  return done();
}
