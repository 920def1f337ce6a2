#include "publish/fixedtext.h"
#include "base/number.h"

void fixedtext_init(struct fixedtext *t, char *at, size_t cap) {
  *t = (struct fixedtext){at, cap, 0, false};
}

void fixedtext_add(struct fixedtext *t, struct span s) {
  if (s.len > t->cap - t->len) {
    t->full = true;
    return;
  }
  if (s.len) memcpy(t->at + t->len, s.s, s.len);
  t->len += s.len;
}

void fixedtext_add_str(struct fixedtext *t, const char *s) {
  fixedtext_add(t, span_str(s));
}

void fixedtext_add_number(struct fixedtext *t, uint64_t value) {
  char digits[NUMBER_MAX];
  fixedtext_add(t, span_of(digits, number_format(digits, value)));
}
