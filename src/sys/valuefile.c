#include "sys/valuefile.h"
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

int valuefile_read(int dirfd, const char *path, char buf[VALUEFILE_MAX + 1], struct span *value) {
  *value = span_of(buf, 0);
  /* Non-blocking, so that a FIFO in its place is not waited for. */
  int fd = openat(dirfd, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (fd < 0) return errno == ENOENT ? 0 : -1;
  ssize_t got = read(fd, buf, VALUEFILE_MAX + 1);
  int saved = errno;
  close(fd);
  errno = got > VALUEFILE_MAX ? EFBIG : saved;
  if (got < 0 || got > VALUEFILE_MAX) return -1;
  *value = span_trim(span_of(buf, (size_t)got));
  return 1;
}
