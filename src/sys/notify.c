#include "sys/notify.h"
#include "sys/diag.h"
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int notify_env(struct env_error *bad) {
  return getenv("NOTIFY_FD") ? (int)env_number("NOTIFY_FD", 3, 3, NOTIFY_FD_MAX, bad) : -1;
}

bool notify_newline(int fd) {
  bool written = write(fd, "\n", 1) == 1;
  return close(fd) == 0 && written;
}

void notify_ready(int fd) {
  if (fd >= 0 && !notify_newline(fd)) log_warning_errno("unable to notify the supervisor");
}

bool notify_open(struct notify *n, const char *path) {
  size_t len = path ? strlen(path) : 0;
  *n = (struct notify){.fd = -1, .address.sun_family = AF_UNIX};
  if (!path) return true;
  if (len < 2 || len >= sizeof n->address.sun_path || (path[0] != '/' && path[0] != '@')) {
    errno = EINVAL;
    return false;
  }
  memcpy(n->address.sun_path, path, len);
  n->len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len);
  if (path[0] == '@') n->address.sun_path[0] = '\0';
  else n->len++;
  n->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (n->fd < 0) return false;
  /* The path may be unreachable later, after chroot(2). A missing receiver is not an error. */
  n->connected = connect(n->fd, (const struct sockaddr *)&n->address, n->len) == 0;
  return true;
}

bool notify_send(const struct notify *n, const char *text) {
  const struct sockaddr *to = (const struct sockaddr *)&n->address;
  size_t len = strlen(text);
  if (n->fd < 0) return true;
  if (n->connected && send(n->fd, text, len, MSG_NOSIGNAL) >= 0) return true;
  /* There may be a new receiver at the same address. */
  return sendto(n->fd, text, len, MSG_NOSIGNAL, to, n->len) >= 0;
}
