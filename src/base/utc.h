/* utc.h: unix seconds as a date for people, "2026-01-31T23:59:59Z", and back. Years 1970 to 9999.
 */
#ifndef SINBIN_BASE_UTC_H
#define SINBIN_BASE_UTC_H

#include "base/span.h"
#include <stdint.h>

#define UTC_TEXT 20 /* bytes, and a NUL */

/* NUL-terminated; returns out. "-" for what is outside those years. */
const char *utc_format(char out[UTC_TEXT + 1], int64_t seconds);
/* Takes nothing but what utc_format writes, and there only dates that exist. */
bool utc_parse(struct span text, int64_t *seconds);

#endif
