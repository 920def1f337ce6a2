#include "follow/dirwatch.h"
#include <errno.h>
#include <stdint.h>
#include <sys/inotify.h>
#include <unistd.h>

int dirwatch_open(const char *dir) {
  const uint32_t events =
      IN_MODIFY | IN_CREATE | IN_DELETE | IN_MOVE | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR;
  int fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
  if (fd < 0 || inotify_add_watch(fd, dir, events) >= 0) return fd;
  int saved = errno;
  close(fd);
  errno = saved;
  return -1;
}

void dirwatch_drain(int fd) {
  char events[4096];
  while (fd >= 0 && read(fd, events, sizeof events) > 0) {
  }
}
