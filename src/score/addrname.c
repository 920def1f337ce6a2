#include "score/addrname.h"

#define NUMBER_DIGITS 3
#define MAC_DIGITS    12

/* An address that is routed. Machines in a private network use private addresses for each other. */
static bool is_public(uint32_t ip) {
  return !(addr_ipv4_purpose(ip) & (ADDR_UNSPECIFIED | ADDR_LOOPBACK | ADDR_PRIVATE | ADDR_SHARED |
                                    ADDR_LINK_LOCAL | ADDR_MULTICAST));
}

enum other { OTHER_NONE, OTHER_PRIVATE, OTHER_PUBLIC };

/* Four octets in a row with one separator between each; from either side. */
static enum other four_in_a_row(const struct numbers *in) {
  uint32_t ip = 0, reversed = 0;
  size_t joined = 0;
  for (size_t i = 0; i < in->count; i++) {
    const struct number *n = &in->number[i];
    if (n->octet == NO_OCTET) {
      joined = 0;
      continue;
    }
    joined = n->joined ? joined + 1 : 1;
    ip = ip << 8 | n->octet;
    reversed = reversed >> 8 | (uint32_t)n->octet << 24;
    if (joined == 4) return is_public(ip) && is_public(reversed) ? OTHER_PUBLIC : OTHER_PRIVATE;
  }
  return OTHER_NONE;
}

/* Six pairs, or twelve digits in a row: the hardware address of a modem, or 198018009009. */
static bool has_hardware_address(struct span host) {
  size_t run = 0, pairs = 0;
  for (size_t i = 0; i <= host.len; i++) {
    if (i < host.len && addrname_hex_value(host.s[i]) >= 0) {
      run++;
      continue;
    }
    bool separator = i < host.len && numbers_is_separator(host.s[i]);
    if (run >= MAC_DIGITS) return true;
    pairs = run == 2 ? pairs + 1 : 0;
    if (pairs == MAC_DIGITS / 2) return true;
    if (!separator) pairs = 0;
    run = 0;
  }
  return false;
}

static bool holds_octet(const struct numbers *in, uint8_t octet) {
  for (size_t i = 0; i < in->count; i++)
    if (in->number[i].octet == octet) return true;
  return false;
}

/* Where it hardly matters whose address it is. */
static enum addrname spelled_any(struct span host, const struct numbers *in,
                                 const struct addr *peer) {
  enum other other = four_in_a_row(in);
  if (other == OTHER_PUBLIC) return ADDRNAME_OTHER;
  if (other == OTHER_PRIVATE) return ADDRNAME_NOT;
  if (in->digits < NUMBER_DIGITS)
    return addr_is_ipv4(peer) && holds_octet(in, peer->byte[15]) ? ADDRNAME_NUMBER : ADDRNAME_NOT;
  if (has_hardware_address(host)) return ADDRNAME_OTHER;
  return ADDRNAME_NUMBER;
}

enum addrname addrname_find(struct span host, const struct addr *peer) {
  struct numbers numbers;
  numbers_read(host, &numbers);
  enum addrname spelled = addr_is_ipv4(peer) ? addrname_find_ipv4(host, &numbers, peer)
                                             : addrname_find_ipv6(host, peer);
  return spelled == ADDRNAME_NOT ? spelled_any(host, &numbers, peer) : spelled;
}
