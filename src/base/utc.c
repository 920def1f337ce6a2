#include "base/utc.h"
#include "base/number.h"
#include <time.h>

#define LATEST INT64_C(253402300799)

const char *utc_format(char out[UTC_TEXT + 1], int64_t seconds) {
  struct tm tm;
  time_t time = (time_t)seconds;
  if (seconds < 0 || seconds > LATEST || !gmtime_r(&time, &tm) ||
      strftime(out, UTC_TEXT + 1, "%Y-%m-%dT%H:%M:%SZ", &tm) != UTC_TEXT)
    strcpy(out, "-");
  return out;
}

static bool digits(struct span text, size_t from, size_t count, int *out) {
  uint64_t value;
  if (!number_parse(span_head(span_from(text, from), count), 9999, &value)) return false;
  *out = (int)value;
  return true;
}

/* What timegm had to put right, 30 February for instance, is written otherwise. */
bool utc_parse(struct span text, int64_t *seconds) {
  struct tm tm = {.tm_isdst = 0};
  char again[UTC_TEXT + 1];
  if (text.len != UTC_TEXT || !digits(text, 0, 4, &tm.tm_year) || !digits(text, 5, 2, &tm.tm_mon) ||
      !digits(text, 8, 2, &tm.tm_mday) || !digits(text, 11, 2, &tm.tm_hour) ||
      !digits(text, 14, 2, &tm.tm_min) || !digits(text, 17, 2, &tm.tm_sec))
    return false;
  tm.tm_year -= 1900;
  tm.tm_mon--;
  time_t time = timegm(&tm);
  if (!span_is(text, utc_format(again, (int64_t)time))) return false;
  *seconds = (int64_t)time;
  return true;
}
