/* dispatch.h: what happens to a connection from accept(2) to the end of its handler: the header of a
   proxy, the peer rules, the limits, the start of the handler, and the handler's exit status. It
   makes system calls on sockets, processes and one epoll set, and no others.

   Each worker (worker.h) has a dispatch of its own. All of them share one listener (listener.h). The
   caller owns the loop: it opens the epoll set, sets `now` (monotonic milliseconds) before each call,
   and passes on the events that epoll reports. The 64 bits of data of an event are a kind and a
   number; dispatch_watch writes them.

   Nothing here logs, exits or waits. Errors, and the line of a lost handler (lostline.h), are left in
   the listener. */
#ifndef SINBIN_ACCEPT_DISPATCH_H
#define SINBIN_ACCEPT_DISPATCH_H

#include "accept/handlerenv.h"
#include "accept/listener.h"
#include "accept/slots.h"

enum dispatch_kind { DISPATCH_SOCKET, DISPATCH_WAKE, DISPATCH_HANDLER, DISPATCH_PROXY };

struct dispatch_handler;
struct dispatch_waiting;

struct dispatch {
  struct listener *listener;
  int epoll;
  struct peerrules *rules; /* NULL: no rules */
  int64_t now;
  /* Private; the caller may read these: */
  struct spawn spawn;
  struct handlerenv env;
  bool resources_exhausted; /* accepting should pause; the caller resets it */
  struct dispatch_handler *handlers;
  struct slots handler_slots;
  struct dispatch_waiting *waiting; /* connections of proxies whose header is not complete */
  struct slots waiting_slots;
};

/* Allocates all memory, enough for the case that every connection comes in by this dispatch. False:
   no memory. */
bool dispatch_init(struct dispatch *d, struct listener *listener);

bool dispatch_watch(struct dispatch *d, int fd, uint32_t events, enum dispatch_kind kind,
                    uint32_t number);

/* Accepts at most `most` connections of a listening socket. False, with errno set, if the socket does
   not listen any more: then the caller should pause, and report it. */
bool dispatch_accept(struct dispatch *d, int socket, int most);
/* Handle events of the kinds DISPATCH_PROXY and DISPATCH_HANDLER. */
void dispatch_read_proxy(struct dispatch *d, uint32_t number, uint32_t events);
void dispatch_reap(struct dispatch *d, uint32_t number);

/* Closes the connections whose proxy header is late, or all that wait for a header. */
void dispatch_expire(struct dispatch *d, bool all);
/* Sends the signal to all handlers. */
void dispatch_signal(struct dispatch *d, int signal);
/* The number of handlers that run. */
uint32_t dispatch_held(const struct dispatch *d);
/* True if a connection waits for its proxy header. */
bool dispatch_has_waiting(const struct dispatch *d);

#endif
