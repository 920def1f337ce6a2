#include "follow/logroom.h"

/* A full file may be longer than `size` by this: s6-log writes all that it has. */
#define OVERRUN 16384

static uint64_t least(uint64_t a, uint64_t b) {
  return a < b ? a : b;
}

static uint64_t minus(uint64_t a, uint64_t b) {
  return a > b ? a - b : 0;
}

/* How many rotations the old file number `at` survives by the limit of bytes. unread: the size of the
   old files from it on. */
static uint64_t rotations_by_total(const struct logroom_limits *limits, uint64_t unread) {
  return minus(limits->total, unread) / (limits->size + OVERRUN);
}

/* How many rotations the file number `at` survives; `old` is the number of old files, and also that
   of `current`. */
static uint64_t rotations_survived(const struct logroom_limits *limits,
                                   const struct logroom_files *files, size_t at, size_t old) {
  uint64_t unread = 0, by_files = minus(limits->files + at, old);
  for (size_t i = at; i < old; i++) unread += files->file[i].size;
  return limits->total ? least(by_files, rotations_by_total(limits, unread)) : by_files;
}

static uint64_t left_from(const struct logroom_limits *limits, const struct logroom_files *files,
                          size_t at) {
  size_t old = files->count - (files->is_growing ? 1 : 0);
  uint64_t written = files->is_growing ? files->file[old].size : 0;
  uint64_t least_size = limits->size - LOGROOM_SHORT_MAX;
  return minus(least_size, written) + rotations_survived(limits, files, at, old) * least_size;
}

static size_t find(const struct logroom_files *files, uint64_t inode) {
  size_t at = files->count;
  while (at > 0 && files->file[at - 1].inode != inode) at--;
  return at ? at - 1 : files->count;
}

uint64_t logroom_left(const struct logroom_limits *limits, const struct logroom_files *files,
                      uint64_t inode, uint64_t offset, bool *found) {
  size_t at = find(files, inode);
  *found = at < files->count && offset <= files->file[at].size;
  if (!*found) return logroom_left_unread(limits, files);
  bool is_current = files->is_growing && at + 1 == files->count;
  /* The end of an old file counts as the beginning of the next one. */
  if (!is_current && offset == files->file[at].size) at++;
  return left_from(limits, files, at);
}

uint64_t logroom_left_unread(const struct logroom_limits *limits,
                             const struct logroom_files *files) {
  return left_from(limits, files, 0);
}

uint64_t logroom_kept(const struct logroom_limits *limits) {
  const struct logroom_files none = {.count = 0};
  return minus(logroom_left_unread(limits, &none), limits->size - LOGROOM_SHORT_MAX);
}
