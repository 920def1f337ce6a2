#include "follow/tail.h"
#include <errno.h>
#include <unistd.h>

void tail_init(struct tail *f, int fd, char *buf, size_t cap) {
  *f = (struct tail){.fd = fd, .buf = buf, .cap = cap};
}

void tail_seek(struct tail *f, int fd, uint64_t offset) {
  tail_init(f, fd, f->buf, f->cap);
  f->offset = offset;
}

static struct span pending(const struct tail *f) {
  return span_of(f->buf + f->start, f->end - f->start);
}

static enum tail_result take(struct tail *f, size_t len, bool with_lf, struct span *line) {
  bool is_long = f->dropped > 0;
  *line = span_head(pending(f), is_long ? TAIL_HEAD : len);
  f->length = f->dropped + len;
  f->offset += f->length + (with_lf ? 1 : 0);
  f->start += len + (with_lf ? 1 : 0);
  f->dropped = 0;
  return is_long ? TAIL_LONG : TAIL_LINE;
}

/* Moves the incomplete line to the front of the buffer. If it fills the buffer, cuts it to its first bytes. */
static void make_room(struct tail *f) {
  if (f->start) memmove(f->buf, f->buf + f->start, f->end - f->start);
  f->end -= f->start;
  f->start = 0;
  if (f->end < f->cap) return;
  f->dropped += f->end - TAIL_HEAD;
  f->end = TAIL_HEAD;
}

enum tail_result tail_next(struct tail *f, struct span *line) {
  for (;;) {
    struct span have = pending(f);
    size_t at = span_find(have, '\n');
    if (at < have.len) return take(f, at, true, line);
    make_room(f);
    uint64_t from = f->offset + f->dropped + f->end;
    ssize_t got = pread(f->fd, f->buf + f->end, f->cap - f->end, (off_t)from);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return TAIL_ERROR;
    if (got == 0) return TAIL_END;
    f->end += (size_t)got;
  }
}

bool tail_take_partial(struct tail *f, struct span *line) {
  if (f->end == f->start) return false;
  take(f, f->end - f->start, false, line);
  return true;
}
