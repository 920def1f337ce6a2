/* listener.h: what all dispatches (dispatch.h) lead to and share: the peertable, the counts, the rules, what is to
   be told. One a program; each dispatch is looked after by a thread of its own (worker.h).

   The caller fills in what stands above the line, and listener_open allocates the rest. Nothing here
   logs: troubles and lost lines gather until the thread that looks after the listener tells them. That
   thread waits for `bell`, an eventfd, which rings when there is something for it to do; listener_wake_workers
   in turn wakes all workers. Threads may do all of this at once. */
#ifndef SINBIN_ACCEPT_LISTENER_H
#define SINBIN_ACCEPT_LISTENER_H

#include "accept/peertable.h"
#include "accept/peerrules.h"
#include "accept/counters.h"
#include "sys/linequeue.h"
#include "sys/spawn.h"

enum listener_error {
  LISTENER_ACCEPT_FAILED, /* no descriptor or memory for a connection, or all of many came to nothing */
  LISTENER_FORK_FAILED,   /* no process for a handler */
  LISTENER_EXEC_FAILED,   /* the handler cannot be executed */
  LISTENER_RULES_DAMAGED, /* the peer rules are damaged */
  LISTENER_WATCH_FAILED,  /* a handler cannot be watched; it was killed */
  LISTENER_ERRORS
};

struct error_count {
  uint64_t count;
  int error; /* of the last one */
};

/* A listening socket that takes no connections any more. */
struct failed_socket {
  bool found;
  size_t socket; /* its number */
  int error;
};

/* Peer rules, kept as long as a thread follows them. */
struct ruleset;

struct listener {
  struct peertable_limits limits;
  struct spawn spawn; /* each worker takes a copy */
  const char *const *environment;
  uint32_t waiting_max;
  int64_t proxy_ms;
  int close_in_workers; /* a descriptor that workers close in their tables, -1: none */
  /* Called before newcomers are taken, with rules_lock held; it may call listener_set_rules. NULL where
     there never are any rules. */
  void (*look_at_rules)(void *context, int64_t now_ms);
  void *context;
  /* the listener's own, to be read */
  struct peertable peertable;
  struct counters counter;
  _Atomic uint64_t
      handlers_allowed;     /* that many may have been started in all: listener_may_start */
  _Atomic uint32_t waiting; /* connections whose header is awaited */
  pthread_mutex_t rules_lock;
  struct ruleset *rules;
  pthread_mutex_t limit_lock; /* of the next five */
  pthread_cond_t limit_set;
  int64_t limit_at; /* monotonic milliseconds */
  uint64_t limits_set;
  bool limit_wanted, limit_allowed_some;
  pthread_mutex_t lock; /* of the next three */
  struct linequeue out;
  struct error_count errors[LISTENER_ERRORS];
  struct failed_socket dead;
  int wake_main, wake_workers;
  _Atomic bool closing;     /* workers close their dispatches for good */
  _Atomic uint32_t closed;  /* so many have */
  _Atomic uint32_t signals; /* sent so far; the last one: */
  _Atomic int signal;
};

/* Lost lines go to descriptor `out`. False: no memory or no descriptor. */
bool listener_open(struct listener *h, const struct siphash_key *key, int out);

void listener_count(struct listener *h, enum counter what);
void listener_add_error(struct listener *h, enum listener_error what, int error);
/* What has gathered since it was asked last; count 0: nothing. */
struct error_count listener_take_errors(struct listener *h, enum listener_error what);

/* No handler is started when handlers_allowed of them have been: then the session log may have no
   room for the line of one more. UINT64_MAX, as listener_open leaves it, is no limit.

   When the limit is used up, listener_may_start asks the thread that looks after the listener for a new
   one, and waits for it, LISTENER_WAIT_MS at most. A limit that allowed nobody is not asked about again
   before it is LISTENER_LIMIT_MS old. That thread sets it by listener_allow, at once if
   listener_limit_is_wanted. Several threads may be late by one handler each. */
#define LISTENER_LIMIT_MS 10
#define LISTENER_WAIT_MS  100
bool listener_may_start(struct listener *h);
void listener_allow(struct listener *h, uint64_t handlers);
bool listener_limit_is_wanted(struct listener *h);

/* The first one of those that were told of stays. */
void listener_socket_failed(struct listener *h, size_t socket, int error);
struct failed_socket listener_failed_socket(struct listener *h);

/* line without LF. False: there is no room for it. */
bool listener_put_line(struct listener *h, struct span line);
/* Writes lines that had to wait. True where nothing is left. */
bool listener_flush(struct listener *h);

/* Both with rules_lock held. The listener takes what is mapped over from *fresh; false: no memory, and
   it has not. listener_use_rules makes *set and its copy in *rules the newest; both begin as NULL and
   whatever. */
bool listener_set_rules(struct listener *h, const struct peerrules *fresh);
void listener_use_rules(struct listener *h, struct ruleset **set, struct peerrules *rules);

/* Wakes every worker, or the thread that looks after the listener. */
void listener_wake_workers(struct listener *h);
void listener_wake_main(struct listener *h);
/* Has every worker close its dispatch and signal the handlers that came through it. */
void listener_signal(struct listener *h, int signal);

#endif
