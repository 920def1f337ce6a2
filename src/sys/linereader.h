/* linereader.h: reads lines of bounded length from a descriptor.

   The caller owns the buffer; its size is the longest line, LF included. A returned line has no LF
   and is valid until the next call.

     LINE_READER_LINE     a line, which may be empty
     LINE_READER_PARTIAL  a last line without LF: its writer may have died while it wrote it
     LINE_READER_LONG     a line is too long: *line is its beginning; the rest is skipped up to its LF
     LINE_READER_AGAIN    no whole line yet: the descriptor is non-blocking and has no data, or a
                          signal came, or `polled` is set and one read did not complete a line
     LINE_READER_END      the end of the input
     LINE_READER_ERROR    errno says why

   A caller that waits by poll(2) sets `polled`, so that linereader_next does not wait. */
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
  LINE_READER_ERROR,
};

struct linereader {
  int fd;
  char *buf;
  size_t cap, start, end;
  bool ended, skipping, polled;
  uint64_t number; /* of the last returned line, from 1 */
};

void linereader_init(struct linereader *in, int fd, char *buf, size_t cap);
enum linereader_result linereader_next(struct linereader *in, struct span *line);
/* If the descriptor is a pipe, it becomes non-blocking, so that linereader_next does not wait within a
   line. Other descriptors, a terminal for example, may be shared and are left unchanged. */
void linereader_unblock(const struct linereader *in);
/* True if the buffer holds a whole line, so that linereader_next need not read. A caller may then
   delay flushing its output. */
bool linereader_ready(const struct linereader *in);

#endif
