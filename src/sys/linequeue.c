#include "sys/linequeue.h"
#include "base/number.h"
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define LINE_MAX_WHOLE 4096 /* PIPE_BUF: a pipe takes a write of this size whole or not at all */

void linequeue_open(struct linequeue *q, int fd) {
  struct stat st;
  char path[32] = "/proc/self/fd/";
  size_t len = strlen(path);
  q->fd = fd;
  q->len = 0;
  if (fstat(fd, &st) != 0 || !S_ISFIFO(st.st_mode)) return;
  path[len + number_format(path + len, (uint64_t)fd)] = '\0';
  int own = open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
  if (own >= 0) q->fd = own;
}

bool linequeue_flush(struct linequeue *q) {
  while (q->len) {
    size_t line = span_find(span_of(q->text, q->len), '\n') + 1;
    ssize_t written = write(q->fd, q->text, line);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    q->len -= (size_t)written;
    memmove(q->text, q->text + written, q->len);
  }
  return true;
}

bool linequeue_put(struct linequeue *q, struct span line) {
  if (line.len >= LINE_MAX_WHOLE) return false;
  if (line.len + 1 > LINEQUEUE_BYTES - q->len &&
      (linequeue_flush(q), line.len + 1 > LINEQUEUE_BYTES - q->len))
    return false;
  memcpy(q->text + q->len, line.s, line.len);
  q->len += line.len;
  q->text[q->len++] = '\n';
  linequeue_flush(q);
  return true;
}
