/* logdir.h: the files of a log directory as s6-log and multilog keep it.

   `current` is being written. Full, it is renamed to `previous` and a new `current` is opened; then
   the old one is linked as `@LABEL.s`, and `previous` unlinked. LABEL is the TAI64N time of that
   moment. What a logger left that was killed becomes `@LABEL.u`. After its renaming nothing is
   written to a file any more. All other names (lock, state, ...) are none of ours.

   A file is told by its inode together with the time of its birth, where the file system keeps one:
   the number of a deleted file is soon given to another. */
#ifndef SINBIN_FOLLOW_LOGDIR_H
#define SINBIN_FOLLOW_LOGDIR_H

#include "base/span.h"
#include <stdint.h>

#define LOGFILE_NAME_LEN 27
#define LOGFILE_CURRENT  "current"
#define LOGFILE_PREVIOUS "previous"

struct logfile {
  uint64_t inode;
  uint64_t born; /* nanoseconds since 1970, 0 where unknown */
  char name[LOGFILE_NAME_LEN + 1];
};

bool logfile_name_is_valid(const char *name);
bool logfile_is_current(const struct logfile *f);
/* The same inode, born at the same time; and a name that the file can have got since. */
bool logfile_is_later_self(const struct logfile *known, const struct logfile *seen);

enum logdir_result {
  LOGDIR_READ,
  LOGDIR_CHANGING, /* it was rotated all the time while it was read: try again */
  LOGDIR_FULL,     /* more than cap files */
  LOGDIR_ERROR,    /* errno says why */
};

/* The file of that name; false with errno set, ENOENT also where it is no regular file. */
bool logdir_stat(int dirfd, const char *name, struct logfile *out);

/* Opens a file for reading; -1 with errno set, ENOENT also where its name is another's by now. */
int logdir_open(int dirfd, const struct logfile *f);

/* All files by name, `previous` and `current` last, each inode once. No rotation took place while
   they were read, so no file is missing that was there before the last one in the list. */
enum logdir_result logdir_scan(int dirfd, struct logfile *out, size_t cap, size_t *n);

#endif
