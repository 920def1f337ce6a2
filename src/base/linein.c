#include "base/linein.h"
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

void linein_init(struct linein *in, int fd, char *buf, size_t cap) {
  *in = (struct linein){.fd = fd, .buf = buf, .cap = cap};
}

void linein_unblock(const struct linein *in) {
  struct stat st;
  int flags = fcntl(in->fd, F_GETFL);
  if (fstat(in->fd, &st) == 0 && S_ISFIFO(st.st_mode) && flags >= 0)
    fcntl(in->fd, F_SETFL, flags | O_NONBLOCK);
}

static struct span pending(const struct linein *in) {
  return span_of(in->buf + in->start, in->end - in->start);
}

bool linein_ready(const struct linein *in) {
  struct span have = pending(in);
  return span_find(have, '\n') < have.len;
}

/* True where *line is to be returned; what ends a line that is being skipped is dropped. */
static bool take_line(struct linein *in, struct span *line) {
  for (bool wanted = false; !wanted;) {
    struct span have = pending(in);
    size_t at = span_find(have, '\n');
    if (at == have.len) return false;
    *line = span_head(have, at);
    in->start += at + 1;
    wanted = !in->skipping;
    in->skipping = false;
  }
  return true;
}

static void make_room(struct linein *in) {
  if (in->skipping) in->start = in->end;
  if (in->start == 0) return;
  memmove(in->buf, in->buf + in->start, in->end - in->start);
  in->end -= in->start;
  in->start = 0;
}

static enum linein_result at_end(struct linein *in, struct span *line) {
  *line = pending(in);
  in->start = in->end;
  if (line->len == 0 || in->skipping) return LINEIN_END;
  in->number++;
  return LINEIN_PARTIAL;
}

enum linein_result linein_next(struct linein *in, struct span *line) {
  for (;;) {
    if (take_line(in, line)) {
      in->number++;
      return LINEIN_LINE;
    }
    if (in->ended) return at_end(in, line);
    make_room(in);
    if (in->end == in->cap) {
      *line = pending(in);
      in->start = in->end;
      in->skipping = true;
      in->number++;
      return LINEIN_LONG;
    }
    ssize_t got = read(in->fd, in->buf + in->end, in->cap - in->end);
    if (got < 0)
      return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR ? LINEIN_AGAIN
                                                                       : LINEIN_ERROR;
    if (got == 0) in->ended = true;
    else in->end += (size_t)got;
    if (in->polled && !in->ended && !linein_ready(in)) return LINEIN_AGAIN;
  }
}
