/* Revoking a detector: removes its evidence, and decides again about every address it reported. */
#include "store/store_internal.h"

struct revoked_keys {
  struct addr key[REVOKED_SLICE];
  size_t count;
};

static bool add_key(void *context, const struct addr *key) {
  struct revoked_keys *keys = context;
  keys->key[keys->count++] = *key;
  return true;
}

/* A slice begins at the last key of the one before, of which no evidence is left. */
static bool next_keys(struct store *s, const struct revocation *r, struct revoked_keys *keys) {
  struct addr from = keys->count ? keys->key[keys->count - 1] : (struct addr){{0}};
  keys->count = 0;
  return tables_each_revoked(s->database, r, &from, (struct key_visitor){add_key, keys});
}

/* The store is flushed, so the entry in memory is no newer than its rows: it is loaded again. */
static bool revoke_key(struct store *s, const struct revocation *r, const struct addr *key) {
  if (!store_begin(s)) return false;
  keys_drop(&s->keys, key);
  return tables_remove_evidence(s->database, key, r->detector) && r->decide(r->context, key);
}

static bool revoke_keys(struct store *s, const struct revocation *r,
                        const struct revoked_keys *keys) {
  for (size_t i = 0; i < keys->count; i++)
    if (!revoke_key(s, r, &keys->key[i])) return false;
  return store_flush(s);
}

/* The evidence about a key is removed in the transaction that decides about its listing. If the
   program is stopped, the next start finds the rows that are left. */
bool store_revoke(struct store *s, const struct revocation *r, int64_t *rows) {
  struct revoked_keys keys = {.count = 0};
  bool done = store_flush(s);
  *rows = 0;
  do {
    done = done && next_keys(s, r, &keys) && revoke_keys(s, r, &keys);
    *rows += (int64_t)keys.count;
  } while (done && keys.count);
  return done;
}
