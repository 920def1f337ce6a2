/* pipeout.h: bytes that are passed on to a reader who may stall, without deaf ears for signals.

   pipeout_put_line gathers lines; pipeout_flush writes all of them, whole lines at a time
   (wholelines.h), as soon as a pipe takes them without waiting. It waits for that with the mask of
   ppoll(2) that lets signals in. Once *stop is true it waits for PIPEOUT_PATIENCE at a time only,
   and then gives up: what is left stays gathered. False with errno: an error, or EINTR if it gave
   up. The caller ignores SIGPIPE. */
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
/* The line, and a LF after it: less than PIPEOUT_BYTES together. */
bool pipeout_put_line(struct pipeout *p, struct span line);
/* A last line that has no LF, as it is: at most PIPEOUT_BYTES. */
bool pipeout_put(struct pipeout *p, struct span text);
bool pipeout_flush(struct pipeout *p);

#endif
