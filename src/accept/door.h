/* door.h: a connection's way in and a handler's way out: accepting, the header of a proxy, the peer
   rules, the caps, the start of the handler and its end. The impure part of this room, as the store
   is of collect: it makes system calls on sockets, processes and one epoll set, and nothing else.

   Each thread that accepts has a door of its own, all lead into one hall (hall.h). The caller owns
   the loop (porter.h). It opens the epoll set, sets `now` (monotonic milliseconds) before it calls,
   and hands over what epoll reports. An event's 64 bits are a kind and a number; door_watch makes
   them.

   Nothing here logs, exits or waits: what went wrong, and a lost line (tally.h) for a handler that
   ended without its own, is left in the hall. */
#ifndef SINBIN_ACCEPT_DOOR_H
#define SINBIN_ACCEPT_DOOR_H

#include "accept/hall.h"
#include "accept/slots.h"
#include "accept/vector.h"

enum door_kind { DOOR_SOCKET, DOOR_CALL, DOOR_CHILD, DOOR_WAITING };

struct door_child;
struct door_waiting;

struct door {
  struct hall *hall;
  int epoll;
  struct peerrules *rules; /* NULL: none */
  int64_t now;
  /* the door's own, to be read */
  struct spawn spawn;
  struct vector vector;
  bool out_of_something; /* accepting should pause; the caller clears it */
  struct door_child *children;
  struct slots child_slots;
  struct door_waiting *waiting;
  struct slots waiting_slots;
};

/* Allocates all that is ever allocated: as much as if all came in by this door. False: no memory.
 */
bool door_open(struct door *d, struct hall *hall);

bool door_watch(struct door *d, int fd, uint32_t events, enum door_kind kind, uint32_t number);

/* Takes at most `most` connections from a listening socket. False, with errno set: it is dead, and
   accepting should pause until somebody has ended that. */
bool door_take(struct door *d, int socket, int most);
/* Events of the kinds DOOR_WAITING and DOOR_CHILD. */
void door_header(struct door *d, uint32_t number, uint32_t events);
void door_collect(struct door *d, uint32_t number);

/* Gives up waiting for headers that are late, or for all of them. */
void door_expire(struct door *d, bool all);
void door_signal(struct door *d, int signal);
uint32_t door_held(const struct door *d);
bool door_is_waiting(const struct door *d);

#endif
