/* utc.h: unix seconds as a date and time in UTC, and as text, "2026-01-31T23:59:59Z".

   Years 1970 to 9999. Leap seconds do not exist, as in POSIX. */
#ifndef SINBIN_BASE_UTC_H
#define SINBIN_BASE_UTC_H

#include "base/span.h"
#include <stdint.h>

#define UTC_TEXT 20 /* bytes, and a NUL */

struct utc {
  unsigned int year, month, day, hour, minute, second;
};

/* False, and *out untouched, outside those years. */
bool utc_split(int64_t seconds, struct utc *out);

/* NUL-terminated; returns out. "-" outside those years. */
const char *utc_format(char out[UTC_TEXT + 1], int64_t seconds);
/* Accepts only the text that utc_format writes. */
bool utc_parse(struct span text, int64_t *seconds);

#endif
