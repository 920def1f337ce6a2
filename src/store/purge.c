/* What ends otherwise than by a report: listings that the never-list forbids, and old rows. */
#include "store/store_internal.h"

#define PURGE_KEYS 5000 /* a slice of one table */

static bool end_listing(struct store *s, const struct addr *key, int64_t now) {
  if (!store_begin(s)) return false;
  sqlite3_stmt *end = store_use(s, SQL_END_LISTING);
  s->listing_put = true;
  keycache_drop(&s->recent, key);
  bind_key(end, 1, key);
  bind_number(end, 2, now);
  bind_number(end, 3, s->changed + 1);
  return store_run(end);
}

/* Settled, so that no entry in memory is newer than its row. */
bool store_end_listings(struct store *s, int64_t now,
                        bool (*is_never)(const void *context, const struct addr *key),
                        const void *context) {
  sqlite3_stmt *running = store_use(s, SQL_RUNNING);
  int found = 0;
  bool ended = store_flush(s);
  bind_number(running, 1, now);
  while (ended && (found = store_row(running)) == 1) {
    struct addr key;
    memcpy(key.byte, column_span(running, 0).s, sizeof key.byte);
    if (is_never(context, &key)) ended = end_listing(s, &key, now);
  }
  store_done(running);
  return ended && found == 0 && store_flush(s);
}

/* ---- the purge ---- */

/* The key that ends a slice; the highest of all where fewer rows are left. */
static bool slice_end(struct store *s, enum statement which, struct addr *end, bool *last) {
  sqlite3_stmt *slice = store_use(s, which);
  bind_key(slice, 1, &s->purged);
  bind_number(slice, 2, PURGE_KEYS);
  int found = store_row(slice);
  *last = found == 0;
  if (found == 1) memcpy(end->byte, column_span(slice, 0).s, sizeof end->byte);
  else memset(end->byte, 0xff, sizeof end->byte);
  store_done(slice);
  return found >= 0;
}

/* What is in memory and not merged yet is newer than its row, and comes back with its merge. */
static bool purge_slice(struct store *s, enum statement which, const struct addr *end,
                        int64_t before) {
  sqlite3_stmt *purge = store_use(s, which);
  struct addr key;
  int found;
  bind_key(purge, 1, &s->purged);
  bind_key(purge, 2, end);
  bind_number(purge, 3, before);
  while ((found = store_row(purge)) == 1) {
    memcpy(key.byte, column_span(purge, 0).s, sizeof key.byte);
    const struct keycache_entry *e = keycache_find(&s->recent, &key);
    if (e && !e->dirty) keycache_drop(&s->recent, &key);
  }
  store_done(purge);
  return found == 0;
}

/* Without a look at what is in memory, which comes back right with its next report. */
static bool end_wild_listings(struct store *s, const struct addr *end) {
  sqlite3_stmt *wild = store_use(s, SQL_WILD_LISTING);
  int found = 0;
  bool ended = true;
  bind_key(wild, 1, &s->purged);
  bind_key(wild, 2, end);
  bind_number(wild, 3, s->purging_at + LISTING_LONGEST);
  while (ended && (found = store_row(wild)) == 1) {
    struct addr key;
    memcpy(key.byte, column_span(wild, 0).s, sizeof key.byte);
    const struct keycache_entry *e = keycache_find(&s->recent, &key);
    if (!e || !e->dirty) ended = end_listing(s, &key, s->purging_at);
  }
  store_done(wild);
  return ended && found == 0;
}

static bool set_wild_evidence(struct store *s, const struct addr *end) {
  sqlite3_stmt *set = store_use(s, SQL_WILD_EVIDENCE);
  struct addr key;
  int found;
  bind_key(set, 1, &s->purged);
  bind_key(set, 2, end);
  bind_number(set, 3, s->purging_at + TAME_AHEAD);
  bind_number(set, 4, s->purging_at);
  while ((found = store_row(set)) == 1) {
    memcpy(key.byte, column_span(set, 0).s, sizeof key.byte);
    const struct keycache_entry *e = keycache_find(&s->recent, &key);
    if (e && !e->dirty) keycache_drop(&s->recent, &key);
  }
  store_done(set);
  return found == 0;
}

/* By a clock that is not behind what it has been: one that is would end the whole list. */
static bool tame_slice(struct store *s, const struct addr *end) {
  if (s->purging_at < s->purged_at) return true;
  return s->purging_evidence ? set_wild_evidence(s, end) : end_wild_listings(s, end);
}

static bool purge_unread(struct store *s, int64_t before) {
  sqlite3_stmt *purge = store_use(s, SQL_PURGE_UNREAD);
  s->unread.detector[0] = '\0';
  bind_number(purge, 1, before);
  return store_run(purge);
}

/* ---- its clock ---- */

bool purge_load(struct store *s) {
  sqlite3_stmt *get = store_use(s, SQL_GET_PURGED);
  int found = store_row(get);
  s->purged_at = found == 1 ? sqlite3_column_int64(get, 0) : 0;
  store_done(get);
  return found == 1;
}

int64_t store_purge_lag(const struct store *s, int64_t now) {
  return s->purged_at && now > s->purged_at ? now - s->purged_at : 0;
}

static int64_t purge_clock(const struct store *s, int64_t now) {
  return store_purge_lag(s, now) > PURGE_STEP ? s->purged_at + PURGE_STEP : now;
}

static bool purge_is_through(struct store *s) {
  sqlite3_stmt *put = store_use(s, SQL_PUT_PURGED);
  if (!purge_unread(s, s->purging_at - STORE_KEEP)) return false;
  s->purged_at = s->purging_at;
  s->purging_at = 0;
  bind_number(put, 1, s->purged_at);
  return store_run(put);
}

bool store_purge(struct store *s, int64_t now, bool *more) {
  enum statement slice = s->purging_evidence ? SQL_SLICE_EVIDENCE : SQL_SLICE_LISTING;
  enum statement purge = s->purging_evidence ? SQL_PURGE_EVIDENCE : SQL_PURGE_LISTING;
  struct addr end;
  bool last;
  if (s->purging_at == 0) s->purging_at = purge_clock(s, now);
  if (!store_begin(s) || !slice_end(s, slice, &end, &last) ||
      !purge_slice(s, purge, &end, s->purging_at - STORE_KEEP) || !tame_slice(s, &end))
    return false;
  *more = !last || !s->purging_evidence;
  s->purged = end;
  if (last) {
    s->purging_evidence = !s->purging_evidence;
    s->purged = (struct addr){{0}};
  }
  return *more || purge_is_through(s);
}
