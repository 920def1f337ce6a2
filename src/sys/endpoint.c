#include "sys/endpoint.h"
#include "sys/env.h"
#include <errno.h>
#include <netinet/in.h>
#include <linux/tcp.h> /* has more fields than the header of the C library */
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

/* False if the kernel fills fewer than the first `least` bytes. */
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

/* Before the first sample the kernel reports 0xffffffff. */
uint64_t endpoint_least_rtt_ms(int fd) {
  struct tcp_info info;
  size_t least = offsetof(struct tcp_info, tcpi_min_rtt) + sizeof info.tcpi_min_rtt;
  if (!read_info(fd, &info, least) || info.tcpi_rtt == 0) return 0;
  return info.tcpi_min_rtt == UINT32_MAX ? 0 : info.tcpi_min_rtt / 1000;
}

static bool read_ip(const char *name, struct addr *ip, bool *there, const char **bad) {
  const char *text = env_text(name, NULL);
  *there = text != NULL;
  *bad = name;
  return !text || addr_parse(span_str(text), ip);
}

static bool read_port(const char *name, uint16_t *port, const char **bad) {
  uint64_t number = 0;
  const char *text = env_text(name, NULL);
  *bad = name;
  if (text && !number_parse(span_str(text), 65535, &number)) return false;
  *port = (uint16_t)number;
  return true;
}

enum endpoint_result endpoint_from_env(struct endpoint_env *out, const char **bad) {
  bool has_peer;
  *out = (struct endpoint_env){.has_local = false};
  *bad = "PROTO";
  if (!span_starts_nocase(span_str(env_text("PROTO", "TCP")), "TCP")) return ENDPOINT_MALFORMED;
  if (!read_ip("TCPREMOTEIP", &out->peer.ip, &has_peer, bad)) return ENDPOINT_MALFORMED;
  if (!has_peer) return ENDPOINT_MISSING;
  bool well_formed = read_port("TCPREMOTEPORT", &out->peer.port, bad) &&
                     read_ip("TCPLOCALIP", &out->local.ip, &out->has_local, bad) &&
                     read_port("TCPLOCALPORT", &out->local.port, bad);
  return well_formed ? ENDPOINT_OK : ENDPOINT_MALFORMED;
}
