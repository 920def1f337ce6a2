#include "store/purge.h"

#define PURGE_ROWS 5000 /* a slice of one table */

/* ---- the clock ---- */

bool purge_load(struct purge *p) {
  return tables_get_purged(p->database, &p->last_at);
}

int64_t purge_lag(const struct purge *p, int64_t now) {
  return p->last_at && now > p->last_at ? now - p->last_at : 0;
}

static int64_t clock_of(const struct purge *p, int64_t now) {
  return purge_lag(p, now) > PURGE_STEP ? p->last_at + PURGE_STEP : now;
}

/* ---- one slice ---- */

/* A dirty entry is newer than its row. Its row comes back when the entry is merged. */
static bool drop_key(void *context, const struct addr *key) {
  const struct purge *p = context;
  keys_drop_clean(p->keys, key);
  return true;
}

/* The next report about a dirty entry gives its listing a plausible end. */
static bool end_listing(void *context, const struct addr *key) {
  const struct purge *p = context;
  const struct keycache_entry *e = keycache_find(&p->keys->cache, key);
  if (e && e->dirty) return true;
  keys_drop(p->keys, key);
  return tables_end_listing(p->database, key, p->running_at);
}

static bool clamp_slice(struct purge *p, const struct purge_slice *slice) {
  if (p->running_at < p->last_at) return true;
  if (p->table == PURGED_LISTING)
    return tables_each_implausible(p->database, slice, p->running_at,
                                   (struct key_visitor){end_listing, p});
  return tables_clamp_evidence(p->database, slice, p->running_at,
                               (struct key_visitor){drop_key, p});
}

static bool finish(struct purge *p) {
  if (!tables_purge_unread(p->database, p->running_at - STORE_KEEP)) return false;
  p->last_at = p->running_at;
  p->running_at = 0;
  return tables_put_purged(p->database, p->last_at);
}

bool purge_step(struct purge *p, int64_t now, bool *more) {
  struct purge_slice slice = {.table = p->table, .from_start = !p->begun, .above = p->done};
  if (p->running_at == 0) p->running_at = clock_of(p, now);
  int found = tables_slice(p->database, &slice, PURGE_ROWS);
  if (found < 0 ||
      !tables_purge(p->database, &slice, p->running_at - STORE_KEEP,
                    (struct key_visitor){drop_key, p}) ||
      !clamp_slice(p, &slice))
    return false;
  bool last = found == 0;
  *more = !last || p->table == PURGED_LISTING;
  p->begun = !last;
  p->done = slice.last;
  if (last) p->table = p->table == PURGED_LISTING ? PURGED_EVIDENCE : PURGED_LISTING;
  return *more || finish(p);
}
