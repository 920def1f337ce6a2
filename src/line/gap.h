/* gap.h: the line that sinbin-follow prints in place of lost lines:

     gap1 at=TIME after=INODE.OFFSET [from=LABEL] [to=LABEL]

     at      time when the loss was detected, seconds since 1970 with three decimals
     after   the lines after this position are missing
     from    TAI64N label of the last line that was read before the gap
     to      TAI64N label of the first line after the gap

   `from` and `to` are left out if the line has no label. gap_parse(gap_format(x)) == x. */
#ifndef SINBIN_LINE_GAP_H
#define SINBIN_LINE_GAP_H

#include "line/checkpoint.h"

#define GAP_KIND     "gap1"
#define GAP_AT_MAX   UINT64_C(253402300799999) /* milliseconds */
#define GAP_TEXT_MAX 160

struct gap {
  uint64_t at;            /* milliseconds since 1970; 0: there is no gap */
  uint64_t inode, offset; /* position after the last line that was read */
  char from[CHECKPOINT_LABEL_LEN + 1], to[CHECKPOINT_LABEL_LEN + 1]; /* empty: no label */
};

/* Writes at most GAP_TEXT_MAX bytes without LF; returns the length. */
size_t gap_format(const struct gap *g, char *out);

/* Parses a line of the kind gap1, with or without a label. Other fields may follow the four.
   Returns false and leaves *out unchanged on any other line. */
bool gap_parse(struct span line, struct gap *out);

/* Copies the label of a line, or "" if it has none. */
void gap_label(struct span line, char label[CHECKPOINT_LABEL_LEN + 1]);

#endif
