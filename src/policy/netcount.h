/* netcount.h: how many of something there are in each network (network.h), of all three sizes.
   Pure.

   What is added in an address counts in the three networks that it is in. Networks without any are
   not kept. All zero but `max` and `key` is the empty count: memory is taken when something is
   added, for `max` networks at most; beyond that, and without memory, an address is not counted and
   netcount_add is false. The key of the hash is random, since strangers choose the addresses. */
#ifndef SINBIN_POLICY_NETCOUNT_H
#define SINBIN_POLICY_NETCOUNT_H

#include "base/siphash.h"
#include "policy/network.h"

struct netcount_slot {
  uint64_t hash; /* of the network; 0: empty */
  uint64_t count;
};

struct netcount {
  size_t max; /* networks */
  struct siphash_key key;
  struct netcount_slot *slots;
  size_t used, room; /* room: a power of two, or 0 */
};

bool netcount_add(struct netcount *n, const struct addr *a);
/* Undoes one netcount_add of that address which was true. */
void netcount_remove(struct netcount *n, const struct addr *a);
uint64_t netcount_get(const struct netcount *n, const struct network *network);
/* Empties it, and gives the memory back. */
void netcount_clear(struct netcount *n);

#endif
