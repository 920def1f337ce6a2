/* wholelines.h: writes whole lines to a pipe, so that a killed program leaves no part of a line.

   A pipe takes a write of at most PIPE_BUF bytes whole or not at all. So each write ends at the last
   LF within PIPE_BUF bytes. A longer line is written alone, in one write: the kernel takes it whole
   if the pipe has room for it, see wholelines_fits. */
#ifndef SINBIN_SYS_WHOLELINES_H
#define SINBIN_SYS_WHOLELINES_H

#include "base/span.h"

#define WHOLELINES_WAIT 10 /* milliseconds between two calls of wholelines_fits */

/* The length of the next write: whole lines of at most PIPE_BUF bytes together; or one longer line
   with its LF; or all of the text if it has no LF. 0: the text is empty. */
size_t wholelines_piece(struct span text);

/* True if a write of len bytes to fd, which poll(2) reported as writable, does not wait. A pipe has
   room for a long line while it is at most a quarter full. */
bool wholelines_fits(int fd, size_t len);

/* Writes all of the text, and waits for the reader. False, with errno set; EINTR is retried. */
bool wholelines_write(int fd, struct span text);

#endif
