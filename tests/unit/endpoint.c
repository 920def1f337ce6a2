/* Both ends of a connection, from sockets of every kind and from the environment. */
#include "sys/endpoint.h"
#include "sys/listening.h"
#include "tap.h"
#include <fcntl.h>
#include <netinet/in.h>
#include <linux/tcp.h> /* as endpoint.c */
#include <poll.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

static struct addr address(const char *text) {
  struct addr a;
  if (!addr_parse(span_str(text), &a)) exit(111);
  return a;
}

static bool is_at(const struct endpoint *e, const char *ip, uint16_t port) {
  struct addr want = address(ip);
  return addr_compare(&e->ip, &want) == 0 && e->port == port;
}

static int connect_to(bool ipv6, uint16_t port, uint16_t *own) {
  struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons(port)};
  struct sockaddr_in6 in6 = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
  struct addr ignored;
  int fd = socket(ipv6 ? AF_INET6 : AF_INET, SOCK_STREAM, 0);
  in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  in6.sin6_addr = in6addr_loopback;
  if (fd < 0 ||
      connect(fd, ipv6 ? (struct sockaddr *)&in6 : (struct sockaddr *)&in,
              ipv6 ? sizeof in6 : sizeof in) != 0 ||
      !listening_name(fd, &ignored, own))
    exit(111);
  return fd;
}

static int take(int listener) {
  struct pollfd p = {.fd = listener, .events = POLLIN};
  poll(&p, 1, 10000);
  int fd = accept(listener, NULL, NULL);
  if (fd < 0) exit(111);
  return fd;
}

/* A reset of the peer: its ends are not known any more. */
static void reset(int client) {
  static const struct linger at_once = {1, 0};
  setsockopt(client, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  close(client);
}

static void connected(const char *loopback, bool ipv6) {
  struct addr at = address(loopback), name;
  struct endpoint peer, local;
  uint16_t port, client_port;
  uint64_t ms = 12345;
  int listener = listening_bind(&at, ipv6, 0, 5);
  if (listener < 0) {
    ok(ipv6, "# SKIP no IPv6 here");
    return;
  }
  if (!listening_name(listener, &name, &port)) exit(111);
  ok(endpoint_ends(listener, &peer, &local) == SOCKET_GONE, "%s: nobody is connected", loopback);
  int client = connect_to(ipv6, port, &client_port), fd = take(listener);
  ok(endpoint_ends(fd, &peer, &local) == SOCKET_INET, "%s: connected", loopback);
  ok(is_at(&peer, loopback, client_port), "the peer");
  ok(is_at(&local, loopback, port), "and this end");
  ok(endpoint_rtt_ms(fd, &ms) && ms < 1000, "a round trip was measured");
  ok(endpoint_least_rtt_ms(fd) <= ms, "the shortest is no longer");
  ok(!endpoint_rtt_ms(listener, &ms) && endpoint_least_rtt_ms(listener) == 0,
     "none on a socket that is not connected");
  reset(client);
  struct pollfd p = {.fd = fd, .events = POLLIN};
  poll(&p, 1, 10000);
  ok(endpoint_ends(fd, &peer, &local) == SOCKET_GONE, "after a reset the peer is not known");
  close(fd);
  close(listener);
}

static void others(void) {
  struct endpoint peer, local;
  uint64_t ms;
  int fd[2], null = open("/dev/null", O_RDONLY);
  if (null < 0 || socketpair(AF_UNIX, SOCK_STREAM, 0, fd) != 0) exit(111);
  ok(endpoint_ends(fd[0], &peer, &local) == SOCKET_OTHER, "a socket of another family");
  ok(!endpoint_rtt_ms(fd[0], &ms) && endpoint_least_rtt_ms(fd[0]) == 0, "has no round trip");
  ok(endpoint_ends(null, &peer, &local) == SOCKET_NONE, "no socket");
  ok(!endpoint_rtt_ms(null, &ms) && endpoint_least_rtt_ms(null) == 0, "has none either");
  close(null);
  ok(endpoint_ends(null, &peer, &local) == SOCKET_NONE, "no descriptor");
}

/* Round trips as the kernel would report them; NULL: as it does. */
static const struct round_trips {
  const char *name;
  uint32_t smoothed, least; /* microseconds */
  size_t bytes;             /* that are filled; 0: the call fails */
  bool known;
  uint64_t smoothed_ms, least_ms;
} * fake;

int getsockopt(int fd, int level, int name, void *value, socklen_t *len) {
  if (!fake) return (int)syscall(SYS_getsockopt, fd, level, name, value, len);
  struct tcp_info *info = value;
  if (level != IPPROTO_TCP || name != TCP_INFO || *len < fake->bytes || !fake->bytes) return -1;
  info->tcpi_rtt = fake->smoothed;
  info->tcpi_min_rtt = fake->least;
  *len = (socklen_t)fake->bytes;
  return 0;
}

static void round_trips(void) {
  static const size_t all = sizeof(struct tcp_info),
                      smoothed_only = offsetof(struct tcp_info, tcpi_rttvar),
                      both = offsetof(struct tcp_info, tcpi_min_rtt) + 4;
  const struct round_trips rows[] = {
      {"less than half a millisecond", 499, 400, all, true, 0, 0},
      {"half of one", 500, 500, all, true, 1, 0},
      {"nearly one and a half", 1499, 999, all, true, 1, 0},
      {"one and a half", 1500, 1000, all, true, 2, 1},
      {"long ones", 3000000, 2999999, all, true, 3000, 2999},
      {"no shortest one yet", 20000, UINT32_MAX, all, true, 20, 0},
      {"the largest shortest one", 20000, UINT32_MAX - 1, all, true, 20, 4294967},
      {"none yet", 0, 7000, all, false, 0, 0},
      {"an old kernel, which reports less", 20000, 7000, smoothed_only, true, 20, 0},
      {"a kernel that reports just these", 20000, 7000, both, true, 20, 7},
      {"one that ends within the shortest", 20000, 7000, both - 1, true, 20, 0},
      {"one that ends within the smoothed", 20000, 7000, smoothed_only - 1, false, 0, 0},
      {"one that reports none", 20000, 7000, 0, false, 0, 0},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    uint64_t ms = 0;
    fake = &rows[i];
    ok(endpoint_rtt_ms(0, &ms) == rows[i].known && ms == rows[i].smoothed_ms, "%s: smoothed %d",
       rows[i].name, (int)ms);
    ok(endpoint_least_rtt_ms(0) == rows[i].least_ms, "%s: the shortest", rows[i].name);
  }
  fake = NULL;
}

/* ---- the environment ---- */

static const char *const names[] = {"PROTO", "TCPREMOTEIP", "TCPREMOTEPORT", "TCPLOCALIP",
                                    "TCPLOCALPORT"};

static const struct {
  const char *name, *value[5]; /* of these variables; NULL: not set */
  enum endpoint_result want;
  const char *bad;
} environments[] = {
    {"all", {"TCP", "192.0.2.1", "40000", "192.0.2.25", "25"}, ENDPOINT_OK, NULL},
    {"IPv6", {"TCP6", "2001:db8::1", "65535", "2001:db8::25", "25"}, ENDPOINT_OK, NULL},
    {"the address alone", {NULL, "192.0.2.1"}, ENDPOINT_OK, NULL},
    {"in lower case", {"tcp", "192.0.2.1"}, ENDPOINT_OK, NULL},
    {"without the address of this end", {"TCP", "192.0.2.1", "1", NULL, "25"}, ENDPOINT_OK, NULL},
    {"nothing", {NULL}, ENDPOINT_MISSING, NULL},
    {"no address", {"TCP", NULL, "40000", "192.0.2.25", "25"}, ENDPOINT_MISSING, NULL},
    {"another protocol", {"UNIX", "192.0.2.1"}, ENDPOINT_MALFORMED, "PROTO"},
    {"an empty protocol", {"", "192.0.2.1"}, ENDPOINT_MALFORMED, "PROTO"},
    {"a name", {"TCP", "mail.example"}, ENDPOINT_MALFORMED, "TCPREMOTEIP"},
    {"an empty address", {"TCP", ""}, ENDPOINT_MALFORMED, "TCPREMOTEIP"},
    {"too large a port", {"TCP", "192.0.2.1", "65536"}, ENDPOINT_MALFORMED, "TCPREMOTEPORT"},
    {"no port number", {"TCP", "192.0.2.1", "x"}, ENDPOINT_MALFORMED, "TCPREMOTEPORT"},
    {"a malformed address of this end",
     {"TCP", "192.0.2.1", "1", "192.0.2"},
     ENDPOINT_MALFORMED,
     "TCPLOCALIP"},
    {"a malformed port of this end",
     {"TCP", "192.0.2.1", "1", "192.0.2.25", "-1"},
     ENDPOINT_MALFORMED,
     "TCPLOCALPORT"},
};

static bool is_filled(const struct endpoint_env *e, const char *const *value) {
  bool peer = is_at(&e->peer, value[1], value[2] ? (uint16_t)atoi(value[2]) : 0);
  bool local = !value[3] || is_at(&e->local, value[3], (uint16_t)atoi(value[4]));
  return peer && local && e->has_local == (value[3] != NULL) &&
         e->local.port == (value[4] ? atoi(value[4]) : 0);
}

static void from_environment(void) {
  for (size_t i = 0; i < sizeof environments / sizeof *environments; i++) {
    struct endpoint_env e;
    const char *bad = NULL;
    for (int k = 0; k < 5; k++)
      if (environments[i].value[k]) setenv(names[k], environments[i].value[k], 1);
      else unsetenv(names[k]);
    ok(endpoint_from_env(&e, &bad) == environments[i].want, "%s", environments[i].name);
    if (environments[i].bad) is_text(span_str(bad), environments[i].bad, "the name of it");
    if (environments[i].want == ENDPOINT_OK)
      ok(is_filled(&e, environments[i].value), "%s: filled", environments[i].name);
  }
}

int main(void) {
  connected("127.0.0.1", false);
  connected("::1", true);
  others();
  round_trips();
  from_environment();
  return done();
}
