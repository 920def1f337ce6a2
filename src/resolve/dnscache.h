/* dnscache.h: results by question until their TTL is over, and the queries in progress.

   An entry is pending while its question is asked, and then answered: it has a result, until the
   TTL is over. Answered entries together take at most `max_bytes`. To make room, the least recently
   used one is removed; a pending entry never is. Questions are hashed with a secret key (SipHash),
   because clients choose the names. Times are monotonic milliseconds.

   The cache owns the entries. A pointer to an answered entry is valid until the next call of
   dnscache_find or dnscache_put. A pointer to a pending entry is valid until dnscache_put or
   dnscache_remove is called for it. */
#ifndef SINBIN_RESOLVE_DNSCACHE_H
#define SINBIN_RESOLVE_DNSCACHE_H

#include "resolve/dnsquery.h"
#include "resolve/budget.h"

#define DNSCACHE_KEY_BYTES 16 /* crypto_shorthash_KEYBYTES */

struct waiter;

struct dnscache_entry {
  struct question question;
  struct dnscache_entry *chained; /* next in the bucket */
  struct dnsresult *result;       /* NULL: pending */
  /* of an answered entry */
  struct dnscache_entry *older, *newer;
  int64_t expires;
  /* of a pending entry; the caller's */
  struct dnsquery query;
  struct waiter *waiters;
  struct charge charge;
};

struct dnscache {
  uint8_t key[DNSCACHE_KEY_BYTES];
  struct dnscache_entry **bucket;
  size_t buckets; /* a power of two */
  size_t max_bytes, bytes;
  size_t pending, answered;
  struct dnscache_entry *oldest, *newest; /* by their last use */
};

/* key: DNSCACHE_KEY_BYTES random bytes. False if there is no memory. */
bool dnscache_init(struct dnscache *c, size_t max_bytes, const uint8_t *key);
void dnscache_free(struct dnscache *c);

/* The entry if it is pending or its TTL is not over; otherwise NULL. */
struct dnscache_entry *dnscache_find(struct dnscache *c, const struct question *q, int64_t now);
/* Adds a pending entry for a question that dnscache_find has just not found. NULL if there is no
   memory. */
struct dnscache_entry *dnscache_add(struct dnscache *c, const struct question *q);
/* Removes an entry, for example a pending one if its question is not asked after all. */
void dnscache_remove(struct dnscache *c, struct dnscache_entry *e);
/* Gives a pending entry a copy of the result. If the TTL is 0, or there is no room or no memory for
   the copy, the entry is removed. */
void dnscache_put(struct dnscache *c, struct dnscache_entry *e, const struct dnsresult *result,
                  int64_t now);

#endif
