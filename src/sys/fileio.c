#include "sys/fileio.h"
#include "sys/atomicfile.h"
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* Reads one byte more than cap, to see whether there is more. */
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

static int read_at(int dirfd, const char *path, char *buf, size_t cap, struct span *text) {
  *text = span_of(buf, 0);
  /* Non-blocking: a FIFO is not waited for. */
  int fd = openat(dirfd, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (fd < 0) return errno == ENOENT ? 0 : -1;
  ssize_t len = read_up_to(fd, buf, cap);
  int saved = errno;
  close(fd);
  errno = saved;
  if (len < 0) return -1;
  *text = span_of(buf, (size_t)len);
  return 1;
}

int fileio_read(const char *path, char *buf, size_t cap, struct span *text) {
  return read_at(AT_FDCWD, path, buf, cap, text);
}

int fileio_read_value(int dirfd, const char *path, char buf[FILEIO_VALUE_MAX + 1],
                      struct span *value) {
  int found = read_at(dirfd, path, buf, FILEIO_VALUE_MAX, value);
  *value = span_trim(*value);
  return found;
}

bool fileio_write(const char *path, struct span text, mode_t mode) {
  struct atomicfile file;
  if (!atomicfile_open(&file, path, mode)) return false;
  if (atomicfile_write_all(file.fd, text.s, text.len)) return atomicfile_commit(&file);
  atomicfile_abandon(&file);
  return false;
}

static enum fileio_result read_open(int fd, size_t max, char **text, size_t *len) {
  struct stat st;
  if (fstat(fd, &st) != 0) return FILEIO_ERROR;
  if (!S_ISREG(st.st_mode)) return FILEIO_KIND;
  if ((uint64_t)st.st_size > max) return FILEIO_SIZE;
  *text = malloc((size_t)st.st_size + 1);
  if (!*text) return FILEIO_ERROR;
  for (*len = 0; *len < (size_t)st.st_size;) {
    ssize_t n = read(fd, *text + *len, (size_t)st.st_size - *len);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return FILEIO_ERROR;
    if (n == 0) break;
    *len += (size_t)n;
  }
  return FILEIO_READ;
}

enum fileio_result fileio_read_all(const char *path, size_t max, char **text, size_t *len) {
  *text = NULL;
  int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a FIFO would block; it is refused */
  if (fd < 0) return FILEIO_ERROR;
  enum fileio_result result = read_open(fd, max, text, len);
  int saved = errno;
  close(fd);
  if (result != FILEIO_READ) {
    free(*text);
    *text = NULL;
  }
  errno = saved;
  return result;
}
