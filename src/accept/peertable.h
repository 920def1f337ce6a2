/* peertable.h: who is connected now and who came lately, and whether one more may come in.

   Peers are counted by their evidence key: an IPv4 address, an IPv6 /64. The table is allocated
   once, by peertable_open; arriving and leaving cost a constant time and no memory. It has a entry for
   every connection that may be held and as many again, and PEERTABLE_SPARE more, for peers that have
   left: these are forgotten only when their entries are needed, the one that was idle longest first.
   So `peers` is always exact, and `recent` is exact up to PEERTABLE_RECENT_MAX (which stands for "that
   many or more") as long as fewer than that many others came since; beyond it a returning peer
   counts from one again.

   Everybody that arrives is counted in `recent`, also who is turned away; only who is let in is
   held. Time is the caller's, monotonic milliseconds; it never runs backwards here: a caller that
   is late counts as of the latest time seen, so that a second has one count only.

   Threads may arrive, leave and look at once: a short lock makes every limit exact over all of
   them. Nothing waits for anything else while it is held. */
#ifndef SINBIN_ACCEPT_PEERTABLE_H
#define SINBIN_ACCEPT_PEERTABLE_H

#include "accept/nettable.h"
#include <pthread.h>

#define PEERTABLE_RECENT_MAX 16
#define PEERTABLE_RECENT_MS  60000
#define PEERTABLE_SPARE      1024

/* 0 is no limit, except for total, which is at least 1. The last three are nettable.h's. */
struct peertable_limits {
  uint32_t total, per_ipv4, per_net64, per_second;
  uint32_t per_network, per_network_minute, per_minute;
};

enum admission {
  ADMITTED,
  REFUSED_TOTAL,            /* everything is full */
  REFUSED_IPV4,             /* this address holds its share */
  REFUSED_NET64,            /* this /64 holds its share */
  REFUSED_RATE,             /* so many have been let in within this second */
  PEERTABLE_NETWORK,        /* this network holds its share */
  PEERTABLE_NETWORK_MINUTE, /* so many have been let in from this network within this minute */
  PEERTABLE_MINUTE          /* so many have been let in within this minute */
};

struct admission_result {
  enum admission answer;
  uint32_t entry;  /* for peertable_release; only after ADMITTED */
  uint32_t peers;  /* held now from there, this one included where it is welcome */
  uint32_t recent; /* arrived from there in the last minute, this one included */
  bool stress;     /* the peertable has grown to 9/10 of total and not yet shrunk to 7/10 of it */
};

struct peertable_state {
  uint32_t live, peak;
  bool stress;
};

struct peer_entry;
struct peertable {
  pthread_mutex_t lock;
  struct peertable_limits limits;
  struct siphash_key key;
  struct nettable networks;
  struct peer_entry *entries;
  uint32_t *buckets;
  uint32_t bucket_mask, free, oldest, newest; /* entry numbers; the last two of the idle queue */
  struct peertable_state state;
  uint32_t second_count;
  int64_t second, now;
};

/* False: no memory. */
bool peertable_open(struct peertable *c, const struct peertable_limits *limits,
                    const struct siphash_key *key);
void peertable_close(struct peertable *c);

void peertable_admit(struct peertable *c, const struct addr *peer, int64_t now_ms,
                     struct admission_result *out);
void peertable_release(struct peertable *c, uint32_t entry);
struct peertable_state peertable_state(struct peertable *c);

#endif
