/* Formatted text is appended, and cut at the limit of one call. */
#include "base/growtext.h"
#include "tap.h"

static stralloc out;

static bool is_cut(int len) {
  out.len = 0;
  return growtext_printf(&out, "%*s", len, "x");
}

int main(void) {
  ok(growtext_printf(&out, "%s=%d", "a", 1) && growtext_printf(&out, "%c", ' '), "two calls");
  ok(growtext_printf(&out, "%s", ""), "an empty one");
  is_text(span_of(out.s, out.len), "a=1 ", "are appended");
  ok(is_cut(GROWTEXT_MAX) && out.len == GROWTEXT_MAX && out.s[out.len - 1] == 'x',
     "the longest text");
  ok(is_cut(GROWTEXT_MAX + 1) && out.len == GROWTEXT_MAX && out.s[out.len - 1] == ' ',
     "a longer one is cut");
  stralloc_free(&out);
  return done();
}
