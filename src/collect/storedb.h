/* storedb.h: what the files of the store share, and nobody else includes: the open database, its
   statements and the few lines that bind and read them.

   Every statement is prepared once when the store opens. One is used as: store_use, bind_*, then
   store_run (no rows) or store_row (at most one row, or the next), and store_done. Columns and
   parameters are numbered as SQLite numbers them: from 0 and from 1. */
#ifndef SINBIN_COLLECT_STOREDB_H
#define SINBIN_COLLECT_STOREDB_H

#include "collect/store.h"
#include <sqlite3.h>

enum statement {
  SQL_BEGIN,
  SQL_COMMIT,
  SQL_GET_CHANGED,
  SQL_SET_CHANGED,
  SQL_GET_DETECTOR,
  SQL_PUT_DETECTOR,
  SQL_GET_EVIDENCE,
  SQL_GET_WITNESSES,
  SQL_PUT_EVIDENCE,
  SQL_GET_LISTING,
  SQL_PUT_LISTING,
  SQL_ADD_UNREAD,
  SQL_RUNNING,
  SQL_END_LISTING,
  SQL_PURGE_LISTING,
  SQL_PURGE_EVIDENCE,
  SQL_PURGE_UNREAD,
  SQL_COUNT
};

extern const char *const store_sql[SQL_COUNT];
extern const char store_schema[];

struct store {
  sqlite3 *db;
  sqlite3_stmt *prepared[SQL_COUNT];
  int lock;            /* descriptor; -1: not held */
  int64_t changed;     /* the number of the last transaction that changed a listing */
  bool running;        /* a transaction is */
  bool listing_put;    /* within it */
  const char *problem; /* where the database itself has no words for it */
};

sqlite3_stmt *store_use(struct store *s, enum statement which);
/* 1 a row, 0 no more, -1 error. */
int store_row(sqlite3_stmt *statement);
/* Runs to the end and resets; false on an error. */
bool store_run(sqlite3_stmt *statement);
void store_done(sqlite3_stmt *statement);

void bind_number(sqlite3_stmt *statement, int at, int64_t value);
void bind_text(sqlite3_stmt *statement, int at, struct span text);
void bind_key(sqlite3_stmt *statement, int at, const struct addr *key);
struct span column_span(sqlite3_stmt *statement, int at);

#endif
