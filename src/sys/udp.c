#include "sys/udp.h"
#include <errno.h>
#include <netinet/in.h>
#include <unistd.h>

union name {
  struct sockaddr any;
  struct sockaddr_in in;
  struct sockaddr_in6 in6;
};

static socklen_t make_name(union name *name, const struct addr *a, uint16_t port) {
  memset(name, 0, sizeof *name);
  if (addr_is_ipv4(a)) {
    name->in.sin_family = AF_INET;
    name->in.sin_port = htons(port);
    name->in.sin_addr.s_addr = htonl(addr_ipv4(a));
    return sizeof name->in;
  }
  name->in6.sin6_family = AF_INET6;
  name->in6.sin6_port = htons(port);
  memcpy(name->in6.sin6_addr.s6_addr, a->byte, sizeof a->byte);
  return sizeof name->in6;
}

static int open_named(const struct addr *a, uint16_t port,
                      int (*call)(int, const struct sockaddr *, socklen_t)) {
  union name name;
  int only = 1;
  socklen_t len = make_name(&name, a, port);
  int fd = socket(name.any.sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return -1;
  if ((name.any.sa_family != AF_INET6 ||
       setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &only, sizeof only) == 0) &&
      call(fd, &name.any, len) == 0)
    return fd;
  int saved = errno;
  close(fd);
  errno = saved;
  return -1;
}

int udp_bind(const struct addr *local, uint16_t port) {
  return open_named(local, port, bind);
}

int udp_connect(const struct addr *remote, uint16_t port) {
  return open_named(remote, port, connect);
}
