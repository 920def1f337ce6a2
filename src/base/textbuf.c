#include "base/textbuf.h"
#include "base/number.h"
#include "base/owfat.h"
#include <stdarg.h>
#include <stdio.h>

void textbuf_put_number(struct textbuf *t, uint64_t value) {
  char digits[NUMBER_MAX];
  textbuf_put(t, span_of(digits, number_format(digits, value)));
}

void textbuf_cut(struct textbuf *t, struct span s) {
  struct span fitting = span_head(s, t->cap - t->len);
  textbuf_put(t, fitting);
  if (fitting.len < s.len) t->full = true;
}

bool textbuf_printf(stralloc *out, const char *format, ...) {
  char text[TEXTOUT_MAX + 1];
  va_list args;
  va_start(args, format);
  int len = vsnprintf(text, sizeof text, format, args);
  va_end(args);
  if (len < 0) return false;
  return stralloc_catb(out, text, len <= TEXTOUT_MAX ? (size_t)len : TEXTOUT_MAX);
}
