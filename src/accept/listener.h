/* listener.h: what all workers share: the table of peers, the counters, the peer rules, and errors and
   lost lines that have not been reported yet. A program has one listener. Each worker (worker.h) is a
   thread.

   The caller sets the members of the first part of the struct; listener_open does the rest. Nothing
   here logs: errors and lost lines are kept until the main thread reports them. The main thread waits
   for `wake_main`, an eventfd that becomes readable when there is something for it to do.
   listener_wake_workers wakes all workers. All functions may be called by several threads at the same
   time, unless they say otherwise. */
#ifndef SINBIN_ACCEPT_LISTENER_H
#define SINBIN_ACCEPT_LISTENER_H

#include "accept/counters.h"
#include "accept/peerrules.h"
#include "accept/peertable.h"
#include "sys/linequeue.h"
#include "sys/spawn.h"

/* clang-format off */
enum listener_error {
  LISTENER_ACCEPT_FAILED, /* no descriptor or memory for a connection, or every one of many accepts failed */
  LISTENER_FORK_FAILED,   /* no process for a handler */
  LISTENER_EXEC_FAILED,   /* the handler cannot be executed */
  LISTENER_RULES_DAMAGED, /* the peer rules are damaged */
  LISTENER_WATCH_FAILED,  /* a handler cannot be watched; it was killed */
  LISTENER_ERRORS
};
/* clang-format on */

struct error_count {
  uint64_t count;
  int error; /* errno of the last one */
};

/* A listening socket that takes no connections any more. */
struct failed_socket {
  bool found;
  size_t socket; /* its number */
  int error;
};

/* Peer rules. They are freed when the listener and all workers have newer ones. */
struct ruleset;

struct listener {
  struct peertable_limits limits;
  struct spawn spawn; /* each worker copies it */
  const char *const *environment;
  uint32_t waiting_max; /* connections that wait for a proxy header */
  int64_t proxy_ms;     /* how long each of them may wait */
  int close_in_workers; /* a descriptor that workers close in their own tables; -1: none */
  /* Called with rules_lock held before connections are accepted. It may call listener_set_rules.
     NULL if the program has no peer rules. */
  void (*check_rules)(void *context, int64_t now_ms);
  void *context;

  /* Private; the caller may read these: */
  struct peertable peertable;
  struct counters counters;
  _Atomic uint64_t handlers_allowed; /* in all, since the start: listener_may_start */
  _Atomic uint32_t waiting;          /* connections that wait for a proxy header */
  pthread_mutex_t rules_lock;
  struct ruleset *rules;
  pthread_mutex_t limit_lock; /* for the next five members */
  pthread_cond_t limit_set;
  int64_t limit_at; /* monotonic milliseconds */
  uint64_t limits_set;
  bool limit_wanted, limit_allowed_some;
  pthread_mutex_t lock; /* for the next three members */
  struct linequeue out;
  struct error_count errors[LISTENER_ERRORS];
  struct failed_socket failed;
  int wake_main, wake_workers;
  _Atomic bool closing;     /* workers must close their sockets */
  _Atomic uint32_t closed;  /* the number of workers that have done so */
  _Atomic uint32_t signals; /* the number of signals sent so far; the last one is `signal` */
  _Atomic int signal;
};

/* Lost lines are written to the descriptor `out`. False: no memory or no descriptor. */
bool listener_open(struct listener *l, const struct siphash_key *key, int out);

void listener_count(struct listener *l, enum counter which);
void listener_add_error(struct listener *l, enum listener_error kind, int error);
/* Returns the errors since the last call and resets the count. count 0: no error. */
struct error_count listener_take_errors(struct listener *l, enum listener_error kind);

/* At most handlers_allowed handlers are started: the session log may have no room for the line of one
   more. listener_open sets it to UINT64_MAX, which is no limit.

   When the limit is used up, listener_may_start asks the main thread for a new one and waits for it,
   at most LISTENER_WAIT_MS. If the last limit allowed no handler, a new one is not requested until it
   is LISTENER_LIMIT_MS old. The main thread sets the limit with listener_allow, immediately if
   listener_limit_is_wanted. Each thread may exceed the limit by one handler. */
#define LISTENER_LIMIT_MS 10
#define LISTENER_WAIT_MS  100
bool listener_may_start(struct listener *l);
void listener_allow(struct listener *l, uint64_t handlers);
bool listener_limit_is_wanted(struct listener *l);

/* Only the first failed socket is kept. */
void listener_socket_failed(struct listener *l, size_t socket, int error);
struct failed_socket listener_failed_socket(struct listener *l);

/* Writes or queues a line, given without LF. False: there is no room for it. */
bool listener_put_line(struct listener *l, struct span line);
/* Writes the queued lines. True if none is left. */
bool listener_flush(struct listener *l);

/* Call both with rules_lock held. listener_set_rules takes over what *fresh holds; false: no memory,
   and *fresh still belongs to the caller. listener_use_rules makes *set the current rules and *rules
   a copy of them. At the first call *set is NULL and *rules may hold anything. */
bool listener_set_rules(struct listener *l, const struct peerrules *fresh);
void listener_use_rules(struct listener *l, struct ruleset **set, struct peerrules *rules);

void listener_wake_workers(struct listener *l);
void listener_wake_main(struct listener *l);
/* Makes every worker close its sockets and send the signal to its handlers. */
void listener_signal(struct listener *l, int signal);

#endif
