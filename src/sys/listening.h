/* listening.h: listening TCP sockets, made here or inherited from a supervisor.

   All are non-blocking and closed across exec. A socket for an IPv6 literal takes IPv6 only, so
   that 0.0.0.0 and :: can be used together. Returns: descriptors, or -1 with errno set. */
#ifndef SINBIN_SYS_LISTENING_H
#define SINBIN_SYS_LISTENING_H

#include "base/addr.h"

/* errno EAFNOSUPPORT: there is no such address family here. For IPv6 also if it is switched off, so
   that no interface has an address of it, not even ::1. */
int listening_bind(const struct addr *address, bool ipv6, uint16_t port, int backlog);

/* Makes an inherited descriptor ready for use. False, with errno set (ENOTSOCK, or EINVAL where it
   is a socket but no listening TCP one). */
bool listening_adopt(int fd);
/* The same question without touching it. */
bool listening_is(int fd);

/* The sockets that a supervisor handed over: as many as LISTEN_FDS says, from descriptor 3 on,
   where LISTEN_PID names this process (sd_listen_fds(3)); else descriptor 0 where it is a listening
   socket. All are made ready. Returns how many, 0 for none; -1 with *wrong saying what is wrong. */
int listening_inherit(int *fds, int max, const char **wrong);

/* The local address of a socket. False, with errno set, where it is none of TCP. */
bool listening_name(int fd, struct addr *local, uint16_t *port);

#endif
