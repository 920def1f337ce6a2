/* seqpos.h: the number and the position of a line, which sinbin-follow appends as two fields:
   " seq=N pos=INODE.OFFSET".

   N counts the lines of a log directory of all kinds from 1, without a gap. INODE is the file.
   OFFSET is the position of the first byte *after* the line with its LF: a program that has
   processed the line continues there. Later programs append their fields after these two.
   Client data never contains a space, so a client cannot forge these fields. */
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

/* Parses a line (without LF). If it has several `seq=` words that a `pos=` word follows directly,
   the last such pair counts. Returns false and leaves *out unchanged if there is no such pair or
   the last one is malformed. */
bool seqpos_parse(struct span line, struct seqpos *out);

/* Copies the line (without LF) to out, which holds line.len bytes, without all words that begin
   with `seq=` or `pos=`. The first word is always kept. Returns the length. */
size_t seqpos_strip(struct span line, char *out);

#endif
