/* hall.h: what all doors (door.h) lead to and share: the crowd, the counts, the rules, what is to
   be told. One a program; each door is looked after by a thread of its own (porter.h).

   The caller fills in what stands above the line, and hall_open allocates the rest. Nothing here
   logs: troubles and lost lines gather until the thread that looks after the hall tells them. That
   thread waits for `bell`, an eventfd, which rings when there is something for it to do; hall_call
   in turn wakes all porters. Threads may do all of this at once. */
#ifndef SINBIN_ACCEPT_HALL_H
#define SINBIN_ACCEPT_HALL_H

#include "accept/crowd.h"
#include "accept/peerrules.h"
#include "accept/tally.h"
#include "sys/linequeue.h"
#include "sys/spawn.h"

enum hall_trouble {
  HALL_NO_ACCEPT,  /* no descriptor or memory for a connection, or all of many came to nothing */
  HALL_NO_PROCESS, /* no process for a handler */
  HALL_NO_HANDLER, /* the handler cannot be executed */
  HALL_NO_RULES,   /* the peer rules are damaged */
  HALL_BLIND,      /* a handler cannot be watched; it was killed */
  HALL_TROUBLES
};

struct hall_news {
  uint64_t count;
  int error; /* of the last one */
};

/* A listening socket that takes no connections any more. */
struct hall_dead {
  bool found;
  size_t socket; /* its number */
  int error;
};

/* Peer rules, kept as long as a thread follows them. */
struct ruleset;

struct hall {
  struct crowd_limits limits;
  struct spawn spawn; /* each porter takes a copy */
  const char *const *environment;
  uint32_t waiting_max;
  int64_t proxy_ms;
  int unwanted; /* a descriptor that porters close in their tables, -1: none */
  /* Called before newcomers are taken, with rules_lock held; it may call hall_set_rules. NULL where
     there never are any rules. */
  void (*look_at_rules)(void *context, int64_t now_ms);
  void *context;
  /* the hall's own, to be read */
  struct crowd crowd;
  struct tally_sheet tally;
  _Atomic uint64_t handlers_allowed; /* that many may have been started in all: hall_may_start */
  _Atomic uint32_t waiting;          /* connections whose header is awaited */
  pthread_mutex_t rules_lock;
  struct ruleset *rules;
  pthread_mutex_t limit_lock; /* of the next five */
  pthread_cond_t limit_set;
  int64_t limit_at; /* monotonic milliseconds */
  uint64_t limits_set;
  bool limit_wanted, limit_allowed_some;
  pthread_mutex_t lock; /* of the next three */
  struct linequeue out;
  struct hall_news news[HALL_TROUBLES];
  struct hall_dead dead;
  int bell, call;
  _Atomic bool closing;     /* porters close their doors for good */
  _Atomic uint32_t closed;  /* so many have */
  _Atomic uint32_t signals; /* sent so far; the last one: */
  _Atomic int signal;
};

/* Lost lines go to descriptor `out`. False: no memory or no descriptor. */
bool hall_open(struct hall *h, const struct siphash_key *key, int out);

void hall_count(struct hall *h, enum tally what);
void hall_complain(struct hall *h, enum hall_trouble what, int error);
/* What has gathered since it was asked last; count 0: nothing. */
struct hall_news hall_take_news(struct hall *h, enum hall_trouble what);

/* No handler is started when handlers_allowed of them have been: then the session log may have no
   room for the line of one more. UINT64_MAX, as hall_open leaves it, is no limit.

   When the limit is used up, hall_may_start asks the thread that looks after the hall for a new
   one, and waits for it, HALL_WAIT_MS at most. A limit that allowed nobody is not asked about again
   before it is HALL_LIMIT_MS old. That thread sets it by hall_allow, at once if
   hall_limit_is_wanted. Several threads may be late by one handler each. */
#define HALL_LIMIT_MS 10
#define HALL_WAIT_MS  100
bool hall_may_start(struct hall *h);
void hall_allow(struct hall *h, uint64_t handlers);
bool hall_limit_is_wanted(struct hall *h);

/* The first one of those that were told of stays. */
void hall_tell_dead(struct hall *h, size_t socket, int error);
struct hall_dead hall_find_dead(struct hall *h);

/* line without LF. False: there is no room for it. */
bool hall_put_line(struct hall *h, struct span line);
/* Writes lines that had to wait. True where nothing is left. */
bool hall_flush(struct hall *h);

/* Both with rules_lock held. The hall takes what is mapped over from *fresh; false: no memory, and
   it has not. hall_follow makes *set and its copy in *rules the newest; both begin as NULL and
   whatever. */
bool hall_set_rules(struct hall *h, const struct peerrules *fresh);
void hall_follow(struct hall *h, struct ruleset **set, struct peerrules *rules);

/* Wakes every porter, or the thread that looks after the hall. */
void hall_call(struct hall *h);
void hall_ring(struct hall *h);
/* Has every porter close its door and signal the handlers that came through it. */
void hall_signal(struct hall *h, int signal);

#endif
