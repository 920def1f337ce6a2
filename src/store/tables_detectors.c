/* The store's small tables: detectors, their heartbeats, and what could not be read. */
#include "store/store_internal.h"

static bool load_heartbeat(struct store *s, struct detector *d) {
  sqlite3_stmt *get = store_use(s, SQL_GET_HEARTBEAT);
  bind_text(get, 1, span_str(d->name));
  int found = store_row(get);
  d->beat_epoch = found == 1 ? (uint64_t)sqlite3_column_int64(get, 0) : 0;
  d->beat_seq = found == 1 ? (uint64_t)sqlite3_column_int64(get, 1) : 0;
  store_done(get);
  return found >= 0;
}

/* What is malformed is as if it were not known. */
static bool load_checks(struct store *s, struct detector *d) {
  sqlite3_stmt *get = store_use(s, SQL_GET_TAKEN);
  int found;
  bind_text(get, 1, span_str(d->name));
  bind_number(get, 2, (int64_t)d->epoch);
  while ((found = store_row(get)) == 1)
    replaywindow_decode_part(&d->window, sqlite3_column_int(get, 0), column_span(get, 2),
                             (uint64_t)sqlite3_column_int64(get, 1));
  store_done(get);
  return found == 0;
}

static bool save_part(struct store *s, const struct detector *d, int part) {
  sqlite3_stmt *put = store_use(s, SQL_PUT_TAKEN);
  char blob[REPLAYWINDOW_PART_SIZE];
  replaywindow_encode_part(&d->window, part, blob);
  bind_text(put, 1, span_str(d->name));
  bind_number(put, 2, part);
  bind_number(put, 3, (int64_t)d->epoch);
  bind_number(put, 4, (int64_t)d->window.top);
  sqlite3_bind_blob(put, 5, blob, sizeof blob, SQLITE_STATIC);
  return store_run(put);
}

static bool save_checks(struct store *s, struct detector *d) {
  for (int part = 0; part < REPLAYWINDOW_PARTS; part++)
    if (d->window.unsaved >> part & 1 && !save_part(s, d, part)) return false;
  d->window.unsaved = 0;
  return true;
}

bool store_load_detector(struct store *s, struct detector *d) {
  sqlite3_stmt *get = store_use(s, SQL_GET_DETECTOR);
  bind_text(get, 1, span_str(d->name));
  d->epoch = 0;
  d->window = (struct replaywindow){.top = 0};
  d->changed = false;
  int found = store_row(get);
  if (found == 1) {
    d->epoch = (uint64_t)sqlite3_column_int64(get, 0);
    if (!replaywindow_decode(column_span(get, 1), &d->window)) {
      store_malformed(s, "a malformed window in table detector");
      found = -1;
    }
  }
  store_done(get);
  return found >= 0 && load_checks(s, d) && load_heartbeat(s, d);
}

bool store_save_detector(struct store *s, struct detector *d, int64_t now) {
  sqlite3_stmt *put = store_use(s, SQL_PUT_DETECTOR);
  char blob[REPLAYWINDOW_BLOB];
  replaywindow_encode(&d->window, blob);
  bind_text(put, 1, span_str(d->name));
  bind_number(put, 2, (int64_t)d->epoch);
  sqlite3_bind_blob(put, 3, blob, sizeof blob, SQLITE_STATIC);
  bind_number(put, 4, now);
  return store_begin(s) && store_run(put) && save_checks(s, d);
}

bool store_put_heartbeat(struct store *s, const struct heartbeat *h, int64_t now) {
  sqlite3_stmt *put = store_use(s, SQL_PUT_HEARTBEAT);
  const uint64_t numbers[] = {h->origin.epoch, h->seq, h->unixtime, (uint64_t)now};
  bind_text(put, 1, h->origin.detector);
  for (int i = 0; i < 4; i++) bind_number(put, 2 + i, (int64_t)numbers[i]);
  bind_text(put, 6, h->version);
  for (int i = 0; i < BEATS; i++) bind_number(put, 7 + i, (int64_t)h->count[i]);
  return store_begin(s) && store_run(put);
}

/* ---- what could not be read ---- */

static bool count_unread(struct store *s, struct span detector) {
  struct unread_rows *u = &s->unread;
  if (span_equal(span_str(u->detector), detector)) return true;
  sqlite3_stmt *count = store_use(s, SQL_COUNT_UNREAD);
  bind_text(count, 1, detector);
  int found = store_row(count);
  u->count = found == 1 ? sqlite3_column_int64(count, 0) : 0;
  store_done(count);
  if (found != 1) return false;
  memcpy(u->detector, detector.s, detector.len);
  u->detector[detector.len] = '\0';
  return true;
}

int store_add_unread(struct store *s, struct span detector, int64_t now, struct span text) {
  if (!count_unread(s, detector)) return -1;
  if (s->unread.count >= UNREAD_MAX) return 0;
  sqlite3_stmt *add = store_use(s, SQL_ADD_UNREAD);
  bind_text(add, 1, detector);
  bind_number(add, 2, now);
  bind_text(add, 3, text);
  if (!store_begin(s) || !store_run(add)) return -1;
  s->unread.count += sqlite3_changes(s->db);
  return 1;
}
