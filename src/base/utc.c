#include "base/utc.h"
#include "base/number.h"
#include <time.h>

#define LATEST INT64_C(253402300799)

/* The proleptic Gregorian calendar, counted in eras of 400 years that begin on the first of March,
   so that the leap day is the last day of its year. */
static void split_days(uint64_t days_since_1970, struct utc *out) {
  uint64_t days = days_since_1970 + 719468;
  uint64_t era = days / 146097, day_of_era = days % 146097;
  uint64_t year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  uint64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  uint64_t month = (5 * day_of_year + 2) / 153; /* 0 is March */
  out->day = (unsigned int)(day_of_year - (153 * month + 2) / 5 + 1);
  out->month = (unsigned int)(month < 10 ? month + 3 : month - 9);
  out->year = (unsigned int)(year_of_era + era * 400 + (out->month <= 2 ? 1 : 0));
}

bool utc_split(int64_t seconds, struct utc *out) {
  if (seconds < 0 || seconds > LATEST) return false;
  unsigned int of_day = (unsigned int)(seconds % 86400);
  split_days((uint64_t)(seconds / 86400), out);
  out->hour = of_day / 3600;
  out->minute = of_day % 3600 / 60;
  out->second = of_day % 60;
  return true;
}

const char *utc_format(char out[UTC_TEXT + 1], int64_t seconds) {
  struct utc t;
  if (!utc_split(seconds, &t)) return strcpy(out, "-");
  memcpy(out, "yyyy-mm-ddThh:mm:ssZ", UTC_TEXT + 1);
  number_format_padded(out, t.year, 4);
  number_format_padded(out + 5, t.month, 2);
  number_format_padded(out + 8, t.day, 2);
  number_format_padded(out + 11, t.hour, 2);
  number_format_padded(out + 14, t.minute, 2);
  number_format_padded(out + 17, t.second, 2);
  return out;
}

static bool digits(struct span text, size_t from, size_t count, int *out) {
  uint64_t value;
  if (!number_parse(span_head(span_from(text, from), count), 9999, &value)) return false;
  *out = (int)value;
  return true;
}

/* A date that does not exist, 30 February for instance, is changed by timegm, and then formats
   differently. */
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
