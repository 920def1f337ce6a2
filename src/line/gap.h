/* gap.h: the line that sinbin-follow prints in the place of lines that were lost:

     gap1 at=TIME after=INODE.OFFSET [from=LABEL] [to=LABEL]

   TIME is when the loss was noticed, seconds since 1970 with three decimals. The lines after that
   position are missing. LABEL is the TAI64N label of the last line that was read before them, and
   of the first one that is there now; it is left out if the line has none.
   gap_parse(gap_format(x)) == x. */
#ifndef SINBIN_LINE_GAP_H
#define SINBIN_LINE_GAP_H

#include "line/checkpoint.h"

#define GAP_KIND     "gap1"
#define GAP_AT_MAX   UINT64_C(253402300799999) /* milliseconds */
#define GAP_TEXT_MAX 160

struct gap {
  uint64_t at;            /* milliseconds since 1970; 0: there is no gap */
  uint64_t inode, offset; /* of the first byte after the last line that was read */
  char from[CHECKPOINT_LABEL_LEN + 1], to[CHECKPOINT_LABEL_LEN + 1]; /* empty: no label */
};

/* Writes at most GAP_TEXT_MAX bytes without LF; returns the length. */
size_t gap_format(const struct gap *g, char *out);

/* A line, with or without a label, that has the kind gap1 and begins with these fields; others may
   follow. False, and *out untouched, on anything else. */
bool gap_parse(struct span line, struct gap *out);

/* The label that a line begins with, or "". */
void gap_label(struct span line, char label[CHECKPOINT_LABEL_LEN + 1]);

#endif
