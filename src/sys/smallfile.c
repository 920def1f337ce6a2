#include "sys/smallfile.h"
#include "sys/atomicfile.h"
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

/* One byte is asked for beyond cap bytes, to see whether there is more. */
static ssize_t read_up_to(int fd, char *buf, size_t cap) {
  size_t len = 0;
  char beyond;
  for (;;) {
    ssize_t got = len < cap ? read(fd, buf + len, cap - len) : read(fd, &beyond, 1);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return -1;
    if (got == 0) return (ssize_t)len;
    if (len == cap) {
      errno = EFBIG;
      return -1;
    }
    len += (size_t)got;
  }
}

int smallfile_read(const char *path, char *buf, size_t cap, struct span *text) {
  *text = span_of(buf, 0);
  /* Non-blocking, so that a FIFO in its place is not waited for. */
  int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (fd < 0) return errno == ENOENT ? 0 : -1;
  ssize_t len = read_up_to(fd, buf, cap);
  int saved = errno;
  close(fd);
  errno = saved;
  if (len < 0) return -1;
  *text = span_of(buf, (size_t)len);
  return 1;
}

bool smallfile_write(const char *path, struct span text, mode_t mode) {
  struct atomicfile file;
  if (!atomicfile_open(&file, path, mode)) return false;
  if (atomicfile_write_all(file.fd, text.s, text.len)) return atomicfile_commit(&file);
  atomicfile_abandon(&file);
  return false;
}
