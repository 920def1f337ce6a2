/* udplink.h: a connected datagram socket to a host whose address may change.

   The host is an IPv4 or IPv6 address or a name. A name is looked up by getaddrinfo(3), which may
   block as long as the resolver waits: when the first datagram is sent, and each time
   udplink_next_address has tried all its addresses. A connected socket receives datagrams of its peer
   only. Sending and receiving do not wait. Errors: -1 with errno set; EHOSTUNREACH if the name has
   no address (`why` is the reason). Link-local addresses with a zone are not supported. */
#ifndef SINBIN_SYS_UDPLINK_H
#define SINBIN_SYS_UDPLINK_H

#include "base/addr.h"

#define UDPLINK_ADDRESSES 8

struct udplink {
  const char *host;
  uint16_t port;
  int fd; /* for poll; -1: not open */
  size_t count, at;
  struct addr addresses[UDPLINK_ADDRESSES];
  const char *why; /* why the name has no address, from the resolver; else NULL */
};

/* An address, or letters, digits, `.`, `-` and `_`. */
bool udplink_host_is_valid(const char *host);

/* Keeps the pointer host. */
void udplink_init(struct udplink *l, const char *host, uint16_t port);
ssize_t udplink_send(struct udplink *l, struct span datagram);
ssize_t udplink_receive(struct udplink *l, char *buf, size_t cap);
/* For a peer that does not answer: changes to the next address, after the last one looks the name up
   again. If there is only one address, it and its socket are kept. */
void udplink_next_address(struct udplink *l);

#endif
