/* fileorder.h: the order of the files of a log directory, by the time when they were first seen, and
   the numbers of their lines.

   The names of full files are times, and a clock can be set back; then a newer file has a smaller
   name than an older one. So the order is kept. Files that are seen together for the first time are
   in the order of their names, after all that were seen before.

   A file is begun when a line of it may have been printed. The number of its first line is kept, so
   that its lines get the same numbers again if the files before it are deleted. If lines were lost
   before a begun file, there is a gap (line/gap.h). Its line gap1 has the number before that of the
   file's first line. All these numbers belong to `epoch`.

   The text is kept next to the checkpoint: "epoch N", then one file a line:

     INODE BIRTH NAME [#HASH]                                           (logdir.h; HASH: 16 hex digits)
     INODE BIRTH NAME [#HASH] FIRST START                               begun
     INODE BIRTH NAME [#HASH] FIRST START AT AFTERINODE AFTEROFFSET FROM TO
                                                                       begun after a gap; FROM and TO
                                                                       are `-` without a label

   #HASH is left out while the first line is not known. The line "epoch" is left out while no epoch is
   known. decode(encode(x)) == x. */
#ifndef SINBIN_FOLLOW_FILEORDER_H
#define SINBIN_FOLLOW_FILEORDER_H

#include "follow/logdir.h"
#include "line/gap.h"

#define FILEORDER_MAX      4096 /* files */
#define FILEORDER_LINE_MAX 260
#define FILEORDER_TEXT_MAX ((FILEORDER_MAX + 1) * FILEORDER_LINE_MAX)

struct filenumbers {
  uint64_t first; /* number of its first line; 0: not begun */
  uint64_t start; /* offset of that line */
  struct gap gap; /* gap.at 0: no lines were lost before it */
};

struct fileorder {
  uint64_t epoch; /* 0: not known */
  struct logfile file[FILEORDER_MAX];
  struct filenumbers read[FILEORDER_MAX];
  bool present[FILEORDER_MAX]; /* seen by the last update */
  size_t n;
  size_t at; /* the file that is being read; n: all files have been read */
};

/* Takes the files that a scan found (n <= FILEORDER_MAX): updates names and hashes, adds new files at
   the end, and sets `present` for each. Returns false if there are more than FILEORDER_MAX files. */
bool fileorder_update(struct fileorder *order, const struct logfile *found, size_t n);

/* What the update has found out about the files after `at`. known: how many files the list had before
   it. */
enum fileorder_loss {
  FILEORDER_COMPLETE,
  FILEORDER_LOST, /* one is gone, or may be: the last known file is not there, and there are new ones */
  FILEORDER_LOST_BEGUN, /* one is gone that was begun: its numbers have been used */
};
enum fileorder_loss fileorder_find_loss(const struct fileorder *order, size_t known);

/* Removes the files that are gone. The file `at` stays in the list. */
void fileorder_forget_gone(struct fileorder *order);

/* The index of the last file of that inode, or n. */
size_t fileorder_find(const struct fileorder *order, uint64_t inode);

/* Makes all files not begun, and sets the epoch. */
void fileorder_clear_numbers(struct fileorder *order, uint64_t epoch);

/* Writes at most FILEORDER_TEXT_MAX bytes, returns the length. */
size_t fileorder_encode(const struct fileorder *order, char *out);
/* Returns false on any text that fileorder_encode does not write; *line is then the number of the bad
   line. */
bool fileorder_decode(struct span text, struct fileorder *out, uint64_t *line);

#endif
