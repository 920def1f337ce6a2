#include "publish/partition.h"
#include <string.h>

#define OCTETS_A_SHARD 28 /* 8 x 28 = 224: no higher one is unicast */

unsigned int partition_of(const struct addr *ip) {
  if (!addr_is_ipv4(ip)) return PARTITION_IPV6;
  uint32_t shard = (addr_ipv4(ip) >> 24) / OCTETS_A_SHARD;
  return shard < SHARDS ? shard : SHARDS - 1;
}

void partition_range(unsigned int base, struct addr *from, struct addr *to) {
  if (base < SHARDS) {
    uint32_t first = base * OCTETS_A_SHARD;
    *from = addr_from_ipv4(first << 24);
    *to = addr_from_ipv4(((first + OCTETS_A_SHARD) << 24) - 1);
    return;
  }
  /* IPv4 is in ::/64, which is never published */
  memset(from, 0, sizeof *from);
  from->byte[7] = 1;
  memset(to, 0xff, sizeof *to);
}

unsigned int partition_hot(const struct addr *ip) {
  return addr_is_ipv4(ip) ? PARTITION_HOT4 : PARTITION_HOT6;
}

bool partition_is_ipv4(unsigned int partition) {
  return partition < SHARDS || partition == PARTITION_HOT4;
}
