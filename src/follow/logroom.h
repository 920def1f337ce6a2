/* logroom.h: how much a logger can write before it deletes a line that a reader has not read.

   s6-log and multilog write to `current`. They end that file at the end of a line, when it has about
   `size` bytes: up to LOGROOM_SHORT_MAX less, or some more. It then becomes an old file, and the oldest
   old files are deleted until at most `files` of them are left, of at most `total` bytes. multilog
   counts `current`, too: its n is one more than `files`.

   The answer is a lower bound, unless a signal or a restart of the logger ends a file early: then the
   next answer is less by one file. */
#ifndef SINBIN_FOLLOW_LOGROOM_H
#define SINBIN_FOLLOW_LOGROOM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LOGROOM_SHORT_MAX 2000

struct logroom_limits {
  uint64_t files; /* old files that are kept, at least 1: n of s6-log */
  uint64_t size;  /* of a full file in bytes, at least 4096: s of s6-log */
  uint64_t total; /* of all old files in bytes, 0: no limit: S of s6-log */
};

struct logroom_file {
  uint64_t inode, size;
};

/* The files of the directory, the oldest first; the last one is `current` if is_growing. */
struct logroom_files {
  const struct logroom_file *file;
  size_t count;
  bool is_growing;
};

/* How many bytes can be written before the line at that offset of that file is deleted. *found is
   false if there is no such position; the reader then counts as at the beginning of the oldest
   file. */
uint64_t logroom_left(const struct logroom_limits *limits, const struct logroom_files *files,
                      uint64_t inode, uint64_t offset, bool *found);
/* The same for a reader that has read nothing. */
uint64_t logroom_left_unread(const struct logroom_limits *limits,
                             const struct logroom_files *files);

/* How many bytes the logger keeps when `current` is empty: the least answer for a reader that has
   read everything. */
uint64_t logroom_kept(const struct logroom_limits *limits);

#endif
