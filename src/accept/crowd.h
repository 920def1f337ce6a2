/* crowd.h: who is connected now and who came lately, and whether one more may come in.

   Peers are counted by their evidence key: an IPv4 address, an IPv6 /64. The table is allocated
   once, by crowd_open; arriving and leaving cost a constant time and no memory. It has a seat for
   every connection that may be held and as many again, and CROWD_SPARE more, for peers that have
   left: these are forgotten only when their seats are needed, the one that was idle longest first.
   So `peers` is always exact, and `recent` is exact up to CROWD_RECENT_MAX (which stands for "that
   many or more") as long as fewer than that many others came since; beyond it a returning peer
   counts from one again.

   Everybody that arrives is counted in `recent`, also who is turned away; only who is let in is
   held. Time is the caller's, monotonic milliseconds; it never runs backwards here: a caller that
   is late counts as of the latest time seen, so that a second has one count only.

   Threads may arrive, leave and look at once: a short lock makes every limit exact over all of
   them. Nothing waits for anything else while it is held. */
#ifndef SINBIN_ACCEPT_CROWD_H
#define SINBIN_ACCEPT_CROWD_H

#include "accept/nettable.h"
#include <pthread.h>

#define CROWD_RECENT_MAX 16
#define CROWD_RECENT_MS  60000
#define CROWD_SPARE      1024

/* 0 is no limit, except for total, which is at least 1. The last three are nettable.h's. */
struct crowd_limits {
  uint32_t total, per_ipv4, per_net64, per_second;
  uint32_t per_network, per_network_minute, per_minute;
};

enum crowd_answer {
  CROWD_WELCOME,
  CROWD_TOTAL,          /* everything is full */
  CROWD_IPV4,           /* this address holds its share */
  CROWD_NET64,          /* this /64 holds its share */
  CROWD_RATE,           /* so many have been let in within this second */
  CROWD_NETWORK,        /* this network holds its share */
  CROWD_NETWORK_MINUTE, /* so many have been let in from this network within this minute */
  CROWD_MINUTE          /* so many have been let in within this minute */
};

struct crowd_arrival {
  enum crowd_answer answer;
  uint32_t seat;   /* for crowd_leave; only after CROWD_WELCOME */
  uint32_t peers;  /* held now from there, this one included where it is welcome */
  uint32_t recent; /* arrived from there in the last minute, this one included */
  bool stress;     /* the crowd has grown to 9/10 of total and not yet shrunk to 7/10 of it */
};

struct crowd_state {
  uint32_t live, peak;
  bool stress;
};

struct crowd_seat;
struct crowd {
  pthread_mutex_t lock;
  struct crowd_limits limits;
  struct siphash_key key;
  struct nettable networks;
  struct crowd_seat *seats;
  uint32_t *buckets;
  uint32_t bucket_mask, free, oldest, newest; /* seat numbers; the last two of the idle queue */
  struct crowd_state state;
  uint32_t second_count;
  int64_t second, now;
};

/* False: no memory. */
bool crowd_open(struct crowd *c, const struct crowd_limits *limits, const struct siphash_key *key);
void crowd_close(struct crowd *c);

void crowd_arrive(struct crowd *c, const struct addr *peer, int64_t now_ms,
                  struct crowd_arrival *out);
void crowd_leave(struct crowd *c, uint32_t seat);
struct crowd_state crowd_look(struct crowd *c);

#endif
