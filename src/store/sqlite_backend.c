#include "store/sqlite.h"
#include "sys/systemerror.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BUSY_MS 10000 /* how long another program may lock the database before that is an error */

/* ---- statements ---- */

sqlite3_stmt *statement_use(struct backend *db, enum statement which) {
  return db->prepared[which];
}

int statement_row(sqlite3_stmt *statement) {
  int code = sqlite3_step(statement);
  return code == SQLITE_ROW ? 1 : code == SQLITE_DONE ? 0 : -1;
}

bool statement_run(sqlite3_stmt *statement) {
  int code = sqlite3_step(statement);
  sqlite3_reset(statement);
  return code == SQLITE_DONE;
}

void statement_done(sqlite3_stmt *statement) {
  sqlite3_reset(statement);
}

/* Binding fails only if there is no memory. The column is then NULL, and its NOT NULL makes the
   statement fail. */
void bind_number(sqlite3_stmt *statement, int at, int64_t value) {
  sqlite3_bind_int64(statement, at, value);
}

void bind_text(sqlite3_stmt *statement, int at, struct span text) {
  sqlite3_bind_text(statement, at, text.len ? text.s : "", (int)text.len, SQLITE_STATIC);
}

void bind_blob(sqlite3_stmt *statement, int at, struct span bytes) {
  sqlite3_bind_blob64(statement, at, bytes.s, bytes.len, SQLITE_STATIC);
}

void bind_key(sqlite3_stmt *statement, int at, const struct addr *key) {
  sqlite3_bind_blob(statement, at, key->byte, sizeof key->byte, SQLITE_STATIC);
}

int64_t column_number(sqlite3_stmt *statement, int at) {
  return sqlite3_column_int64(statement, at);
}

struct span column_span(sqlite3_stmt *statement, int at) {
  const char *s = sqlite3_column_blob(statement, at);
  return span_of(s ? s : "", s ? (size_t)sqlite3_column_bytes(statement, at) : 0);
}

/* A CHECK of the tables makes sure that it is 16 bytes. */
struct addr column_key(sqlite3_stmt *statement, int at) {
  struct addr key;
  memcpy(key.byte, column_span(statement, at).s, sizeof key.byte);
  return key;
}

/* ---- errors ---- */

const char *backend_error(const struct backend *db) {
  return db->problem ? db->problem : sqlite3_errmsg(db->handle);
}

bool backend_no_memory(struct backend *db) {
  db->problem = "out of memory";
  return false;
}

bool backend_malformed(struct backend *db, const char *what) {
  db->problem = what;
  db->permanent = true;
  return false;
}

/* SQLite reports a database as malformed also if reading it or its log failed with EIO. */
static bool reading_failed(const struct backend *db) {
  sqlite3_file *log = NULL;
  int error = 0, log_error = 0;
  sqlite3_file_control(db->handle, "main", SQLITE_FCNTL_LAST_ERRNO, &error);
  sqlite3_file_control(db->handle, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log);
  if (log && log->pMethods) log->pMethods->xFileControl(log, SQLITE_FCNTL_LAST_ERRNO, &log_error);
  return systemerror_is_temporary(error) || systemerror_is_temporary(log_error);
}

bool backend_needs_repair(const struct backend *db) {
  if (db->problem) return db->permanent;
  int code = db->handle ? sqlite3_errcode(db->handle) : SQLITE_OK;
  if (code == SQLITE_CORRUPT && reading_failed(db)) return false;
  return code == SQLITE_CORRUPT || code == SQLITE_NOTADB || code == SQLITE_READONLY ||
         code == SQLITE_PERM || code == SQLITE_AUTH;
}

/* ---- opening ---- */

static bool execute(struct backend *db, const char *sql) {
  return sqlite3_exec(db->handle, sql, NULL, NULL, NULL) == SQLITE_OK;
}

static bool query_number(struct backend *db, const char *sql, int64_t *out) {
  sqlite3_stmt *query = NULL;
  bool found = sqlite3_prepare_v2(db->handle, sql, -1, &query, NULL) == SQLITE_OK &&
               statement_row(query) == 1;
  if (found) *out = column_number(query, 0);
  sqlite3_finalize(query);
  return found;
}

static enum store_open create_tables(struct backend *db) {
  char marks[128];
  snprintf(marks, sizeof marks, "PRAGMA application_id = %d; PRAGMA user_version = %d;",
           STORE_APPLICATION, STORE_VERSION);
  bool made = execute(db, "BEGIN IMMEDIATE") && execute(db, marks) && execute(db, sqlite_schema) &&
              execute(db, "COMMIT");
  return made ? STORE_OPEN : STORE_FAILED;
}

/* Writes nothing to a database of another program. */
static enum store_open check_owner(struct backend *db) {
  int64_t application, version, tables;
  if (!query_number(db, "PRAGMA application_id", &application) ||
      !query_number(db, "PRAGMA user_version", &version) ||
      !query_number(db, "SELECT count(*) FROM sqlite_master", &tables))
    return sqlite3_errcode(db->handle) == SQLITE_NOTADB ? STORE_FOREIGN : STORE_FAILED;
  if (application == STORE_APPLICATION && version == STORE_VERSION) return STORE_OPEN;
  if (application == 0 && version == 0 && tables == 0 && !sqlite3_db_readonly(db->handle, "main"))
    return create_tables(db);
  return application == STORE_APPLICATION ? STORE_OTHER : STORE_FOREIGN;
}

static bool add_later_columns(struct backend *db) {
  for (int i = 0; i < LATER_COLUMNS; i++) {
    const struct later_column *column = &sqlite_later_columns[i];
    int64_t has;
    if (!query_number(db, column->has, &has) || (!has && !execute(db, column->add))) return false;
  }
  return true;
}

static bool prepare_statements(struct backend *db) {
  for (int i = 0; i < SQL_COUNT; i++)
    if (sqlite3_prepare_v3(db->handle, sqlite_statements[i], -1, SQLITE_PREPARE_PERSISTENT,
                           &db->prepared[i], NULL) != SQLITE_OK)
      return false;
  return true;
}

static enum store_open open_handle(struct backend *db, const char *path, int flags) {
  if (sqlite3_open_v2(path, &db->handle, flags, NULL) != SQLITE_OK) return STORE_FAILED;
  sqlite3_busy_timeout(db->handle, BUSY_MS);
  return check_owner(db);
}

static const char settings[] = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
                               "PRAGMA cache_size = -65536; PRAGMA wal_autocheckpoint = 32768;"
                               "PRAGMA journal_size_limit = 67108864";

static bool set_up(struct backend *db) {
  return execute(db, settings) && execute(db, sqlite_later_tables) && add_later_columns(db) &&
         prepare_statements(db) &&
         query_number(db, sqlite_statements[SQL_GET_CHANGED], &db->changed);
}

static enum store_open inspect_and_lock(struct backend *db, const char *path) {
  enum store_open result = dbfile_inspect(path);
  if (result == STORE_OPEN) result = dbfile_lock(&db->file, path);
  if (result == STORE_LOCKED || result == STORE_FAILED) {
    db->problem = strerror(errno);
    db->permanent = !systemerror_is_temporary(errno);
  }
  return result;
}

struct backend *backend_new(void) {
  struct backend *db = calloc(1, sizeof *db);
  if (db) db->file.lock = -1;
  return db;
}

enum store_open backend_open(struct backend *db, const char *path) {
  int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
  enum store_open result = path ? inspect_and_lock(db, path) : STORE_OPEN;
  if (result == STORE_OPEN) result = open_handle(db, path ? path : ":memory:", flags);
  if (result == STORE_OPEN && !set_up(db)) result = STORE_FAILED;
  return result;
}

enum store_open backend_open_readonly(struct backend *db, const char *path) {
  if (access(path, F_OK) != 0 && errno == ENOENT) return STORE_ABSENT;
  enum store_open result = open_handle(db, path, SQLITE_OPEN_READONLY);
  if (result != STORE_OPEN) return result;
  db->running = execute(db, "BEGIN");
  return db->running && prepare_statements(db) ? STORE_OPEN : STORE_FAILED;
}

static bool put_changed(struct backend *db, int64_t changed) {
  sqlite3_stmt *set = statement_use(db, SQL_SET_CHANGED);
  bind_number(set, 1, changed);
  return statement_run(set);
}

bool backend_try_writing(struct backend *db) {
  if (!backend_begin(db) || !put_changed(db, db->changed) ||
      !statement_run(statement_use(db, SQL_COMMIT)))
    return false;
  db->running = false;
  dbfile_remember(&db->file, db->handle);
  return true;
}

void backend_close(struct backend *db) {
  for (int i = 0; i < SQL_COUNT; i++) sqlite3_finalize(db->prepared[i]);
  sqlite3_close(db->handle);
  dbfile_unlock(&db->file);
  free(db);
}

/* ---- transactions ---- */

bool backend_begin(struct backend *db) {
  if (db->running) return true;
  db->listing_put = false;
  return db->running = statement_run(statement_use(db, SQL_BEGIN));
}

bool backend_is_running(const struct backend *db) {
  return db->running;
}

bool backend_commit(struct backend *db) {
  if (db->listing_put && !put_changed(db, db->changed + 1)) return false;
  if (!statement_run(statement_use(db, SQL_COMMIT))) return false;
  db->changed += db->listing_put;
  db->running = false;
  return backend_check_files(db);
}

bool backend_check_files(struct backend *db) {
  if (dbfile_check(&db->file, db->handle)) return true;
  db->problem = "the database or its log was moved, removed or replaced while it was open";
  return false;
}
