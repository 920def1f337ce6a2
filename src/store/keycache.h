/* keycache.h: the keys that were touched last, with what is known about each, in bounded memory.
   Pure.

   An entry belongs to a key (addr_evidence_key's) and is a run of records, each with a name, a body
   (rowcodec.h) and flags: the record without a name is the listing, the others are the evidence of the
   detector of that name, in the order of their names, so that it does not matter which came first.
   A record that is `dirty` is not in the tables of the database yet, and the entry of one is never
   dropped; of the others, one that has not been touched for long is (a clock hand passes over all
   entries and spares once those that were touched since it came by).

   An entry, and what is borrowed from it, is good until the next keycache_add or keycache_drop. The
   hash is keyed with randomness that the caller brings, since strangers choose the addresses. */
#ifndef SINBIN_STORE_KEYCACHE_H
#define SINBIN_STORE_KEYCACHE_H

#include "base/siphash.h"
#include "base/span.h"

struct keycache_entry {
  struct addr key;
  char *records;
  uint32_t len, cap;
  bool referenced;
  bool dirty, urgent, stored; /* the store's marks; dirty ones are not dropped */
};

struct keycache_record {
  bool dirty;
  struct span name, body;
};

struct slot {
  uint32_t entry; /* index into entries and 1, or 0 */
  uint32_t hash;  /* of its key, the upper half */
};

struct keycache {
  struct keycache_entry *entries;
  struct slot *slots; /* a power of two of them */
  size_t count, room, slot_count, clock_hand;
  size_t last; /* the entry that was found last: it is asked for several times in a row */
  size_t max;  /* entries */
  struct siphash_key hash;
};

/* False without memory. max is at least 1. */
bool keycache_init(struct keycache *c, size_t max, struct siphash_key hash);
void keycache_free(struct keycache *c);

/* NULL where it is not there. */
struct keycache_entry *keycache_find(struct keycache *c, const struct addr *key);
/* The entries of several keys at once, at most KEYCACHE_MANY. They lie all over the memory; here the
   machine fetches them side by side and not one after the other. */
#define KEYCACHE_MANY 16
void keycache_find_many(const struct keycache *c, const struct addr *keys, size_t count,
                        struct keycache_entry **found);
/* A new, empty entry of a key that is not there. NULL where the cache is full or there is no
   memory. */
struct keycache_entry *keycache_add(struct keycache *c, const struct addr *key);
bool keycache_is_full(const struct keycache *c);
/* Drops one clean entry; false where there is none. */
bool keycache_make_room(struct keycache *c);
void keycache_drop(struct keycache *c, const struct addr *key);

/* Sets the record of that name. False without memory. */
bool keycache_entry_put(struct keycache_entry *e, const struct keycache_record *r);
bool keycache_entry_get(const struct keycache_entry *e, struct span name,
                        struct keycache_record *out);
/* The next record; *at is 0 at first. False at the end. */
bool keycache_entry_next(const struct keycache_entry *e, size_t *at, struct keycache_record *out);
/* The record that keycache_entry_next gave last, when it left *at, is dirty no more. */
void keycache_entry_clean(struct keycache_entry *e, const struct keycache_record *r);

#endif
