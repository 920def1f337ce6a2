/* fileid.h: the identity of a file, to see whether a name is still the same file.

   fileid_of_path follows symbolic links. Both ways to get an identity return false, with errno set
   and *id untouched, if the file cannot be found. fileid_is_same: the same file, whatever its
   content. fileid_is_unchanged: also the same size and the same modification time. */
#ifndef SINBIN_SYS_FILEID_H
#define SINBIN_SYS_FILEID_H

#include <stdbool.h>
#include <sys/types.h>
#include <time.h>

struct fileid {
  dev_t dev;
  ino_t ino;
  off_t size;
  struct timespec mtime;
};

bool fileid_of_fd(int fd, struct fileid *id);
bool fileid_of_path(const char *path, struct fileid *id);

bool fileid_is_same(const struct fileid *a, const struct fileid *b);
bool fileid_is_unchanged(const struct fileid *a, const struct fileid *b);

#endif
