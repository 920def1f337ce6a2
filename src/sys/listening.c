#include "sys/listening.h"
#include "sys/activation.h"
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <unistd.h>

static int option_of(int fd, int option) {
  int value = -1;
  socklen_t len = sizeof value;
  return getsockopt(fd, SOL_SOCKET, option, &value, &len) == 0 ? value : -1;
}

bool listening_is(int fd) {
  int domain = option_of(fd, SO_DOMAIN);
  if (domain < 0) return false;
  errno = EINVAL;
  return (domain == AF_INET || domain == AF_INET6) && option_of(fd, SO_TYPE) == SOCK_STREAM &&
         option_of(fd, SO_PROTOCOL) == IPPROTO_TCP && option_of(fd, SO_ACCEPTCONN) == 1;
}

bool listening_adopt(int fd) {
  int flags;
  return listening_is(fd) && (flags = fcntl(fd, F_GETFL)) >= 0 &&
         fcntl(fd, F_SETFL, flags | O_NONBLOCK) == 0 && fcntl(fd, F_SETFD, FD_CLOEXEC) == 0;
}

static bool bind_ipv4(int fd, const struct addr *address, uint16_t port) {
  struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons(port)};
  in.sin_addr.s_addr = htonl(addr_ipv4(address));
  return bind(fd, (const struct sockaddr *)&in, sizeof in) == 0;
}

static bool bind_ipv6(int fd, const struct addr *address, uint16_t port) {
  struct sockaddr_in6 in6 = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
  int only = 1;
  memcpy(in6.sin6_addr.s6_addr, address->byte, 16);
  return setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &only, sizeof only) == 0 &&
         bind(fd, (const struct sockaddr *)&in6, sizeof in6) == 0;
}

static int tcp_socket(bool ipv6) {
  int fd = socket(ipv6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0 && (errno == EPROTONOSUPPORT || errno == ESOCKTNOSUPPORT)) errno = EAFNOSUPPORT;
  return fd;
}

static bool is_ipv6_switched_off(void) {
  static const struct addr loopback = {.byte = {[15] = 1}};
  int fd = tcp_socket(true);
  if (fd < 0) return true;
  bool off = !bind_ipv6(fd, &loopback, 0) && errno == EADDRNOTAVAIL;
  close(fd);
  return off;
}

int listening_bind(const struct addr *address, bool ipv6, uint16_t port, int backlog) {
  int fd = tcp_socket(ipv6);
  int reuse = 1;
  if (fd < 0) return -1;
  if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &reuse, sizeof reuse) == 0 &&
      (ipv6 ? bind_ipv6(fd, address, port) : bind_ipv4(fd, address, port)) &&
      listen(fd, backlog) == 0)
    return fd;
  int error = errno;
  close(fd);
  if (ipv6 && error == EADDRNOTAVAIL && is_ipv6_switched_off()) error = EAFNOSUPPORT;
  errno = error;
  return -1;
}

int listening_inherit(int *fds, int max, const char **wrong) {
  int count = activation_count(max);
  *wrong = count < 0 ? "malformed LISTEN_FDS or LISTEN_PID" : NULL;
  if (count < 0) return -1;
  if (count == 0) {
    if (!listening_is(0)) return 0;
    fds[0] = fcntl(0, F_DUPFD_CLOEXEC, 3);
    *wrong = "unable to move descriptor 0";
    return fds[0] >= 0 && listening_adopt(fds[0]) ? 1 : -1;
  }
  for (int i = 0; i < count; i++) {
    fds[i] = ACTIVATION_FIRST + i;
    *wrong = "a descriptor of LISTEN_FDS is not a listening TCP socket";
    if (!listening_adopt(fds[i])) return -1;
  }
  return count;
}

bool listening_name(int fd, struct addr *local, uint16_t *port) {
  struct sockaddr_storage name;
  socklen_t len = sizeof name;
  if (getsockname(fd, (struct sockaddr *)&name, &len) != 0) return false;
  if (addr_from_sockaddr((const struct sockaddr *)&name, local, port)) return true;
  errno = EINVAL;
  return false;
}
