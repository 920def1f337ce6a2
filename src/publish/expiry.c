#include "publish/expiry.h"
#include "base/utc.h"
#include "base/textbuf.h"

#define INTERVAL_MAX 600 /* seconds */

static int64_t clamp(int64_t value, int64_t min, int64_t max) {
  if (value < min) return min;
  return value > max ? max : value;
}

int64_t expiry_end(int64_t now, int64_t lifetime) {
  int64_t latest = EXPIRY_END_MAX - lifetime;
  return now > latest ? EXPIRY_END_MAX : clamp(now + lifetime, EXPIRY_END_MIN, EXPIRY_END_MAX);
}

bool expiry_is_possible(int64_t now, int64_t lifetime) {
  return now <= EXPIRY_END_MAX - lifetime && now + lifetime >= EXPIRY_END_MIN;
}

bool expiry_is_due(int64_t end, int64_t now, int64_t lifetime) {
  int64_t interval = clamp(lifetime / 3, 1, INTERVAL_MAX);
  int64_t fresh = expiry_end(now, lifetime);
  return end > fresh || (end < fresh && end <= expiry_end(now, lifetime - interval));
}

/* "2026-01-31T23:59:59Z" -> "2026:01:31:23:59:59" */
static void add_date(struct textbuf *t, int64_t end) {
  char date[UTC_TEXT + 1];
  utc_format(date, end);
  for (char *c = date; *c; c++)
    if (*c == '-' || *c == 'T') *c = ':';
  textbuf_put(t, span_head(span_str(date), UTC_TEXT - 1));
}

size_t expiry_format(char out[EXPIRY_TEXT_MAX], int64_t end) {
  struct textbuf t;
  t = textbuf_of(out, EXPIRY_TEXT_MAX);
  textbuf_put_str(&t, "$TIMESTAMP 0 ");
  add_date(&t, clamp(end, EXPIRY_END_MIN, EXPIRY_END_MAX));
  textbuf_put_str(
      &t, "\n# rbldnsd answers SERVFAIL after this date (UTC). sinbin-publish(8) moves it.\n");
  return t.len;
}
