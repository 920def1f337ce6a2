/* worker.h: the thread that looks after one dispatch: it waits for what the sockets, the proxies and
   the handlers of its dispatch do, and has it done.

   Every worker has a descriptor table of its own, so that spawning suspends nobody else, and its
   own epoll set. The listening sockets are in all the sets: the kernel wakes one worker that has
   nothing to do for a connection (EPOLLEXCLUSIVE). One that can take nobody for now, since the
   system is out of something, or accepting does nothing but fail, pauses and calls the others to
   the sockets instead. A socket that is dead is told to the listener by its number among the sockets.

   It stops when the listener is closing: then it lets go of the sockets, counts itself as closed, and
   goes on collecting its handlers for as long as the process lives. */
#ifndef SINBIN_ACCEPT_WORKER_H
#define SINBIN_ACCEPT_WORKER_H

#include "accept/dispatch.h"
#include <semaphore.h>

#define WORKER_SOCKETS_MAX 64

struct worker {
  struct dispatch dispatch;
  int sockets[WORKER_SOCKETS_MAX];
  size_t socket_count;
  bool ready[WORKER_SOCKETS_MAX];
  int64_t paused_until; /* 0: accepting */
  uint32_t signals;     /* as many of the listener's have been seen */
  struct ruleset *set;
  struct peerrules rules;
  sem_t started;
  int error; /* of starting */
};

/* Starts one on copies of these sockets; the struct must live as long as the process. Returns when
   it accepts connections. False, with errno set: it does not. Signals must be blocked already, and
   privileges dropped. */
bool worker_start(struct worker *p, struct listener *listener, const int *sockets, size_t count);

#endif
