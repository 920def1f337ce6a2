/* udplink.h: a connected datagram socket to a host that has a name and may move.

   The host is an IPv4 or IPv6 address or a name; a name is looked up (getaddrinfo(3), which may
   block for as long as the resolver waits) when the first datagram is sent, and again each time
   udplink_next_address has come round all its addresses. A connected socket takes datagrams of its peer
   only. Nothing waits for the network; errors are -1 with errno, EHOSTUNREACH where the name has no
   address (then `why` tells). Link-local addresses with a zone are not supported. */
#ifndef SINBIN_SYS_UDPLINK_H
#define SINBIN_SYS_UDPLINK_H

#include "base/addr.h"

#define UDPLINK_ADDRESSES 8

struct udplink {
  const char *host;
  uint16_t port;
  int fd; /* -1: none open; for poll */
  size_t count, at;
  struct addr addresses[UDPLINK_ADDRESSES];
  const char *why; /* the name had no address: what the resolver said; else NULL */
};

/* An address, or letters, digits, `.`, `-` and `_`. */
bool udplink_host_is_valid(const char *host);

/* host is kept, not copied. */
void udplink_init(struct udplink *l, const char *host, uint16_t port);
ssize_t udplink_send(struct udplink *l, struct span datagram);
ssize_t udplink_receive(struct udplink *l, char *buf, size_t cap);
/* Nobody answers there: the next address, or the name looked up again. An address that is the only
   one is kept, and its socket with it. */
void udplink_next_address(struct udplink *l);

#endif
