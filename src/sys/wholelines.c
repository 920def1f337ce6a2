#include "sys/wholelines.h"
#include "sys/atomicfile.h"
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <sys/ioctl.h>

size_t wholelines_piece(struct span text) {
  struct span head = span_head(text, PIPE_BUF);
  size_t last = span_find_last(head, '\n');
  if (last < head.len) return last + 1;
  size_t first = span_find(text, '\n');
  return first < text.len ? first + 1 : text.len;
}

bool wholelines_fits(int fd, size_t len) {
  int waiting, size = fcntl(fd, F_GETPIPE_SZ);
  if (len <= PIPE_BUF || size < 0 || ioctl(fd, FIONREAD, &waiting) != 0) return true;
  return waiting <= size / 4;
}

/* Until there is room, or the reader has closed the pipe. */
static void wait_room(int fd, size_t len) {
  struct pollfd out = {.fd = fd};
  while (!wholelines_fits(fd, len) && !(out.revents & POLLERR)) poll(&out, 1, WHOLELINES_WAIT);
}

bool wholelines_write(int fd, struct span text) {
  while (text.len) {
    size_t piece = wholelines_piece(text);
    wait_room(fd, piece);
    if (!atomicfile_write_all(fd, text.s, piece)) return false;
    text = span_from(text, piece);
  }
  return true;
}
