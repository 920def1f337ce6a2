/* linein.h: lines from a descriptor, with a bound, telling an empty line from the end and from an
   error.

   The caller owns the buffer; its size bounds a line, LF included. A returned line is valid until
   the next call, and stands without its LF. An overlong line is reported once (LINEIN_LONG, its
   beginning in *line) and then skipped up to its LF. A last line without LF is LINEIN_PARTIAL: a
   writer may have died within it. LINEIN_AGAIN: a non-blocking descriptor has no whole line yet.
   EINTR is LINEIN_AGAIN too, so that a loop can look at its signal flags. So is, where the caller
   has set `polled`, one read that made no line whole: who waits by poll(2) must not wait here. */
#ifndef SINBIN_BASE_LINEIN_H
#define SINBIN_BASE_LINEIN_H

#include "base/span.h"
#include <stdint.h>

enum linein_result {
  LINEIN_LINE,
  LINEIN_PARTIAL,
  LINEIN_LONG,
  LINEIN_AGAIN,
  LINEIN_END,
  LINEIN_ERROR, /* errno says why */
};

struct linein {
  int fd;
  char *buf;
  size_t cap, start, end;
  bool ended, skipping, polled;
  uint64_t number; /* of the line last returned, from 1 */
};

void linein_init(struct linein *in, int fd, char *buf, size_t cap);
enum linein_result linein_next(struct linein *in, struct span *line);
/* From now on linein_next does not wait within a line where the descriptor is a pipe; one that
   others may write to as well, a terminal say, is left as it is. */
void linein_unblock(const struct linein *in);
/* True where linein_next would return a line without reading: nothing need be flushed before it. */
bool linein_ready(const struct linein *in);

#endif
