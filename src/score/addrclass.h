/* addrclass.h: what kind of address one is, as the sins ask for it.

   Pure functions of the address. The documentation prefixes count as public, so that examples are
   judged like real sessions. */
#ifndef SINBIN_SCORE_ADDRCLASS_H
#define SINBIN_SCORE_ADDRCLASS_H

#include "base/addr.h"

/* Not routed on the public Internet: private, loopback, link-local, carrier-grade NAT, 464XLAT
   (RFC 7335) or unspecified. */
bool addrclass_is_private(const struct addr *a);
bool addrclass_is_loopback(const struct addr *a);
/* ::, the value of an address that the line does not have. */
bool addrclass_is_unspecified(const struct addr *a);

/* Both are of the same family, and in the same /24 or, for IPv6, in the same /48. */
bool addrclass_is_near(const struct addr *a, const struct addr *b);

/* An IPv4 address, in host order, that a host name may spell because it is routed: not private,
   loopback, link-local, carrier-grade NAT, 0/8, or 224/3. */
bool addrclass_is_routed(uint32_t ip);

#endif
