/* tail.h: reads the lines of a file that grows.

   The caller owns descriptor and buffer. A line that fits into the buffer with its LF is returned
   whole. Of a longer line only the first TAIL_HEAD bytes are returned, once its LF is there. A
   returned line has no LF, and is valid until the next call. */
#ifndef SINBIN_FOLLOW_TAIL_H
#define SINBIN_FOLLOW_TAIL_H

#include "base/span.h"
#include <stdint.h>

#define TAIL_HEAD 1024 /* bytes that are kept of a line that is too long */

enum tail_result {
  TAIL_LINE,
  TAIL_LONG,  /* the beginning of a line that is too long */
  TAIL_END,   /* no whole line is there now */
  TAIL_ERROR, /* errno says why */
};

struct tail {
  int fd;
  char *buf;
  size_t cap, start, end;
  uint64_t offset;  /* of the first byte after the last line returned */
  uint64_t length;  /* of that line in bytes, without its LF */
  uint64_t dropped; /* bytes that were dropped of the line that begins at start */
};

/* cap must be greater than TAIL_HEAD. Reading begins at offset 0 (tail_init) or at the offset. */
void tail_init(struct tail *f, int fd, char *buf, size_t cap);
void tail_seek(struct tail *f, int fd, uint64_t offset);
enum tail_result tail_next(struct tail *f, struct span *line);
/* The bytes after the last whole line, as a line that ends with the file; of a long one the
   beginning. Returns false if there are none. */
bool tail_take_partial(struct tail *f, struct span *line);

#endif
