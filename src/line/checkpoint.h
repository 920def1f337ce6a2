/* checkpoint.h: how far a log directory has been processed, as a struct and as the only line of the
   file CHECKPOINT:

     CP1 EPOCH SEQ INODE OFFSET LABEL

     EPOCH    epoch of the numbers. A program that creates the file again takes a greater epoch,
              because it may give the same number to another line.
     SEQ      number of the next line to print
     INODE    file of the next line
     OFFSET   position of its first byte. It may be the end of the file; the line is then the first
              one of the next file.
     LABEL    TAI64N label of the last processed line, `-` if it has none. It shows people how late
              the reader is, and shows sinbin-follow if INODE is still the same file.

   Each value has one spelling: decimals without leading zeros, one space between fields, one LF at
   the end, nothing else. checkpoint_decode(checkpoint_encode(x)) == x. */
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
  uint64_t inode, offset; /* offset: at most SEQPOS_OFFSET_MAX */
  /* NUL-terminated, with its `@`; empty if there is no label */
  char label[CHECKPOINT_LABEL_LEN + 1];
};

/* Writes the line with its LF, at most CHECKPOINT_TEXT_MAX bytes; returns the length. */
size_t checkpoint_encode(const struct checkpoint *c, char *out);

/* text is the whole file. Returns false and leaves *out unchanged if checkpoint_encode would not
   write this text. */
bool checkpoint_decode(struct span text, struct checkpoint *out);

/* Moves *c to the position after a line (without LF) that sinbin-follow numbered. The epoch stays.
   The caller must check that the numbers have no gap. Returns false and leaves *c unchanged if the
   line has no `seq` and `pos`, or has the last possible number. */
bool checkpoint_advance(struct checkpoint *c, struct span line);

#endif
