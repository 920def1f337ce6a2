/* connection.h: accepted TCP connections. Nothing here ever waits or raises SIGPIPE.

   Descriptors are closed across exec and blocking by themselves, as a handler expects its own. */
#ifndef SINBIN_SYS_CONNECTION_H
#define SINBIN_SYS_CONNECTION_H

#include "base/addr.h"

enum connection_result {
  CONNECTION_ACCEPTED,
  CONNECTION_NONE,         /* nobody is waiting */
  CONNECTION_GONE,         /* this one came to nothing, errno says why; there may be more */
  CONNECTION_NO_RESOURCES, /* no descriptor or no memory, errno says which; try again later */
  CONNECTION_SOCKET_FAILED /* the socket listens no more, errno is of accept: there never will be more */
};

/* Takes a connection from a non-blocking listening socket, with its peer. */
enum connection_result connection_accept(int listening, int *fd, struct addr *peer, uint16_t *port);

/* Looks at what has arrived: its length, 0 at the end, -1 with errno (EAGAIN: nothing yet). */
ssize_t connection_peek(int fd, char *buf, size_t cap);
/* Takes exactly len bytes that have been seen. */
bool connection_consume(int fd, char *buf, size_t len);

/* Sends a last line (none where it is empty) and closes. What the peer sent is read away first:
   closing a socket that holds unread bytes resets the connection, and the reset would overtake the
   line. */
void connection_refuse(int fd, struct span line);

#endif
