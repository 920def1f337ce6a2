/* logdir.h: the files of a log directory that s6-log or multilog writes to.

   The logger writes to `current`. When that is full, it is renamed to `previous`, a new `current` is
   opened, and the full file is linked as `@LABEL.s` and `previous` unlinked. LABEL is the TAI64N time
   of that moment. A file that a killed logger left becomes `@LABEL.u`. The logger does not write to a
   file that it has renamed. All other names (lock, state, ...) are not log files.

   A file is known by its inode number, the time of its birth, and its first line: the inode number of
   a deleted file is soon given to a new one, some file systems keep no birth time, and others keep it
   in ticks of a few milliseconds. */
#ifndef SINBIN_FOLLOW_LOGDIR_H
#define SINBIN_FOLLOW_LOGDIR_H

#include "base/span.h"
#include <stdint.h>

#define LOGFILE_NAME_LEN  27
#define LOGFILE_CURRENT   "current"
#define LOGFILE_PREVIOUS  "previous"
#define LOGFILE_FIRST_MAX 1024 /* bytes of the first line that are compared */

struct logfile {
  uint64_t inode;
  uint64_t birth;      /* nanoseconds since 1970; 0: not known */
  uint64_t first_hash; /* hash of the first line; 0: it was not complete */
  char name[LOGFILE_NAME_LEN + 1];
};

bool logfile_name_is_valid(const char *name);
bool logfile_is_current(const struct logfile *f);

/* The same inode and birth. */
bool logfile_is_same_inode(const struct logfile *a, const struct logfile *b);

/* The same file, seen later: its first line is the same if it was complete before, and its name is
   one that the logger can have given it since. */
bool logfile_is_later_self(const struct logfile *known, const struct logfile *seen);

/* Sets inode and birth of the regular file of that name. Returns false with errno set; ENOENT also
   if it is not a regular file. */
bool logdir_stat(int dirfd, const char *name, struct logfile *out);

/* Opens a file for reading. Returns -1 with errno set; ENOENT also if another file has its name
   now, or it has another first line. */
int logdir_open(int dirfd, const struct logfile *f);

/* Sets *hash to the hash of the first line of an open file, or to 0 if that line is not complete:
   neither its LF nor LOGFILE_FIRST_MAX bytes are there. Returns false with errno set. */
bool logdir_hash_first_line(int fd, uint64_t *hash);

enum logdir_result {
  LOGDIR_READ,
  LOGDIR_CHANGING, /* it was rotated during each of many attempts: try again later */
  LOGDIR_FULL,     /* more than cap files */
  LOGDIR_ERROR,    /* errno says why */
};

/* Lists all files by name, `previous` and `current` last, each inode once, without hashes. No
   rotation took place during the scan, so no file is missing that is older than the last one. */
enum logdir_result logdir_scan(int dirfd, struct logfile *out, size_t cap, size_t *n);

/* The same, with the hashes of the first lines. */
enum logdir_result logdir_scan_hashed(int dirfd, struct logfile *out, size_t cap, size_t *n);

#endif
