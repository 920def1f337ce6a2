/* linebuffer.h: collects the bytes of a command line, one at a time, so that no result depends on
   how they were split.

   A line ends at LF. A CR directly before the LF belongs to the line end; any other CR is part of
   the line. Leading spaces, tabs, NULs and CRs are left out; a line without any other byte is
   empty. At most LINEBUFFER_MAX bytes of a line are kept. All bytes are counted except the leading
   ones. The line stays readable until the first byte of the next line. */
#ifndef SINBIN_SMTP_LINEBUFFER_H
#define SINBIN_SMTP_LINEBUFFER_H

#include "base/span.h"
#include <stdint.h>

#define LINEBUFFER_MAX 2048

struct linebuffer {
  uint32_t len; /* of the line so far, without its end; may exceed LINEBUFFER_MAX */
  bool ended;   /* the line is complete; the next byte begins another */
  bool held_cr; /* the last byte was a CR */
  bool bare_lf, bare_cr;
  bool nul; /* the line had a NUL */
  char text[LINEBUFFER_MAX];
};

/* True if the byte ended a line. */
bool linebuffer_byte(struct linebuffer *in, char c);

/* The bytes that are kept of the current line, complete or not. */
struct span linebuffer_line(const struct linebuffer *in);
/* True if an unfinished line has bytes, leading blanks not counted. */
static inline bool linebuffer_partial(const struct linebuffer *in) {
  return !in->ended && in->len;
}
static inline bool linebuffer_is_long(const struct linebuffer *in) {
  return in->len > LINEBUFFER_MAX;
}
/* True for the bytes that belong to no command: space, tab, NUL, CR, LF. */
static inline bool linebuffer_is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\0' || c == '\r' || c == '\n';
}

#endif
