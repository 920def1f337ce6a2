/* fileio.h: reads a file whole, and replaces a file whole.

   fileio_read and fileio_read_value read into the caller's buffer, from which *text and *value borrow.
   They return 1 if the file was read, 0 if there is no such file, and -1 with errno set otherwise
   (EFBIG if it does not fit). fileio_read_all allocates; the caller frees. A FIFO is not waited for. */
#ifndef SINBIN_SYS_FILEIO_H
#define SINBIN_SYS_FILEIO_H

#include "base/span.h"
#include <sys/types.h>

#define FILEIO_VALUE_MAX 256

/* Byte for byte. */
int fileio_read(const char *path, char *buf, size_t cap, struct span *text);

/* One short value, without the blanks and line ends around it; it may be empty. path is relative to
   the directory open on dirfd (AT_FDCWD: the working directory). */
int fileio_read_value(int dirfd, const char *path, char buf[FILEIO_VALUE_MAX + 1],
                      struct span *value);

/* FILEIO_KIND: not a regular file; FILEIO_SIZE: longer than max bytes; FILEIO_ERROR: errno is set, to
   ENOENT if there is no file. A file that grows meanwhile is read up to the size it had. The byte
   after the last one may be written to. */
enum fileio_result { FILEIO_READ, FILEIO_ERROR, FILEIO_KIND, FILEIO_SIZE };
enum fileio_result fileio_read_all(const char *path, size_t max, char **text, size_t *len);

/* By atomicfile.h. True: the new content is on the disk under this name. False, with errno set: the
   old file or the new one is there, whole. */
bool fileio_write(const char *path, struct span text, mode_t mode);

#endif
