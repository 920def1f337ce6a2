/* endpoint.h: both ends of a connection, from the kernel or from the environment.

   No allocation; nothing blocks. */
#ifndef SINBIN_SYS_ENDPOINT_H
#define SINBIN_SYS_ENDPOINT_H

#include "base/addr.h"

enum socket_kind {
  SOCKET_INET,  /* a connected IPv4 or IPv6 socket */
  SOCKET_OTHER, /* a socket of another family */
  SOCKET_GONE,  /* a TCP socket whose connection has ended: the peer is not known */
  SOCKET_NONE,  /* not a socket, or not an open descriptor */
};

struct endpoint {
  struct addr ip;
  uint16_t port;
};

/* Fills both ends for SOCKET_INET only. */
enum socket_kind endpoint_ends(int fd, struct endpoint *peer, struct endpoint *local);

/* The smoothed round trip time. False if fd is not a TCP socket or nothing was measured. */
bool endpoint_rtt_ms(int fd, uint64_t *ms);

/* The shortest round trip that was measured, in whole milliseconds, rounded down; 0 if fd is not a
   TCP socket, or if nothing was measured. */
uint64_t endpoint_least_rtt_ms(int fd);

/* The environment that tcpserver sets: PROTO (TCP, or a word that begins with it), TCPREMOTEIP,
   TCPREMOTEPORT, TCPLOCALIP, TCPLOCALPORT. Only TCPREMOTEIP is required; a missing port is 0.
   Addresses and numbers are read strictly (addr.h, number.h). On ENDPOINT_MALFORMED *bad is the name
   of the variable. */
enum endpoint_result { ENDPOINT_OK, ENDPOINT_MISSING, ENDPOINT_MALFORMED };

struct endpoint_env {
  struct endpoint peer, local;
  bool has_local;
};

enum endpoint_result endpoint_from_env(struct endpoint_env *out, const char **bad);

#endif
