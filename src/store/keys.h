/* keys.h: the keys in memory: the cache, how it is filled from the tables, and a filter of the keys
   that the tables have at all.

   The filter (bloom.h) saves the query for a new key. It is optional: without it every key that is
   not in the cache is looked up. */
#ifndef SINBIN_STORE_KEYS_H
#define SINBIN_STORE_KEYS_H

#include "store/bloom.h"
#include "store/keycache.h"
#include "store/tables.h"

struct keys {
  struct backend *database;
  struct keycache cache;
  struct bloom filter;
};

/* All return false on an error (backend.h). `max` entries in the cache. */
bool keys_init(struct keys *k, struct backend *db, size_t max);
bool keys_init_filter(struct keys *k);
void keys_free(struct keys *k);

/* Adds the entry of a key that is not in the cache, with what the tables have about the key. NULL
   on an error, or if the cache is full. */
struct keycache_entry *keys_load(struct keys *k, const struct addr *key);
/* Drops the entry, so that it is loaded from the tables when it is needed next. */
void keys_drop(struct keys *k, const struct addr *key);
/* Likewise, but only if the tables have all of it. */
void keys_drop_clean(struct keys *k, const struct addr *key);
/* The tables have the key from now on. */
void keys_note_stored(struct keys *k, struct keycache_entry *e);

#endif
