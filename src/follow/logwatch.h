/* logwatch.h: how much room the log directory has for the slowest of its readers (logroom.h).

   The directory is one that s6-log writes to. Each reader has a file with its checkpoint
   (checkpoint.h). A reader counts as at the beginning of the log if it has no checkpoint, if its
   checkpoint is malformed, or if its position is not in the log any more.

   logwatch_open opens the directories that hold LOGDIR and the checkpoints, and logwatch_check opens
   files relative to them. So it works after chroot(2) and setuid(2), if the user may read the log
   directory and the checkpoints. A directory that does not exist yet is opened later, by its path.

   Strings are borrowed. Nothing here logs or waits. */
#ifndef SINBIN_FOLLOW_LOGWATCH_H
#define SINBIN_FOLLOW_LOGWATCH_H

#include "follow/logroom.h"

#define LOGWATCH_READERS_MAX 16
#define LOGWATCH_FILES_MAX   4096

/* A file, by its directory and its name in there. */
struct logwatch_path {
  const char *path, *name;
  int parent; /* -1: not opened yet */
};

enum logwatch_reader_state {
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
  size_t slowest; /* the reader with the least room */
  enum logwatch_reader_state state;
};

/* checkpoints: paths, separated by blanks; the text is cut at the blanks. Returns false if there are
   more than LOGWATCH_READERS_MAX, or none. w->limits must be set before. */
bool logwatch_open(struct logwatch *w, const char *dir, char *checkpoints);

enum logwatch_result {
  LOGWATCH_SEEN,
  LOGWATCH_NO_LOG, /* there is no directory yet; the room is that of an empty one */
  LOGWATCH_ERROR   /* errno is set; the room is that of the last look */
};
enum logwatch_result logwatch_check(struct logwatch *w);

#endif
