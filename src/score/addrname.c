#include "score/addrname_internal.h"

#define DIGITS_MAX 18 /* of a number that fits */

static size_t read_one(struct span host, size_t at, struct number *out) {
  uint64_t value = 0;
  size_t n = 0;
  while (at + n < host.len && ascii_is_digit((unsigned char)host.s[at + n])) {
    if (n < DIGITS_MAX) value = 10 * value + (uint64_t)(host.s[at + n] - '0');
    n++;
  }
  out->value = n <= DIGITS_MAX ? value : 0;
  out->octet = n <= 3 && value <= 255 ? (uint16_t)value : NO_OCTET;
  out->digits = (uint8_t)(n <= DIGITS_MAX ? n : DIGITS_MAX + 1);
  return n;
}

static void read_numbers(struct span host, struct numbers *out) {
  size_t end = 0; /* of the previous number */
  out->count = out->digits = 0;
  for (size_t i = 0; i < host.len && out->count < NUMBERS_MAX;) {
    if (!ascii_is_digit((unsigned char)host.s[i])) {
      i++;
      continue;
    }
    struct number *number = &out->number[out->count];
    number->joined = out->count && i == end + 1 && addrname_is_separator(host.s[end]);
    size_t n = read_one(host, i, number);
    out->count++;
    out->digits += n;
    end = i += n;
  }
}

#define NUMBER_DIGITS 3
#define MAC_DIGITS    12

/* True if the address is routed. Machines in a private network use private addresses in names. */
static bool is_public(uint32_t ip) {
  return !(addr_ipv4_purpose(ip) & (ADDR_UNSPECIFIED | ADDR_LOOPBACK | ADDR_PRIVATE | ADDR_SHARED |
                                    ADDR_LINK_LOCAL | ADDR_MULTICAST));
}

enum other { OTHER_NONE, OTHER_PRIVATE, OTHER_PUBLIC };

/* Four octets in a row with one separator between each two, read from both sides. */
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

/* Six pairs, or twelve digits in a row: the hardware address of a modem, but also 198018009009. */
static bool has_hardware_address(struct span host) {
  size_t run = 0, pairs = 0;
  for (size_t i = 0; i <= host.len; i++) {
    if (i < host.len && addrname_hex_value(host.s[i]) >= 0) {
      run++;
      continue;
    }
    bool separator = i < host.len && addrname_is_separator(host.s[i]);
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

/* The name does not contain the peer's address: does it contain another one, or a number? */
static enum addrname find_other(struct span host, const struct numbers *in,
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
  read_numbers(host, &numbers);
  enum addrname found = addr_is_ipv4(peer) ? addrname_find_ipv4(host, &numbers, peer)
                                           : addrname_find_ipv6(host, peer);
  return found == ADDRNAME_NOT ? find_other(host, &numbers, peer) : found;
}
