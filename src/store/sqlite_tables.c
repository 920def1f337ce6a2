/* The two big tables, evidence and listing. */
#include "policy/breaker.h"
#include "store/sqlite.h"
#include "store/tables.h"

/* Visits the key in column 0 of every row. */
static bool visit_keys(sqlite3_stmt *rows, struct key_visitor v) {
  bool go_on = true;
  int found = 0;
  while (go_on && (found = statement_row(rows)) == 1) {
    struct addr key = column_key(rows, 0);
    go_on = v.visit(v.context, &key);
  }
  statement_done(rows);
  return go_on && found == 0;
}

/* Of a statement that returns one row. */
static bool read_number(sqlite3_stmt *statement, int64_t *out) {
  int found = statement_row(statement);
  *out = found == 1 ? column_number(statement, 0) : 0;
  statement_done(statement);
  return found == 1;
}

/* ---- evidence ---- */

static const char evidence_damage[] = "a malformed row in table evidence";

/* A damaged row is an error; no part of it is used. */
static bool decode_evidence(struct backend *db, sqlite3_stmt *row, struct evidence *e) {
  struct span sins = column_span(row, EVIDENCE_SINS);
  *e = (struct evidence){
      .first = column_number(row, EVIDENCE_FIRST),
      .last = column_number(row, EVIDENCE_LAST),
      .last_bot = column_number(row, EVIDENCE_LAST_BOT),
      .last_suspect = column_number(row, EVIDENCE_LAST_SUSPECT),
      .last_clean = column_number(row, EVIDENCE_LAST_CLEAN),
      .bots = column_number(row, EVIDENCE_BOTS),
      .suspects = column_number(row, EVIDENCE_SUSPECTS),
      .cleans = column_number(row, EVIDENCE_CLEANS),
      .future = column_number(row, EVIDENCE_FUTURE),
      .score = column_number(row, EVIDENCE_SCORE),
      .quits = column_number(row, EVIDENCE_QUITS),
      .noquits = column_number(row, EVIDENCE_NOQUITS),
      .received = column_number(row, EVIDENCE_RECEIVED),
      .sins_len = sins.len,
  };
  if (report_sins_are_valid(sins) &&
      hourcounts_parse(column_span(row, EVIDENCE_RECENT_BOTS), &e->recent_bots) &&
      hourcounts_parse(column_span(row, EVIDENCE_RECENT_CLEANS), &e->recent_cleans)) {
    memcpy(e->sins, sins.s, sins.len);
    return true;
  }
  return backend_malformed(db, evidence_damage);
}

bool tables_each_evidence(struct backend *db, const struct addr *key, tables_visit_evidence *visit,
                          void *context) {
  sqlite3_stmt *get = statement_use(db, SQL_GET_EVIDENCE);
  struct evidence e;
  bool go_on = true;
  int found = 0;
  bind_key(get, 1, key);
  while (go_on && (found = statement_row(get)) == 1) {
    struct span detector = column_span(get, EVIDENCE_DETECTOR);
    go_on = (origin_detector_is_valid(detector) || backend_malformed(db, evidence_damage)) &&
            decode_evidence(db, get, &e) && visit(context, detector, &e);
  }
  statement_done(get);
  return go_on && found == 0;
}

bool tables_put_evidence(struct backend *db, const struct addr *key, struct span detector,
                         const struct evidence *e) {
  sqlite3_stmt *put = statement_use(db, SQL_PUT_EVIDENCE);
  char bots[HOURCOUNTS_TEXT_MAX], cleans[HOURCOUNTS_TEXT_MAX];
  bind_number(put, 1 + EVIDENCE_FIRST, e->first);
  bind_number(put, 1 + EVIDENCE_LAST, e->last);
  bind_number(put, 1 + EVIDENCE_LAST_BOT, e->last_bot);
  bind_number(put, 1 + EVIDENCE_LAST_SUSPECT, e->last_suspect);
  bind_number(put, 1 + EVIDENCE_LAST_CLEAN, e->last_clean);
  bind_number(put, 1 + EVIDENCE_BOTS, e->bots);
  bind_number(put, 1 + EVIDENCE_SUSPECTS, e->suspects);
  bind_number(put, 1 + EVIDENCE_CLEANS, e->cleans);
  bind_number(put, 1 + EVIDENCE_FUTURE, e->future);
  bind_number(put, 1 + EVIDENCE_SCORE, e->score);
  bind_text(put, 1 + EVIDENCE_SINS, evidence_sins(e));
  bind_number(put, 1 + EVIDENCE_QUITS, e->quits);
  bind_number(put, 1 + EVIDENCE_NOQUITS, e->noquits);
  bind_text(put, 1 + EVIDENCE_RECENT_BOTS, span_of(bots, hourcounts_format(&e->recent_bots, bots)));
  bind_text(put, 1 + EVIDENCE_RECENT_CLEANS,
            span_of(cleans, hourcounts_format(&e->recent_cleans, cleans)));
  bind_number(put, 1 + EVIDENCE_RECEIVED, e->received);
  bind_text(put, 1 + EVIDENCE_DETECTOR, detector);
  bind_key(put, 1 + EVIDENCE_IP, key);
  return statement_run(put);
}

bool tables_remove_evidence(struct backend *db, const struct addr *key, struct span detector) {
  sqlite3_stmt *remove = statement_use(db, SQL_REMOVE_EVIDENCE);
  bind_key(remove, 1, key);
  bind_text(remove, 2, detector);
  return statement_run(remove);
}

/* ---- listings ---- */

static bool decode_listing(struct backend *db, sqlite3_stmt *row, struct listing *l) {
  struct span sins = column_span(row, LISTING_SINS);
  *l = (struct listing){
      .exists = true,
      .since = column_number(row, LISTING_SINCE),
      .until = column_number(row, LISTING_UNTIL),
      .times = column_number(row, LISTING_TIMES),
      .last = column_number(row, LISTING_LAST),
      .detectors = column_number(row, LISTING_DETECTORS),
      .quits = column_number(row, LISTING_QUITS),
      .noquits = column_number(row, LISTING_NOQUITS),
      .sins_len = sins.len,
  };
  if (sins.len <= sizeof l->sins && colour_parse(column_span(row, LISTING_COLOUR), &l->colour)) {
    memcpy(l->sins, sins.s, sins.len);
    return true;
  }
  return backend_malformed(db, "a malformed row in table listing");
}

int tables_get_listing(struct backend *db, const struct addr *key, struct listing *out) {
  sqlite3_stmt *get = statement_use(db, SQL_GET_LISTING);
  bind_key(get, 1, key);
  int found = statement_row(get);
  if (found == 1 && !decode_listing(db, get, out)) found = -1;
  statement_done(get);
  return found;
}

bool tables_put_listing(struct backend *db, const struct addr *key, const struct listing *l) {
  sqlite3_stmt *put = statement_use(db, SQL_PUT_LISTING);
  db->listing_put = true;
  bind_text(put, 1 + LISTING_COLOUR, span_str(colour_name(l->colour)));
  bind_number(put, 1 + LISTING_SINCE, l->since);
  bind_number(put, 1 + LISTING_UNTIL, l->until);
  bind_number(put, 1 + LISTING_TIMES, l->times);
  bind_number(put, 1 + LISTING_LAST, l->last);
  bind_text(put, 1 + LISTING_SINS, span_of(l->sins, l->sins_len));
  bind_number(put, 1 + LISTING_DETECTORS, l->detectors);
  bind_number(put, 1 + LISTING_QUITS, l->quits);
  bind_number(put, 1 + LISTING_NOQUITS, l->noquits);
  bind_key(put, 1 + LISTING_IP, key);
  bind_number(put, 1 + LISTING_CHANGED, db->changed + 1);
  return statement_run(put);
}

bool tables_end_listing(struct backend *db, const struct addr *key, int64_t now) {
  sqlite3_stmt *end = statement_use(db, SQL_END_LISTING);
  db->listing_put = true;
  bind_key(end, 1, key);
  bind_number(end, 2, now);
  bind_number(end, 3, db->changed + 1);
  return statement_run(end);
}

bool tables_each_running(struct backend *db, int64_t now, struct key_visitor v) {
  sqlite3_stmt *running = statement_use(db, SQL_RUNNING_LISTINGS);
  bind_number(running, 1, now);
  return visit_keys(running, v);
}

bool tables_each_end(struct backend *db, int64_t after, store_visit_end *visit, void *context) {
  sqlite3_stmt *ends = statement_use(db, SQL_LISTING_ENDS);
  int found;
  bind_number(ends, 1, after);
  bind_number(ends, 2, after + BREAKER_SPAN + LISTING_LONGEST);
  while ((found = statement_row(ends)) == 1) visit(context, column_number(ends, 0));
  statement_done(ends);
  return found == 0;
}

/* ---- keys of both tables ---- */

bool tables_count_evidence(struct backend *db, int64_t *count) {
  return read_number(statement_use(db, SQL_COUNT_EVIDENCE), count);
}

bool tables_each_key(struct backend *db, struct key_visitor v) {
  return visit_keys(statement_use(db, SQL_ALL_KEYS), v);
}

bool tables_each_revoked(struct backend *db, const struct revocation *r, const struct addr *from,
                         struct key_visitor v) {
  sqlite3_stmt *keys = statement_use(db, SQL_REVOKED_KEYS);
  bind_key(keys, 1, from);
  bind_text(keys, 2, r->detector);
  bind_number(keys, 3, r->since);
  bind_number(keys, 4, REVOKED_SLICE);
  return visit_keys(keys, v);
}

/* ---- purging ---- */

/* The first parameter of a statement that works on a slice. An empty blob is below every key. */
static void bind_above(sqlite3_stmt *statement, const struct purge_slice *slice) {
  size_t len = slice->from_start ? 0 : sizeof slice->above.byte;
  bind_blob(statement, 1, span_of((const char *)slice->above.byte, len));
}

int tables_slice(struct backend *db, struct purge_slice *slice, int64_t rows) {
  bool evidence = slice->table == PURGED_EVIDENCE;
  sqlite3_stmt *last = statement_use(db, evidence ? SQL_SLICE_EVIDENCE : SQL_SLICE_LISTING);
  bind_above(last, slice);
  bind_number(last, 2, rows);
  int found = statement_row(last);
  if (found == 1) slice->last = column_key(last, 0);
  else memset(slice->last.byte, 0xff, sizeof slice->last.byte);
  statement_done(last);
  return found;
}

/* The first two parameters of a statement that works on a slice. */
static sqlite3_stmt *use_slice(struct backend *db, enum statement which,
                               const struct purge_slice *slice) {
  sqlite3_stmt *statement = statement_use(db, which);
  bind_above(statement, slice);
  bind_key(statement, 2, &slice->last);
  return statement;
}

bool tables_purge(struct backend *db, const struct purge_slice *slice, int64_t before,
                  struct key_visitor v) {
  bool evidence = slice->table == PURGED_EVIDENCE;
  sqlite3_stmt *purge = use_slice(db, evidence ? SQL_PURGE_EVIDENCE : SQL_PURGE_LISTING, slice);
  bind_number(purge, 3, before);
  return visit_keys(purge, v);
}

bool tables_each_implausible(struct backend *db, const struct purge_slice *slice, int64_t now,
                             struct key_visitor v) {
  sqlite3_stmt *ends = use_slice(db, SQL_IMPLAUSIBLE_LISTINGS, slice);
  bind_number(ends, 3, now + LISTING_LONGEST);
  return visit_keys(ends, v);
}

bool tables_clamp_evidence(struct backend *db, const struct purge_slice *slice, int64_t now,
                           struct key_visitor v) {
  sqlite3_stmt *clamp = use_slice(db, SQL_CLAMP_EVIDENCE, slice);
  bind_number(clamp, 3, now + CLAMP_AHEAD);
  bind_number(clamp, 4, now);
  return visit_keys(clamp, v);
}

bool tables_get_purged(struct backend *db, int64_t *time) {
  return read_number(statement_use(db, SQL_GET_PURGED), time);
}

bool tables_put_purged(struct backend *db, int64_t time) {
  sqlite3_stmt *put = statement_use(db, SQL_PUT_PURGED);
  bind_number(put, 1, time);
  return statement_run(put);
}
