/* netcount.h: counts of addresses in each network (network.h) of all three sizes. Pure.

   An address that is added counts in its three networks. A network with the count 0 takes no
   memory. The empty state is all zero but `max` and `key`. Memory is allocated when an address is
   added, for at most `max` networks. If there would be more, or there is no memory, the address is
   not counted and netcount_add returns false. The hash has a random key, because clients choose
   their addresses. */
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
/* Undoes one netcount_add of that address that returned true. */
void netcount_remove(struct netcount *n, const struct addr *a);
uint64_t netcount_get(const struct netcount *n, const struct network *network);
/* Sets all counts to 0, and frees the memory. */
void netcount_clear(struct netcount *n);

#endif
