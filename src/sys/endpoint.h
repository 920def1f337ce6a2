/* endpoint.h: what the kernel knows about a connected descriptor. No allocation; nothing blocks.
 */
#ifndef SINBIN_SYS_ENDPOINT_H
#define SINBIN_SYS_ENDPOINT_H

#include "base/addr.h"

enum socket_kind {
  SOCKET_INET,  /* a connected IPv4 or IPv6 socket */
  SOCKET_OTHER, /* a socket of another family */
  SOCKET_GONE,  /* a TCP socket whose connection is over: no peer to be known */
  SOCKET_NONE,  /* no socket, or no descriptor */
};

struct endpoint {
  struct addr ip;
  uint16_t port;
};

/* Fills both ends for SOCKET_INET only. */
enum socket_kind endpoint_ends(int fd, struct endpoint *peer, struct endpoint *local);

/* The smoothed round trip time. False where fd is no TCP socket or nothing was measured. */
bool endpoint_rtt_ms(int fd, uint64_t *ms);

/* The shortest round trip that was measured, in whole milliseconds, rounded down; 0 if fd is no TCP
   socket, or if nothing was measured. */
uint64_t endpoint_least_rtt_ms(int fd);

#endif
