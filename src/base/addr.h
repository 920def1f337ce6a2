/* addr.h: IPv4 and IPv6 addresses as values and as text.

   An address is 16 bytes in network order. IPv4 is in ::ffff:0:0/96: an IPv4-mapped IPv6 address
   *is* the IPv4 address and is written as one (RFC 5952 section 5 allows it; the line format
   requires it). Parsing is strict: four decimal octets without leading zeros, or RFC 4291
   section 2.2 text without a zone index. Formatting follows RFC 5952 section 4. */
#ifndef SINBIN_BASE_ADDR_H
#define SINBIN_BASE_ADDR_H

#include "base/span.h"
#include <stdint.h>
#include <sys/socket.h>

struct addr {
  uint8_t byte[16];
};

#define ADDR_TEXT_MAX 46

bool addr_parse(struct span text, struct addr *out);
/* Writes at most ADDR_TEXT_MAX bytes, no NUL; returns the length. */
size_t addr_format(char *out, const struct addr *a);

bool addr_is_ipv4(const struct addr *a);
/* The IPv4 address in host order; only for addr_is_ipv4. */
uint32_t addr_ipv4(const struct addr *a);
struct addr addr_from_ipv4(uint32_t host_order);

/* Compares the 16 bytes, as memcmp(3) does. */
int addr_compare(const struct addr *a, const struct addr *b);

/* Keeps the first `bits` of the 128 bits and clears the others. An IPv4 /n is /(96+n) here. */
struct addr addr_mask(const struct addr *a, unsigned int bits);

/* Same family, and the same /24 or, for IPv6, /48. */
bool addr_is_near(const struct addr *a, const struct addr *b);

/* What a special address is for, from the IANA special-purpose address registries (RFC 6890). One
   bit each, so that a caller can test for a set of purposes. */
enum addr_purpose {
  ADDR_PUBLIC = 0,
  ADDR_UNSPECIFIED = 1 << 0, /* 0.0.0.0/8, :: */
  ADDR_LOOPBACK = 1 << 1,    /* 127.0.0.0/8, ::1 */
  ADDR_PRIVATE = 1 << 2,     /* 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16, fc00::/7 */
  ADDR_SHARED = 1 << 3,      /* 100.64.0.0/10: carrier-grade NAT */
  ADDR_LINK_LOCAL = 1 << 4,  /* 169.254.0.0/16, fe80::/10 */
  ADDR_464XLAT = 1 << 5,     /* 192.0.0.0/29 (RFC 7335) */
  ADDR_PROTOCOL = 1 << 6,    /* the rest of 192.0.0.0/24, 2001::/23 */
  ADDR_BENCHMARK = 1 << 7,   /* 198.18.0.0/15 */
  ADDR_DOCUMENTATION =
      1 << 8,                /* 192.0.2/24, 198.51.100/24, 203.0.113/24, 2001:db8::/32, 3fff::/20 */
  ADDR_MULTICAST = 1 << 9,   /* 224.0.0.0/4 and the reserved 240.0.0.0/4, ff00::/8 */
  ADDR_UNASSIGNED = 1 << 10, /* any other IPv6 address outside 2000::/3 */
};

enum addr_purpose addr_purpose(const struct addr *a);
enum addr_purpose addr_ipv4_purpose(uint32_t host_order);

/* 127.0.0.0/8 or ::1. */
bool addr_is_loopback(const struct addr *a);
/* Not routed on the Internet: unspecified, loopback, private, shared, link-local, 464XLAT. The
   documentation prefixes count as public, so that examples behave as real addresses do. */
bool addr_is_private(const struct addr *a);
/* :: exactly, which also is the value of an address that was never set. */
bool addr_is_unset(const struct addr *a);
/* 127.0.0.1 alone, or ::/64, the evidence key of ::1. Narrower than loopback in IPv4: the other
   addresses of 127.0.0.0/8 may be peers like any other, as in tests on one machine. */
bool addr_is_localhost(const struct addr *a);

/* The key of evidence: an IPv4 address unchanged, an IPv6 address masked to its /64. */
struct addr addr_evidence_key(const struct addr *a);

/* From a socket address of family AF_INET or AF_INET6. False for any other family. */
bool addr_from_sockaddr(const struct sockaddr *sa, struct addr *out, uint16_t *port);

#endif
