#include "base/passon.h"
#include "base/wholelines.h"
#include <errno.h>
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

/* No event says that a pipe has room for more than PIPE_BUF bytes. */
static bool wait_room(const struct passon *p, size_t len) {
  const struct timespec pause = {.tv_nsec = WHOLELINES_WAIT * 1000000L};
  int pauses = PASSON_PATIENCE * 1000 / WHOLELINES_WAIT;
  for (;;) {
    if (!wait_ready(p)) return false;
    if (wholelines_fits(p->fd, len)) return true;
    if (*p->stop && pauses-- == 0) {
      errno = EINTR;
      return false;
    }
    ppoll(NULL, 0, &pause, p->mask);
  }
}

bool passon_flush(struct passon *p) {
  size_t done = 0, piece;
  bool ok = true;
  while (ok && done < p->len) {
    piece = wholelines_piece(span_of(p->text + done, p->len - done));
    if (!(ok = wait_room(p, piece))) break;
    ssize_t n = write(p->fd, p->text + done, piece);
    if (n > 0) done += (size_t)n;
    else ok = n < 0 && (errno == EINTR || errno == EAGAIN);
  }
  int saved = errno;
  if (done) memmove(p->text, p->text + done, p->len - done);
  p->len -= done;
  errno = saved;
  return ok;
}

static bool make_room(struct passon *p, size_t len) {
  return len <= sizeof p->text - p->len || passon_flush(p);
}

static void append(struct passon *p, struct span text) {
  if (text.len) memcpy(p->text + p->len, text.s, text.len);
  p->len += text.len;
}

bool passon_put(struct passon *p, struct span text) {
  if (!make_room(p, text.len)) return false;
  append(p, text);
  return true;
}

bool passon_put_line(struct passon *p, struct span line) {
  if (!make_room(p, line.len + 1)) return false;
  append(p, line);
  append(p, span_of("\n", 1));
  return true;
}
