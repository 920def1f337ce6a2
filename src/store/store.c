#include "store/store_internal.h"
#include "sys/systemerror.h"
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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
  sqlite3_bind_text(statement, at, text.len ? text.s : "", (int)text.len, SQLITE_STATIC);
}

void bind_key(sqlite3_stmt *statement, int at, const struct addr *key) {
  sqlite3_bind_blob(statement, at, key->byte, sizeof key->byte, SQLITE_STATIC);
}

struct span column_span(sqlite3_stmt *statement, int at) {
  const char *s = sqlite3_column_blob(statement, at);
  return span_of(s ? s : "", s ? (size_t)sqlite3_column_bytes(statement, at) : 0);
}

const char *store_error(const struct store *s) {
  return s->problem ? s->problem : sqlite3_errmsg(s->db);
}

bool store_no_memory(struct store *s) {
  s->problem = "out of memory";
  return false;
}

bool store_malformed(struct store *s, const char *what) {
  s->problem = what;
  s->permanent = true;
  return false;
}

/* SQLite calls a database malformed, too, if reading it or its log fails with EIO. */
static bool has_failed_to_read(const struct store *s) {
  sqlite3_file *log = NULL;
  int error = 0, log_error = 0;
  sqlite3_file_control(s->db, "main", SQLITE_FCNTL_LAST_ERRNO, &error);
  sqlite3_file_control(s->db, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log);
  if (log && log->pMethods) log->pMethods->xFileControl(log, SQLITE_FCNTL_LAST_ERRNO, &log_error);
  return systemerror_is_temporary(error) || systemerror_is_temporary(log_error);
}

bool store_needs_mending(const struct store *s) {
  if (s->problem) return s->permanent;
  int code = s->db ? sqlite3_errcode(s->db) : SQLITE_OK;
  if (code == SQLITE_CORRUPT && has_failed_to_read(s)) return false;
  return code == SQLITE_CORRUPT || code == SQLITE_NOTADB || code == SQLITE_READONLY ||
         code == SQLITE_PERM || code == SQLITE_AUTH;
}

/* ---- opening ---- */

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
  if (application == 0 && version == 0 && tables == 0 && !sqlite3_db_readonly(s->db, "main"))
    return create(s);
  return application == STORE_APPLICATION ? STORE_OTHER : STORE_FOREIGN;
}

static bool add_columns(struct store *s) {
  int64_t has;
  for (int i = 0; i < STORE_COLUMNS; i++)
    if (!ask_number(s, store_columns[i].has, &has) || (!has && !execute(s, store_columns[i].add)))
      return false;
  return true;
}

static bool prepare_all(struct store *s) {
  if (!sqlite3_db_readonly(s->db, "main") && !add_columns(s)) return false;
  for (int i = 0; i < SQL_COUNT; i++)
    if (sqlite3_prepare_v3(s->db, store_sql[i], -1, SQLITE_PREPARE_PERSISTENT, &s->prepared[i],
                           NULL) != SQLITE_OK)
      return false;
  return true;
}

/* The keys of strangers are hashed with a key of ours. */
static bool start_memory(struct store *s) {
  struct siphash_key hash;
  randombytes_buf(&hash, sizeof hash);
  return keycache_create(&s->recent, s->options.cache, hash) || store_no_memory(s);
}

static const char settings[] = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
                               "PRAGMA cache_size = -65536; PRAGMA wal_autocheckpoint = 32768;"
                               "PRAGMA journal_size_limit = 67108864";

/* That it may not be written is to be known before anybody relies on us. */
static bool try_writing(struct store *s) {
  sqlite3_stmt *set = store_use(s, SQL_SET_CHANGED);
  if (!store_begin(s)) return false;
  bind_number(set, 1, s->changed);
  if (!store_run(set) || !store_run(store_use(s, SQL_COMMIT))) return false;
  s->running = false;
  return store_begin(s);
}

static enum store_open set_up(struct store *s, const char *path) {
  int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
  enum store_open owner = path ? dbfile_inspect(s, path) : STORE_OPEN;
  if (owner == STORE_OPEN && path) owner = dbfile_lock(s, path);
  if (owner != STORE_OPEN) return owner;
  if (sqlite3_open_v2(path ? path : ":memory:", &s->db, flags, NULL) != SQLITE_OK)
    return STORE_FAILED;
  sqlite3_busy_timeout(s->db, BUSY_MS);
  owner = check_owner(s);
  if (owner != STORE_OPEN) return owner;
  if (!execute(s, settings) || !execute(s, store_additions) || !prepare_all(s) ||
      !ask_number(s, store_sql[SQL_GET_CHANGED], &s->changed) || !start_memory(s) ||
      !rows_filter(s) || !purge_load(s) || !try_writing(s))
    return STORE_FAILED;
  dbfile_remember(s);
  return journal_replay(s) ? STORE_OPEN : STORE_FAILED;
}

/* One transaction from the beginning to the end: tables and journal as they were at one time. */
static enum store_open look(struct store *s, const char *path) {
  if (sqlite3_open_v2(path, &s->db, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK) return STORE_FAILED;
  sqlite3_busy_timeout(s->db, BUSY_MS);
  enum store_open owner = check_owner(s);
  if (owner != STORE_OPEN) return owner;
  s->running = execute(s, "BEGIN");
  bool read = s->running && prepare_all(s) && start_memory(s) && journal_read(s);
  return read ? STORE_OPEN : STORE_FAILED;
}

static struct store *new_store(const struct store_options *o) {
  struct store *s = calloc(1, sizeof *s);
  if (!s) return NULL;
  s->options = *o;
  s->lock = -1;
  return s;
}

enum store_open store_open(const char *path, const struct store_options *o, struct store **out) {
  *out = new_store(o);
  return *out ? set_up(*out, path) : STORE_FAILED;
}

enum store_open store_open_readonly(const char *path, struct store **out) {
  static const struct store_options all_in_memory = {.cache = INT32_MAX, .sweep_ms = 1};
  *out = new_store(&all_in_memory);
  return *out ? look(*out, path) : STORE_FAILED;
}

void store_close(struct store *s) {
  if (!s) return;
  for (int i = 0; i < SQL_COUNT; i++) sqlite3_finalize(s->prepared[i]);
  sqlite3_close(s->db); /* rolls a running transaction back */
  if (s->lock >= 0) close(s->lock);
  keycache_destroy(&s->recent);
  bloom_destroy(&s->filter);
  free(s->dirty.key);
  free(s->urgent.key);
  free(s->all.keys.key);
  free(s->quick.keys.key);
  free(s->journal.batch);
  free(s);
}

/* ---- transactions ---- */

bool store_begin(struct store *s) {
  if (s->running) return true;
  s->listing_put = false;
  s->puts = 0;
  return s->running = store_run(store_use(s, SQL_BEGIN));
}

bool store_is_running(const struct store *s) {
  return s->running;
}

static bool end_transaction(struct store *s) {
  if (s->listing_put) {
    sqlite3_stmt *set = store_use(s, SQL_SET_CHANGED);
    bind_number(set, 1, s->changed + 1);
    if (!store_run(set)) return false;
  }
  if (!store_run(store_use(s, SQL_COMMIT))) return false;
  s->changed += s->listing_put;
  s->running = false;
  return dbfile_check(s);
}

/* Where little is left to merge the tables are as cheap as the journal. */
static bool write_batch(struct store *s) {
  if (merge_is_small(s)) {
    s->journal.len = 0;
    return merge_everything(s);
  }
  return s->journal.len == 0 || journal_write(s);
}

bool store_commit(struct store *s, int64_t at) {
  if (!s->running && merge_due(s, at) != 0) return dbfile_check(s);
  if (!store_begin(s) || !write_batch(s) || !merge_slices(s, at) || !end_transaction(s))
    return false;
  merge_schedule(s, at);
  return true;
}

int64_t store_due(const struct store *s, int64_t at) {
  return s->running ? 0 : merge_due(s, at);
}

bool store_flush(struct store *s) {
  if (s->running && !store_commit(s, 0)) return false;
  while (!merge_is_through(s))
    if (!store_begin(s) || !merge_force(s) || !end_transaction(s)) return false;
  return true;
}
