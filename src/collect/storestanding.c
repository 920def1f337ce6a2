/* What is remembered of a detector beside its window, and of the list as a whole. */
#include "collect/storedb.h"

bool store_load_standing(struct store *s, struct detector *d) {
  sqlite3_stmt *get = store_use(s, SQL_GET_STANDING);
  bind_text(get, 1, span_str(d->name));
  int found = store_row(get);
  d->standing = (struct standing){.first = 0};
  if (found == 1)
    d->standing = (struct standing){.first = sqlite3_column_int64(get, 0),
                                    .quarantined = sqlite3_column_int64(get, 1),
                                    .revoked = sqlite3_column_int64(get, 2)};
  store_done(get);
  return found >= 0;
}

bool store_save_standing(struct store *s, const struct detector *d) {
  sqlite3_stmt *put = store_use(s, SQL_PUT_STANDING);
  bind_text(put, 1, span_str(d->name));
  bind_number(put, 2, d->standing.first);
  bind_number(put, 3, d->standing.quarantined);
  bind_number(put, 4, d->standing.revoked);
  return store_begin(s) && store_run(put);
}

bool store_load_frozen(struct store *s, int64_t *frozen_at) {
  sqlite3_stmt *get = store_use(s, SQL_GET_FROZEN);
  int found = store_row(get);
  *frozen_at = found == 1 ? sqlite3_column_int64(get, 0) : 0;
  store_done(get);
  return found >= 0;
}

bool store_save_frozen(struct store *s, int64_t frozen_at) {
  sqlite3_stmt *put = store_use(s, SQL_PUT_FROZEN);
  bind_number(put, 1, frozen_at);
  return store_begin(s) && store_run(put);
}

bool store_each_listed(struct store *s, int64_t after,
                       void (*tell)(void *context, int64_t since, int64_t until), void *context) {
  sqlite3_stmt *listed = store_use(s, SQL_LISTED);
  int found = 0;
  if (!store_settle(s)) return false;
  bind_number(listed, 1, after);
  while ((found = store_row(listed)) == 1)
    tell(context, sqlite3_column_int64(listed, 0), sqlite3_column_int64(listed, 1));
  store_done(listed);
  return found == 0;
}
