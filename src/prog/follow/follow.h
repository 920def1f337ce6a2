/* follow.h: the parts of sinbin-follow, private to it.

     sinbin-follow.c    the command line, the signals and the loop
     follow/list.c      the list of files
     follow/output.c    waits, and prints lines
     follow/files.c     the log directory, and the way from one file to the next
     follow/start.c     the checkpoint, and where to start

   If the system refuses something, these functions end the program. */
#ifndef SINBIN_PROG_FOLLOW_FOLLOW_H
#define SINBIN_PROG_FOLLOW_FOLLOW_H

#include "follow/fileorder.h"
#include "follow/tail.h"
#include "line/checkpoint.h"
#include "line/field.h"
#include "sys/ratelimit.h"
#include <limits.h>
#include <signal.h>

#define OUTPUT_PIECE PIPE_BUF /* a pipe that is ready takes this many bytes without blocking */
#define OUTPUT_LINE  (LINE_BYTES_MAX - SEQPOS_TEXT_MAX) /* a line of the log, LF included */

struct config {
  const char *dir, *checkpoint;
  char list[PATH_MAX]; /* CHECKPOINT.files */
  bool make, at_end;   /* only make a new checkpoint; at the end of the log */
  bool once;           /* exit at the end of the log */
  int poll_ms;         /* milliseconds between two looks at the directory; -1: use inotify */
};

struct follower {
  const struct config *config;
  int dir;
  int watch;   /* inotify, or -1 */
  int poll_ms; /* that of the configuration, or a second if there is no inotify */
  bool moved;  /* the directory was renamed or removed */
  bool busy;   /* the directory was rotated during each scan: look again soon */

  struct fileorder order; /* the file order.at is being read */
  bool order_saved;
  bool order_fits; /* the list on disk belonged to the epoch of the checkpoint */
  int newest; /* the newest file of the list, open, so that no other file gets its inode; or -1 */
  bool finished; /* the logger no longer writes to the file that is being read */
  bool lost;     /* lines were lost after this file, and the next one is not there yet */

  struct tail in;
  uint64_t seq;                         /* the number of the next line */
  char label[CHECKPOINT_LABEL_LEN + 1]; /* of the last line that was read, or of the checkpoint */

  struct ratelimit unreadable;
  uint64_t unreadables;
  size_t out_len;
  char out[OUTPUT_PIECE];
  char in_buf[OUTPUT_LINE];
};

/* ---- sinbin-follow.c ---- */

/* Set by SIGTERM and SIGINT, which are delivered only during a wait. */
extern volatile sig_atomic_t stopping;
extern sigset_t waiting_mask;

/* ---- list.c ---- */

void list_read(struct follower *f);
/* Writes the list to the disk if it has changed, with the first line of the file that is being read.
   Called before anything of that file is printed. */
void list_save(struct follower *f);
/* Adds what is in the directory now to the list. Returns false if the directory is busy. */
bool list_scan(struct follower *f);
/* Returns -1 if the file was renamed or deleted. */
int list_open_file(const struct follower *f, size_t index);

/* ---- output.c ---- */

/* Prints all whole lines that are in the file now. */
void output_lines(struct follower *f);
/* Prints the rest of a file that has no line end. */
void output_partial(struct follower *f);
void output_gap(struct follower *f, const struct filenumbers *r);
void output_flush(struct follower *f);
/* Waits for a change of the directory, at most `ms` milliseconds; -1: no limit. Ends the program if
   the reader of the output has exited. */
void output_wait(struct follower *f, int ms);

/* ---- files.c ---- */

void files_open_directory(struct follower *f);
/* Waits for a change of the directory, and follows another one that took its place. Exits 0 on a
   signal. */
void files_wait(struct follower *f);
/* Scans, and decides what is lost. Returns false if the directory is busy. */
bool files_update(struct follower *f);
void files_forget_gone(struct follower *f, bool lost);
bool files_none_is_known(const struct follower *f, size_t known);
/* Moves *index over the files at the beginning of a directory that hold no line newer than the
   label, and sets the start of the file after them. Returns false if a file was renamed. */
bool files_skip_old(struct follower *f, size_t *index);
/* Sets the start of a file whose content was replaced. */
void files_find_start(struct follower *f, int fd, struct filenumbers *r);
_Noreturn void files_refuse_copy(struct follower *f);

/* The label of the line at an offset; "" if it has none. */
void files_label_at(const struct follower *f, int fd, uint64_t offset,
                    char label[CHECKPOINT_LABEL_LEN + 1]);
uint64_t files_wall_ms(void);

/* At the end of a file: returns true if there may be more to read now. */
bool files_advance(struct follower *f);

/* ---- start.c ---- */

/* Makes a new checkpoint, *c, at the beginning or the end of the log. Its epoch is above `old`. */
void start_new(struct follower *f, uint64_t old, struct checkpoint *c);
/* Finds the line at which to go on, with *c as the checkpoint on disk, and opens its file. */
void start_at(struct follower *f, struct checkpoint *c);

#endif
