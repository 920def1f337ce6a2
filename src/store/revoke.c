/* Takes a detector's evidence away, and has every listing that it was about decided anew. */
#include "store/store_internal.h"
#include <stdlib.h>

#define SLICE_KEYS 1000 /* in a transaction */

static bool slice_keys(struct store *s, const struct revocation *r, struct keys *keys) {
  sqlite3_stmt *slice = store_use(s, SQL_SLICE_REVOKED);
  struct addr after = keys->count ? keys->key[keys->count - 1] : (struct addr){{0}};
  bool room = true;
  int found = 0;
  keys->count = 0;
  bind_key(slice, 1, &after);
  bind_text(slice, 2, r->detector);
  bind_number(slice, 3, r->since);
  bind_number(slice, 4, SLICE_KEYS);
  while (room && (found = store_row(slice)) == 1) {
    struct addr key;
    memcpy(key.byte, column_span(slice, 0).s, sizeof key.byte);
    room = keys_add(keys, &key);
  }
  store_done(slice);
  return room ? found == 0 : store_no_memory(s);
}

/* Settled, so the entry in memory is no newer than its rows, and comes back from them. */
static bool revoke_key(struct store *s, const struct revocation *r, const struct addr *key) {
  sqlite3_stmt *drop = store_use(s, SQL_DROP_EVIDENCE);
  if (!store_begin(s)) return false;
  keycache_drop(&s->recent, key);
  bind_key(drop, 1, key);
  bind_text(drop, 2, r->detector);
  return store_run(drop) && r->decide(r->context, key);
}

static bool revoke_keys(struct store *s, const struct revocation *r, const struct keys *keys) {
  for (size_t i = 0; i < keys->count; i++)
    if (!revoke_key(s, r, &keys->key[i])) return false;
  return store_flush(s);
}

/* A row goes in the transaction that decides about its listing: where we are stopped, the next
   start finds the rows that are left. */
bool store_revoke(struct store *s, const struct revocation *r, int64_t *rows) {
  struct keys keys = {.count = 0};
  bool done = store_flush(s);
  *rows = 0;
  do {
    done = done && slice_keys(s, r, &keys) && revoke_keys(s, r, &keys);
    *rows += (int64_t)keys.count;
  } while (done && keys.count);
  free(keys.key);
  return done;
}
