/* breaker.h: stops additions to the list where it grows faster than a list of bots does, and no
   more of them than what makes it grow. Pure: the clock, unix seconds, is a parameter.

   Counted are listings, black or yellow, that run. An addition is one that begins; an ending, one
   whose time is over. Time is that of receipt, in whole minutes, and each count is of the last
   hour.

     a network (network.h)  refuses more additions than its limit: `network` for a small one, 5
   times that for a middle one, 20 times that for a large one; in proportion more where the list as
   a whole may grow by more than `least` the whole list         refuses more additions than endings
   by the greater of `percent` of the listings that ran before and `least`

   What has reached its limit is frozen: for an hour nothing is added there. Where the whole list
   has reached its limit, the cause is looked for, and frozen in its stead: the smallest network
   that the new one is in and that has half of the additions or more; else another network that has;
   else a detector that has; else all. What a frozen network or detector has added counts no more
   for the whole list, so that others go on.

   So who has one network, of whatever size, does not freeze the rest. What is refused is not
   remembered here: the next report about it asks anew. breaker_count and breaker_added make the
   state from what a store knows, so that a new start is no way around it. A clock that goes back is
   waited for, an hour at most: then the state is lost, and is to be made anew. */
#ifndef SINBIN_POLICY_BREAKER_H
#define SINBIN_POLICY_BREAKER_H

#include "policy/netcount.h"

#define BREAKER_SPAN 3600
#define BREAKER_HOUR 60 /* minutes */
#define BREAKER_MINUTES \
  (9 * 24 * 60) /* more than the longest listing; later ends count as that \
                 */
#define BREAKER_SLOTS    (BREAKER_MINUTES + BREAKER_HOUR + 1)
#define BREAKER_LOG      (1 << 20) /* additions of an hour; beyond that the oldest count no more */
#define BREAKER_NETWORKS (4 * BREAKER_LOG)
#define BREAKER_CAUSE    4   /* additions that a cause has at least */
#define FREEZES_MAX      256 /* the oldest goes before its time where there are more */

/* What wants to begin: the key that is listed, and who reports it, by the caller's number. */
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
  int64_t least, percent; /* least 0: it never trips */
  int64_t network;        /* 0: networks have no limit of their own */
  int64_t minute;         /* of the last call */
  int64_t running, ended; /* listings now; endings in the hour */
  struct netcount networks;
  struct breaker_entry *log; /* additions of the hour, the oldest first */
  size_t first, end, room;
  struct freeze freezes[FREEZES_MAX];
  size_t freeze_count;
  bool changed;                    /* freezes began or ended; the caller sets it to false */
  uint32_t endings[BREAKER_SLOTS]; /* by minute, past hour and future */
};

/* Forgets the listings and additions; limits and freezes stay. */
void breaker_clear(struct breaker *b, int64_t now);
void breaker_free(struct breaker *b);
/* A listing that began before `now` and ends, or has ended, then. */
void breaker_count(struct breaker *b, int64_t until);
/* An addition of that time, later than those before. */
void breaker_added(struct breaker *b, const struct addition *a, int64_t at);
/* The clock was set back by more than an hour since the last call: to be cleared and made anew. */
bool breaker_is_lost(const struct breaker *b, int64_t now);

/* A listing wants to begin: true, and it is counted, or false: it must not. */
bool breaker_admit(struct breaker *b, const struct addition *a, int64_t until, int64_t now);
/* The end of a listing that runs has moved. */
void breaker_move(struct breaker *b, int64_t from, int64_t to, int64_t now);

/* How many more than ended may be added in an hour, at this size of the list. */
int64_t breaker_limit(const struct breaker *b);
int64_t breaker_network_limit(const struct breaker *b, enum network_size size);
int64_t breaker_additions(const struct breaker *b);

/* A freeze that is known from before. */
void breaker_freeze(struct breaker *b, const struct freeze *f);
/* Ends the freezes that are over. */
void breaker_tick(struct breaker *b, int64_t now);
/* The newest of those that bear on more than a network, or else the newest; NULL: none. */
const struct freeze *breaker_worst(const struct breaker *b);
/* The operator's word that what was added up to `when` is right: it is counted no more, and freezes
   that began by then are over. One that is ahead of the clock is none. */
void breaker_thaw(struct breaker *b, int64_t when, int64_t now);

#endif
