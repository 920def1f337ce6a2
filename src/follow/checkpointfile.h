/* checkpointfile.h: the file of a checkpoint (line/checkpoint.h), read and replaced whole.

   checkpointfile_read returns 1: read; 0: there is no such file; -1: errno is set (EFBIG if the
   file is too long), or 0 if the file is malformed. checkpointfile_write is true once the new
   checkpoint is on disk under its name; if it is false, errno is set and either the old one or the
   new one is there. */
#ifndef SINBIN_FOLLOW_CHECKPOINTFILE_H
#define SINBIN_FOLLOW_CHECKPOINTFILE_H

#include "line/checkpoint.h"

int checkpointfile_read(const char *path, struct checkpoint *out);
bool checkpointfile_write(const char *path, const struct checkpoint *c);

#endif
