/* cidr.h: merges ascending values into prefixes.

   The prefixes cover exactly the values that were added, and there are as few of them as possible.
   A value has `width` bits: 32 for an IPv4 address, 64 for the first half of an IPv6 address. Values
   are added in ascending order. Whenever a run of consecutive values has ended, cidr_next gives its
   prefixes, one a call:

     cidr_init, then for each value: if !cidr_add: cidr_next until it is false, cidr_add again
     at the end: cidr_end, then cidr_next until it is false

   Pure, no memory. */
#ifndef SINBIN_PUBLISH_CIDR_H
#define SINBIN_PUBLISH_CIDR_H

#include <stdbool.h>
#include <stdint.h>

struct cidr {
  unsigned int width;
  uint64_t first, last; /* the run; of a run that has ended, what is left of it */
  bool filled, ended;
};

void cidr_init(struct cidr *c, unsigned int width);
/* False: the value does not continue the run, which has ended. */
bool cidr_add(struct cidr *c, uint64_t value);
void cidr_end(struct cidr *c);
/* False if no run has ended, or if nothing is left of it. *bits: the length of the prefix. */
bool cidr_next(struct cidr *c, uint64_t *value, unsigned int *bits);

#endif
