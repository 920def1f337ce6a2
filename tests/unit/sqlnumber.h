/* sqlnumber.h: one number out of a database, asked by a connection of its own, as a person's shell
 * would. */
#ifndef SINBIN_TESTS_SQLNUMBER_H
#define SINBIN_TESTS_SQLNUMBER_H

#include <sqlite3.h>
#include <stdint.h>

/* before: a statement to run first, or NULL. -1 where anything fails. */
static inline int64_t sql_number(const char *path, const char *before, const char *sql) {
  sqlite3 *db;
  sqlite3_stmt *statement = NULL;
  int64_t value = -1;
  if (sqlite3_open(path, &db) == SQLITE_OK &&
      (!before || sqlite3_exec(db, before, NULL, NULL, NULL) == SQLITE_OK) &&
      sqlite3_prepare_v2(db, sql, -1, &statement, NULL) == SQLITE_OK &&
      sqlite3_step(statement) == SQLITE_ROW)
    value = sqlite3_column_int64(statement, 0);
  sqlite3_finalize(statement);
  sqlite3_close(db);
  return value;
}

#endif
