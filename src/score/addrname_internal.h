/* addrname_internal.h: what addrname.c, addrname4.c and addrname6.c share.

   addrname.c reads the decimal numbers of a name once. A number is a whole run of digits. Numbers
   after the first NUMBERS_MAX are ignored. */
#ifndef SINBIN_SCORE_ADDRNAME_INTERNAL_H
#define SINBIN_SCORE_ADDRNAME_INTERNAL_H

#include "score/addrname.h"

#define NUMBERS_MAX 32
#define NO_OCTET    1000 /* more than an octet can hold */

struct number {
  uint64_t value; /* 0 if there are more than 18 digits */
  uint16_t octet; /* or NO_OCTET */
  uint8_t digits; /* at most 19 */
  bool joined;    /* exactly one separator is between the previous number and this one */
};

struct numbers {
  struct number number[NUMBERS_MAX];
  size_t count;
  size_t digits; /* of the whole name */
};

static inline bool addrname_is_separator(char c) {
  return c == '.' || c == '-' || c == '_' || c == 'x';
}

/* ADDRNAME_WHOLE, PART, LAST_TWO or NOT. numbers: those of host. */
enum addrname addrname_find_ipv4(struct span host, const struct numbers *numbers,
                                 const struct addr *peer);
/* ADDRNAME_WHOLE, PART or NOT. */
enum addrname addrname_find_ipv6(struct span host, const struct addr *peer);

#endif
