/* atomicfile.h: replaces a file. At any time, also after a power failure, the name is the old file or
   the complete new one.

   The new content is written to PATH.tmp in the same directory and synced to disk. Then PATH.tmp is
   renamed to PATH, and the directory is synced. A reader that has the old file open keeps it. The
   temporary file is locked: a second writer of the same PATH gets EWOULDBLOCK. A device, a
   FIFO or a socket is not replaced: EEXIST. Errors: false, with errno set. */
#ifndef SINBIN_SYS_ATOMICFILE_H
#define SINBIN_SYS_ATOMICFILE_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct atomicfile {
  int fd; /* for writing; -1 after it was closed */
  char path[PATH_MAX];
  char temp[PATH_MAX + 4];
};

bool atomicfile_open(struct atomicfile *f, const char *path, mode_t mode);
bool atomicfile_commit(struct atomicfile *f);
/* Removes the temporary file; PATH is unchanged. Keeps errno. */
void atomicfile_abandon(struct atomicfile *f);

/* Writes all bytes, or returns false; EINTR is retried. */
bool atomicfile_write_all(int fd, const void *data, size_t len);

#endif
