/* dispatch.h: a connection's way in and a handler's way out: accepting, the header of a proxy, the peer
   rules, the caps, the start of the handler and its end. The impure part of this room, as the store
   is of collect: it makes system calls on sockets, processes and one epoll set, and nothing else.

   Each thread that accepts has a dispatch of its own, all lead into one listener (listener.h). The caller owns
   the loop (worker.h). It opens the epoll set, sets `now` (monotonic milliseconds) before it calls,
   and hands over what epoll reports. An event's 64 bits are a kind and a number; dispatch_watch makes
   them.

   Nothing here logs, exits or waits: what went wrong, and a lost line (counters.h) for a handler that
   ended without its own, is left in the listener. */
#ifndef SINBIN_ACCEPT_DISPATCH_H
#define SINBIN_ACCEPT_DISPATCH_H

#include "accept/listener.h"
#include "accept/slots.h"
#include "accept/handlerenv.h"

enum dispatch_kind { DISPATCH_SOCKET, DISPATCH_WAKE, DISPATCH_HANDLER, DISPATCH_PROXY };

struct dispatch_handler;
struct dispatch_pending;

struct dispatch {
  struct listener *listener;
  int epoll;
  struct peerrules *rules; /* NULL: none */
  int64_t now;
  /* the dispatch's own, to be read */
  struct spawn spawn;
  struct handlerenv vector;
  bool resources_exhausted; /* accepting should pause; the caller clears it */
  struct dispatch_handler *children;
  struct slots child_slots;
  struct dispatch_pending *waiting;
  struct slots waiting_slots;
};

/* Allocates all that is ever allocated: as much as if all came in by this dispatch. False: no memory.
 */
bool dispatch_open(struct dispatch *d, struct listener *listener);

bool dispatch_watch(struct dispatch *d, int fd, uint32_t events, enum dispatch_kind kind,
                    uint32_t number);

/* Takes at most `most` connections from a listening socket. False, with errno set: it is dead, and
   accepting should pause until somebody has ended that. */
bool dispatch_accept(struct dispatch *d, int socket, int most);
/* Events of the kinds DISPATCH_PROXY and DISPATCH_HANDLER. */
void dispatch_read_proxy(struct dispatch *d, uint32_t number, uint32_t events);
void dispatch_reap(struct dispatch *d, uint32_t number);

/* Gives up waiting for headers that are late, or for all of them. */
void dispatch_expire(struct dispatch *d, bool all);
void dispatch_signal(struct dispatch *d, int signal);
uint32_t dispatch_held(const struct dispatch *d);
bool dispatch_is_waiting(const struct dispatch *d);

#endif
