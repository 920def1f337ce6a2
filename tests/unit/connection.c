/* Accepted connections on real sockets: taking, looking, consuming, refusing. */
#include "sys/connection.h"
#include "sys/listening.h"
#include "tap.h"
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

static int listener;
static uint16_t port;

static void listen_somewhere(void) {
  struct addr loopback = addr_from_ipv4(0x7f000001), name;
  listener = listening_bind(&loopback, false, 0, 10);
  if (listener < 0 || !listening_name(listener, &name, &port)) exit(111);
}

static int dial(void) {
  struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons(port)};
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  in.sin_addr.s_addr = htonl(0x7f000001);
  if (connect(fd, (const struct sockaddr *)&in, sizeof in) != 0) exit(111);
  return fd;
}

static int taken(void) {
  struct addr peer;
  uint16_t from;
  int fd = -1;
  ok(connection_accept(listener, &fd, &peer, &from) == CONNECTION_ACCEPTED, "taken");
  return fd;
}

static void test_take(void) {
  struct addr peer, name;
  struct rlimit files, few;
  uint16_t from, own;
  int fd;
  ok(connection_accept(listener, &fd, &peer, &from) == CONNECTION_NONE, "nobody is there");
  int client = dial();
  getrlimit(RLIMIT_NOFILE, &files);
  few = files;
  few.rlim_cur = (rlim_t)client + 1;
  setrlimit(RLIMIT_NOFILE, &few);
  ok(connection_accept(listener, &fd, &peer, &from) == CONNECTION_NO_RESOURCES && errno == EMFILE,
     "no descriptor is left");
  setrlimit(RLIMIT_NOFILE, &files);
  ok(connection_accept(listener, &fd, &peer, &from) == CONNECTION_ACCEPTED, "somebody is there");
  listening_name(client, &name, &own);
  ok(addr_compare(&peer, &name) == 0 && from == own, "who it is");
  ok(fcntl(fd, F_GETFD) & FD_CLOEXEC, "closed across exec");
  ok(!(fcntl(fd, F_GETFL) & O_NONBLOCK), "and blocking, as handlers expect it");
  close(fd);
  close(client);
  ok(connection_accept(client, &fd, &peer, &from) == CONNECTION_SOCKET_FAILED && errno == EBADF,
     "a closed socket");
  int deaf = socket(AF_INET, SOCK_STREAM, 0);
  ok(connection_accept(deaf, &fd, &peer, &from) == CONNECTION_SOCKET_FAILED && errno == EINVAL,
     "one that does not listen");
  close(deaf);
}

/* A listening socket of another family is none of ours, but it works. */
static void test_family(void) {
  static const struct sockaddr unnamed = {.sa_family = AF_UNIX};
  struct sockaddr_storage name;
  socklen_t len = sizeof name;
  struct addr peer;
  uint16_t from;
  int server = socket(AF_UNIX, SOCK_STREAM, 0), client = socket(AF_UNIX, SOCK_STREAM, 0), fd;
  if (bind(server, &unnamed, sizeof unnamed.sa_family) != 0 || listen(server, 1) != 0 ||
      getsockname(server, (struct sockaddr *)&name, &len) != 0 ||
      connect(client, (const struct sockaddr *)&name, len) != 0)
    exit(111);
  int free_before = dup(server);
  close(free_before);
  ok(connection_accept(server, &fd, &peer, &from) == CONNECTION_GONE && errno == EAFNOSUPPORT,
     "a peer without an IP address");
  int free_after = dup(server);
  close(free_after);
  ok(free_before == free_after, "is closed");
  close(client);
  close(server);
}

static void test_look(void) {
  char buf[16];
  int client = dial(), fd = taken();
  ok(connection_peek(fd, buf, sizeof buf) == -1 && errno == EAGAIN, "nothing has come");
  ok(write(client, "PROXY x", 7) == 7, "something");
  ok(connection_peek(fd, buf, 5) == 5 && connection_peek(fd, buf, sizeof buf) == 7,
     "is looked at, and stays");
  ok(connection_consume(fd, buf, 6), "six bytes are taken");
  ok(connection_peek(fd, buf, sizeof buf) == 1 && *buf == 'x', "one is left");
  ok(!connection_consume(fd, buf, 2), "two cannot be taken");
  shutdown(client, SHUT_WR);
  ok(connection_peek(fd, buf, sizeof buf) == 0, "the end");
  close(fd);
  close(client);
}

/* What a refused peer reads, after it has said so many bytes; "reset" if that is how it ends. */
static struct span refused(const char *line, size_t said, char *buf, size_t cap) {
  static char much[60000];
  int client = dial(), fd = taken();
  size_t len = 0;
  ssize_t got = write(client, much, said);
  if (got != (ssize_t)said) exit(111);
  /* All of it must have arrived, or the kernel resets the connection for what comes later. */
  for (int i = 0; said && i < 10000 && recv(fd, much, sizeof much, MSG_PEEK | MSG_DONTWAIT) < got;
       i++)
    usleep(1000);
  connection_refuse(fd, span_str(line));
  while ((got = read(client, buf + len, cap - len)) > 0) len += (size_t)got;
  int error = 0;
  socklen_t size = sizeof error;
  getsockopt(client, SOL_SOCKET, SO_ERROR, &error, &size);
  close(client);
  return got < 0 || error ? span_str("reset") : span_of(buf, len);
}

static void test_refuse(void) {
  char buf[64];
  is_text(refused("421 no\r\n", 0, buf, sizeof buf), "421 no\r\n", "to one who is silent");
  is_text(refused("421 no\r\n", 10, buf, sizeof buf), "421 no\r\n", "to one who has spoken");
  is_text(refused("421 no\r\n", 20000, buf, sizeof buf), "421 no\r\n", "to one who has said much");
  is_text(refused("421 no\r\n", 60000, buf, sizeof buf), "421 no\r\n", "or very much");
  is_text(refused("", 0, buf, sizeof buf), "", "no line: closed");
  int client = dial(), fd = taken();
  close(client);
  connection_refuse(fd, span_str("421 no\r\n"));
  ok(true, "one who has gone is no signal");
}

int main(void) {
  listen_somewhere();
  test_take();
  test_family();
  test_look();
  test_refuse();
  return done();
}
