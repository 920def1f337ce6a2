/* assembly.h: bytes into command lines, one byte at a time, so that no result depends on how they
   were split.

   A line ends at LF. A CR right before it belongs to the line end; any other CR is part of the
   line. Spaces, tabs and NULs before the first other byte are left out, and so is a CR there: a
   line that holds nothing else is empty. At most ASSEMBLY_MAX bytes of a line are kept, all but
   those left out are counted. The line stays readable until the first byte of the next one. */
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
  bool nul; /* a NUL was among its bytes */
  char text[ASSEMBLY_MAX];
};

/* True if the byte ended a line. */
bool assembly_byte(struct assembly *in, char c);

/* What is kept of the line, whole or not yet; empty between lines. */
struct span assembly_line(const struct assembly *in);
/* True if there are bytes of an unfinished line; those left out do not count. */
static inline bool assembly_partial(const struct assembly *in) {
  return !in->ended && in->len;
}
static inline bool assembly_is_long(const struct assembly *in) {
  return in->len > ASSEMBLY_MAX;
}
/* True for the bytes that make no command: space, tab, NUL, CR, LF. */
static inline bool assembly_is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\0' || c == '\r' || c == '\n';
}

#endif
