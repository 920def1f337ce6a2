#include "report/tokens.h"
#include "base/number.h"

void tokens_put(struct tokens *t, struct span token) {
  size_t blank = t->len ? 1 : 0;
  if (t->full || token.len + blank > t->cap - t->len) {
    t->full = true;
    return;
  }
  if (blank) t->buf[t->len++] = ' ';
  memcpy(t->buf + t->len, token.s, token.len);
  t->len += token.len;
}

void tokens_put_number(struct tokens *t, uint64_t value) {
  char text[NUMBER_MAX];
  tokens_put(t, span_of(text, number_format(text, value)));
}

void tokens_put_origin(struct tokens *t, const char *kind, const struct origin *origin) {
  if (!origin_is_valid(origin)) {
    t->full = true;
    return;
  }
  tokens_put(t, span_str(kind));
  tokens_put(t, origin->detector);
  tokens_put_number(t, origin->keygen);
  tokens_put_number(t, origin->epoch);
}

bool tokens_get_number(struct span *rest, uint64_t max, uint64_t *out) {
  return number_canonical(span_cut(rest, ' '), max, out);
}

bool tokens_get_origin(struct span *rest, const char *kind, struct origin *origin) {
  if (!span_is(span_cut(rest, ' '), kind)) return false;
  origin->detector = span_cut(rest, ' ');
  return origin_detector_is_valid(origin->detector) &&
         tokens_get_number(rest, KEYGEN_MAX, &origin->keygen) &&
         tokens_get_number(rest, EPOCH_MAX, &origin->epoch) && origin->keygen && origin->epoch;
}

bool tokens_are_hex(struct span text, size_t len) {
  if (text.len != len) return false;
  for (size_t i = 0; i < len; i++)
    if (!ascii_is_digit((unsigned char)text.s[i]) && (text.s[i] < 'a' || text.s[i] > 'f'))
      return false;
  return true;
}
