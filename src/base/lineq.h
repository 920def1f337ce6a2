/* lineq.h: lines into a pipe that others write to as well, without ever waiting for its reader.

   A line goes out with one write(2), or waits in a bounded buffer until it can, in order; what the
   buffer cannot take is refused, so that the caller can count it. A pipe is opened anew through
   /proc so that only our own writes are non-blocking; a file or terminal is written as it is. The
   caller keeps SIGPIPE blocked or ignored. */
#ifndef SINBIN_BASE_LINEQ_H
#define SINBIN_BASE_LINEQ_H

#include "base/span.h"

#define LINEQ_BYTES 65536

struct lineq {
  int fd;
  size_t len;
  char text[LINEQ_BYTES];
};

void lineq_open(struct lineq *q, int fd);
/* line without its LF, at most 4,095 bytes. False: refused. */
bool lineq_put(struct lineq *q, struct span line);
/* Writes what can be written. True where nothing is left. */
bool lineq_flush(struct lineq *q);

#endif
