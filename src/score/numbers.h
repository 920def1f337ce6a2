/* numbers.h: the decimal numbers of a host name, each read once.

   A number is a whole run of digits. It is `joined` where one separator stands between it and the
   number before it. What follows the first NUMBERS_MAX is left out. */
#ifndef SINBIN_SCORE_NUMBERS_H
#define SINBIN_SCORE_NUMBERS_H

#include "base/span.h"
#include <stdint.h>

#define NUMBERS_MAX 32
#define NO_OCTET    1000 /* more than an octet can hold */

struct number {
  uint64_t value; /* 0 where there are more than 18 digits */
  uint16_t octet; /* or NO_OCTET */
  uint8_t digits; /* at most 19 */
  bool joined;
};

struct numbers {
  struct number number[NUMBERS_MAX];
  size_t count;
  size_t digits; /* of the whole name */
};

static inline bool numbers_is_separator(char c) {
  return c == '.' || c == '-' || c == '_' || c == 'x';
}

void numbers_read(struct span host, struct numbers *out);

#endif
