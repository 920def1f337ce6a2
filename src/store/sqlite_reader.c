#include "store/reader.h"
#include "store/store.h"
#include <sqlite3.h>
#include <stdlib.h>

#define BUSY_MS       1000
#define SINS_READ_MAX 512 /* bytes; a TXT record shows fewer */

struct reader {
  sqlite3 *db;
  sqlite3_stmt *version, *changed, *range;
};

static enum reader_result result_of(int code) {
  switch (code & 0xff) {
  case SQLITE_OK:
  case SQLITE_ROW:
  case SQLITE_DONE: return READER_OK;
  case SQLITE_BUSY:
  case SQLITE_LOCKED:
  case SQLITE_PROTOCOL: return READER_BUSY;
  case SQLITE_CANTOPEN: return READER_ABSENT;
  case SQLITE_NOMEM: return READER_MEMORY;
  default: return READER_DAMAGED;
  }
}

/* Of a statement that returns one row. */
static enum reader_result read_number(sqlite3_stmt *s, int64_t *out) {
  int code = sqlite3_step(s);
  if (code == SQLITE_ROW) *out = sqlite3_column_int64(s, 0);
  sqlite3_reset(s);
  return code == SQLITE_DONE ? READER_DAMAGED : result_of(code);
}

static enum reader_result query_number(struct reader *r, const char *sql, int64_t *out) {
  sqlite3_stmt *s = NULL;
  enum reader_result result = result_of(sqlite3_prepare_v2(r->db, sql, -1, &s, NULL));
  if (result == READER_OK) result = read_number(s, out);
  sqlite3_finalize(s);
  return result;
}

/* An empty database is one that the collector is about to fill. */
static enum reader_result check_kind(struct reader *r) {
  int64_t id = 0, version = 0, tables = 0;
  enum reader_result result = query_number(r, "SELECT count(*) FROM sqlite_schema", &tables);
  if (result == READER_OK) result = query_number(r, "PRAGMA application_id", &id);
  if (result == READER_OK) result = query_number(r, "PRAGMA user_version", &version);
  if (result != READER_OK) return result;
  if (tables == 0 && id == 0 && version == 0) return READER_ABSENT;
  return id == STORE_APPLICATION && version == STORE_VERSION ? READER_OK : READER_FOREIGN;
}

enum column { IP, COLOUR, UNTIL, LAST, SINS, DETECTORS, QUITS, NOQUITS, CHANGED };
#define COLUMNS \
  "SELECT ip, colour, until, last, sins, detectors, quits, noquits, changed FROM listing "

static enum reader_result prepare(struct reader *r) {
  const struct {
    const char *sql;
    sqlite3_stmt **statement;
  } wanted[] = {{"PRAGMA data_version", &r->version},
                {COLUMNS "WHERE changed > ?1 ORDER BY changed", &r->changed},
                {COLUMNS "WHERE ip BETWEEN ?1 AND ?2 ORDER BY ip", &r->range}};
  int code = SQLITE_OK;
  for (size_t i = 0; i < sizeof wanted / sizeof *wanted && code == SQLITE_OK; i++)
    code = sqlite3_prepare_v3(r->db, wanted[i].sql, -1, SQLITE_PREPARE_PERSISTENT,
                              wanted[i].statement, NULL);
  return result_of(code);
}

enum reader_result reader_open(struct reader **out, const char *path) {
  struct reader *r = calloc(1, sizeof *r);
  *out = NULL;
  if (!r) return READER_MEMORY;
  int flags = SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  enum reader_result result = result_of(sqlite3_open_v2(path, &r->db, flags, NULL));
  if (result == READER_OK) result = result_of(sqlite3_busy_timeout(r->db, BUSY_MS));
  if (result == READER_OK) result = check_kind(r);
  if (result == READER_OK) result = prepare(r);
  if (result == READER_OK) *out = r;
  else reader_close(r);
  return result;
}

void reader_close(struct reader *r) {
  if (!r) return;
  sqlite3_finalize(r->version);
  sqlite3_finalize(r->changed);
  sqlite3_finalize(r->range);
  sqlite3_close(r->db);
  free(r);
}

const char *reader_reason(const struct reader *r) {
  return r ? sqlite3_errmsg(r->db) : "no readable database";
}

enum reader_result reader_version(struct reader *r, int64_t *version) {
  return read_number(r->version, version);
}

enum reader_result reader_begin(struct reader *r) {
  return result_of(sqlite3_exec(r->db, "BEGIN", NULL, NULL, NULL));
}

void reader_end(struct reader *r) {
  sqlite3_exec(r->db, "COMMIT", NULL, NULL, NULL);
}

static struct span text_column(sqlite3_stmt *s, int column) {
  const unsigned char *text = sqlite3_column_text(s, column);
  int len = sqlite3_column_bytes(s, column);
  return text ? span_of((const char *)text, (size_t)len) : span_of("", 0);
}

static uint64_t count_column(sqlite3_stmt *s, int column) {
  int64_t n = sqlite3_column_int64(s, column);
  return n > 0 ? (uint64_t)n : 0;
}

static bool decode_row(sqlite3_stmt *s, struct listing_row *l) {
  const void *ip = sqlite3_column_blob(s, IP);
  if (!ip || sqlite3_column_bytes(s, IP) != sizeof l->ip.byte) return false;
  memcpy(l->ip.byte, ip, sizeof l->ip.byte);
  l->until = sqlite3_column_int64(s, UNTIL);
  l->last = sqlite3_column_int64(s, LAST);
  l->sins = span_head(text_column(s, SINS), SINS_READ_MAX);
  l->detectors = count_column(s, DETECTORS);
  l->quits = count_column(s, QUITS);
  l->noquits = count_column(s, NOQUITS);
  l->changed = sqlite3_column_int64(s, CHANGED);
  return colour_parse(text_column(s, COLOUR), &l->colour);
}

static enum reader_result visit_rows(sqlite3_stmt *s, reader_visit *visit, void *context) {
  enum reader_result result = READER_OK;
  struct listing_row l;
  int code;
  while ((code = sqlite3_step(s)) == SQLITE_ROW && result == READER_OK) {
    if (!decode_row(s, &l)) result = READER_DAMAGED;
    else if (!visit(context, &l)) result = READER_STOPPED;
  }
  sqlite3_reset(s);
  return result == READER_OK ? result_of(code) : result;
}

enum reader_result reader_changed(struct reader *r, int64_t above, reader_visit *visit,
                                  void *context) {
  int code = sqlite3_bind_int64(r->changed, 1, above);
  return code == SQLITE_OK ? visit_rows(r->changed, visit, context) : result_of(code);
}

enum reader_result reader_range(struct reader *r, const struct addr range[2], reader_visit *visit,
                                void *context) {
  for (int i = 0; i < 2; i++) {
    int code = sqlite3_bind_blob(r->range, i + 1, range[i].byte, 16, SQLITE_STATIC);
    if (code != SQLITE_OK) return result_of(code);
  }
  enum reader_result result = visit_rows(r->range, visit, context);
  sqlite3_clear_bindings(r->range);
  return result;
}
