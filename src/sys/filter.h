/* filter.h: how a program that is a filter reads lines from its standard input.

   filter_next reads one line. It ends the program with exit 111 if the read fails, and drops a line
   that is longer than the buffer with a warning.

   A line that cannot be used is reported by filter_warn as "standard input:LINE: WHAT: PIECE (N so
   far)". It logs at most once a second, and counts every call in `unread`. The caller may add to
   this count. */
#ifndef SINBIN_SYS_FILTER_H
#define SINBIN_SYS_FILTER_H

#include "sys/linereader.h"
#include "sys/ratelimit.h"

struct filter {
  struct linereader in;
  uint64_t unread; /* lines that could not be used */
  struct ratelimit warnings;
};

enum filter_result {
  FILTER_LINE,
  FILTER_PARTIAL, /* the last line, which has no LF: its writer may have died within it */
  FILTER_AGAIN,   /* no whole line yet, a signal came, or a line was dropped */
  FILTER_END,
};

/* buf is the caller's; its size limits a line, LF included. */
void filter_init(struct filter *f, char *buf, size_t cap);
/* *text is valid until the next call, and has no LF. */
enum filter_result filter_next(struct filter *f, struct span *text);
/* piece: the part of the line that could not be used; up to 48 bytes of it are shown, escaped. */
void filter_warn(struct filter *f, struct span piece, const char *what);

#endif
