#include "base/socketfacts.h"
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

enum socket_kind socketfacts_ends(int fd, struct endpoint *peer, struct endpoint *local) {
  struct sockaddr_storage at;
  socklen_t len = sizeof at;
  if (getpeername(fd, (struct sockaddr *)&at, &len) == -1)
    return errno == ENOTCONN ? SOCKET_GONE : SOCKET_NONE;
  if (!addr_from_sockaddr((struct sockaddr *)&at, &peer->ip, &peer->port)) return SOCKET_OTHER;
  len = sizeof at;
  if (getsockname(fd, (struct sockaddr *)&at, &len) == -1) return SOCKET_NONE;
  if (!addr_from_sockaddr((struct sockaddr *)&at, &local->ip, &local->port)) return SOCKET_OTHER;
  return SOCKET_INET;
}

bool socketfacts_rtt_ms(int fd, uint64_t *ms) {
  struct tcp_info info = {.tcpi_rtt = 0};
  socklen_t len = sizeof info;
  if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len) == -1 || info.tcpi_rtt == 0) return false;
  *ms = (info.tcpi_rtt + 500) / 1000;
  return true;
}
