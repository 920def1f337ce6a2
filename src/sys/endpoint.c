#include "sys/endpoint.h"
#include <errno.h>
#include <netinet/in.h>
#include <linux/tcp.h> /* the C libraries' own lacks fields */
#include <stddef.h>

enum socket_kind endpoint_ends(int fd, struct endpoint *peer, struct endpoint *local) {
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

/* False if the kernel does not know as much as the first `least` bytes. */
static bool read_info(int fd, struct tcp_info *info, size_t least) {
  socklen_t len = sizeof *info;
  *info = (struct tcp_info){.tcpi_rtt = 0};
  return getsockopt(fd, IPPROTO_TCP, TCP_INFO, info, &len) == 0 && len >= least;
}

bool endpoint_rtt_ms(int fd, uint64_t *ms) {
  struct tcp_info info;
  if (!read_info(fd, &info, offsetof(struct tcp_info, tcpi_rttvar)) || info.tcpi_rtt == 0)
    return false;
  *ms = (info.tcpi_rtt + 500) / 1000;
  return true;
}

/* Before the first sample the kernel says 0xffffffff. */
uint64_t endpoint_least_rtt_ms(int fd) {
  struct tcp_info info;
  size_t least = offsetof(struct tcp_info, tcpi_min_rtt) + sizeof info.tcpi_min_rtt;
  if (!read_info(fd, &info, least) || info.tcpi_rtt == 0) return 0;
  return info.tcpi_min_rtt == UINT32_MAX ? 0 : info.tcpi_min_rtt / 1000;
}
