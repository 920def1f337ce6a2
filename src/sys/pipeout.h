/* pipeout.h: buffered output to a pipe whose reader may stall, interruptible by signals.

   pipeout_put_line buffers lines. pipeout_flush writes all of them, whole lines at a time
   (wholelines.h), as soon as the pipe takes them without waiting. It waits by ppoll(2) with `mask`,
   so that signals are delivered. After *stop is true, each wait takes at most PIPEOUT_PATIENCE; then
   pipeout_flush gives up, and unwritten lines stay in the buffer. False, with errno set: an error,
   or EINTR if it gave up. The caller ignores SIGPIPE. */
#ifndef SINBIN_SYS_PIPEOUT_H
#define SINBIN_SYS_PIPEOUT_H

#include "base/span.h"
#include <signal.h>

#define PIPEOUT_BYTES    65536
#define PIPEOUT_PATIENCE 3 /* seconds */

struct pipeout {
  int fd;
  const sigset_t *mask;
  const volatile sig_atomic_t *stop;
  size_t len;
  char text[PIPEOUT_BYTES];
};

void pipeout_init(struct pipeout *p, int fd, const sigset_t *mask,
                  const volatile sig_atomic_t *stop);
/* The line and a LF: together at most PIPEOUT_BYTES. */
bool pipeout_put_line(struct pipeout *p, struct span line);
/* A last line without LF: at most PIPEOUT_BYTES. */
bool pipeout_put(struct pipeout *p, struct span text);
bool pipeout_flush(struct pipeout *p);

#endif
