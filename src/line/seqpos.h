/* seqpos.h: the number and the position of a line, which sinbin-follow appends to it as its last two
   fields: " seq=N pos=INODE.OFFSET".

   N counts the lines of a log directory from 1, whatever kind they are of, without a gap. INODE is
   the file, OFFSET that of the first byte *behind* the line with its LF: whoever has dealt with the
   line goes on there. A program further down appends its fields behind these two.
   The two are words of their own; text that came from a peer has no space in it, so it can never
   look like them. */
#ifndef SINBIN_LINE_SEQPOS_H
#define SINBIN_LINE_SEQPOS_H

#include "base/span.h"
#include <stdint.h>

#define SEQPOS_SEQ_MAX    UINT64_C(9223372036854775807)
#define SEQPOS_OFFSET_MAX UINT64_C(9223372036854775807)
#define SEQPOS_TEXT_MAX   80 /* bytes that seqpos_format may write */

struct seqpos {
  uint64_t seq, inode, offset;
};

/* Writes " seq=N pos=INODE.OFFSET", at most SEQPOS_TEXT_MAX bytes; returns the length. */
size_t seqpos_format(const struct seqpos *s, char *out);

/* The place of a line (without LF): of its words `seq=` and `pos=` the last pair that stands side
   by side. False, and *out untouched, where there is none or it is malformed. */
bool seqpos_parse(struct span line, struct seqpos *out);

/* Copies the line without LF to out (line.len bytes), leaving out every word that begins with
   `seq=` or `pos=`, but not the first word. Returns the length, which is line.len where there is
   none. */
size_t seqpos_strip(struct span line, char *out);

#endif
