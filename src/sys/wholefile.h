/* wholefile.h: a file read whole into memory that the caller frees.

   A file that grows meanwhile is read up to the size it had. Only regular files are read, and none
   over `max` bytes: WHOLEFILE_KIND, WHOLEFILE_SIZE; WHOLEFILE_ERROR has errno set, ENOENT where
   there is no file. There is always a byte behind the last that may be written to. */
#ifndef SINBIN_SYS_WHOLEFILE_H
#define SINBIN_SYS_WHOLEFILE_H

#include <stddef.h>

enum wholefile { WHOLEFILE_READ, WHOLEFILE_ERROR, WHOLEFILE_KIND, WHOLEFILE_SIZE };

enum wholefile wholefile_read(const char *path, size_t max, char **text, size_t *len);

#endif
