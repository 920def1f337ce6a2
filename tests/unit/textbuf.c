/* Formatted text is appended, and cut at the limit of one call. */
#include "base/textbuf.h"
#include "tap.h"

static stralloc out;

static bool is_cut(int len) {
  out.len = 0;
  return textbuf_printf(&out, "%*s", len, "x");
}

int main(void) {
  ok(textbuf_printf(&out, "%s=%d", "a", 1) && textbuf_printf(&out, "%c", ' '), "two calls");
  ok(textbuf_printf(&out, "%s", ""), "an empty one");
  is_text(span_of(out.s, out.len), "a=1 ", "are appended");
  ok(is_cut(TEXTOUT_MAX) && out.len == TEXTOUT_MAX && out.s[out.len - 1] == 'x',
     "the longest text");
  ok(is_cut(TEXTOUT_MAX + 1) && out.len == TEXTOUT_MAX && out.s[out.len - 1] == ' ',
     "a longer one is cut");
  return done();
}
