/* coverage.h: how many addresses a table covers, and whether a list of others covers too many.

   IPv4 addresses are counted one by one, IPv6 addresses in /64s, a /64 that is covered in part
   counting as one. Of both the sums stop at UINT64_MAX. Limits:

                         an entry                a table
     tables.d, blacklist /8, IPv6 /19            an eighth of IPv4, or of 2000::/3
     dynamic             /3, IPv6 /3             half of IPv4, or of 2000::/3
     others              none                    none

   2000::/3 is all that IPv6 has of global unicast addresses; a table is measured within it. An
   exclusion has no limit. What is over a limit is a complaint, unless listconf.h allows it. */
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

/* Of settled rows; false is errno ENOMEM. */
bool coverage_of(const struct tabletext *rows, struct coverage *out);

/* Complains of what is over the limits of the file; last: the number of its last line. False is
   errno ENOMEM. */
bool coverage_check(const struct rulefile *file, const struct rulefile_tables *rows, uint32_t last,
                    struct rule_errors *errors);

/* Is all of it of a special purpose: private, loopback, documentation, multicast...? */
bool coverage_is_special(const struct prefix *p);

/* One warning if entries of a list hold addresses of a special purpose, or such as neverlist names.
   Both are settled. False is errno ENOMEM. */
bool coverage_warn(const struct tabletext *list, const struct tabletext *never,
                   struct rule_errors *errors);

#endif
