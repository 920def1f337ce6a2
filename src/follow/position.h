/* position.h: checks the position of a checkpoint in a file, and finds the end of a file.

   The inode number of a deleted file is soon given to another. Then no line ends at the offset, or one
   with another label. These functions use pread and do not move the offset of the descriptor. */
#ifndef SINBIN_FOLLOW_POSITION_H
#define SINBIN_FOLLOW_POSITION_H

#include "line/checkpoint.h"

/* Returns NULL if a line ends at c->offset and has c->label, or if c->label is empty. Otherwise
   returns what is wrong. *error is the errno if the file could not be read, otherwise 0. Offset 0 is
   always right; the label of a line of more than 8,191 bytes is not checked. */
const char *position_check(int fd, const struct checkpoint *c, int *error);

/* Sets offset and label of *c to the end of the last whole line. Returns false with errno set. */
bool position_at_end(int fd, struct checkpoint *c);

#endif
