#include "report/words.h"
#include "base/number.h"

void words_put(struct words *w, struct span word) {
  size_t blank = w->len ? 1 : 0;
  if (w->full || word.len + blank > w->cap - w->len) {
    w->full = true;
    return;
  }
  if (blank) w->buf[w->len++] = ' ';
  memcpy(w->buf + w->len, word.s, word.len);
  w->len += word.len;
}

void words_put_number(struct words *w, uint64_t value) {
  char text[NUMBER_MAX];
  words_put(w, span_of(text, number_format(text, value)));
}

static bool in_range(uint64_t value, uint64_t max) {
  return value >= 1 && value <= max;
}

void words_put_origin(struct words *w, const char *kind, const struct origin *origin) {
  if (!detector_is_valid(origin->detector) || !in_range(origin->keygen, KEYGEN_MAX) ||
      !in_range(origin->epoch, EPOCH_MAX)) {
    w->full = true;
    return;
  }
  words_put(w, span_str(kind));
  words_put(w, origin->detector);
  words_put_number(w, origin->keygen);
  words_put_number(w, origin->epoch);
}

bool words_number(struct span *rest, uint64_t max, uint64_t *out) {
  return number_canonical(span_cut(rest, ' '), max, out);
}

bool words_origin(struct span *rest, const char *kind, struct origin *origin) {
  if (!span_is(span_cut(rest, ' '), kind)) return false;
  origin->detector = span_cut(rest, ' ');
  return detector_is_valid(origin->detector) && words_number(rest, KEYGEN_MAX, &origin->keygen) &&
         words_number(rest, EPOCH_MAX, &origin->epoch) && origin->keygen && origin->epoch;
}

bool words_are_hex(struct span text, size_t len) {
  if (text.len != len) return false;
  for (size_t i = 0; i < len; i++)
    if (!ascii_is_digit((unsigned char)text.s[i]) && (text.s[i] < 'a' || text.s[i] > 'f'))
      return false;
  return true;
}
