/* keycache.h: a cache of keys and what is known about each, in bounded memory. Pure.

   An entry belongs to one key (addr_evidence_key) and is a sequence of records in the order of
   their names, so that the order in which they were put does not matter. A record has a name, a
   body (rowcodec.h) and a flag. The record with an empty name is the listing. The others are
   evidence; the name is the detector's.

   A `dirty` record is not in the tables of the database yet. A dirty entry is never dropped. Of the
   others, the clock algorithm drops one that was not used for a long time: a hand goes round the
   entries, clears `referenced`, and drops the first entry that has it cleared already.

   A pointer to an entry or into its records is valid until the next keycache_add, keycache_drop or
   keycache_make_room. The hash is keyed with a random key from the caller, because clients choose
   their addresses. */
#ifndef SINBIN_STORE_KEYCACHE_H
#define SINBIN_STORE_KEYCACHE_H

#include "base/siphash.h"
#include "base/span.h"

struct keycache_entry {
  struct addr key;
  char *records;
  uint32_t len, cap;
  bool referenced;
  bool dirty, urgent; /* set by the store; a dirty entry is not dropped */
  bool stored;        /* set by the store: the tables have a row of the key */
};

struct keycache_record {
  bool dirty;
  struct span name, body;
};

struct keycache_slot {
  uint32_t entry; /* 1 + index of the entry; 0: empty */
  uint32_t hash;  /* the upper half of its key's hash */
};

struct keycache {
  struct keycache_entry *entries;
  struct keycache_slot *slots;
  size_t count, room, clock_hand;
  size_t slot_count; /* a power of two */
  size_t last;       /* the entry that was found last: it is often asked for again */
  size_t max;        /* entries */
  struct siphash_key hash;
};

/* False if there is no memory. max is at least 1. */
bool keycache_init(struct keycache *c, size_t max, struct siphash_key hash);
void keycache_free(struct keycache *c);

/* NULL if it is not there. */
struct keycache_entry *keycache_find(struct keycache *c, const struct addr *key);
/* The entries of several keys at once, at most KEYCACHE_MANY; NULL for those that are not there.
   They are fetched from memory at the same time instead of one after the other. */
#define KEYCACHE_MANY 16
void keycache_find_many(const struct keycache *c, const struct addr *keys, size_t count,
                        struct keycache_entry **found);
/* Adds an empty entry for a key that is not there. NULL if the cache is full or there is no
   memory. */
struct keycache_entry *keycache_add(struct keycache *c, const struct addr *key);
bool keycache_is_full(const struct keycache *c);
/* Drops one clean entry. False if there is none. */
bool keycache_make_room(struct keycache *c);
void keycache_drop(struct keycache *c, const struct addr *key);

/* Adds the record, or replaces the one of its name. False if there is no memory. */
bool keycache_entry_put(struct keycache_entry *e, const struct keycache_record *r);
bool keycache_entry_get(const struct keycache_entry *e, struct span name,
                        struct keycache_record *out);
/* The next record; *at is 0 at first. False at the end. */
bool keycache_entry_next(const struct keycache_entry *e, size_t *at, struct keycache_record *out);
/* Clears the dirty flag of a record that keycache_entry_next or keycache_entry_get returned. */
void keycache_entry_clean(struct keycache_entry *e, const struct keycache_record *r);

#endif
