#include "sys/linereader.h"
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

void linereader_init(struct linereader *in, int fd, char *buf, size_t cap) {
  *in = (struct linereader){.fd = fd, .buf = buf, .cap = cap};
}

void linereader_unblock(const struct linereader *in) {
  struct stat st;
  int flags = fcntl(in->fd, F_GETFL);
  if (fstat(in->fd, &st) == 0 && S_ISFIFO(st.st_mode) && flags >= 0)
    fcntl(in->fd, F_SETFL, flags | O_NONBLOCK);
}

static struct span pending(const struct linereader *in) {
  return span_of(in->buf + in->start, in->end - in->start);
}

bool linereader_ready(const struct linereader *in) {
  struct span have = pending(in);
  return span_find(have, '\n') < have.len;
}

/* True if *line is a line to return. The end of a line that is being skipped is dropped. */
static bool take_line(struct linereader *in, struct span *line) {
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

static void make_room(struct linereader *in) {
  if (in->skipping) in->start = in->end;
  if (in->start == 0) return;
  memmove(in->buf, in->buf + in->start, in->end - in->start);
  in->end -= in->start;
  in->start = 0;
}

static enum linereader_result at_end(struct linereader *in, struct span *line) {
  *line = pending(in);
  in->start = in->end;
  if (line->len == 0 || in->skipping) return LINE_READER_END;
  in->number++;
  return LINE_READER_PARTIAL;
}

enum linereader_result linereader_next(struct linereader *in, struct span *line) {
  for (;;) {
    if (take_line(in, line)) {
      in->number++;
      return LINE_READER_LINE;
    }
    if (in->ended) return at_end(in, line);
    make_room(in);
    if (in->end == in->cap) {
      *line = pending(in);
      in->start = in->end;
      in->skipping = true;
      in->number++;
      return LINE_READER_LONG;
    }
    ssize_t got = read(in->fd, in->buf + in->end, in->cap - in->end);
    if (got < 0)
      return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR ? LINE_READER_AGAIN
                                                                       : LINE_READER_ERROR;
    if (got == 0) in->ended = true;
    else in->end += (size_t)got;
    if (in->polled && !in->ended && !linereader_ready(in)) return LINE_READER_AGAIN;
  }
}
