/* assembly.h: bytes into lines, one byte at a time, so that no result depends on how they were
   split.

   A line ends at LF. A CR right before it belongs to the line end; any other CR is part of the
   line. At most ASSEMBLY_MAX bytes of a line are kept, all of them are counted. The line stays
   readable until the first byte of the next one. */
#ifndef SINBIN_SMTP_ASSEMBLY_H
#define SINBIN_SMTP_ASSEMBLY_H

#include "base/span.h"
#include <stdint.h>

#define ASSEMBLY_MAX 2048

struct assembly {
  uint32_t len; /* of the line so far, its end not counted; may exceed ASSEMBLY_MAX */
  bool ended;   /* the line is whole; the next byte begins another */
  bool held_cr; /* the last byte was a CR */
  bool bare_lf, bare_cr;
  char text[ASSEMBLY_MAX];
};

/* True where the byte ended a line. */
bool assembly_byte(struct assembly *in, char c);

/* What is kept of the line, whole or not yet; empty between lines. */
struct span assembly_line(const struct assembly *in);
/* True where bytes of an unfinished line are there. */
bool assembly_partial(const struct assembly *in);
static inline bool assembly_is_long(const struct assembly *in) {
  return in->len > ASSEMBLY_MAX;
}

#endif
