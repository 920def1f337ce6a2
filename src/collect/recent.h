/* recent.h: the keys that were touched last, with what is known about each, in bounded memory.
   Pure.

   An entry belongs to a key (addr_evidence_key's) and is a run of records, each with a name, a body
   (image.h) and flags: the record without a name is the listing, the others are the evidence of the
   detector of that name, in the order of their names, so that it does not matter which came first.
   A record that is `dirty` is not in the tables of the database yet, and the entry of one is never
   dropped; of the others, one that has not been touched for long is (a clock hand passes over all
   entries and spares once those that were touched since it came by).

   An entry, and what is borrowed from it, is good until the next recent_add or recent_drop. The
   hash is keyed with randomness that the caller brings, since strangers choose the addresses. */
#ifndef SINBIN_COLLECT_RECENT_H
#define SINBIN_COLLECT_RECENT_H

#include "base/siphash.h"
#include "base/span.h"

struct entry {
  struct addr key;
  char *records;
  uint32_t len, cap;
  bool touched;
  bool dirty, urgent, stored; /* the store's marks; dirty ones are not dropped */
};

struct record {
  bool dirty;
  struct span name, body;
};

struct slot {
  uint32_t entry; /* index into entries and 1, or 0 */
  uint32_t hash;  /* of its key, the upper half */
};

struct recent {
  struct entry *entries;
  struct slot *slots; /* a power of two of them */
  size_t count, room, slot_count, hand;
  size_t last; /* the entry that was found last: it is asked for several times in a row */
  size_t max;  /* entries */
  struct siphash_key hash;
};

/* False without memory. max is at least 1. */
bool recent_create(struct recent *c, size_t max, struct siphash_key hash);
void recent_destroy(struct recent *c);

/* NULL where it is not there. */
struct entry *recent_find(struct recent *c, const struct addr *key);
/* The entries of several keys at once, at most RECENT_MANY. They lie all over the memory; here the
   machine fetches them side by side and not one after the other. */
#define RECENT_MANY 16
void recent_find_many(const struct recent *c, const struct addr *keys, size_t count,
                      struct entry **found);
/* A new, empty entry of a key that is not there. NULL where the cache is full or there is no
   memory. */
struct entry *recent_add(struct recent *c, const struct addr *key);
bool recent_is_full(const struct recent *c);
/* Drops one clean entry; false where there is none. */
bool recent_make_room(struct recent *c);
void recent_drop(struct recent *c, const struct addr *key);

/* Sets the record of that name. False without memory. */
bool entry_put(struct entry *e, const struct record *r);
bool entry_get(const struct entry *e, struct span name, struct record *out);
/* The next record; *at is 0 at first. False at the end. */
bool entry_next(const struct entry *e, size_t *at, struct record *out);
/* The record that entry_next gave last, when it left *at, is dirty no more. */
void entry_clean(struct entry *e, const struct record *r);

#endif
