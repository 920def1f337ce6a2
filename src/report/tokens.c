#include "report/tokens.h"
#include "base/number.h"

void tokens_put(struct tokens *w, struct span word) {
  size_t blank = w->len ? 1 : 0;
  if (w->full || word.len + blank > w->cap - w->len) {
    w->full = true;
    return;
  }
  if (blank) w->buf[w->len++] = ' ';
  memcpy(w->buf + w->len, word.s, word.len);
  w->len += word.len;
}

void tokens_put_number(struct tokens *w, uint64_t value) {
  char text[NUMBER_MAX];
  tokens_put(w, span_of(text, number_format(text, value)));
}

static bool in_range(uint64_t value, uint64_t max) {
  return value >= 1 && value <= max;
}

void tokens_put_origin(struct tokens *w, const char *kind, const struct origin *origin) {
  if (!report_detector_is_valid(origin->detector) || !in_range(origin->keygen, KEYGEN_MAX) ||
      !in_range(origin->epoch, EPOCH_MAX)) {
    w->full = true;
    return;
  }
  tokens_put(w, span_str(kind));
  tokens_put(w, origin->detector);
  tokens_put_number(w, origin->keygen);
  tokens_put_number(w, origin->epoch);
}

bool tokens_number(struct span *rest, uint64_t max, uint64_t *out) {
  return number_canonical(span_cut(rest, ' '), max, out);
}

bool tokens_origin(struct span *rest, const char *kind, struct origin *origin) {
  if (!span_is(span_cut(rest, ' '), kind)) return false;
  origin->detector = span_cut(rest, ' ');
  return report_detector_is_valid(origin->detector) &&
         tokens_number(rest, KEYGEN_MAX, &origin->keygen) &&
         tokens_number(rest, EPOCH_MAX, &origin->epoch) && origin->keygen && origin->epoch;
}

bool tokens_are_hex(struct span text, size_t len) {
  if (text.len != len) return false;
  for (size_t i = 0; i < len; i++)
    if (!ascii_is_digit((unsigned char)text.s[i]) && (text.s[i] < 'a' || text.s[i] > 'f'))
      return false;
  return true;
}
