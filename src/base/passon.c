#include "base/passon.h"
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <unistd.h>

void passon_init(struct passon *p, int fd, const sigset_t *mask,
                 const volatile sig_atomic_t *stop) {
  p->fd = fd;
  p->mask = mask;
  p->stop = stop;
  p->len = 0;
}

/* A pipe that is ready takes PIPE_BUF bytes at once. */
static bool wait_ready(const struct passon *p) {
  struct pollfd out = {.fd = p->fd, .events = POLLOUT};
  const struct timespec patience = {.tv_sec = PASSON_PATIENCE};
  while (!*p->stop) {
    int ready = ppoll(&out, 1, NULL, p->mask);
    if (ready > 0) return true;
    if (ready < 0 && errno != EINTR) return false;
  }
  if (ppoll(&out, 1, &patience, NULL) > 0) return true;
  errno = EINTR;
  return false;
}

static size_t piece_of(size_t left) {
  return left < PIPE_BUF ? left : PIPE_BUF;
}

bool passon_flush(struct passon *p) {
  size_t done = 0;
  bool ok = true;
  while (ok && done < p->len) {
    if (!(ok = wait_ready(p))) break;
    ssize_t n = write(p->fd, p->text + done, piece_of(p->len - done));
    if (n > 0) done += (size_t)n;
    else ok = n < 0 && (errno == EINTR || errno == EAGAIN);
  }
  int saved = errno;
  if (done) memmove(p->text, p->text + done, p->len - done);
  p->len -= done;
  errno = saved;
  return ok;
}

bool passon_put(struct passon *p, struct span text) {
  if (text.len > sizeof p->text - p->len && !passon_flush(p)) return false;
  if (text.len) memcpy(p->text + p->len, text.s, text.len);
  p->len += text.len;
  return true;
}
