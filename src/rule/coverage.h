/* coverage.h: how many addresses a table covers, and whether a published list covers too many.

   IPv4 is counted in addresses, IPv6 in /64s; a /64 that is covered in part counts as one. Sums
   stop at UINT64_MAX. Limits:

                         an entry                a table
     tables.d, blacklist /8, IPv6 /19            an eighth of IPv4, or of 2000::/3
     dynamic             /3, IPv6 /3             half of IPv4, or of 2000::/3
     others              none                    none

   2000::/3 holds all global unicast addresses of IPv6; a table is measured within it. An exclusion
   has no limit. An entry or table over a limit is an error, unless listconf.h allows it. */
#ifndef SINBIN_RULE_COVERAGE_H
#define SINBIN_RULE_COVERAGE_H

#include "rule/interval.h"
#include "rule/rulefile.h"

struct coverage {
  uint64_t ipv4;
  uint64_t nets;   /* IPv6, in /64s */
  uint64_t global; /* those of them within 2000::/3 */
};

/* Intervals of one family are added in ascending order, and do not overlap. */
struct coverage_sum {
  struct coverage covers;
  bool begun;
  struct addr last; /* of the interval before */
};
void coverage_add(struct coverage_sum *sum, const struct addr *first, const struct addr *last);

/* The table is finished. False is errno ENOMEM. */
bool coverage_of(const struct tabletext *table, struct coverage *out);

/* Adds errors for entries and tables over the limits of the file; last: the number of its last
   line. False is errno ENOMEM. */
bool coverage_check(const struct rulefile *file, const struct rulefile_tables *tables,
                    uint32_t last, struct rule_errors *errors);

/* Are all its addresses special-purpose ones: private, loopback, documentation, multicast...? */
bool coverage_is_special(const struct prefix *p);

/* One warning if entries of a list hold special-purpose addresses, or addresses of neverlist. Both
   tables are finished. False is errno ENOMEM. */
bool coverage_warn(const struct tabletext *list, const struct tabletext *never,
                   struct rule_errors *errors);

#endif
