/* tail.h: the lines of a file that grows, each with the offset behind it.

   The caller owns descriptor and buffer; a line without its LF has at most cap - 1 bytes. Of a
   longer one only the beginning is kept (TAIL_LONG, once its LF is there). TAIL_END: there
   is no whole line now; later there may be. A returned line is valid until the next call. */
#ifndef SINBIN_FOLLOW_TAIL_H
#define SINBIN_FOLLOW_TAIL_H

#include "base/span.h"
#include <stdint.h>

#define TAIL_HEAD 1024 /* bytes that are kept of a line that is too long */

enum tail_result {
  TAIL_LINE,
  TAIL_LONG,
  TAIL_END,
  TAIL_ERROR, /* errno says why */
};

struct tail {
  int fd;
  char *buf;
  size_t cap, start, end;
  uint64_t offset;  /* of the first byte behind the line last returned */
  uint64_t length;  /* of that line in bytes, LF not counted */
  uint64_t dropped; /* bytes left out of the line that begins at start */
};

/* cap is greater than TAIL_HEAD. Reading begins at the offset. */
void tail_init(struct tail *f, int fd, char *buf, size_t cap);
void tail_seek(struct tail *f, int fd, uint64_t offset);
enum tail_result tail_next(struct tail *f, struct span *line);
/* What stands behind the last whole line, or its beginning: true, and taken as a line that ends
   with the file, where there is anything. */
bool tail_take_partial(struct tail *f, struct span *line);

#endif
