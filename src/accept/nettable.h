/* nettable.h: what each network holds and has been let in with, so that no network fills the trap.

   A narrow network is an IPv4 /24 or an IPv6 /48; the wide one around it is a /16 or a /32, and may
   have NETTABLE_WIDE times as much. Two things are counted for each: connections held now, and
   connections let in since the minute began (minutes of the caller's clock). Both have a limit for
   one network and a total. The more of the total is used, the less one network may have:

     used of the total      a narrow network      a wide network
     less than 1/4          the limit             4 times the limit
     less than 1/2          4 at most             16 at most
     less than 7/8          1                     4
     the last eighth        1                     1

   So many networks with one peer each get in long after a few large ones do not any more, and the
   last places are for networks that have nothing. 127.0.0.1 and ::1 have no limit here; every other
   address of 127.0.0.0/8 is a network by itself.

   A network has an entry while it holds a connection, and afterwards until NETTABLE_SPARE others
   have come and gone: then the one that was idle longest is forgotten, and its minute begins again.
   Nothing is allocated after nettable_init. Entries are found by a keyed hash. Not thread-safe. */
#ifndef SINBIN_ACCEPT_NETTABLE_H
#define SINBIN_ACCEPT_NETTABLE_H

#include "base/siphash.h"

#define NETTABLE_WIDE  4
#define NETTABLE_SPARE 16384 /* entries beside those that connections hold */

/* 0 is no limit. held_total is what the shares of `held` go by; who is over it is the caller's. */
struct nettable_limits {
  uint32_t held, held_total;
  uint32_t minute, minute_total;
};

enum nettable_answer {
  NETTABLE_ADMIT,
  NETTABLE_HELD,        /* the network holds its share */
  NETTABLE_MINUTE,      /* it had its share of this minute */
  NETTABLE_MINUTE_TOTAL /* all of this minute has been had */
};

struct nettable_entry;
struct nettable {
  struct nettable_limits limits;
  struct siphash_key key;
  struct nettable_entry *entries;
  uint32_t *buckets;
  uint32_t bucket_mask, size, unused; /* entries from `unused` on were never touched */
  uint32_t oldest, newest;            /* of the idle entries */
  uint32_t minute_count;
  int64_t minute;
};

/* False: no memory. */
bool nettable_init(struct nettable *t, const struct nettable_limits *limits,
                   const struct siphash_key *key);
void nettable_free(struct nettable *t);

/* May one more come in from there, when `held` are held in all? Changes no count. */
enum nettable_answer nettable_ask(struct nettable *t, const struct addr *peer, uint32_t held,
                                  int64_t now_ms);
/* It has come in; it has left. Every removal follows an addition. */
void nettable_add(struct nettable *t, const struct addr *peer, int64_t now_ms);
void nettable_remove(struct nettable *t, const struct addr *peer);

#endif
