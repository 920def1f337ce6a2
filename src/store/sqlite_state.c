/* The small tables: journal, detectors, heartbeats, freezes, additions, unread lines. */
#include "policy/freeze.h"
#include "store/sqlite.h"
#include "store/tables.h"

/* ---- journal ---- */

bool tables_each_journal(struct backend *db, tables_visit_journal *visit, void *context) {
  sqlite3_stmt *rows = statement_use(db, SQL_READ_JOURNAL);
  bool go_on = true;
  int found = 0;
  while (go_on && (found = statement_row(rows)) == 1)
    go_on = visit(context, column_number(rows, 0), column_span(rows, 1));
  statement_done(rows);
  return go_on && found == 0;
}

bool tables_add_journal(struct backend *db, int64_t id, struct span records) {
  sqlite3_stmt *add = statement_use(db, SQL_ADD_JOURNAL);
  bind_number(add, 1, id);
  bind_blob(add, 2, records);
  return statement_run(add);
}

bool tables_remove_journal(struct backend *db, int64_t last) {
  sqlite3_stmt *remove = statement_use(db, SQL_REMOVE_JOURNAL);
  bind_number(remove, 1, last);
  return statement_run(remove);
}

/* ---- detectors: epoch, window, heartbeat ---- */

static bool load_heartbeat(struct backend *db, struct detector *d) {
  sqlite3_stmt *get = statement_use(db, SQL_GET_HEARTBEAT);
  bind_text(get, 1, span_str(d->name));
  int found = statement_row(get);
  d->beat_epoch = found == 1 ? (uint64_t)column_number(get, 0) : 0;
  d->beat_seq = found == 1 ? (uint64_t)column_number(get, 1) : 0;
  statement_done(get);
  return found >= 0;
}

/* Checks that are malformed are treated as not known. */
static bool load_checks(struct backend *db, struct detector *d) {
  sqlite3_stmt *get = statement_use(db, SQL_GET_CHECKS);
  int found;
  bind_text(get, 1, span_str(d->name));
  bind_number(get, 2, (int64_t)d->epoch);
  while ((found = statement_row(get)) == 1) {
    uint64_t top = (uint64_t)column_number(get, 1);
    replaywindow_decode_part(&d->window, (int)column_number(get, 0), column_span(get, 2), top);
  }
  statement_done(get);
  return found == 0;
}

static bool save_part(struct backend *db, const struct detector *d, int part) {
  sqlite3_stmt *put = statement_use(db, SQL_PUT_CHECKS);
  char blob[REPLAYWINDOW_PART_SIZE];
  replaywindow_encode_part(&d->window, part, blob);
  bind_text(put, 1, span_str(d->name));
  bind_number(put, 2, part);
  bind_number(put, 3, (int64_t)d->epoch);
  bind_number(put, 4, (int64_t)d->window.top);
  bind_blob(put, 5, span_of(blob, sizeof blob));
  return statement_run(put);
}

static bool save_checks(struct backend *db, struct detector *d) {
  for (int part = 0; part < REPLAYWINDOW_PARTS; part++)
    if (d->window.unsaved >> part & 1 && !save_part(db, d, part)) return false;
  d->window.unsaved = 0;
  return true;
}

bool tables_load_detector(struct backend *db, struct detector *d) {
  sqlite3_stmt *get = statement_use(db, SQL_GET_DETECTOR);
  bind_text(get, 1, span_str(d->name));
  d->epoch = 0;
  d->window = (struct replaywindow){.top = 0};
  d->changed = false;
  int found = statement_row(get);
  if (found == 1) {
    d->epoch = (uint64_t)column_number(get, 0);
    if (!replaywindow_decode(column_span(get, 1), &d->window)) {
      backend_malformed(db, "a malformed window in table detector");
      found = -1;
    }
  }
  statement_done(get);
  return found >= 0 && load_checks(db, d) && load_heartbeat(db, d);
}

bool tables_save_detector(struct backend *db, struct detector *d, int64_t now) {
  sqlite3_stmt *put = statement_use(db, SQL_PUT_DETECTOR);
  char blob[REPLAYWINDOW_BLOB];
  replaywindow_encode(&d->window, blob);
  bind_text(put, 1, span_str(d->name));
  bind_number(put, 2, (int64_t)d->epoch);
  bind_blob(put, 3, span_of(blob, sizeof blob));
  bind_number(put, 4, now);
  return statement_run(put) && save_checks(db, d);
}

bool tables_put_heartbeat(struct backend *db, const struct heartbeat *h, int64_t now) {
  sqlite3_stmt *put = statement_use(db, SQL_PUT_HEARTBEAT);
  bind_text(put, 1 + HEARTBEAT_DETECTOR, h->origin.detector);
  bind_number(put, 1 + HEARTBEAT_EPOCH, (int64_t)h->origin.epoch);
  bind_number(put, 1 + HEARTBEAT_SEQ, (int64_t)h->seq);
  bind_number(put, 1 + HEARTBEAT_TIME, (int64_t)h->unixtime);
  bind_number(put, 1 + HEARTBEAT_RECEIVED, now);
  bind_text(put, 1 + HEARTBEAT_VERSION, h->version);
  for (int i = 0; i < BEATS; i++) bind_number(put, 1 + HEARTBEAT_COUNTS + i, (int64_t)h->count[i]);
  return statement_run(put);
}

/* ---- detectors: state ---- */

/* `first` is the column of the first member of the state. */
static struct detector_state decode_state(sqlite3_stmt *row, int first) {
  return (struct detector_state){.first = column_number(row, first + STATE_FIRST),
                                 .revoked = column_number(row, first + STATE_REVOKED),
                                 .surplus = column_number(row, first + STATE_SURPLUS),
                                 .surplus_at = column_number(row, first + STATE_SURPLUS_AT)};
}

bool tables_load_detector_state(struct backend *db, struct detector *d) {
  sqlite3_stmt *get = statement_use(db, SQL_GET_DETECTOR_STATE);
  bind_text(get, 1, span_str(d->name));
  int found = statement_row(get);
  d->state = found == 1 ? decode_state(get, 0) : (struct detector_state){.first = 0};
  statement_done(get);
  return found >= 0;
}

bool tables_save_detector_state(struct backend *db, const struct detector *d) {
  sqlite3_stmt *put = statement_use(db, SQL_PUT_DETECTOR_STATE);
  bind_number(put, 1 + STATE_FIRST, d->state.first);
  bind_number(put, 1 + STATE_REVOKED, d->state.revoked);
  bind_number(put, 1 + STATE_SURPLUS, d->state.surplus);
  bind_number(put, 1 + STATE_SURPLUS_AT, d->state.surplus_at);
  bind_text(put, 1 + STATE_DETECTOR, span_str(d->name));
  return statement_run(put);
}

bool tables_each_detector(struct backend *db, store_visit_detector *visit, void *context) {
  sqlite3_stmt *all = statement_use(db, SQL_ALL_DETECTORS);
  int found;
  while ((found = statement_row(all)) == 1) {
    struct detector_row d = {.name = column_span(all, KNOWN_NAME),
                             .last = column_number(all, KNOWN_LAST),
                             .heartbeat = column_number(all, KNOWN_HEARTBEAT),
                             .rows = column_number(all, KNOWN_ROWS),
                             .bots = column_number(all, KNOWN_BOTS),
                             .suspects = column_number(all, KNOWN_SUSPECTS),
                             .cleans = column_number(all, KNOWN_CLEANS),
                             .state = decode_state(all, KNOWN_STATE),
                             .sent = column_number(all, KNOWN_SENT),
                             .pending = column_number(all, KNOWN_PENDING),
                             .version = column_span(all, KNOWN_VERSION)};
    visit(context, &d);
  }
  statement_done(all);
  return found == 0;
}

/* ---- the circuit breaker: freezes and additions ---- */

bool tables_each_freeze(struct backend *db, store_visit_freeze *visit, void *context) {
  sqlite3_stmt *all = statement_use(db, SQL_GET_FREEZES);
  int found;
  while ((found = statement_row(all)) == 1)
    visit(context, column_span(all, 0), column_number(all, 1));
  statement_done(all);
  return found == 0;
}

/* A freeze of the whole list is a row of table meta, where an earlier collector had it. */
static bool put_freeze_all(struct backend *db, int64_t since) {
  sqlite3_stmt *put = statement_use(db, SQL_PUT_FREEZE_ALL);
  bind_number(put, 1, since);
  return statement_run(put);
}

bool tables_remove_freezes(struct backend *db) {
  return statement_run(statement_use(db, SQL_REMOVE_FREEZES)) && put_freeze_all(db, 0);
}

bool tables_add_freeze(struct backend *db, struct span what, int64_t since) {
  sqlite3_stmt *add = statement_use(db, SQL_ADD_FREEZE);
  if (span_is(what, FREEZE_ALL_NAME)) return put_freeze_all(db, since);
  bind_text(add, 1, what);
  bind_number(add, 2, since);
  return statement_run(add);
}

bool tables_add_addition(struct backend *db, const struct addr *key, struct span detector,
                         int64_t now) {
  sqlite3_stmt *add = statement_use(db, SQL_ADD_ADDITION);
  bind_number(add, 1, now);
  bind_key(add, 2, key);
  bind_text(add, 3, detector);
  return statement_run(add);
}

bool tables_remove_additions(struct backend *db, int64_t before, int64_t after) {
  sqlite3_stmt *remove = statement_use(db, SQL_REMOVE_ADDITIONS);
  bind_number(remove, 1, before);
  bind_number(remove, 2, after);
  return statement_run(remove);
}

bool tables_each_addition(struct backend *db, int64_t now, store_visit_addition *visit,
                          void *context) {
  sqlite3_stmt *all = statement_use(db, SQL_GET_ADDITIONS);
  int found;
  bind_number(all, 1, now);
  while ((found = statement_row(all)) == 1) {
    struct addr key = column_key(all, 0);
    visit(context, &key, column_span(all, 1), column_number(all, 2));
  }
  statement_done(all);
  return found == 0;
}

/* ---- lines that could not be read ---- */

static bool count_unread(struct backend *db, struct span detector) {
  struct unread_rows *u = &db->unread;
  if (span_equal(span_str(u->detector), detector)) return true;
  sqlite3_stmt *count = statement_use(db, SQL_COUNT_UNREAD);
  bind_text(count, 1, detector);
  int found = statement_row(count);
  u->count = found == 1 ? column_number(count, 0) : 0;
  statement_done(count);
  if (found != 1) return false;
  memcpy(u->detector, detector.s, detector.len);
  u->detector[detector.len] = '\0';
  return true;
}

int tables_add_unread(struct backend *db, struct span detector, int64_t now, struct span text) {
  if (!count_unread(db, detector)) return -1;
  if (db->unread.count >= UNREAD_MAX) return 0;
  sqlite3_stmt *add = statement_use(db, SQL_ADD_UNREAD);
  bind_text(add, 1, detector);
  bind_number(add, 2, now);
  bind_text(add, 3, text);
  if (!backend_begin(db) || !statement_run(add)) return -1;
  db->unread.count += sqlite3_changes(db->handle);
  return 1;
}

bool tables_purge_unread(struct backend *db, int64_t before) {
  sqlite3_stmt *purge = statement_use(db, SQL_PURGE_UNREAD);
  db->unread.detector[0] = '\0';
  bind_number(purge, 1, before);
  return statement_run(purge);
}
