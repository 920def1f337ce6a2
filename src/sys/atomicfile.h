/* atomicfile.h: a file that is either the old one or the whole new one, also after a power cut.

   The new content goes to PATH.tmp in the same directory, is fsynced, renamed over PATH, and the
   directory is fsynced. A reader that has the old file open keeps it. Two writers of one PATH
   exclude each other by a lock on the temporary file (the second gets EWOULDBLOCK). Errors: false,
   with errno set. */
#ifndef SINBIN_SYS_ATOMICFILE_H
#define SINBIN_SYS_ATOMICFILE_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct atomicfile {
  int fd; /* write to it, or hand it to a library that does; -1 once closed */
  char path[PATH_MAX];
  char temp[PATH_MAX + 4];
};

bool atomicfile_open(struct atomicfile *f, const char *path, mode_t mode);
bool atomicfile_commit(struct atomicfile *f);
/* Removes the temporary file; PATH stays as it was. Keeps errno. */
void atomicfile_abandon(struct atomicfile *f);

/* All of it or an error; EINTR is retried. */
bool atomicfile_write_all(int fd, const void *data, size_t len);

#endif
