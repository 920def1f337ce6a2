/* connection.h: accepted TCP connections. No function waits or raises SIGPIPE.

   Descriptors are close-on-exec and in blocking mode, as a handler expects its own. */
#ifndef SINBIN_SYS_CONNECTION_H
#define SINBIN_SYS_CONNECTION_H

#include "base/addr.h"

enum connection_result {
  CONNECTION_ACCEPTED,
  CONNECTION_NONE,         /* no connection is waiting */
  CONNECTION_GONE,         /* this one failed, errno says why; there may be more */
  CONNECTION_NO_RESOURCES, /* no descriptor or no memory, errno says which; try again later */
  CONNECTION_SOCKET_FAILED /* the socket no longer listens; errno is from accept */
};

/* Accepts a connection from a non-blocking listening socket, and gets its peer. */
enum connection_result connection_accept(int listening, int *fd, struct addr *peer, uint16_t *port);

/* Copies the bytes that have arrived and leaves them in the socket. Returns their number, 0 at the
   end, or -1 with errno (EAGAIN: nothing has arrived). */
ssize_t connection_peek(int fd, char *buf, size_t cap);
/* Removes exactly len bytes that connection_peek has returned. */
bool connection_consume(int fd, char *buf, size_t len);

/* Sends a last line, unless it is empty, and closes. Bytes that the peer sent are read first:
   closing a socket with unread bytes resets the connection, and the reset would overtake the line.
   */
void connection_refuse(int fd, struct span line);

#endif
