/* wholelines.h: how much of a text one write(2) takes, so that a kill leaves no part of a line.

   A pipe takes a write of at most PIPE_BUF bytes whole or not at all. So a write ends at the last
   LF within PIPE_BUF bytes; a line that is longer is written alone, in one write. The kernel takes
   such a line whole, too, if the pipe has room for it: wholelines_fits. */
#ifndef SINBIN_SYS_WHOLELINES_H
#define SINBIN_SYS_WHOLELINES_H

#include "base/span.h"

#define WHOLELINES_WAIT 10 /* milliseconds until wholelines_fits is asked again */

/* The length of the next write: whole lines of at most PIPE_BUF bytes together, or one longer line
   with its LF, or what is there of a line that has none. 0: the text is empty. */
size_t wholelines_piece(struct span text);

/* True if a write of len bytes to fd, which poll(2) called ready, does not wait for a reader. A
   pipe has room for a long line while it is at most a quarter full. */
bool wholelines_fits(int fd, size_t len);

/* Writes all of it, waiting for the reader. False with errno; EINTR is tried again. */
bool wholelines_write(int fd, struct span text);

#endif
