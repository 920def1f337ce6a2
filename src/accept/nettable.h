/* nettable.h: how many connections each network holds, and how many were admitted from it this minute,
   so that no network takes all places.

   A narrow network is an IPv4 /24 or an IPv6 /48. The wide network around it is a /16 or a /32, and
   may have NETTABLE_WIDE times as much. Two numbers are counted for each network: connections held
   now, and connections admitted since the minute began (minutes of the caller's clock). Both have a
   limit for one network and a total. The more of the total is used, the less one network may have:

     used of the total      a narrow network      a wide network
     less than 1/4          the limit             4 times the limit
     less than 1/2          4 at most             16 at most
     less than 7/8          1                     4
     the last eighth        1                     1

   Therefore, when a few large networks are refused, many networks with one peer each are still
   admitted. The last places are for networks that hold no connection. 127.0.0.1 and ::1 have no limit here. Every
   other address of 127.0.0.0/8 is a network of its own.

   A network has an entry while it holds a connection, and then until NETTABLE_SPARE other networks
   have connected and left. After that, the entry that was idle longest is reused, and the minute of its
   network begins again. Nothing is allocated after nettable_init. Entries are found by a keyed hash.
   Not thread-safe. */
#ifndef SINBIN_ACCEPT_NETTABLE_H
#define SINBIN_ACCEPT_NETTABLE_H

#include "base/siphash.h"

#define NETTABLE_WIDE  4
#define NETTABLE_SPARE 16384 /* entries in addition to those of networks that hold connections */

/* 0 is no limit. held_total determines the shares of `held`; the caller enforces the total itself. */
struct nettable_limits {
  uint32_t held, held_total;
  uint32_t minute, minute_total;
};

enum nettable_result {
  NETTABLE_ADMIT,
  NETTABLE_HELD,        /* the network holds its share */
  NETTABLE_MINUTE,      /* the network has had its share of this minute */
  NETTABLE_MINUTE_TOTAL /* the total of this minute is used up */
};

struct nettable_entry;
struct nettable {
  struct nettable_limits limits;
  struct siphash_key key;
  struct nettable_entry *entries;
  uint32_t *buckets;
  uint32_t bucket_mask, size, unused; /* entries from `unused` on were never used */
  uint32_t oldest, newest;            /* of the idle entries */
  uint32_t minute_count;
  int64_t minute;
};

/* False: no memory. */
bool nettable_init(struct nettable *t, const struct nettable_limits *limits,
                   const struct siphash_key *key);
void nettable_free(struct nettable *t);

/* May one more connection from this peer be admitted, if `held` are held in all? Changes no count. */
enum nettable_result nettable_check(struct nettable *t, const struct addr *peer, uint32_t held,
                                    int64_t now_ms);
/* A connection was admitted; a connection has ended. Each removal must follow an addition. */
void nettable_add(struct nettable *t, const struct addr *peer, int64_t now_ms);
void nettable_remove(struct nettable *t, const struct addr *peer);

#endif
