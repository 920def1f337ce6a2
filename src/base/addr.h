/* addr.h: IPv4 and IPv6 addresses as values and as text.

   An address is 16 bytes in network order. IPv4 lives in ::ffff:0:0/96, so an IPv4-mapped IPv6
   address *is* the IPv4 address and is written as such (RFC 5952 section 5 allows it; the line
   format demands it). Parsing is strict: four decimal octets without leading zeros, or RFC 4291
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

/* Orders as the 16 bytes do. */
int addr_compare(const struct addr *a, const struct addr *b);

/* Clears all bits behind the first `bits` of the 128 (an IPv4 /n is /(96+n) here). */
struct addr addr_mask(const struct addr *a, unsigned int bits);

/* The key under which evidence is kept: IPv4 as it is, IPv6 cut to its /64. */
struct addr addr_evidence_key(const struct addr *a);

/* From a socket address of family AF_INET or AF_INET6. False on any other. */
bool addr_from_sockaddr(const struct sockaddr *sa, struct addr *out, uint16_t *port);

#endif
