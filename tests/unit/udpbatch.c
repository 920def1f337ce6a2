/* Many datagrams at once: what is received, from whom, and that answers come from the address that
   was asked. */
#include "sys/udpbatch.h"
#include "sys/udp.h"
#include "tap.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

static struct udp_inbox in;
static struct udp_outbox out;
static struct addr own;

/* A system may refuse the calls for many datagrams: then those for one are used. */
static bool refused;

int recvmmsg(int fd, struct mmsghdr *messages, unsigned int count, int flags,
             struct timespec *timeout) {
  errno = EPERM;
  return refused ? -1 : (int)syscall(SYS_recvmmsg, fd, messages, count, flags, timeout);
}

int sendmmsg(int fd, struct mmsghdr *messages, unsigned int count, int flags) {
  errno = ENOSYS;
  return refused ? -1 : (int)syscall(SYS_sendmmsg, fd, messages, count, flags);
}

/* Nothing but the address and the port may be in a name. */
static bool extra;

static void look_at(const struct sockaddr *name) {
  const struct sockaddr_in *v4 = (const void *)name;
  const struct sockaddr_in6 *v6 = (const void *)name;
  for (size_t i = 0; name->sa_family == AF_INET && i < sizeof v4->sin_zero; i++)
    extra = extra || v4->sin_zero[i];
  if (name->sa_family == AF_INET6) extra = extra || v6->sin6_flowinfo || v6->sin6_scope_id;
}

int bind(int fd, const struct sockaddr *name, socklen_t len) {
  look_at(name);
  return (int)syscall(SYS_bind, fd, name, len);
}

int connect(int fd, const struct sockaddr *name, socklen_t len) {
  look_at(name);
  return (int)syscall(SYS_connect, fd, name, len);
}

static struct addr address(const char *text) {
  struct addr a;
  if (!addr_parse(span_str(text), &a)) exit(111);
  return a;
}

static uint16_t port_of(int fd) {
  struct sockaddr_storage name;
  socklen_t len = sizeof name;
  struct addr ignored;
  uint16_t port;
  if (getsockname(fd, (struct sockaddr *)&name, &len) != 0 ||
      !addr_from_sockaddr((struct sockaddr *)&name, &ignored, &port))
    exit(111);
  return port;
}

static void wait_for(int fd) {
  struct pollfd p = {.fd = fd, .events = POLLIN};
  poll(&p, 1, 10000);
}

/* Receives until so many have come, since the kernel may hand them over one by one. */
static int receive(int fd, int most) {
  int count = 0;
  wait_for(fd);
  for (int i = 0; count < most && i < 1000; i++) {
    int got = udp_receive(&in, fd);
    if (got < 0) return got;
    count += got;
    if (count < most) usleep(1000);
  }
  return count;
}

static void tell(int fd, const char *text, size_t len) {
  if (send(fd, text, len, 0) != (ssize_t)len) exit(111);
}

static struct span heard(int fd) {
  static char buf[4096];
  wait_for(fd);
  ssize_t got = recv(fd, buf, sizeof buf, MSG_DONTWAIT);
  return span_of(buf, got > 0 ? (size_t)got : 0);
}

/* The interface is left to the routing table. */
static bool is_asked_at(const struct udp_peer *peer, const struct addr *asked) {
  const struct cmsghdr *c = &peer->control.aligned;
  struct in_pktinfo info;
  struct in6_pktinfo info6;
  if (c->cmsg_type == IP_PKTINFO && c->cmsg_level == IPPROTO_IP) {
    memcpy(&info, CMSG_DATA(c), sizeof info);
    return info.ipi_ifindex == 0 && ntohl(info.ipi_spec_dst.s_addr) == addr_ipv4(asked);
  }
  memcpy(&info6, CMSG_DATA(c), sizeof info6);
  return c->cmsg_type == IPV6_PKTINFO && c->cmsg_level == IPPROTO_IPV6 && info6.ipi6_ifindex == 0 &&
         memcmp(&info6.ipi6_addr, asked->byte, 16) == 0;
}

/* A client that is connected to `asked` gets answers from there only. */
static void asked_at(const char *bound, const char *asked) {
  struct addr local = address(bound), remote = address(asked);
  int server = udp_bind(&local, 0);
  if (server < 0) {
    ok(!addr_is_ipv4(&local) && (errno == EADDRNOTAVAIL || errno == EAFNOSUPPORT),
       "# SKIP no IPv6 here");
    return;
  }
  ok(udp_batch_prepare(server), "%s is prepared", bound);
  ok(udp_receive(&in, server) == 0 && in.count == 0, "nothing has come");
  int one = udp_connect(&remote, port_of(server)), two = udp_connect(&remote, port_of(server));
  if (one < 0 || two < 0) exit(111);
  tell(one, "one", 3);
  tell(two, "", 0);
  wait_for(server);
  usleep(1000);
  ok(udp_receive(&in, server) == 2 && in.count == 2, "two datagrams");
  is_text(udp_received(&in, 0), "one", "the first");
  is_text(udp_received(&in, 1), "", "the second, which is empty");
  if (strcmp(bound, asked) == 0) ok(in.peers[0].control_len == 0, "of an address that is known");
  else ok(is_asked_at(&in.peers[0], &remote), "of the address that was asked, on no interface");
  udp_answer(&out, &in.peers[1], span_str("to two"));
  udp_answer(&out, &in.peers[0], span_str("to one"));
  udp_answer(&out, &in.peers[0], span_str(""));
  ok(out.count == 3 && udp_send(&out, server) == 0 && out.count == 0, "three answers to %s", asked);
  is_text(heard(one), "to one", "the first one's");
  is_text(heard(two), "to two", "the second one's");
  close(one);
  close(two);
  close(server);
}

static void many(void) {
  static char large[UDP_ROOM + 10];
  int server = udp_bind(&own, 0), client = udp_connect(&own, port_of(server));
  int size = 1 << 20;
  setsockopt(server, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
  memset(large, 'x', sizeof large);
  tell(client, large, UDP_ROOM);
  ok(receive(server, 1) == 1 && udp_received(&in, 0).len == UDP_ROOM, "a large one");
  tell(client, large, UDP_ROOM + 1);
  ok(receive(server, 1) == 1 && udp_received(&in, 0).len == UDP_ROOM, "one too large is cut");
  for (int i = 0; i < UDP_INBOX + 1; i++) tell(client, "x", 1);
  usleep(1000);
  ok(udp_receive(&in, server) == UDP_INBOX && in.count == UDP_INBOX,
     "as many as there is room for");
  ok(udp_receive(&in, server) == 1, "and the rest");
  struct udp_peer peer = in.peers[0];
  for (int i = 0; i < 100; i++) udp_answer(&out, &peer, span_of(large, i % 2 ? UDP_ANSWER : 1));
  ok(udp_send(&out, server) == 0, "a hundred answers");
  int whole = 0;
  for (int i = 0; i < 100; i++) whole += heard(client).len == (i % 2 ? UDP_ANSWER : 1);
  ok(whole == 100, "each is whole (%d)", whole);
  close(client);
  close(server);
}

/* An answer that fails does not keep the next ones back. */
static void failures(void) {
  int server = udp_bind(&own, 0), client = udp_connect(&own, port_of(server));
  tell(client, "x", 1);
  ok(receive(server, 1) == 1, "a datagram");
  struct udp_peer bad = in.peers[0];
  bad.name.in.sin_port = 0;
  udp_answer(&out, &bad, span_str("one"));
  udp_answer(&out, &in.peers[0], span_str("two"));
  udp_answer(&out, &bad, span_str("three"));
  udp_answer(&out, &bad, span_str("four"));
  udp_answer(&out, &in.peers[0], span_str("five"));
  ok(udp_send(&out, server) == 3, "three answers fail");
  is_text(heard(client), "two", "the others arrive");
  is_text(heard(client), "five", "all of them");
  close(client);
  close(server);
  ok(udp_receive(&in, server) == -1 && errno == EBADF && in.count == 0,
     "no socket to receive from");
  ok(!udp_batch_prepare(server) && errno == EBADF, "none to prepare");
}

static void sockets(void) {
  int fd = udp_bind(&own, 0);
  ok(fd >= 0 && fcntl(fd, F_GETFD) & FD_CLOEXEC, "a socket that is closed across exec");
  int files = dup(0);
  close(files);
  ok(udp_bind(&own, port_of(fd)) == -1 && errno == EADDRINUSE, "a port is bound once");
  int again = dup(0);
  ok(again == files, "a failure leaves no descriptor");
  close(again);
  struct addr other = address("192.0.2.1");
  ok(udp_bind(&other, 0) == -1 && errno == EADDRNOTAVAIL, "not an address of this machine");
  struct rlimit limit, none;
  getrlimit(RLIMIT_NOFILE, &limit);
  none = limit;
  none.rlim_cur = (rlim_t)files;
  setrlimit(RLIMIT_NOFILE, &none);
  ok(udp_connect(&own, 9) == -1 && errno == EMFILE, "no descriptor is left");
  setrlimit(RLIMIT_NOFILE, &limit);
  close(fd);
}

/* Sockets of both families have the same port: that of IPv6 takes no IPv4. */
static void both_families(void) {
  struct addr any4 = address("0.0.0.0"), any6 = address("::");
  int six = udp_bind(&any6, 0);
  if (six < 0) {
    ok(errno == EAFNOSUPPORT, "# SKIP no IPv6 here");
    return;
  }
  int four = udp_bind(&any4, port_of(six));
  ok(four >= 0, "a port of both families");
  close(six);
  close(four);
}

int main(void) {
  own = address("127.0.0.1");
  sockets();
  both_families();
  for (int round = 0; round < 2; round++) {
    refused = round == 1;
    ok(true, refused ? "one datagram a call" : "many datagrams a call");
    asked_at("127.0.0.1", "127.0.0.1");
    asked_at("0.0.0.0", "127.0.0.7");
    asked_at("::1", "::1");
    asked_at("::", "::1");
    many();
    failures();
  }
  ok(!extra, "no name had anything else in it");
  return done();
}
