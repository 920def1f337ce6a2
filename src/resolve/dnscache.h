/* dnscache.h: answers by question, for as long as they may be kept, and the questions on their way.

   An entry is either open (asked, not answered; never thrown out) or settled, with a finding that
   holds until its time to live is over. Settled entries together take at most `bytes`; the one that
   was not looked at for longest goes first. Keys are hashed with a secret (SipHash), since
   strangers choose the names. Time comes in as milliseconds of a clock that does not jump.

   Entries belong to the cache. An entry that dnscache_find gave is good until the next call of
   dnscache_put or dnscache_find. */
#ifndef SINBIN_RESOLVE_DNSCACHE_H
#define SINBIN_RESOLVE_DNSCACHE_H

#include "resolve/dnsquery.h"
#include "resolve/budget.h"

#define DNSCACHE_KEY_BYTES 16 /* crypto_shorthash_KEYBYTES */

struct waiter;

struct dnscache_entry {
  struct question question;
  struct dnscache_entry *chained; /* of the same bucket */
  struct dnscache_entry *older, *newer;
  struct dnsquery asked; /* the user's, as is who waits, while the entry is open */
  struct waiter *waiters;
  struct charge charge;     /* the user's, as the two before it */
  int64_t until;            /* of a settled one */
  struct dnsresult *result; /* NULL: open */
};

struct dnscache {
  uint8_t key[DNSCACHE_KEY_BYTES];
  struct dnscache_entry **bucket;
  size_t buckets; /* a power of two */
  size_t bytes, used;
  size_t open, settled;
  struct dnscache_entry *oldest, *newest;
};

/* key: DNSCACHE_KEY_BYTES random bytes. False: out of memory. */
bool dnscache_init(struct dnscache *c, size_t bytes, const uint8_t *key);
void dnscache_free(struct dnscache *c);

/* The open or still valid entry, or NULL. */
struct dnscache_entry *dnscache_find(struct dnscache *c, const struct question *q, int64_t now);
/* A new open entry, of a question that dnscache_find has just not found. NULL: out of memory. */
struct dnscache_entry *dnscache_add(struct dnscache *c, const struct question *q);
/* An open entry, whose question is not asked, is gone. */
void dnscache_remove(struct dnscache *c, struct dnscache_entry *e);
/* Keeps a copy of the finding for ttl seconds; with 0, or no room, the entry is gone. */
void dnscache_put(struct dnscache *c, struct dnscache_entry *e, const struct dnsresult *f,
                  int64_t now);

#endif
