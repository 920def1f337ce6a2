/* A datagram socket to a host: names that are valid, what is sent and received, and the next
 * address. */
#include "sys/udplink.h"
#include "tap.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <unistd.h>

static const struct {
  const char *name, *host;
  size_t len; /* 0: as it is; else of so many letters */
  bool want;
} hosts[] = {
    {"an IPv4 address", "127.0.0.1", 0, true},
    {"an IPv6 address", "::1", 0, true},
    {"a name", "collector.example.org", 0, true},
    {"a name of one label", "localhost", 0, true},
    {"an underscore", "_a.example", 0, true},
    {"253 bytes", "a", 253, true},
    {"254 bytes", "a", 254, false},
    {"nothing", "", 0, false},
    {"a space", "a b", 0, false},
    {"a port", "127.0.0.1:53", 0, false},
    {"a slash", "a/b", 0, false},
    {"a byte that is no letter", "\xe4", 0, false},
};

static void validity(void) {
  for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++) {
    char host[300];
    snprintf(host, sizeof host, "%s", hosts[i].host);
    if (hosts[i].len) memset(host, 'a', hosts[i].len);
    if (hosts[i].len) host[hosts[i].len] = '\0';
    ok(udplink_host_is_valid(host) == hosts[i].want, "%s", hosts[i].name);
  }
}

static int listening(uint16_t *port) {
  struct sockaddr_in any = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t len = sizeof any;
  int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0 || bind(fd, (struct sockaddr *)&any, sizeof any) != 0 ||
      getsockname(fd, (struct sockaddr *)&any, &len) != 0)
    _exit(111);
  *port = ntohs(any.sin_port);
  return fd;
}

static void talk(const char *host) {
  struct sockaddr_in from;
  socklen_t len = sizeof from;
  struct udplink l;
  uint16_t port;
  char buf[100];
  int fd = listening(&port);
  udplink_init(&l, host, port);
  ok(udplink_receive(&l, buf, sizeof buf) < 0 && errno == EAGAIN, "%s: nothing was sent yet", host);
  ok(udplink_send(&l, span_str("question")) == 8, "a datagram is sent");
  ssize_t got = recvfrom(fd, buf, sizeof buf, 0, (struct sockaddr *)&from, &len);
  is_text(span_of(buf, got > 0 ? (size_t)got : 0), "question", "it comes");
  ok(udplink_receive(&l, buf, sizeof buf) < 0 && errno == EAGAIN, "no answer yet");
  if (sendto(fd, "answer", 6, 0, (struct sockaddr *)&from, len) != 6) _exit(111);
  struct pollfd p = {.fd = l.fd, .events = POLLIN};
  poll(&p, 1, 30000);
  got = udplink_receive(&l, buf, sizeof buf);
  is_text(span_of(buf, got > 0 ? (size_t)got : 0), "answer", "an answer comes back");
  int before = l.fd;
  udplink_next_address(&l);
  ok(udplink_send(&l, span_str("again")) == 5, "after a turn it is sent again");
  ok(l.count > 1 || l.fd == before, "an address that is the only one keeps its socket");
  close(l.fd);
  close(fd);
}

static void nowhere(void) {
  struct udplink l;
  udplink_init(&l, "no-such-host.invalid", 9);
  ok(udplink_send(&l, span_str("x")) < 0 && errno == EHOSTUNREACH && l.why,
     "a name without an address");
  ok(l.fd < 0, "opens nothing");
}

/* A machine without /etc/hosts does not know localhost; every one knows the short form. */
static const char *a_name(void) {
  struct addrinfo *found = NULL;
  bool known = getaddrinfo("localhost", "9", NULL, &found) == 0;
  if (known) freeaddrinfo(found);
  return known ? "localhost" : "127.1";
}

int main(void) {
  alarm(120);
  validity();
  talk("127.0.0.1");
  talk(a_name());
  nowhere();
  return done();
}
