#include "sys/pipeout.h"
#include "sys/wholelines.h"
#include <errno.h>
#include <poll.h>
#include <unistd.h>

void pipeout_init(struct pipeout *p, int fd, const sigset_t *mask,
                  const volatile sig_atomic_t *stop) {
  p->fd = fd;
  p->mask = mask;
  p->stop = stop;
  p->len = 0;
}

/* poll(2) reports a pipe as writable if it takes PIPE_BUF bytes at once. */
static bool wait_ready(const struct pipeout *p) {
  struct pollfd out = {.fd = p->fd, .events = POLLOUT};
  const struct timespec patience = {.tv_sec = PIPEOUT_PATIENCE};
  while (!*p->stop) {
    int ready = ppoll(&out, 1, NULL, p->mask);
    if (ready > 0) return true;
    if (ready < 0 && errno != EINTR) return false;
  }
  if (ppoll(&out, 1, &patience, NULL) > 0) return true;
  errno = EINTR;
  return false;
}

/* No event reports room for more than PIPE_BUF bytes, so this polls. */
static bool wait_room(const struct pipeout *p, size_t len) {
  const struct timespec pause = {.tv_nsec = WHOLELINES_WAIT * 1000000L};
  int pauses = PIPEOUT_PATIENCE * 1000 / WHOLELINES_WAIT;
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

bool pipeout_flush(struct pipeout *p) {
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

static bool make_room(struct pipeout *p, size_t len) {
  return len <= sizeof p->text - p->len || pipeout_flush(p);
}

static void append(struct pipeout *p, struct span text) {
  if (text.len) memcpy(p->text + p->len, text.s, text.len);
  p->len += text.len;
}

bool pipeout_put(struct pipeout *p, struct span text) {
  if (!make_room(p, text.len)) return false;
  append(p, text);
  return true;
}

bool pipeout_put_line(struct pipeout *p, struct span line) {
  if (!make_room(p, line.len + 1)) return false;
  append(p, line);
  append(p, span_of("\n", 1));
  return true;
}
