#include "store/keys.h"
#include "store/rowcodec.h"
#include <sodium.h>

#define FILTER_MIN 4000000 /* keys: 8 MiB */

/* The hashes are keyed with a random key: clients choose their addresses. */
static struct siphash_key random_key(void) {
  struct siphash_key key;
  randombytes_buf(&key, sizeof key);
  return key;
}

bool keys_init(struct keys *k, struct backend *db, size_t max) {
  k->database = db;
  return keycache_init(&k->cache, max, random_key()) || backend_no_memory(db);
}

static bool add_to_filter(void *filter, const struct addr *key) {
  bloom_add(filter, key);
  return true;
}

/* The filter has room for four times the keys there are. If there are more later, it saves less. */
bool keys_init_filter(struct keys *k) {
  int64_t count;
  if (!tables_count_evidence(k->database, &count)) return false;
  size_t room = 4 * (size_t)count > FILTER_MIN ? 4 * (size_t)count : FILTER_MIN;
  if (!bloom_init(&k->filter, room, random_key())) return backend_no_memory(k->database);
  return tables_each_key(k->database, (struct key_visitor){add_to_filter, &k->filter});
}

void keys_free(struct keys *k) {
  keycache_free(&k->cache);
  bloom_free(&k->filter);
}

/* ---- loading ---- */

struct loading {
  struct keys *keys;
  struct keycache_entry *entry;
};

static bool load_record(const struct loading *l, struct span name, struct span body) {
  const struct keycache_record r = {.name = name, .body = body};
  l->entry->stored = true;
  return keycache_entry_put(l->entry, &r) || backend_no_memory(l->keys->database);
}

static bool load_evidence(void *context, struct span detector, const struct evidence *e) {
  char body[ROWCODEC_EVIDENCE_MAX];
  return load_record(context, detector, span_of(body, rowcodec_encode_evidence(e, body)));
}

static bool load_listing(const struct loading *l) {
  char body[ROWCODEC_LISTING_MAX];
  struct listing listing;
  int found = tables_get_listing(l->keys->database, &l->entry->key, &listing);
  if (found != 1) return found == 0;
  return load_record(l, span_of("", 0), span_of(body, rowcodec_encode_listing(&listing, body)));
}

struct keycache_entry *keys_load(struct keys *k, const struct addr *key) {
  struct loading l = {k, keycache_add(&k->cache, key)};
  if (!l.entry) {
    backend_no_memory(k->database);
    return NULL;
  }
  if (k->filter.words && !bloom_may_contain(&k->filter, key)) return l.entry;
  bool loaded = load_listing(&l) && tables_each_evidence(k->database, key, load_evidence, &l);
  return loaded ? l.entry : NULL;
}

void keys_drop(struct keys *k, const struct addr *key) {
  keycache_drop(&k->cache, key);
}

void keys_drop_clean(struct keys *k, const struct addr *key) {
  const struct keycache_entry *e = keycache_find(&k->cache, key);
  if (e && !e->dirty) keycache_drop(&k->cache, key);
}

void keys_note_stored(struct keys *k, struct keycache_entry *e) {
  if (!e->stored) bloom_add(&k->filter, &e->key);
  e->stored = true;
}
