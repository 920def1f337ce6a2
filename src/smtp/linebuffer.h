/* linebuffer.h: bytes into command lines, one byte at a time, so that no result depends on how they
   were split.

   A line ends at LF. A CR right before it belongs to the line end; any other CR is part of the
   line. Spaces, tabs and NULs before the first other byte are left out, and so is a CR there: a
   line that holds nothing else is empty. At most LINEBUFFER_MAX bytes of a line are kept, all but
   those left out are counted. The line stays readable until the first byte of the next one. */
#ifndef SINBIN_SMTP_LINEBUFFER_H
#define SINBIN_SMTP_LINEBUFFER_H

#include "base/span.h"
#include <stdint.h>

#define LINEBUFFER_MAX 2048

struct linebuffer {
  uint32_t len; /* of the line so far, its end not counted; may exceed LINEBUFFER_MAX */
  bool ended;   /* the line is whole; the next byte begins another */
  bool held_cr; /* the last byte was a CR */
  bool bare_lf, bare_cr;
  bool nul; /* a NUL was among its bytes */
  char text[LINEBUFFER_MAX];
};

/* True if the byte ended a line. */
bool linebuffer_byte(struct linebuffer *in, char c);

/* What is kept of the line, whole or not yet; empty between lines. */
struct span linebuffer_line(const struct linebuffer *in);
/* True if there are bytes of an unfinished line; those left out do not count. */
static inline bool linebuffer_partial(const struct linebuffer *in) {
  return !in->ended && in->len;
}
static inline bool linebuffer_is_long(const struct linebuffer *in) {
  return in->len > LINEBUFFER_MAX;
}
/* True for the bytes that make no command: space, tab, NUL, CR, LF. */
static inline bool linebuffer_is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\0' || c == '\r' || c == '\n';
}

#endif
