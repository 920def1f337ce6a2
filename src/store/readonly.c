/* What people ask: all that is known of an address, and of each detector. */
#include "store/rowcodec.h"
#include "store/store_internal.h"

bool store_each_evidence(struct store *s, const struct addr *key,
                         void (*tell)(void *context, struct span detector,
                                      const struct evidence *e),
                         void *context) {
  struct keycache_record r;
  struct evidence e;
  const struct keycache_entry *entry = store_entry(s, key);
  if (!entry) return false;
  for (size_t at = 0; keycache_entry_next(entry, &at, &r);) {
    if (r.name.len == 0) continue;
    if (!rowcodec_read_evidence(r.body, &e))
      return store_malformed(s, "a malformed record in memory");
    tell(context, r.name, &e);
  }
  return true;
}

bool store_each_detector(struct store *s,
                         void (*tell)(void *context, const struct record_of_detector *d),
                         void *context) {
  sqlite3_stmt *all = store_use(s, SQL_DETECTORS);
  int found;
  while ((found = store_row(all)) == 1) {
    struct record_of_detector d = {.name = column_span(all, 0),
                                   .last = sqlite3_column_int64(all, 1),
                                   .heartbeat = sqlite3_column_int64(all, 2),
                                   .rows = sqlite3_column_int64(all, 3),
                                   .bots = sqlite3_column_int64(all, 4),
                                   .suspects = sqlite3_column_int64(all, 5),
                                   .cleans = sqlite3_column_int64(all, 6),
                                   .sent = sqlite3_column_int64(all, 11),
                                   .pending = sqlite3_column_int64(all, 12),
                                   .version = column_span(all, 13),
                                   .standing = {.first = sqlite3_column_int64(all, 7),
                                                .revoked = sqlite3_column_int64(all, 8),
                                                .surplus = sqlite3_column_int64(all, 9),
                                                .surplus_at = sqlite3_column_int64(all, 10)}};
    tell(context, &d);
  }
  store_done(all);
  return found == 0;
}
