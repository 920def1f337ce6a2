/* worker.h: a thread that accepts connections. It waits for events of the sockets, the proxies and the
   handlers, and passes them to its dispatch (dispatch.h).

   Every worker has a descriptor table of its own, so that starting a handler suspends no other worker,
   and an epoll set of its own. The listening sockets are in all the sets; for a connection the kernel
   wakes one idle worker (EPOLLEXCLUSIVE). A worker that runs out of descriptors, memory or processes,
   or whose every accept fails, pauses and wakes the other workers. A socket that does not listen any
   more is reported to the listener by its index in `sockets`.

   When the listener is closing, the worker closes its sockets, increments listener->closed, and goes
   on reaping its handlers until the process exits. */
#ifndef SINBIN_ACCEPT_WORKER_H
#define SINBIN_ACCEPT_WORKER_H

#include "accept/dispatch.h"
#include <semaphore.h>

#define WORKER_SOCKETS_MAX 64

struct worker {
  struct dispatch dispatch;
  int sockets[WORKER_SOCKETS_MAX];
  size_t socket_count;
  bool ready[WORKER_SOCKETS_MAX]; /* the socket may have connections */
  int64_t paused_until;           /* 0: accepting */
  uint32_t signals;               /* how many of listener->signals were handled */
  struct ruleset *set;
  struct peerrules rules;
  sem_t started;
  int error; /* of starting */
};

/* Starts a worker on copies of these sockets and returns when it accepts connections. False, with errno
   set, if it could not be started. The struct must live as long as the process. Signals must be
   blocked and privileges dropped before the call. */
bool worker_start(struct worker *w, struct listener *listener, const int *sockets, size_t count);

#endif
