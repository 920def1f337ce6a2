/* An IPv4 address in a host name. */
#include "score/addrname_internal.h"

#define ORDERS  8 /* four rotations, forwards and backwards */
#define RUN_MIN 7 /* shorter runs of digits occur by chance */

/* The octets in one order, without separators: zero padded and not padded. */
struct run {
  uint64_t padded, plain;
  unsigned int digits; /* of plain */
};

static struct run run_of(const uint8_t octet[4], int order) {
  struct run run = {0, 0, 0};
  for (int k = 0; k < 4; k++) {
    unsigned int value = octet[(order & 4 ? 7 - order - k : order + k) & 3];
    unsigned int digits = value > 99 ? 3 : value > 9 ? 2 : 1;
    run.padded = run.padded * 1000 + value;
    run.plain = run.plain * (digits == 3 ? 1000 : digits == 2 ? 100 : 10) + value;
    run.digits += digits;
  }
  return run;
}

static bool has_plain_run(const struct numbers *in, uint64_t value, unsigned int digits) {
  for (size_t i = 0; i < in->count; i++)
    if (in->number[i].digits == digits && in->number[i].value == value) return true;
  return false;
}

/* The address as one decimal number. */
static bool has_decimal(const struct numbers *in, uint32_t ip) {
  for (size_t i = 0; i < in->count; i++)
    if (in->number[i].digits >= RUN_MIN &&
        (in->number[i].value == ip || in->number[i].value == __builtin_bswap32(ip)))
      return true;
  return false;
}

#define PADDED_DIGITS  12
#define PADDED_MODULUS 1000000000000u

/* Twelve digits, with anything between them: 084.112-034.005 and 084112034005 are the same. */
static bool has_padded(struct span host, const struct run run[ORDERS]) {
  uint64_t window = 0;
  size_t seen = 0;
  for (size_t i = 0; i < host.len; i++) {
    if (!ascii_is_digit((unsigned char)host.s[i])) continue;
    window = (window * 10 + (uint64_t)(host.s[i] - '0')) % PADDED_MODULUS;
    if (++seen < PADDED_DIGITS) continue;
    for (int order = 0; order < ORDERS; order++)
      if (window == run[order].padded) return true;
  }
  return false;
}

static bool has_run(struct span host, const struct numbers *in, const uint8_t octet[4]) {
  struct run run[ORDERS];
  bool lengthy = false;
  for (size_t i = 0; i < in->count; i++) lengthy = lengthy || in->number[i].digits >= RUN_MIN;
  if (!lengthy && in->digits < PADDED_DIGITS) return false;
  for (int order = 0; order < ORDERS; order++) {
    run[order] = run_of(octet, order);
    if (run[order].digits >= RUN_MIN && has_plain_run(in, run[order].plain, run[order].digits))
      return true;
  }
  return in->digits >= PADDED_DIGITS && has_padded(host, run);
}

/* How many of the octets the name contains. Each number counts for one octet. */
static int octets_held(const struct numbers *in, const uint8_t octet[4]) {
  uint32_t used = 0;
  int held = 0;
  for (int o = 0; o < 4; o++)
    for (size_t i = 0; i < in->count; i++)
      if (in->number[i].octet == octet[o] && !(used >> i & 1)) {
        used |= 1u << i;
        held++;
        break;
      }
  return held;
}

/* The last `want` octets, joined, forwards or backwards. */
static bool holds_last(const struct numbers *in, const uint8_t octet[4], size_t want) {
  for (size_t i = 0; i + want <= in->count; i++) {
    bool forwards = true, backwards = true;
    for (size_t k = 0; k < want; k++) {
      const struct number *n = &in->number[i + k];
      bool joined = k == 0 || n->joined;
      forwards = forwards && joined && n->octet == octet[4 - want + k];
      backwards = backwards && joined && n->octet == octet[3 - k];
    }
    if (forwards || backwards) return true;
  }
  return false;
}

/* The last octets as one padded run: 034005 or 112034005. */
static bool holds_last_padded(const struct numbers *in, const uint8_t octet[4]) {
  uint32_t two = octet[2] * 1000u + octet[3], three = octet[1] * 1000000u + two;
  return has_plain_run(in, two, 6) || has_plain_run(in, three, 9);
}

/* Hexadecimal digits with any separators: all eight, or the six of three octets in a row. */
static enum addrname hex_in(struct span host, uint32_t ip) {
  uint32_t window = 0, reversed = __builtin_bswap32(ip);
  size_t seen = 0;
  bool part = false;
  for (size_t i = 0; i < host.len; i++) {
    int digit = addrname_hex_value(host.s[i]);
    if (digit < 0) {
      if (!addrname_is_separator(host.s[i])) seen = 0;
      continue;
    }
    window = window << 4 | (uint32_t)digit;
    seen++;
    if (seen >= 8 && (window == ip || window == reversed)) return ADDRNAME_WHOLE;
    uint32_t three = window & 0xffffff;
    part = part || (seen >= 6 && (three == ip >> 8 || three == (ip & 0xffffff) ||
                                  three == reversed >> 8 || three == (reversed & 0xffffff)));
  }
  return part ? ADDRNAME_PART : ADDRNAME_NOT;
}

enum addrname addrname_find_ipv4(struct span host, const struct numbers *in,
                                 const struct addr *peer) {
  const uint8_t *octet = peer->byte + 12;
  uint32_t ip = addr_ipv4(peer);
  int held = octets_held(in, octet);
  if (held == 4 || holds_last(in, octet, 3)) return ADDRNAME_WHOLE;
  enum addrname hex = hex_in(host, ip);
  if (hex == ADDRNAME_WHOLE || has_decimal(in, ip) || has_run(host, in, octet))
    return ADDRNAME_WHOLE;
  if (held == 3 || hex == ADDRNAME_PART || holds_last_padded(in, octet)) return ADDRNAME_PART;
  return holds_last(in, octet, 2) ? ADDRNAME_LAST_TWO : ADDRNAME_NOT;
}
