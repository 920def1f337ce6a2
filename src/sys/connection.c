#include "sys/connection.h"
#include "sys/listening.h"
#include <errno.h>
#include <unistd.h>

enum connection_result connection_accept(int listening, int *fd, struct addr *peer,
                                         uint16_t *port) {
  struct sockaddr_storage name;
  socklen_t len = sizeof name;
  *fd = accept4(listening, (struct sockaddr *)&name, &len, SOCK_CLOEXEC);
  if (*fd >= 0) {
    if (addr_from_sockaddr((const struct sockaddr *)&name, peer, port)) return CONNECTION_ACCEPTED;
    close(*fd);
    errno = EAFNOSUPPORT;
    return CONNECTION_GONE;
  }
  int error = errno;
  switch (error) {
  case EAGAIN: return CONNECTION_NONE;
  case EMFILE:
  case ENFILE:
  case ENOBUFS:
  case ENOMEM: return CONNECTION_NO_RESOURCES;
  }
  /* Some errors, EOPNOTSUPP for example, may come from the socket or from the connection: accept(2). */
  bool listens = listening_is(listening);
  errno = error;
  return listens ? CONNECTION_GONE : CONNECTION_SOCKET_FAILED;
}

ssize_t connection_peek(int fd, char *buf, size_t cap) {
  return recv(fd, buf, cap, MSG_PEEK | MSG_DONTWAIT);
}

bool connection_consume(int fd, char *buf, size_t len) {
  return recv(fd, buf, len, MSG_DONTWAIT) == (ssize_t)len;
}

void connection_refuse(int fd, struct span line) {
  char discarded[16384];
  if (line.len && send(fd, line.s, line.len, MSG_DONTWAIT | MSG_NOSIGNAL) > 0 &&
      shutdown(fd, SHUT_WR) == 0)
    for (int i = 0; i < 4; i++) /* bounded: a peer that floods must not hold up the caller */
      if (recv(fd, discarded, sizeof discarded, MSG_DONTWAIT) <= 0) break;
  close(fd);
}
