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

/* ---- a name with several addresses ---- */

/* What the resolver knows about names that begin with "many"; 0: it fails. */
static uint32_t known[UDPLINK_ADDRESSES + 2];
static size_t known_count;
static int lookups;

int getaddrinfo(const char *name, const char *service, const struct addrinfo *hints,
                struct addrinfo **found) {
  static struct addrinfo list[UDPLINK_ADDRESSES + 2];
  static struct sockaddr_in names[UDPLINK_ADDRESSES + 2];
  (void)name, (void)service, (void)hints;
  lookups++;
  if (known_count == 0) return EAI_AGAIN;
  for (size_t i = 0; i < known_count; i++) {
    names[i] = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(known[i])};
    list[i] = (struct addrinfo){.ai_addr = (struct sockaddr *)&names[i],
                                .ai_next = i + 1 < known_count ? &list[i + 1] : NULL};
  }
  *found = list;
  return 0;
}

void freeaddrinfo(struct addrinfo *found) {
  (void)found;
}

static bool is_sent_to(struct udplink *l, uint32_t address) {
  struct sockaddr_in peer;
  socklen_t len = sizeof peer;
  udplink_send(l, span_str("x"));
  return l->fd >= 3 && getpeername(l->fd, (struct sockaddr *)&peer, &len) == 0 &&
         ntohl(peer.sin_addr.s_addr) == address;
}

static void know(size_t count, uint32_t first) {
  known_count = count;
  for (size_t i = 0; i < count; i++) known[i] = first + (uint32_t)i;
}

static void several(void) {
  struct udplink l;
  udplink_init(&l, "many.example", 9);
  know(0, 0);
  ok(udplink_send(&l, span_str("x")) < 0 && errno == EHOSTUNREACH && l.why, "no address yet");
  know(2, 0x7f000001);
  ok(is_sent_to(&l, 0x7f000001) && !l.why && lookups == 2, "the first of two addresses");
  ok(is_sent_to(&l, 0x7f000001) && lookups == 2, "is kept");
  udplink_next_address(&l);
  ok(l.fd == -1, "its socket is closed");
  ok(is_sent_to(&l, 0x7f000002) && lookups == 2, "the second, without asking again");
  know(2, 0x7f000011);
  udplink_next_address(&l);
  ok(is_sent_to(&l, 0x7f000011) && lookups == 3, "then the name is looked up again");
  know(0, 0);
  udplink_next_address(&l);
  udplink_next_address(&l);
  ok(is_sent_to(&l, 0x7f000011) && lookups == 4 && !l.why, "what was known is kept");
  know(1, 0x7f000011);
  udplink_next_address(&l);
  udplink_next_address(&l);
  ok(is_sent_to(&l, 0x7f000011) && l.count == 1, "one address is left");
  int fd = l.fd;
  udplink_next_address(&l);
  ok(l.fd == fd, "it and its socket are kept");
  know(UDPLINK_ADDRESSES + 2, 0x7f000021);
  udplink_next_address(&l);
  ok(is_sent_to(&l, 0x7f000021) && l.count == UDPLINK_ADDRESSES, "no more than there is room for");
  for (int i = 0; i < UDPLINK_ADDRESSES - 1; i++) udplink_next_address(&l);
  ok(is_sent_to(&l, 0x7f000020 + UDPLINK_ADDRESSES), "down to the last");
  close(l.fd);
}

int main(void) {
  alarm(120);
  validity();
  talk("127.0.0.1");
  know(1, INADDR_LOOPBACK);
  talk("localhost");
  know(0, 0);
  nowhere();
  lookups = 0;
  several();
  return done();
}
