/* network.h: the networks of an address, in three sizes. Pure.

     small      IPv4 /24, IPv6 /48      what one customer of a provider may have
     middle     IPv4 /16, IPv6 /32      what one provider may have
     large      IPv4 /8,  IPv6 /20

   As text: the lowest address, `/` and the number of bits: "192.0.2.0/24", "2001:db8::/32". A
   network has one spelling. network_parse accepts no other. */
#ifndef SINBIN_POLICY_NETWORK_H
#define SINBIN_POLICY_NETWORK_H

#include "base/addr.h"

enum network_size { NETWORK_SMALL, NETWORK_MIDDLE, NETWORK_LARGE, NETWORK_SIZES };

struct network {
  struct addr base;
  enum network_size size;
};

#define NETWORK_TEXT_MAX (ADDR_TEXT_MAX + 4)

struct network network_of(const struct addr *a, enum network_size size);
bool network_has(const struct network *n, const struct addr *a);

/* Writes at most NETWORK_TEXT_MAX bytes, no NUL; returns the length. */
size_t network_format(char *out, const struct network *n);
bool network_parse(struct span text, struct network *out);

#endif
