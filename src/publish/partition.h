/* partition.h: how the listings are divided, so that a change rewrites few of them.

   There are eight partitions of IPv4 (shards) by the first octet, 28 values each, and one of IPv6.
   These nine are the base partitions. Each family has one more, the hot partition, which is small:
   it holds the listings that are not in their base partition yet (published.h). A key is in one
   partition at a time. A partition is a number below PARTITIONS, a base partition one below BASES.
   Pure. */
#ifndef SINBIN_PUBLISH_PARTITION_H
#define SINBIN_PUBLISH_PARTITION_H

#include "base/addr.h"
#include <stdbool.h>

enum {
  SHARDS = 8,
  PARTITION_IPV6 = SHARDS,
  BASES,
  PARTITION_HOT4 = BASES,
  PARTITION_HOT6,
  PARTITIONS
};

/* The base partition that a published key belongs to. */
unsigned int partition_of(const struct addr *ip);
/* The first and the last key of a base partition. */
void partition_range(unsigned int base, struct addr *from, struct addr *to);
/* The hot partition of the key's family. */
unsigned int partition_hot(const struct addr *ip);
bool partition_is_ipv4(unsigned int partition);

#endif
