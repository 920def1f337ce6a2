/* publish.h: the parts of sinbin-publish, private to it.

     sinbin-publish.c    the configuration, the command line, and the loop for rbldnsd
     publish/lists.c     the loop for the other outlets
     publish/second.c    the second process, which runs that loop if there is an rbldnsd, too
     publish/source.c    the store
     publish/wait.c      signals, the time, and the wait between two looks at the store
     publish/prog.c      PROG

   If the system refuses something that all outlets need, these functions end the program. */
#ifndef SINBIN_PROG_PUBLISH_PUBLISH_H
#define SINBIN_PROG_PUBLISH_PUBLISH_H

#include "publish/dataset.h"
#include "publish/outlets.h"
#include "publish/published.h"
#include "store/reader.h"
#include "sys/fileid.h"
#include "sys/ratelimit.h"
#include <signal.h>

#define RETRY_MS   5000  /* until PROG or the second process is run again after it failed */
#define WARNING_MS 60000 /* between two warnings about the same thing */

struct config {
  bool once;
  char *const *zones; /* of -z; NULL: publish */
  char *name;         /* argv[0] */
  char *store, *outdir;
  char *const *prog; /* NULL: none */
  struct outlets outlets;
  struct zone_settings zone;
  struct published_limits limits;
  int64_t lifetime;    /* seconds for which rbldnsd answers without this program */
  int64_t interval_ms; /* between two writings of the lists */
  int poll_ms;
  int notify_fd; /* -1: none */
};

/* ---- wait.c */

extern volatile sig_atomic_t publish_stop; /* set by SIGTERM and SIGINT */

void wait_catch_signals(void);
/* Waits for POLL; a signal that comes just before ends the wait, too. */
void wait_poll(const struct config *c);
int64_t wall_seconds(void);

/* ---- source.c */

struct source {
  const struct config *config;
  struct reader *reader;
  struct fileid file; /* that is open */
  struct ratelimit warning;
  bool missing; /* there is no file of its name any more */
};

/* Waits until the store can be opened, or publish_stop is set. */
void source_open(struct source *s);
/* If the store is another file, ends the program: a new start is needed. */
void source_watch(struct source *s);
/* Returns if it may help to wait. */
void source_check(struct source *s, enum reader_result result);

/* ---- prog.c */

struct prog_state {
  bool due;     /* files were replaced since PROG last succeeded */
  int64_t next; /* monotonic milliseconds */
};

/* Runs PROG if it is due: after a failure again with the next change, or after a time. */
void prog_run(struct prog_state *p, const struct config *c, bool changed);

/* ---- lists.c */

/* Writes the outlets other than rbldnsd. Returns the exit code. */
int lists_run(const struct config *c);

/* ---- second.c */

struct second {
  pid_t pid;          /* 0: it does not run */
  int64_t next_start; /* monotonic milliseconds; 0: it was not started yet */
  bool failed;        /* it has ended with an error */
};

/* Starts it if it does not run; with -1 only once. */
void second_keep(struct second *s, const struct config *c);
/* Waits for its end; if publish_stop is set, asks it to end. False: it failed. */
bool second_finish(struct second *s);

#endif
