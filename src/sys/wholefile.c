#include "sys/wholefile.h"
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static enum wholefile read_open(int fd, size_t max, char **text, size_t *len) {
  struct stat st;
  if (fstat(fd, &st) != 0) return WHOLEFILE_ERROR;
  if (!S_ISREG(st.st_mode)) return WHOLEFILE_KIND;
  if ((uint64_t)st.st_size > max) return WHOLEFILE_SIZE;
  *text = malloc((size_t)st.st_size + 1);
  if (!*text) return WHOLEFILE_ERROR;
  for (*len = 0; *len < (size_t)st.st_size;) {
    ssize_t n = read(fd, *text + *len, (size_t)st.st_size - *len);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return WHOLEFILE_ERROR;
    if (n == 0) break;
    *len += (size_t)n;
  }
  return WHOLEFILE_READ;
}

enum wholefile wholefile_read(const char *path, size_t max, char **text, size_t *len) {
  *text = NULL;
  int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a FIFO would block, and is refused */
  if (fd < 0) return WHOLEFILE_ERROR;
  enum wholefile result = read_open(fd, max, text, len);
  int saved = errno;
  close(fd);
  if (result != WHOLEFILE_READ) {
    free(*text);
    *text = NULL;
  }
  errno = saved;
  return result;
}
