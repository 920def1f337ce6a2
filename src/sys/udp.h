/* udp.h: datagram sockets of a given address, IPv4 or IPv6 as the address is.

   One for an IPv6 address takes IPv6 only. Closed across exec. Returns a descriptor, or -1 with
   errno set. */
#ifndef SINBIN_SYS_UDP_H
#define SINBIN_SYS_UDP_H

#include "base/addr.h"

int udp_bind(const struct addr *local, uint16_t port);
int udp_connect(const struct addr *remote, uint16_t port);

#endif
