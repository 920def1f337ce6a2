#include "publish/txt.h"
#include "base/number.h"
#include "base/utc.h"

void txt_init(struct txt *t, char *at, size_t cap) {
  *t = (struct txt){at, cap, 0, false};
}

void txt_add(struct txt *t, struct span s) {
  if (s.len > t->cap - t->len) {
    t->full = true;
    return;
  }
  if (s.len) memcpy(t->at + t->len, s.s, s.len);
  t->len += s.len;
}

void txt_add_str(struct txt *t, const char *s) {
  txt_add(t, span_str(s));
}

void txt_add_number(struct txt *t, uint64_t value) {
  char digits[NUMBER_MAX];
  txt_add(t, span_of(digits, number_format(digits, value)));
}

static bool is_sin_byte(unsigned char c) {
  return (c >= 'a' && c <= 'z') || ascii_is_digit(c) || c == '-';
}

#define SIN_MAX  64 /* bytes; no sin's name comes near it */
#define ELLIPSIS 4  /* ",..." */

/* One name, stripped of every byte that a name cannot have. */
static size_t clean_sin(char *out, struct span sin) {
  size_t n = 0;
  for (size_t i = 0; i < sin.len && n < SIN_MAX; i++)
    if (is_sin_byte((unsigned char)sin.s[i])) out[n++] = sin.s[i];
  return n;
}

void txt_sins(struct txt *t, struct span sins, size_t room) {
  struct span rest = sins;
  size_t used = 0;
  if (room > t->cap - t->len) room = t->cap - t->len;
  while (rest.len) {
    char name[SIN_MAX];
    size_t len = clean_sin(name, span_cut(&rest, ','));
    size_t comma = used ? 1 : 0;
    if (len == 0) continue;
    if (used + comma + len + (rest.len ? ELLIPSIS : 0) > room) {
      if (used + comma + 3 <= room) txt_add_str(t, comma ? ",..." : "...");
      t->full = true;
      return;
    }
    if (comma) txt_add_str(t, ",");
    txt_add(t, span_of(name, len));
    used += comma + len;
  }
}

void txt_time(struct txt *t, int64_t unixtime) {
  char out[] = "yyyy-mm-dd HH:M0 UTC";
  struct utc time;
  if (!utc_split(unixtime, &time)) return;
  number_format_padded(out, time.year, 4);
  number_format_padded(out + 5, time.month, 2);
  number_format_padded(out + 8, time.day, 2);
  number_format_padded(out + 11, time.hour, 2);
  number_format_padded(out + 14, time.minute / 10, 1);
  txt_add(t, span_of(out, TEXT_TIME_LEN));
}

const char *txt_band(uint64_t detectors) {
  if (detectors <= 1) return "1";
  if (detectors <= 4) return "2-4";
  return detectors <= 9 ? "5-9" : "10+";
}
