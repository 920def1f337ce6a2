/* linequeue.h: lines into a pipe that others write to as well, without ever waiting for its reader.

   A line goes out with one write(2), or waits in a bounded buffer until it can, in order; what the
   buffer cannot take is refused, so that the caller can count it. A pipe is opened anew through
   /proc so that only our own writes are non-blocking; a file or terminal is written as it is. The
   caller keeps SIGPIPE blocked or ignored. */
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
/* line without its LF, at most 4,095 bytes. False: refused. */
bool linequeue_put(struct linequeue *q, struct span line);
/* Writes what can be written. True where nothing is left. */
bool linequeue_flush(struct linequeue *q);

#endif
