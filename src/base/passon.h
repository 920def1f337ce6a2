/* passon.h: bytes that are passed on to a reader who may stall, without deaf ears for signals.

   passon_put_line gathers lines; passon_flush writes all of them, whole lines at a time
   (wholelines.h), as soon as a pipe takes them without waiting. It waits for that with the mask of
   ppoll(2) that lets signals in. Once *stop is true it waits for PASSON_PATIENCE at a time only,
   and then gives up: what is left stays gathered. False with errno: an error, or EINTR if it gave
   up. The caller ignores SIGPIPE. */
#ifndef SINBIN_BASE_PASSON_H
#define SINBIN_BASE_PASSON_H

#include "base/span.h"
#include <signal.h>

#define PASSON_BYTES    65536
#define PASSON_PATIENCE 3 /* seconds */

struct passon {
  int fd;
  const sigset_t *mask;
  const volatile sig_atomic_t *stop;
  size_t len;
  char text[PASSON_BYTES];
};

void passon_init(struct passon *p, int fd, const sigset_t *mask, const volatile sig_atomic_t *stop);
/* The line, and a LF after it: less than PASSON_BYTES together. */
bool passon_put_line(struct passon *p, struct span line);
/* A last line that has no LF, as it is: at most PASSON_BYTES. */
bool passon_put(struct passon *p, struct span text);
bool passon_flush(struct passon *p);

#endif
