/* rbldnsdaddr.h: sets of addresses as in data files of rbldnsd.

   As in prefix.h, and abbreviated:

     127.0.0          127.0.0.0/24
     127.16/12        127.16.0.0/12
     127.0.0.1-15     the last octet only; the octets before it are those of the first address
     127.16-31        127.16.0.0-127.31.255.255: the end of a range is filled with 255
     2001:db8:1       2001:db8:1::/48
     2001:db8/32      2001:db8::/32
     2a00/16          2a00::/16

   An IPv6 address with `::` is not abbreviated. A single octet is refused, as by rbldnsd, and so is
   a single group. A leading `!` is not read here, because in a zone file blanks may follow it. */
#ifndef SINBIN_RULE_RBLDNSDADDR_H
#define SINBIN_RULE_RBLDNSDADDR_H

#include "rule/prefix.h"

#define RBLDNSDADDR_GROUP "one group alone is not a prefix: write it with /16"

/* Fills first and last. If false, *reason is a text for the operator. */
bool rbldnsdaddr_parse(struct span word, struct prefix *out, const char **reason);

/* Is this a single group of an IPv6 address? Fewer than four digits, without a letter, are an octet
   of an IPv4 address. */
bool rbldnsdaddr_is_group(struct span word);

#endif
