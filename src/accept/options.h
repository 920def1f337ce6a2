/* options.h: the command line of sinbin-listen as values.

   options_set takes the letter of one option and its text. It accepts the text only if all of it is
   well-formed and in range; otherwise *want says what is expected. Texts are borrowed from argv.
   options_finish chooses the values that were not given, and lowers the total to what the system
   allows (struct options_system, which the caller reads). The bits it returns say what it changed, one
   for each warning. */
#ifndef SINBIN_ACCEPT_OPTIONS_H
#define SINBIN_ACCEPT_OPTIONS_H

#include "accept/peertable.h"
#include "base/span.h"

#define OPTIONS_LETTERS     "+b:c:d:g:i:j:m:n:p:q:r:t:u:x:M:R:4:6:"
#define OPTIONS_BINDS_MAX   64
#define OPTIONS_TOTAL       4000
#define OPTIONS_TOTAL_MAX   1000000
#define OPTIONS_THREADS     4 /* by default; not more than processors */
#define OPTIONS_THREADS_MAX 16

struct options_bind {
  struct addr address;
  bool ipv6; /* how it was written: `::` and `0.0.0.0` differ */
  uint16_t port;
};

struct options {
  struct options_bind binds[OPTIONS_BINDS_MAX];
  size_t bind_count;
  struct peertable_limits limits; /* if total was not given, it is 0 until options_finish */
  uint64_t backlog;               /* connections */
  uint64_t grace, interval;       /* seconds; interval 0: no periodic status */
  uint64_t waiting;               /* connections that wait for a PROXY header */
  uint64_t proxy_ms;              /* how long each of them may wait */
  uint64_t threads;               /* workers; if not given, 0 until options_finish */
  int notify_fd;                  /* -1: none */
  const char *rules;              /* NULL: none */
  const char *root;               /* NULL: unchanged */
  bool drop;                      /* privileges, to uid and gid */
  uint64_t uid, gid;
};

extern const struct options options_default;

bool options_set(struct options *o, int letter, const char *text, const char **want);

struct options_system {
  uint64_t pid_max, files, processes; /* the most allowed; UINT64_MAX: no limit */
  uint64_t processors;
};

enum {
  OPTIONS_OVER_PIDS = 1,      /* more than half of all process IDs; not lowered */
  OPTIONS_OVER_FILES = 2,     /* lowered to what the limit of open files allows */
  OPTIONS_OVER_PROCESSES = 4, /* lowered to what the limit of processes allows */
};

/* Sets limits.total and threads. Returns the OPTIONS_OVER_ bits, 0 if there was no change to report. */
int options_finish(struct options *o, const struct options_system *system);
/* The number of descriptors that the listener needs. */
uint64_t options_files(const struct options *o);

#endif
