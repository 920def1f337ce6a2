/* What is remembered of a detector beside its window, and of the list as a whole. */
#include "policy/freeze.h"
#include "store/store_internal.h"

bool store_load_detector_state(struct store *s, struct detector *d) {
  sqlite3_stmt *get = store_use(s, SQL_GET_STANDING);
  bind_text(get, 1, span_str(d->name));
  int found = store_row(get);
  d->standing = (struct detector_state){.first = 0};
  if (found == 1)
    d->standing = (struct detector_state){.first = sqlite3_column_int64(get, 0),
                                          .revoked = sqlite3_column_int64(get, 1),
                                          .surplus = sqlite3_column_int64(get, 2),
                                          .surplus_at = sqlite3_column_int64(get, 3)};
  store_done(get);
  return found >= 0;
}

bool store_save_detector_state(struct store *s, const struct detector *d) {
  sqlite3_stmt *put = store_use(s, SQL_PUT_STANDING);
  bind_text(put, 1, span_str(d->name));
  bind_number(put, 2, d->standing.first);
  bind_number(put, 3, d->standing.revoked);
  bind_number(put, 4, d->standing.surplus);
  bind_number(put, 5, d->standing.surplus_at);
  return store_begin(s) && store_run(put);
}

/* ---- freezes ---- */

bool store_each_freeze(struct store *s,
                       void (*tell)(void *context, struct span what, int64_t since),
                       void *context) {
  sqlite3_stmt *all = store_use(s, SQL_GET_FREEZES);
  int found;
  while ((found = store_row(all)) == 1)
    tell(context, column_span(all, 0), sqlite3_column_int64(all, 1));
  store_done(all);
  return found == 0;
}

bool store_drop_freezes(struct store *s) {
  sqlite3_stmt *whole = store_use(s, SQL_PUT_FROZEN);
  bind_number(whole, 1, 0);
  return store_begin(s) && store_run(store_use(s, SQL_DROP_FREEZES)) && store_run(whole);
}

bool store_add_freeze(struct store *s, struct span what, int64_t since) {
  bool all = span_is(what, FREEZE_ALL_NAME);
  sqlite3_stmt *put = store_use(s, all ? SQL_PUT_FROZEN : SQL_ADD_FREEZE);
  if (!all) bind_text(put, 1, what);
  bind_number(put, all ? 1 : 2, since);
  return store_begin(s) && store_run(put);
}

/* ---- additions and endings ---- */

bool store_add_addition(struct store *s, const struct addr *key, struct span detector,
                        int64_t now) {
  sqlite3_stmt *add = store_use(s, SQL_ADD_ADDITION);
  bind_number(add, 1, now);
  bind_key(add, 2, key);
  bind_text(add, 3, detector);
  return store_begin(s) && store_run(add);
}

bool store_drop_additions(struct store *s, int64_t before, int64_t after) {
  sqlite3_stmt *drop = store_use(s, SQL_DROP_ADDITIONS);
  bind_number(drop, 1, before);
  bind_number(drop, 2, after);
  return store_begin(s) && store_run(drop);
}

bool store_each_addition(struct store *s, int64_t now, const struct store_addition *tell) {
  sqlite3_stmt *all = store_use(s, SQL_ADDITIONS);
  int found;
  bind_number(all, 1, now);
  while ((found = store_row(all)) == 1) {
    struct addr key;
    memcpy(key.byte, column_span(all, 0).s, sizeof key.byte);
    tell->tell(tell->context, &key, column_span(all, 1), sqlite3_column_int64(all, 2));
  }
  store_done(all);
  return found == 0;
}

bool store_each_listed(struct store *s, int64_t after, void (*tell)(void *context, int64_t until),
                       void *context) {
  sqlite3_stmt *listed = store_use(s, SQL_LISTED);
  int found = 0;
  if (!store_flush(s)) return false;
  bind_number(listed, 1, after);
  bind_number(listed, 2, after + BREAKER_SPAN + LISTING_LONGEST);
  while ((found = store_row(listed)) == 1) tell(context, sqlite3_column_int64(listed, 0));
  store_done(listed);
  return found == 0;
}
