/* Listening sockets: bound here, or handed over. */
#include "sys/listening.h"
#include "tap.h"
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static struct addr loopback;

/* IPv6 is switched off: no interface has an address. */
static bool no_ipv6;

int bind(int fd, const struct sockaddr *name, socklen_t len) {
  errno = EADDRNOTAVAIL;
  if (no_ipv6 && name->sa_family == AF_INET6) return -1;
  return (int)syscall(SYS_bind, fd, name, len);
}

static struct addr address(const char *text) {
  struct addr a;
  if (!addr_parse(span_str(text), &a)) exit(111);
  return a;
}

static int free_descriptor(void) {
  int fd = dup(1);
  close(fd);
  return fd;
}

static void bound(void) {
  struct addr name;
  uint16_t port, again;
  int fd = listening_bind(&loopback, false, 0, 5), free_before = free_descriptor();
  ok(fd >= 0 && listening_is(fd) && listening_name(fd, &name, &port), "a socket listens");
  ok(addr_compare(&name, &loopback) == 0 && port > 0, "on its address, on some port");
  ok(fcntl(fd, F_GETFD) & FD_CLOEXEC && fcntl(fd, F_GETFL) & O_NONBLOCK,
     "closed across exec, and not blocking");
  int reuse = 0;
  socklen_t len = sizeof reuse;
  ok(getsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &reuse, &len) == 0 && reuse,
     "its address can be bound again at once");
  ok(listening_bind(&loopback, false, port, 5) == -1 && errno == EADDRINUSE,
     "but not as long as it listens");
  struct addr other = address("192.0.2.1");
  ok(listening_bind(&other, false, 0, 5) == -1 && errno == EADDRNOTAVAIL,
     "not an address of this machine");
  ok(free_descriptor() == free_before, "a failure leaves no descriptor");
  close(fd);
  fd = listening_bind(&loopback, false, port, 5);
  ok(fd >= 0 && listening_name(fd, &name, &again) && again == port, "a port that was asked for");
  close(fd);
}

static void both_families(void) {
  struct addr any4 = address("0.0.0.0"), any6 = address("::"), other = address("2001:db8::1"), name;
  uint16_t port;
  int six = listening_bind(&any6, true, 0, 5);
  if (six < 0) {
    ok(errno == EAFNOSUPPORT, "# SKIP no IPv6 here");
    return;
  }
  ok(listening_is(six) && listening_name(six, &name, &port) && addr_compare(&name, &any6) == 0,
     "an IPv6 socket");
  int four = listening_bind(&any4, false, port, 5);
  ok(four >= 0, "and an IPv4 socket on its port");
  ok(listening_bind(&other, true, 0, 5) == -1 && errno == EADDRNOTAVAIL,
     "not an IPv6 address of this machine");
  close(four);
  close(six);
  no_ipv6 = true;
  ok(listening_bind(&any6, true, 0, 5) == -1 && errno == EAFNOSUPPORT,
     "without any IPv6 address the family is missing");
  no_ipv6 = false;
}

static bool is_adopted(int fd, int error) {
  errno = 0;
  bool is = listening_is(fd);
  bool adopted = listening_adopt(fd);
  return is == adopted && adopted == (error == 0) && (!error || errno == error);
}

static void adopted(void) {
  static const struct {
    const char *name;
    int family, type, protocol;
    bool listens;
    int error;
  } rows[] = {
      {"a listening socket", AF_INET, SOCK_STREAM, 0, true, 0},
      {"one that does not listen", AF_INET, SOCK_STREAM, 0, false, EINVAL},
      {"a datagram socket", AF_INET, SOCK_DGRAM, 0, false, EINVAL},
      {"a UNIX socket", AF_UNIX, SOCK_STREAM, 0, true, EINVAL},
      {"MPTCP", AF_INET, SOCK_STREAM, 262, true, EINVAL},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    static const struct sockaddr unnamed = {.sa_family = AF_UNIX};
    int fd = socket(rows[i].family, rows[i].type, rows[i].protocol);
    if (fd < 0) continue; /* a kernel without MPTCP */
    if (rows[i].family == AF_UNIX) bind(fd, &unnamed, sizeof unnamed.sa_family);
    if (rows[i].listens && listen(fd, 5) != 0) exit(111);
    ok(is_adopted(fd, rows[i].error), "%s", rows[i].name);
    if (!rows[i].error)
      ok(fcntl(fd, F_GETFD) & FD_CLOEXEC && fcntl(fd, F_GETFL) & O_NONBLOCK,
         "closed across exec, and not blocking");
    close(fd);
  }
  int null = open("/dev/null", O_RDONLY);
  ok(is_adopted(null, ENOTSOCK), "no socket");
  close(null);
  ok(is_adopted(null, EBADF), "no descriptor");
}

/* In a child. Which of descriptors 0, 3, 4 and 5 listen, and what LISTEN_FDS is. */
struct handed {
  const char *name;
  bool listens[6];
  const char *count;
  int want;
  const char *wrong;
};

static int inherit(const struct handed *h) {
  int source = listening_bind(&loopback, false, 0, 5), fds[4] = {-1, -1, -1, -1};
  int high = fcntl(source, F_DUPFD, 50), null = fcntl(open("/dev/null", O_RDWR), F_DUPFD, 50);
  const char *wrong = "as before";
  char pid[20];
  for (int fd = 0; fd < 6; fd++)
    if (fd != 1 && fd != 2) dup2(h->listens[fd] ? high : null, fd);
  for (int fd = 6; fd < 60; fd++) close(fd);
  snprintf(pid, sizeof pid, "%d", (int)getpid());
  setenv("LISTEN_PID", pid, 1);
  if (h->count) setenv("LISTEN_FDS", h->count, 1);
  else unsetenv("LISTEN_FDS");
  if (listening_inherit(fds, 3, &wrong) != h->want) return 1;
  if (h->want < 0) return wrong && strcmp(wrong, h->wrong) == 0 ? 0 : 2;
  for (int i = 0; i < h->want; i++)
    if (fds[i] < 3 || !listening_is(fds[i]) || !(fcntl(fds[i], F_GETFD) & FD_CLOEXEC) ||
        !(fcntl(fds[i], F_GETFL) & O_NONBLOCK))
      return 3;
  for (int i = 0; h->count && i < h->want; i++)
    if (fds[i] != 3 + i) return 4;
  return fds[h->want] == -1 ? 0 : 5;
}

static void inherited(void) {
  static const char malformed[] = "malformed LISTEN_FDS or LISTEN_PID",
                    other[] = "a descriptor of LISTEN_FDS is not a listening TCP socket";
  const struct handed rows[] = {
      {"none", {0}, NULL, 0, NULL},
      {"descriptor 0", {[0] = true}, NULL, 1, NULL},
      {"descriptor 3 without a number", {[3] = true}, NULL, 0, NULL},
      {"one", {[3] = true}, "1", 1, NULL},
      {"three", {[3] = true, true, true}, "3", 3, NULL},
      {"one of two that there are", {[3] = true, true}, "1", 1, NULL},
      {"one, not descriptor 0", {[0] = true, [3] = true}, "1", 1, NULL},
      {"the second of two does not listen", {[3] = true}, "2", -1, other},
      {"the first of two does not listen", {[4] = true}, "2", -1, other},
      {"more than there may be", {[3] = true, true, true}, "4", -1, malformed},
      {"no number", {[3] = true}, "x", -1, malformed},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    int status;
    fflush(stdout);
    pid_t child = fork();
    if (child < 0) exit(111);
    if (child == 0) _exit(inherit(&rows[i]));
    if (waitpid(child, &status, 0) != child) exit(111);
    ok(status == 0, "handed over: %s (%d)", rows[i].name, WEXITSTATUS(status));
  }
}

static void named(void) {
  struct addr name;
  uint16_t port;
  int fd[2];
  if (socketpair(AF_UNIX, SOCK_STREAM, 0, fd) != 0) exit(111);
  ok(!listening_name(fd[0], &name, &port) && errno == EINVAL, "a UNIX socket has no address");
  close(fd[0]);
  close(fd[1]);
  ok(!listening_name(fd[0], &name, &port) && errno == EBADF, "no descriptor has one");
}

static void no_descriptors(void) {
  struct rlimit limit, none;
  getrlimit(RLIMIT_NOFILE, &limit);
  none = limit;
  none.rlim_cur = (rlim_t)free_descriptor();
  setrlimit(RLIMIT_NOFILE, &none);
  ok(listening_bind(&loopback, false, 0, 5) == -1 && errno == EMFILE, "no descriptor is left");
  setrlimit(RLIMIT_NOFILE, &limit);
}

int main(void) {
  loopback = address("127.0.0.1");
  bound();
  both_families();
  adopted();
  inherited();
  named();
  no_descriptors();
  return done();
}
