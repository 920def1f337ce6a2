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
