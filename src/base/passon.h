/* passon.h: bytes that are passed on to a reader who may stall, without deaf ears for signals.

   passon_put gathers; passon_flush hands all of it over, in pieces that a pipe takes without
   waiting once it is ready, and waits for it to be ready with the mask of ppoll(2) that lets
   signals in. Once *stop is true it waits for PASSON_PATIENCE at a time only, and then gives up:
   what is left stays gathered. False with errno: an error, EINTR where it gave up. The caller
   ignores SIGPIPE. */
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
/* text is at most PASSON_BYTES long. */
bool passon_put(struct passon *p, struct span text);
bool passon_flush(struct passon *p);

#endif
