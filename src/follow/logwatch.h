/* logwatch.h: how much room the log directory has for the slowest of its readers (logroom.h).

   LOGDIR is a directory that s6-log writes to, and a reader is known by its file CHECKPOINT
   (checkpoint.h). A reader without a checkpoint counts as at the beginning of the log, where
   sinbin-follow begins; so does one whose position is not there any more, or whose checkpoint is
   malformed.

   logwatch_open opens the directories in which LOGDIR and the checkpoints are; a look names files
   by these. So it works after a change of the root and of the user, if the user may read the log
   directory and the checkpoints. A directory that is not there yet is opened later, by its path.

   Strings are borrowed. Nothing here logs or waits. */
#ifndef SINBIN_FOLLOW_LOGWATCH_H
#define SINBIN_FOLLOW_LOGWATCH_H

#include "follow/logroom.h"

#define LOGWATCH_READERS_MAX 16
#define LOGWATCH_FILES_MAX   4096

/* A file by its directory, once that could be opened, and its name in there. */
struct logwatch_path {
  const char *path, *name;
  int parent; /* -1: not opened yet */
};

enum logwatch_reader {
  LOGWATCH_AT,        /* it is somewhere in the log */
  LOGWATCH_NONE,      /* it has no checkpoint */
  LOGWATCH_MALFORMED, /* its checkpoint cannot be parsed */
  LOGWATCH_GONE       /* its position is not in the log */
};

struct logwatch {
  struct logroom_limits limits;
  struct logwatch_path dir, checkpoint[LOGWATCH_READERS_MAX];
  size_t readers;
  int fd; /* of the log directory, -1: not opened yet */
  /* after a look */
  uint64_t room;
  size_t slowest; /* the number of the reader that this is the room of */
  enum logwatch_reader state;
};

/* checkpoints: paths with blanks between them; the text is cut there. False: more than
   LOGWATCH_READERS_MAX, or none. */
bool logwatch_open(struct logwatch *w, const char *dir, char *checkpoints);

enum logwatch_result {
  LOGWATCH_SEEN,
  LOGWATCH_NO_LOG, /* there is no directory yet; the room is that of an empty one */
  LOGWATCH_ERROR   /* errno says why; the room is what it was */
};
enum logwatch_result logwatch_look(struct logwatch *w);

#endif
