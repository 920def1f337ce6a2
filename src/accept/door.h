/* door.h: a connection's way in and a handler's way out: accepting, the header of a proxy, the peer
   rules, the caps, the start of the handler and its end. The impure part of this room, as the store
   is of collect: it makes system calls on sockets, processes and one epoll set, and nothing else.

   The caller owns the loop. It sets `now` (monotonic milliseconds) before it calls, fills in what
   stands before the line below, and hands over what epoll reports. An event's 64 bits are a kind
   and a number; door_watch makes them.

   Nothing here logs, exits or waits: what went wrong is left in `trouble`, for the caller to tell.
   A handler that ended without its line gives a lost line (tally.h) on `out`. */
#ifndef SINBIN_ACCEPT_DOOR_H
#define SINBIN_ACCEPT_DOOR_H

#include "accept/crowd.h"
#include "accept/peerrules.h"
#include "accept/slots.h"
#include "accept/tally.h"
#include "accept/vector.h"
#include "base/lineq.h"
#include "base/spawn.h"

enum door_kind { DOOR_SOCKET, DOOR_SIGNAL, DOOR_CHILD, DOOR_WAITING };

enum door_trouble {
  DOOR_NO_ACCEPT,  /* no descriptor or memory for a connection */
  DOOR_NO_PROCESS, /* no process for a handler */
  DOOR_NO_HANDLER, /* the handler cannot be executed */
  DOOR_NO_RULES,   /* the peer rules are damaged */
  DOOR_BLIND,      /* a handler cannot be watched; it was killed */
  DOOR_TROUBLES
};

struct door_child;
struct door_waiting;

struct door {
  int epoll;
  struct spawn spawn;
  struct peerrules *rules; /* NULL: none */
  uint32_t waiting_max;
  int64_t proxy_ms;
  struct lineq out;
  int64_t now;
  /* the door's own, to be read */
  struct crowd crowd;
  struct vector vector;
  struct tally_sheet tally;
  bool out_of_something; /* accepting should pause; the caller clears it */
  struct {
    uint64_t count; /* the caller clears it */
    int error;
  } trouble[DOOR_TROUBLES];
  struct door_child *children;
  struct slots child_slots;
  struct door_waiting *waiting;
  struct slots waiting_slots;
};

/* Allocates all that is ever allocated, from the limits and waiting_max. False: no memory. */
bool door_open(struct door *d, const struct crowd_limits *limits, const struct hash_key *key,
               const char *const *environment);

bool door_watch(struct door *d, int fd, uint32_t events, enum door_kind kind, uint32_t number);

/* Takes at most `most` connections from a listening socket. */
void door_take(struct door *d, int socket, int most);
/* Events of the kinds DOOR_WAITING and DOOR_CHILD. */
void door_header(struct door *d, uint32_t number, uint32_t events);
void door_collect(struct door *d, uint32_t number);

/* Gives up waiting for headers that are late, or for all of them. */
void door_expire(struct door *d, bool all);
void door_signal(struct door *d, int signal);
uint32_t door_held(const struct door *d);
bool door_is_waiting(const struct door *d);

#endif
