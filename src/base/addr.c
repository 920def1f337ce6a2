#include "base/addr.h"
#include "base/number.h"
#include <arpa/inet.h>
#include <netinet/in.h>

static const uint8_t v4_prefix[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

static bool parse_ipv4(struct span text, struct addr *out) {
  struct span rest = text;
  uint32_t value = 0;
  for (int i = 0; i < 4; i++) {
    uint64_t octet;
    bool last = span_find(rest, '.') == rest.len;
    if (last != (i == 3) || !number_canonical(span_cut(&rest, '.'), 255, &octet)) return false;
    value = value << 8 | (uint32_t)octet;
  }
  *out = addr_from_ipv4(value);
  return true;
}

bool addr_parse(struct span text, struct addr *out) {
  char copy[ADDR_TEXT_MAX];
  struct addr parsed;
  if (span_find(text, ':') == text.len) return parse_ipv4(text, out);
  if (text.len >= sizeof copy || span_find(text, '\0') != text.len) return false;
  memcpy(copy, text.s, text.len);
  copy[text.len] = '\0';
  if (inet_pton(AF_INET6, copy, parsed.byte) != 1) return false;
  *out = parsed;
  return true;
}

static size_t format_ipv4(char *out, uint32_t ip) {
  size_t n = 0;
  for (int shift = 24; shift >= 0; shift -= 8) {
    n += number_format(out + n, ip >> shift & 255);
    if (shift) out[n++] = '.';
  }
  return n;
}

/* RFC 5952 section 4.2: the longest run of at least two zero groups, the first of equals. */
static void longest_zero_run(const uint16_t group[8], int *start, int *len) {
  *start = -1;
  *len = 1;
  for (int i = 0; i < 8;) {
    int run = 0;
    while (i + run < 8 && group[i + run] == 0) run++;
    if (run > *len) {
      *start = i;
      *len = run;
    }
    i += run ? run : 1;
  }
}

static size_t format_group(char *out, unsigned int group) {
  size_t digits = group > 0xfff ? 4 : group > 0xff ? 3 : group > 0xf ? 2 : 1;
  return number_format_hex(out, group, digits);
}

size_t addr_format(char *out, const struct addr *a) {
  uint16_t group[8];
  int start, len;
  size_t n = 0;
  if (addr_is_ipv4(a)) return format_ipv4(out, addr_ipv4(a));
  for (int i = 0; i < 8; i++) group[i] = (uint16_t)(a->byte[2 * i] << 8 | a->byte[2 * i + 1]);
  longest_zero_run(group, &start, &len);
  for (int i = 0; i < 8; i++) {
    if (i == start) {
      out[n++] = ':';
      out[n++] = ':';
      i += len - 1;
      continue;
    }
    if (n && out[n - 1] != ':') out[n++] = ':';
    n += format_group(out + n, group[i]);
  }
  return n;
}

bool addr_is_ipv4(const struct addr *a) {
  return memcmp(a->byte, v4_prefix, sizeof v4_prefix) == 0;
}

uint32_t addr_ipv4(const struct addr *a) {
  return (uint32_t)a->byte[12] << 24 | (uint32_t)a->byte[13] << 16 | (uint32_t)a->byte[14] << 8 |
         a->byte[15];
}

struct addr addr_from_ipv4(uint32_t host_order) {
  struct addr a;
  memcpy(a.byte, v4_prefix, sizeof v4_prefix);
  for (int i = 0; i < 4; i++) a.byte[12 + i] = (uint8_t)(host_order >> (24 - 8 * i));
  return a;
}

int addr_compare(const struct addr *a, const struct addr *b) {
  return memcmp(a->byte, b->byte, sizeof a->byte);
}

struct addr addr_mask(const struct addr *a, unsigned int bits) {
  struct addr masked = *a;
  for (unsigned int i = 0; i < 16; i++) {
    unsigned int keep = bits > 8 * i ? bits - 8 * i : 0;
    if (keep < 8) masked.byte[i] &= (uint8_t)(0xff00u >> keep);
  }
  return masked;
}

bool addr_is_near(const struct addr *a, const struct addr *b) {
  if (addr_is_ipv4(a) != addr_is_ipv4(b)) return false;
  unsigned int bits = addr_is_ipv4(a) ? 96 + 24 : 48;
  struct addr here = addr_mask(a, bits), there = addr_mask(b, bits);
  return addr_compare(&here, &there) == 0;
}

/* Ascending; of two ranges that begin alike the smaller first. */
static const struct {
  uint32_t base;
  int bits;
  enum addr_purpose purpose;
} special_ipv4[] = {
    {0x00000000, 8, ADDR_UNSPECIFIED},    {0x0a000000, 8, ADDR_PRIVATE},
    {0x64400000, 10, ADDR_SHARED},        {0x7f000000, 8, ADDR_LOOPBACK},
    {0xa9fe0000, 16, ADDR_LINK_LOCAL},    {0xac100000, 12, ADDR_PRIVATE},
    {0xc0000000, 29, ADDR_464XLAT},       {0xc0000000, 24, ADDR_PROTOCOL},
    {0xc0000200, 24, ADDR_DOCUMENTATION}, {0xc0a80000, 16, ADDR_PRIVATE},
    {0xc6120000, 15, ADDR_BENCHMARK},     {0xc6336400, 24, ADDR_DOCUMENTATION},
    {0xcb007100, 24, ADDR_DOCUMENTATION}, {0xe0000000, 3, ADDR_MULTICAST},
};

enum addr_purpose addr_ipv4_purpose(uint32_t ip) {
  for (size_t i = 0; i < sizeof special_ipv4 / sizeof *special_ipv4; i++) {
    if (ip < special_ipv4[i].base) break;
    if ((ip ^ special_ipv4[i].base) >> (32 - special_ipv4[i].bits) == 0)
      return special_ipv4[i].purpose;
  }
  return ADDR_PUBLIC;
}

/* Hosts have addresses in 2000::/3 only. */
static enum addr_purpose ipv6_purpose(const struct addr *a) {
  static const struct addr unspecified = {{0}}, loopback = {{[15] = 1}};
  uint32_t head = (uint32_t)a->byte[0] << 24 | (uint32_t)a->byte[1] << 16 |
                  (uint32_t)a->byte[2] << 8 | a->byte[3];
  if (head == 0x20010db8 || head >> 12 == 0x3fff0000 >> 12) return ADDR_DOCUMENTATION;
  if (head >> 9 == 0x20010000 >> 9) return ADDR_PROTOCOL;
  if (head >> 29 == 1) return ADDR_PUBLIC;
  if (head >> 25 == 0xfc000000 >> 25) return ADDR_PRIVATE;
  if (head >> 22 == 0xfe800000 >> 22) return ADDR_LINK_LOCAL;
  if (head >> 24 == 0xff) return ADDR_MULTICAST;
  if (addr_compare(a, &unspecified) == 0) return ADDR_UNSPECIFIED;
  return addr_compare(a, &loopback) == 0 ? ADDR_LOOPBACK : ADDR_UNASSIGNED;
}

enum addr_purpose addr_purpose(const struct addr *a) {
  return addr_is_ipv4(a) ? addr_ipv4_purpose(addr_ipv4(a)) : ipv6_purpose(a);
}

bool addr_is_loopback(const struct addr *a) {
  return addr_purpose(a) == ADDR_LOOPBACK;
}

bool addr_is_private(const struct addr *a) {
  return addr_purpose(a) & (ADDR_UNSPECIFIED | ADDR_LOOPBACK | ADDR_PRIVATE | ADDR_SHARED |
                            ADDR_LINK_LOCAL | ADDR_464XLAT);
}

bool addr_is_unset(const struct addr *a) {
  static const struct addr zero;
  return addr_compare(a, &zero) == 0;
}

bool addr_is_localhost(const struct addr *a) {
  if (addr_is_ipv4(a)) return addr_ipv4(a) == 0x7f000001;
  struct addr net64 = addr_mask(a, 64);
  return addr_is_unset(&net64);
}

struct addr addr_evidence_key(const struct addr *a) {
  return addr_is_ipv4(a) ? *a : addr_mask(a, 64);
}

bool addr_from_sockaddr(const struct sockaddr *sa, struct addr *out, uint16_t *port) {
  if (sa->sa_family == AF_INET) {
    struct sockaddr_in in;
    memcpy(&in, sa, sizeof in);
    *out = addr_from_ipv4(ntohl(in.sin_addr.s_addr));
    *port = ntohs(in.sin_port);
    return true;
  }
  if (sa->sa_family == AF_INET6) {
    struct sockaddr_in6 in6;
    memcpy(&in6, sa, sizeof in6);
    memcpy(out->byte, in6.sin6_addr.s6_addr, 16);
    *port = ntohs(in6.sin6_port);
    return true;
  }
  return false;
}
