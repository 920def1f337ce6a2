#include "collect/storedb.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#define BUSY_MS 10000 /* how long a reader's checkpoint, or a person's shell, may hold us up */

/* ---- statements ---- */

sqlite3_stmt *store_use(struct store *s, enum statement which) {
  return s->prepared[which];
}

int store_row(sqlite3_stmt *statement) {
  int code = sqlite3_step(statement);
  return code == SQLITE_ROW ? 1 : code == SQLITE_DONE ? 0 : -1;
}

bool store_run(sqlite3_stmt *statement) {
  int code = sqlite3_step(statement);
  sqlite3_reset(statement);
  return code == SQLITE_DONE;
}

void store_done(sqlite3_stmt *statement) {
  sqlite3_reset(statement);
}

/* A binding fails for lack of memory only, and then the step fails on its NOT NULL. */
void bind_number(sqlite3_stmt *statement, int at, int64_t value) {
  sqlite3_bind_int64(statement, at, value);
}

void bind_text(sqlite3_stmt *statement, int at, struct span text) {
  sqlite3_bind_text(statement, at, text.len ? text.s : "", (int)text.len, SQLITE_TRANSIENT);
}

void bind_key(sqlite3_stmt *statement, int at, const struct addr *key) {
  sqlite3_bind_blob(statement, at, key->byte, sizeof key->byte, SQLITE_TRANSIENT);
}

struct span column_span(sqlite3_stmt *statement, int at) {
  const char *s = sqlite3_column_blob(statement, at);
  return span_of(s ? s : "", s ? (size_t)sqlite3_column_bytes(statement, at) : 0);
}

const char *store_error(const struct store *s) {
  return s->problem ? s->problem : sqlite3_errmsg(s->db);
}

/* ---- opening ---- */

static bool take_lock(struct store *s, const char *path) {
  char name[PATH_MAX];
  int len = snprintf(name, sizeof name, "%s-lock", path);
  if (len < 0 || (size_t)len >= sizeof name) {
    errno = ENAMETOOLONG;
    return false;
  }
  s->lock = open(name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  return s->lock >= 0 && flock(s->lock, LOCK_EX | LOCK_NB) == 0;
}

static bool execute(struct store *s, const char *sql) {
  return sqlite3_exec(s->db, sql, NULL, NULL, NULL) == SQLITE_OK;
}

static bool ask_number(struct store *s, const char *sql, int64_t *out) {
  sqlite3_stmt *ask = NULL;
  bool found = sqlite3_prepare_v2(s->db, sql, -1, &ask, NULL) == SQLITE_OK && store_row(ask) == 1;
  if (found) *out = sqlite3_column_int64(ask, 0);
  sqlite3_finalize(ask);
  return found;
}

static enum store_open create(struct store *s) {
  char marks[128];
  snprintf(marks, sizeof marks, "PRAGMA application_id = %d; PRAGMA user_version = %d;",
           STORE_APPLICATION, STORE_VERSION);
  bool made = execute(s, "BEGIN IMMEDIATE") && execute(s, marks) && execute(s, store_schema) &&
              execute(s, "COMMIT");
  return made ? STORE_OPEN : STORE_FAILED;
}

/* Nothing is written before it is known whose database this is. */
static enum store_open check_owner(struct store *s) {
  int64_t application, version, tables;
  if (!ask_number(s, "PRAGMA application_id", &application) ||
      !ask_number(s, "PRAGMA user_version", &version) ||
      !ask_number(s, "SELECT count(*) FROM sqlite_master", &tables))
    return sqlite3_errcode(s->db) == SQLITE_NOTADB ? STORE_FOREIGN : STORE_FAILED;
  if (application == STORE_APPLICATION && version == STORE_VERSION) return STORE_OPEN;
  if (application == 0 && version == 0 && tables == 0) return create(s);
  return STORE_FOREIGN;
}

static bool prepare_all(struct store *s) {
  for (int i = 0; i < SQL_COUNT; i++)
    if (sqlite3_prepare_v3(s->db, store_sql[i], -1, SQLITE_PREPARE_PERSISTENT, &s->prepared[i],
                           NULL) != SQLITE_OK)
      return false;
  return true;
}

static enum store_open set_up(struct store *s, const char *path) {
  if (!take_lock(s, path)) {
    s->problem = strerror(errno);
    return errno == EWOULDBLOCK ? STORE_LOCKED : STORE_FAILED;
  }
  if (sqlite3_open_v2(path, &s->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL) != SQLITE_OK)
    return STORE_FAILED;
  sqlite3_busy_timeout(s->db, BUSY_MS);
  enum store_open owner = check_owner(s);
  if (owner != STORE_OPEN) return owner;
  if (!execute(s, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL") || !prepare_all(s) ||
      !ask_number(s, store_sql[SQL_GET_CHANGED], &s->changed))
    return STORE_FAILED;
  return STORE_OPEN;
}

enum store_open store_open(const char *path, struct store **out) {
  struct store *s = *out = calloc(1, sizeof *s);
  if (!s) return STORE_FAILED;
  s->lock = -1;
  return set_up(s, path);
}

void store_close(struct store *s) {
  if (!s) return;
  for (int i = 0; i < SQL_COUNT; i++) sqlite3_finalize(s->prepared[i]);
  sqlite3_close(s->db); /* rolls a running transaction back */
  if (s->lock >= 0) close(s->lock);
  free(s);
}

/* ---- transactions ---- */

bool store_begin(struct store *s) {
  if (s->running) return true;
  s->listing_put = false;
  return s->running = store_run(store_use(s, SQL_BEGIN));
}

bool store_commit(struct store *s) {
  if (!s->running) return true;
  if (s->listing_put) {
    sqlite3_stmt *set = store_use(s, SQL_SET_CHANGED);
    bind_number(set, 1, s->changed + 1);
    if (!store_run(set)) return false;
  }
  if (!store_run(store_use(s, SQL_COMMIT))) return false;
  s->changed += s->listing_put;
  s->running = false;
  return true;
}

/* ---- detectors, the unread, and what is old ---- */

bool store_load_detector(struct store *s, struct detector *d) {
  sqlite3_stmt *get = store_use(s, SQL_GET_DETECTOR);
  bind_text(get, 1, span_str(d->name));
  d->epoch = 0;
  d->window = (struct window){.top = 0};
  d->changed = false;
  int found = store_row(get);
  if (found == 1) {
    d->epoch = (uint64_t)sqlite3_column_int64(get, 0);
    if (!window_load(column_span(get, 1), &d->window)) {
      s->problem = "a malformed window in table detector";
      found = -1;
    }
  }
  store_done(get);
  return found >= 0;
}

bool store_save_detector(struct store *s, const struct detector *d, int64_t now) {
  sqlite3_stmt *put = store_use(s, SQL_PUT_DETECTOR);
  char blob[WINDOW_BLOB];
  window_save(&d->window, blob);
  bind_text(put, 1, span_str(d->name));
  bind_number(put, 2, (int64_t)d->epoch);
  sqlite3_bind_blob(put, 3, blob, sizeof blob, SQLITE_TRANSIENT);
  bind_number(put, 4, now);
  return store_begin(s) && store_run(put);
}

bool store_add_unread(struct store *s, struct span detector, int64_t now, struct span text) {
  sqlite3_stmt *add = store_use(s, SQL_ADD_UNREAD);
  bind_text(add, 1, detector);
  bind_number(add, 2, now);
  bind_text(add, 3, text);
  bind_number(add, 4, UNREAD_MAX);
  return store_begin(s) && store_run(add);
}

bool store_purge(struct store *s, int64_t now) {
  static const enum statement purges[] = {SQL_PURGE_LISTING, SQL_PURGE_EVIDENCE, SQL_PURGE_UNREAD};
  if (!store_begin(s)) return false;
  for (size_t i = 0; i < sizeof purges / sizeof *purges; i++) {
    sqlite3_stmt *purge = store_use(s, purges[i]);
    bind_number(purge, 1, now - STORE_KEEP);
    if (!store_run(purge)) return false;
  }
  return store_commit(s);
}
