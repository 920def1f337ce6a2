#include "policy/network.h"
#include "base/number.h"

static const uint8_t ipv4_bits[NETWORK_SIZES] = {24, 16, 8};
static const uint8_t ipv6_bits[NETWORK_SIZES] = {48, 32, 20};

static unsigned int bits_of(const struct addr *a, enum network_size size) {
  return addr_is_ipv4(a) ? 96u + ipv4_bits[size] : ipv6_bits[size];
}

struct network network_of(const struct addr *a, enum network_size size) {
  return (struct network){addr_mask(a, bits_of(a, size)), size};
}

bool network_has(const struct network *n, const struct addr *a) {
  struct network own = network_of(a, n->size);
  return addr_compare(&own.base, &n->base) == 0;
}

size_t network_format(char *out, const struct network *n) {
  size_t len = addr_format(out, &n->base);
  out[len++] = '/';
  return len + number_format(out + len, (addr_is_ipv4(&n->base) ? ipv4_bits : ipv6_bits)[n->size]);
}

bool network_parse(struct span text, struct network *out) {
  struct span rest = text;
  struct addr base;
  char again[NETWORK_TEXT_MAX];
  if (!addr_parse(span_cut(&rest, '/'), &base)) return false;
  for (int size = NETWORK_SMALL; size < NETWORK_SIZES; size++) {
    struct network n = network_of(&base, (enum network_size)size);
    if (!span_equal(span_of(again, network_format(again, &n)), text)) continue;
    *out = n;
    return true;
  }
  return false;
}
