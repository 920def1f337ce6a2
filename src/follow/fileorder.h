/* fileorder.h: the order of the files of a log directory, by when they were first seen, and the
   numbers that their lines have.

   The names of full files are times, and a clock can be set back; then a newer file has a smaller
   name than an older one. So the order is kept: files seen together for the first time are in the
   order of their names, after all that were seen before.

   A file is begun when a line of it may have been printed. The number of its first line is kept,
   so that its lines have the same numbers again if the files before it are gone. Lines that were
   lost before a begun file are a gap (line/gap.h), whose own number is one less. All these numbers
   belong to `epoch`.

   The text is kept beside the checkpoint: "epoch N", then one file a line:
     INODE BORN NAME                                                (logdir.h)
     INODE BORN NAME FIRST START                                    begun
     INODE BORN NAME FIRST START AT AFTERINODE AFTEROFFSET FROM TO  begun after a gap; FROM, TO: `-`
                                                                    without a label
   The first line is missing while no epoch is known. decode(encode(x)) == x. */
#ifndef SINBIN_FOLLOW_FILEORDER_H
#define SINBIN_FOLLOW_FILEORDER_H

#include "follow/logdir.h"
#include "line/gap.h"

#define FILEORDER_MAX      4096 /* files */
#define FILEORDER_LINE_MAX 240
#define FILEORDER_TEXT_MAX ((FILEORDER_MAX + 1) * FILEORDER_LINE_MAX)

struct logread {
  uint64_t first; /* the number of its first line; 0: not begun */
  uint64_t start; /* the offset of that line */
  struct gap gap; /* gap.at 0: no lines are missing before it */
};

struct fileorder {
  uint64_t epoch; /* 0: not known */
  struct logfile file[FILEORDER_MAX];
  struct logread read[FILEORDER_MAX];
  bool here[FILEORDER_MAX]; /* seen at the last merge */
  size_t n;
  size_t at; /* the file that is being read; n: none is, and none is still to be read */
};

enum fileorder_result {
  FILEORDER_SAME,
  FILEORDER_GREW, /* files were added at the end */
  FILEORDER_LOST, /* a file after `at` is gone, or may be: the last file known is not there any more,
                    and there are new ones */
  FILEORDER_LOST_BEGUN, /* the same, and the file was begun: its numbers are used */
  FILEORDER_FULL,
};

/* Takes in what a scan found (n <= FILEORDER_MAX): names are brought up to date, new files added,
   and files that are gone left out. The file `at` stays in the list, here or not. */
enum fileorder_result fileorder_merge(struct fileorder *order, const struct logfile *found,
                                      size_t n);

/* The same without leaving anything out. False: more than FILEORDER_MAX files. */
bool fileorder_update(struct fileorder *order, const struct logfile *found, size_t n);
void fileorder_forget_gone(struct fileorder *order);

/* FILEORDER_SAME, or what is lost after `at`; known: how many files the list had before the update.
 */
enum fileorder_result fileorder_find_loss(const struct fileorder *order, size_t known);

/* The last file of that inode, or n. */
size_t fileorder_find(const struct fileorder *order, uint64_t inode);

/* No number is known any more. */
void fileorder_clear_numbers(struct fileorder *order, uint64_t epoch);

/* Writes at most FILEORDER_TEXT_MAX bytes, returns the length. */
size_t fileorder_encode(const struct fileorder *order, char *out);
/* False on anything that fileorder_encode does not write, *line then being the number of the bad
   line. */
bool fileorder_decode(struct span text, struct fileorder *out, uint64_t *line);

#endif
