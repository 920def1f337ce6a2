#include "base/textbuf.h"
#include "base/number.h"

void textbuf_put_number(struct textbuf *t, uint64_t value) {
  char digits[NUMBER_MAX];
  textbuf_put(t, span_of(digits, number_format(digits, value)));
}

void textbuf_cut(struct textbuf *t, struct span s) {
  struct span fitting = span_head(s, t->cap - t->len);
  textbuf_put(t, fitting);
  if (fitting.len < s.len) t->full = true;
}
