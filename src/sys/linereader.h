/* linereader.h: lines from a descriptor, with a bound, telling an empty line from the end and from an
   error.

   The caller owns the buffer; its size bounds a line, LF included. A returned line is valid until
   the next call, and stands without its LF. An overlong line is reported once (LINE_READER_LONG, its
   beginning in *line) and then skipped up to its LF. A last line without LF is LINE_READER_PARTIAL: a
   writer may have died within it. LINE_READER_AGAIN: a non-blocking descriptor has no whole line yet.
   EINTR is LINE_READER_AGAIN too, so that a loop can look at its signal flags. So is, where the caller
   has set `polled`, one read that made no line whole: who waits by poll(2) must not wait here. */
#ifndef SINBIN_SYS_LINEREADER_H
#define SINBIN_SYS_LINEREADER_H

#include "base/span.h"
#include <stdint.h>

enum linereader_result {
  LINE_READER_LINE,
  LINE_READER_PARTIAL,
  LINE_READER_LONG,
  LINE_READER_AGAIN,
  LINE_READER_END,
  LINE_READER_ERROR, /* errno says why */
};

struct linereader {
  int fd;
  char *buf;
  size_t cap, start, end;
  bool ended, skipping, polled;
  uint64_t number; /* of the line last returned, from 1 */
};

void linereader_init(struct linereader *in, int fd, char *buf, size_t cap);
enum linereader_result linereader_next(struct linereader *in, struct span *line);
/* From now on linereader_next does not wait within a line where the descriptor is a pipe; one that
   others may write to as well, a terminal say, is left as it is. */
void linereader_unblock(const struct linereader *in);
/* True where linereader_next would return a line without reading: nothing need be flushed before it. */
bool linereader_ready(const struct linereader *in);

#endif
