#include "score/addrclass.h"

bool addrclass_is_unspecified(const struct addr *a) {
  static const struct addr zero;
  return addr_compare(a, &zero) == 0;
}

bool addrclass_is_near(const struct addr *a, const struct addr *b) {
  if (addr_is_ipv4(a) != addr_is_ipv4(b)) return false;
  unsigned int bits = addr_is_ipv4(a) ? 96 + 24 : 48;
  struct addr here = addr_mask(a, bits), there = addr_mask(b, bits);
  return addr_compare(&here, &there) == 0;
}

bool addrclass_is_loopback(const struct addr *a) {
  static const struct addr v6_loopback = {{[15] = 1}};
  if (addr_is_ipv4(a)) return addr_ipv4(a) >> 24 == 127;
  return addr_compare(a, &v6_loopback) == 0;
}

bool addrclass_is_private(const struct addr *a) {
  static const struct {
    uint32_t base;
    int shift;
  } ranges[] = {
      {0x0a000000, 24}, {0xac100000, 20}, {0xc0a80000, 16}, {0x7f000000, 24},
      {0xa9fe0000, 16}, {0x64400000, 22}, {0x00000000, 24}, {0xc0000000, 3},
  };
  if (!addr_is_ipv4(a)) {
    bool unique_local = (a->byte[0] & 0xfe) == 0xfc;
    bool link_local = a->byte[0] == 0xfe && (a->byte[1] & 0xc0) == 0x80;
    return unique_local || link_local || addrclass_is_loopback(a) || addrclass_is_unspecified(a);
  }
  for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++)
    if (addr_ipv4(a) >> ranges[i].shift == ranges[i].base >> ranges[i].shift) return true;
  return false;
}

bool addrclass_is_routed(uint32_t ip) {
  uint32_t first = ip >> 24;
  if (first == 0 || first == 10 || first == 127 || first >= 224) return false;
  return ip >> 16 != 0xc0a8 && ip >> 20 != 0xac1 && ip >> 16 != 0xa9fe &&
         ip >> 22 != 0x64400000 >> 22;
}
