/* generic.h: does a host name look as if a provider had made it for a pool of addresses?

   It does where the peer's own address is in it: four octets in any order, separated by anything or
   nothing, zero padded, in hexadecimal or as one decimal number; the last three octets in a row;
   for IPv6 the address in hexadecimal, whole or shortened, forwards or by reversed nibbles. Beside
   a word of rules/pool-words (pool, dsl, dhcp...) less will do: the last two octets in a row, or
   any three. A word of rules/host-words (static, mail, mx...) clears the name. Words are looked for
   outside the registered domain only, and so is the address: what a firm calls itself proves
   nothing.

   name is in lower case and without a trailing dot. */
#ifndef SINBIN_SCORE_GENERIC_H
#define SINBIN_SCORE_GENERIC_H

#include "score/hits.h"

enum generic {
  GENERIC_NOT,
  GENERIC_ADDRESS, /* the address, but no pool word */
  GENERIC_POOL,    /* both */
};

enum generic generic_classify(struct hits *h, struct span name, const struct addr *peer);

/* What stands before the registered domain, without the dot between: "a.b" of "a.b.isp.co.uk". */
struct span host_part(struct span name);

#endif
