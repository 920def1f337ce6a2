/* position.h: whether the position of a checkpoint is still that in a file, and where a file ends.

   The number of a deleted file is soon given to another; then no line ends at the offset, or one
   with another label. Reads the descriptor by pread and leaves its offset alone. */
#ifndef SINBIN_FOLLOW_POSITION_H
#define SINBIN_FOLLOW_POSITION_H

#include "line/checkpoint.h"

/* NULL where a line ends at c->offset, with c->label if that is given; else what is wrong. *error
   is set to an errno where the file could not be read, otherwise to 0. A line too long to be read
   back (8,191 bytes) is taken on trust, and so is offset 0. */
const char *position_check(int fd, const struct checkpoint *c, int *error);

/* Sets offset and label of *c to the end of the last whole line; false with errno set. */
bool position_at_end(int fd, struct checkpoint *c);

#endif
