/* udp.h: opens a datagram socket and binds or connects it to an IPv4 or IPv6 address.

   A socket for an IPv6 address is for IPv6 only. Close-on-exec. Returns a descriptor, or -1 with
   errno set. */
#ifndef SINBIN_SYS_UDP_H
#define SINBIN_SYS_UDP_H

#include "base/addr.h"

int udp_bind(const struct addr *local, uint16_t port);
int udp_connect(const struct addr *remote, uint16_t port);

#endif
