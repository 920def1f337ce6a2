/* checkpoint.h: how far a log directory has been dealt with, as a struct and as the one line of the
   file CHECKPOINT:

     CP1 EPOCH SEQ INODE OFFSET LABEL

   SEQ is the number of the next line to be printed, INODE and OFFSET the position of its first byte
   (the end of a file is one, too: the line is then the first of the next file). LABEL is the TAI64N
   label of the last line dealt with, `-` where there is none: it tells people how late it is, and
   sinbin-follow whether INODE is still the same file. EPOCH belongs to the file: whoever makes it
   anew, and may so give a number to another line than before, takes a greater one.
   One spelling a value: decimals without leading zeros, one space, one LF at the end, nothing else.
   decode(encode(x)) == x. */
#ifndef SINBIN_LINE_CHECKPOINT_H
#define SINBIN_LINE_CHECKPOINT_H

#include "base/span.h"
#include "line/seqpos.h"

#define CHECKPOINT_EPOCH_MAX UINT64_C(253402300799) /* the last second of the year 9999 */
#define CHECKPOINT_LABEL_LEN 25
#define CHECKPOINT_TEXT_MAX  128

struct checkpoint {
  uint64_t epoch;         /* 1 to CHECKPOINT_EPOCH_MAX */
  uint64_t seq;           /* 1 to SEQPOS_SEQ_MAX */
  uint64_t inode, offset; /* offset to SEQPOS_OFFSET_MAX */
  char
      label[CHECKPOINT_LABEL_LEN + 1]; /* NUL-terminated, with its `@`; empty where there is none */
};

/* Writes the line with its LF, at most CHECKPOINT_TEXT_MAX bytes; returns the length. */
size_t checkpoint_encode(const struct checkpoint *c, char *out);

/* text is the whole file. False, and *out untouched, on anything that checkpoint_encode does not
   write. */
bool checkpoint_decode(struct span text, struct checkpoint *out);

/* Moves *c behind a line (without LF) that sinbin-follow numbered, the epoch kept. The line may be
   any: that the numbers have no gap is for the caller to see to. False, and *c untouched, where the
   line has no place, or the last possible number. */
bool checkpoint_advance(struct checkpoint *c, struct span line);

#endif
