/* peertable.h: which peers hold connections now and which came recently, and whether one more
   connection is admitted.

   Peers are counted by their evidence key: an IPv4 address, or an IPv6 /64. peertable_init allocates
   the table; admitting and releasing take constant time and no memory. There is an entry for each
   connection that may be held, as many again, and PEERTABLE_SPARE more, for peers that have left. An
   idle entry is reused only if no other is free, the one that was idle longest first.

   `peers` is always exact. `recent` counts every arrival, also refused ones, up to PEERTABLE_RECENT_MAX,
   which means "this many or more". It is exact until the entry is reused, after many other peers have
   come: then the peer counts from one again.

   Times are the caller's, monotonic milliseconds. A time before the latest one, as another thread may
   give, counts as the latest one, so that each second is counted once.

   Threads may call all functions at the same time. One lock makes every limit exact over all threads.
   It is held only for a short time, and no thread waits for anything while it holds the lock. */
#ifndef SINBIN_ACCEPT_PEERTABLE_H
#define SINBIN_ACCEPT_PEERTABLE_H

#include "accept/nettable.h"
#include <pthread.h>

#define PEERTABLE_RECENT_MAX 16
#define PEERTABLE_RECENT_MS  60000
#define PEERTABLE_SPARE      1024

/* 0 is no limit; total is at least 1. The last three are explained in nettable.h. */
struct peertable_limits {
  uint32_t total, per_ipv4, per_net64, per_second;
  uint32_t per_network, per_network_minute, per_minute;
};

enum admission {
  ADMITTED,
  REFUSED_TOTAL,          /* all places are taken */
  REFUSED_IPV4,           /* this address holds as many as it may */
  REFUSED_NET64,          /* this /64 holds as many as it may */
  REFUSED_RATE,           /* too many were admitted within this second */
  REFUSED_NETWORK,        /* this network holds its share */
  REFUSED_NETWORK_MINUTE, /* this network has had its share of this minute */
  REFUSED_MINUTE          /* too many were admitted within this minute */
};

struct admission_result {
  enum admission admission;
  uint32_t entry;  /* for peertable_release; only after ADMITTED */
  uint32_t peers;  /* held from there now, including this one if it was admitted */
  uint32_t recent; /* arrivals from there in the last minute, including this one */
  bool stress;     /* since 9/10 of total were held, and until 7/10 are */
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
  uint32_t bucket_mask, free, oldest, newest; /* entries; the last two of the idle queue */
  struct peertable_state state;
  uint32_t second_count;
  int64_t second, now;
};

/* False: no memory. */
bool peertable_init(struct peertable *t, const struct peertable_limits *limits,
                    const struct siphash_key *key);
void peertable_free(struct peertable *t);

/* Counts an arrival from this peer, and holds a connection for it if no limit forbids that. */
void peertable_admit(struct peertable *t, const struct addr *peer, int64_t now_ms,
                     struct admission_result *out);
/* Ends a connection that was admitted. */
void peertable_release(struct peertable *t, uint32_t entry);
struct peertable_state peertable_state(struct peertable *t);

#endif
