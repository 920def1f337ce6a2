/* breaker.h: the circuit breaker: it stops additions to the list when the list grows faster than a
   list of bots grows, and of these only the additions that cause it. Pure: the clock, unix seconds,
   is a parameter.

   It counts listings, black or yellow, that run. An addition is a listing that begins. An ending
   is a listing whose time is over. An addition has the time at which its report was received.
   Times are in whole minutes, and additions and endings are counted over the last hour. There are
   two kinds of limit:

     a network (network.h)   refuses additions beyond its limit: `network` for a small one, 8 times
                             that for a middle one, 20 times that for a large one; more, in
                             proportion, if the whole list may grow by more than `least`
     the whole list          refuses additions when they exceed the endings by `percent` of the
                             listings that ran an hour ago, or by `least`, whichever is greater

   What has reached its limit is frozen: nothing is added there for an hour. If the whole list has
   reached its limit, the cause is frozen instead. The cause is the first of these that made half of
   all additions or more:

     1. the smallest such network of the new address
     2. another network, the smallest size first
     3. a detector

   If there is none, the whole list is frozen. What a frozen network or detector added is no longer
   counted for the whole list, so that other additions go on: a client that controls one network, of
   whatever size, cannot freeze the rest.

   A refused addition is not remembered: the next report about the address tries again.
   breaker_count and breaker_added restore the state from a store, so that a restart does not reset
   the limits. If the clock goes back, the breaker waits for it, one hour at most. After that the
   state is lost and must be restored again. */
#ifndef SINBIN_POLICY_BREAKER_H
#define SINBIN_POLICY_BREAKER_H

#include "policy/netcount.h"

#define BREAKER_SPAN 3600
#define BREAKER_HOUR 60 /* minutes */
/* Longer than the longest listing. A later end counts as this one. */
#define BREAKER_MINUTES  (9 * 24 * 60)
#define BREAKER_SLOTS    (BREAKER_MINUTES + BREAKER_HOUR + 1)
#define BREAKER_LOG      (1 << 20) /* additions of an hour; of more the oldest do not count */
#define BREAKER_NETWORKS (4 * BREAKER_LOG)
#define BREAKER_CAUSE    4   /* the fewest additions of a cause */
#define FREEZES_MAX      256 /* if there are more, the oldest ends early */

/* A listing that is about to begin: its key, and the number that the caller gave the detector. */
struct addition {
  struct addr key;
  uint32_t detector;
};

enum freeze_kind { FREEZE_ALL, FREEZE_NETWORK, FREEZE_DETECTOR };

struct freeze {
  enum freeze_kind kind;
  struct network network;
  uint32_t detector;
  int64_t since;
  uint64_t refused;
};

struct breaker_entry {
  int64_t minute;
  struct addition addition;
  bool counted; /* in `networks` */
};

struct breaker {
  int64_t least, percent; /* least 0: nothing is ever refused */
  int64_t network;        /* 0: networks have no limit */
  int64_t minute;         /* of the last call */
  int64_t running, ended; /* listings that run; endings of the hour */
  struct netcount networks;
  struct breaker_entry *log; /* additions of the hour, the oldest first */
  size_t first, end, room;
  struct freeze freezes[FREEZES_MAX];
  size_t freeze_count;
  bool changed;                    /* a freeze began or ended; the caller resets it */
  uint32_t endings[BREAKER_SLOTS]; /* by minute: those of the past hour, and to come */
};

/* Removes the listings and additions. Limits and freezes stay. */
void breaker_clear(struct breaker *b, int64_t now);
void breaker_free(struct breaker *b);
/* Restores a listing that began before now; it ends, or has ended, at `until`. */
void breaker_count(struct breaker *b, int64_t until);
/* Restores an addition. Call it in the order of their times. */
void breaker_added(struct breaker *b, const struct addition *a, int64_t at);
/* True if the clock was set back by more than an hour since the last call. The caller must then
   clear the breaker, and restore it. */
bool breaker_is_lost(const struct breaker *b, int64_t now);

/* Whether a listing may begin. If it may, it is counted. */
bool breaker_admit(struct breaker *b, const struct addition *a, int64_t until, int64_t now);
/* The end of a running listing has changed. */
void breaker_move(struct breaker *b, int64_t from, int64_t to, int64_t now);

/* By how many the additions of an hour may exceed the endings, at this size of the list. */
int64_t breaker_limit(const struct breaker *b);
int64_t breaker_network_limit(const struct breaker *b, enum network_size size);
int64_t breaker_additions(const struct breaker *b);

/* Restores a freeze. */
void breaker_freeze(struct breaker *b, const struct freeze *f);
/* Ends the freezes that are over. */
void breaker_tick(struct breaker *b, int64_t now);
/* The newest freeze of the whole list or a detector; if there is none, the newest freeze; NULL if
   nothing is frozen. */
const struct freeze *breaker_worst(const struct breaker *b);
/* The operator has approved all additions up to `when`: they are no longer counted, and freezes
   that began by then end. Does nothing if `when` is ahead of the clock. */
void breaker_thaw(struct breaker *b, int64_t when, int64_t now);

#endif
