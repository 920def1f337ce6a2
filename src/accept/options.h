/* options.h: the command line of sinbin-listen as values.

   options_set takes one option's letter and its text, strictly: the whole text in range or a
   refusal, with what was wanted in *want. Texts are borrowed from argv. options_finish chooses what
   was left open from what the system allows (struct options_system, read by the caller) and says
   what it had to change: at most one warning of each kind in `changed`. */
#ifndef SINBIN_ACCEPT_OPTIONS_H
#define SINBIN_ACCEPT_OPTIONS_H

#include "accept/peertable.h"
#include "base/span.h"

#define OPTIONS_LETTERS     "+b:c:d:g:i:j:m:n:p:q:r:t:u:x:M:R:4:6:"
#define OPTIONS_BINDS_MAX   64
#define OPTIONS_TOTAL       4000
#define OPTIONS_TOTAL_MAX   1000000
#define OPTIONS_THREADS     4 /* by default; no more than processors */
#define OPTIONS_THREADS_MAX 16

struct options_bind {
  struct addr address;
  bool ipv6; /* how it was written: :: and 0.0.0.0 are not the same */
  uint16_t port;
};

struct options {
  struct options_bind binds[OPTIONS_BINDS_MAX];
  size_t bind_count;
  struct peertable_limits limits; /* total 0 until options_finish: not given */
  uint64_t backlog;               /* connections */
  uint64_t grace, interval;       /* seconds; interval 0: no status by itself */
  uint64_t waiting;               /* connections whose PROXY header is awaited */
  uint64_t proxy_ms;              /* how long for one */
  uint64_t threads;               /* that accept; 0 until options_finish: not given */
  int notify_fd;                  /* -1: none */
  const char *rules;              /* NULL: none */
  const char *root;               /* NULL: as it is */
  bool drop;                      /* to uid and gid */
  uint64_t uid, gid;
};

extern const struct options options_default;

bool options_set(struct options *o, int letter, const char *text, const char **want);

struct options_system {
  uint64_t pid_max, files, processes; /* most that can be had; UINT64_MAX: no limit */
  uint64_t processors;
};

enum {
  OPTIONS_OVER_PIDS = 1,      /* more than half of all process numbers: it is kept */
  OPTIONS_OVER_FILES = 2,     /* lowered to what the descriptors allow */
  OPTIONS_OVER_PROCESSES = 4, /* lowered to what the user may run */
};

/* Settles limits.total and threads. Returns the changes, 0 where there are none. */
int options_finish(struct options *o, const struct options_system *system);
/* The descriptors that the listener wants. */
uint64_t options_files(const struct options *o);

#endif
