/* rbldnsdaddr.h: sets of addresses as zone files of rbldnsd write them.

   As prefix.h has them, and also cut short. IPv4: 127.0.0 is 127.0.0.0/24; 127.16/12 is
   127.16.0.0/12; 127.0.0.1-15 and 127.16-31 repeat what stands before the last octet; the end of a
   range is filled up with 255. One octet alone is refused, as rbldnsd does. IPv6: 2001:db8:1 is
   2001:db8:1::/48, 2001:db8/32 is 2001:db8::/32, 2a00/16 is 2a00::/16; with `::` in it an address
   is whole. One group alone is refused, too. No `!` here: in a zone file blanks may follow it. */
#ifndef SINBIN_RULE_RBLDNSDADDR_H
#define SINBIN_RULE_RBLDNSDADDR_H

#include "rule/prefix.h"

#define RBLDNSDADDR_GROUP "one group alone is not a prefix: write it with /16"

/* Fills first and last. False with a reason for the operator. */
bool rbldnsdaddr_parse(struct span word, struct prefix *out, const char **reason);

/* Is this one group of an IPv6 address? Fewer than four digits are an octet of an IPv4 one. */
bool rbldnsdaddr_is_group(struct span word);

#endif
