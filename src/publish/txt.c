#include "publish/txt.h"
#include "base/number.h"

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

struct date {
  uint64_t year, month, day;
};

/* The proleptic Gregorian calendar counted in eras of 400 years that begin on the first of March,
   so that the leap day is the last of its year. */
static struct date date_of(uint64_t days_since_1970) {
  uint64_t days = days_since_1970 + 719468;
  uint64_t era = days / 146097, day_of_era = days % 146097;
  uint64_t year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  uint64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  uint64_t month = (5 * day_of_year + 2) / 153; /* 0 is March */
  struct date d;
  d.day = day_of_year - (153 * month + 2) / 5 + 1;
  d.month = month < 10 ? month + 3 : month - 9;
  d.year = year_of_era + era * 400 + (d.month <= 2 ? 1 : 0);
  return d;
}

static void put_padded(char *out, uint64_t value, size_t digits) {
  for (size_t i = digits; i-- > 0; value /= 10) out[i] = (char)('0' + value % 10);
}

void txt_time(struct txt *t, int64_t unixtime) {
  char out[] = "yyyy-mm-dd HH:M0 UTC";
  if (unixtime < 0 || unixtime > INT64_C(253402300799)) return;
  uint64_t seconds = (uint64_t)unixtime % 86400;
  struct date d = date_of((uint64_t)unixtime / 86400);
  put_padded(out, d.year, 4);
  put_padded(out + 5, d.month, 2);
  put_padded(out + 8, d.day, 2);
  put_padded(out + 11, seconds / 3600, 2);
  put_padded(out + 14, seconds % 3600 / 600, 1);
  txt_add(t, span_of(out, TEXT_TIME_LEN));
}

const char *txt_band(uint64_t detectors) {
  if (detectors <= 1) return "1";
  if (detectors <= 4) return "2-4";
  return detectors <= 9 ? "5-9" : "10+";
}
