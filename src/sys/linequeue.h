/* linequeue.h: writes lines to a pipe that other processes also write to, without waiting for its
   reader.

   Each line is written with one write(2). If the pipe is full, lines wait in a bounded buffer, in
   order. A line that the buffer has no room for is refused, and the caller counts it. A pipe is
   opened again through /proc, so that only writes of this process are non-blocking; a file or a
   terminal is used as it is. The caller blocks or ignores SIGPIPE. */
#ifndef SINBIN_SYS_LINEQUEUE_H
#define SINBIN_SYS_LINEQUEUE_H

#include "base/span.h"

#define LINEQUEUE_BYTES 65536

struct linequeue {
  int fd;
  size_t len;
  char text[LINEQUEUE_BYTES];
};

void linequeue_open(struct linequeue *q, int fd);
/* line: without its LF, at most 4,095 bytes. False: refused. */
bool linequeue_put(struct linequeue *q, struct span line);
/* Writes what the pipe accepts. True if no line is left. */
bool linequeue_flush(struct linequeue *q);

#endif
