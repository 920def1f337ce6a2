/* smallfile.h: a file that is read whole, byte for byte, and replaced whole.

   The reader takes no blanks away, as valuefile.h does. The text borrows from the caller's buffer.
   smallfile_read returns 1 read, 0 there is no such file, -1 with errno set (EFBIG where it does
   not fit). smallfile_write is as atomicfile.h has it: after true the new content is on the disk
   under its name; after false, with errno set, the old one or the new is there, whole. */
#ifndef SINBIN_SYS_SMALLFILE_H
#define SINBIN_SYS_SMALLFILE_H

#include "base/span.h"
#include <sys/types.h>

int smallfile_read(const char *path, char *buf, size_t cap, struct span *text);
bool smallfile_write(const char *path, struct span text, mode_t mode);

#endif
