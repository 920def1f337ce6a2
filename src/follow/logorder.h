/* logorder.h: the order of the files of a log directory, by when they were first seen.

   The names of full files are times, and a clock can be set back; then a newer file has a smaller
   name than an older one. So the order is kept: files seen together for the first time stand in
   the order of their names, and behind all that were seen before. The text of it is kept beside the
   checkpoint, one file a line: "INODE BORN NAME" (logdir.h), decode(encode(x)) == x. */
#ifndef SINBIN_FOLLOW_LOGORDER_H
#define SINBIN_FOLLOW_LOGORDER_H

#include "follow/logdir.h"

#define LOGORDER_MAX      4096 /* files */
#define LOGORDER_LINE_MAX 72
#define LOGORDER_TEXT_MAX (LOGORDER_MAX * LOGORDER_LINE_MAX)

struct logorder {
  struct logfile file[LOGORDER_MAX];
  bool here[LOGORDER_MAX]; /* seen at the last merge */
  size_t n;
  size_t at; /* the file that is being read; n: none is, and none is still to be read */
};

enum logorder_result {
  LOGORDER_SAME,
  LOGORDER_MORE, /* files were added at the end */
  LOGORDER_LOST, /* a file behind `at` is gone, or may be: the last file known is not there any
                    more, and there are new ones */
  LOGORDER_FULL,
};

/* Takes in what a scan found (n <= LOGORDER_MAX): names are brought up to date, files before `at`
   that are gone are left out, new ones added. The file `at` stays in the list, here or not. */
enum logorder_result logorder_merge(struct logorder *order, const struct logfile *found, size_t n);

/* The last file of that inode, or n. */
size_t logorder_find(const struct logorder *order, uint64_t inode);

/* Writes at most LOGORDER_TEXT_MAX bytes, returns the length. */
size_t logorder_encode(const struct logorder *order, char *out);
/* False on anything that logorder_encode does not write, *line then being the number of the bad
   line. */
bool logorder_decode(struct span text, struct logorder *out, uint64_t *line);

#endif
