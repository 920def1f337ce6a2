/* listening.h: listening TCP sockets, bound here or handed over by a supervisor.

   All are non-blocking and close-on-exec. A socket for an IPv6 address accepts IPv6 only, so that
   0.0.0.0 and :: can be used together. */
#ifndef SINBIN_SYS_LISTENING_H
#define SINBIN_SYS_LISTENING_H

#include "base/addr.h"

/* Returns a descriptor, or -1 with errno set. EAFNOSUPPORT: the address family is not available. For
   IPv6 this includes that it is switched off: no interface has an IPv6 address, not even ::1. */
int listening_bind(const struct addr *address, bool ipv6, uint16_t port, int backlog);

/* Makes an inherited descriptor non-blocking and close-on-exec. False, with errno set: ENOTSOCK, or
   EINVAL if it is a socket but not a listening TCP socket. */
bool listening_adopt(int fd);
/* True if the descriptor is a listening TCP socket; otherwise false, with the same errno. */
bool listening_is(int fd);

/* The sockets that a supervisor handed over (activation.h), or else descriptor 0 if it is a listening
   socket. All are adopted. Returns their number, which may be 0, or -1 with *wrong set. */
int listening_inherit(int *fds, int max, const char **wrong);

/* The local address of a socket. False, with errno set, if it is not an IPv4 or IPv6 socket. */
bool listening_name(int fd, struct addr *local, uint16_t *port);

#endif
