/* sqlite.h: what the files sqlite_*.c share: the open database, its statements and their columns.

   Every statement is prepared once, when the database is opened. To use one: statement_use, bind_*,
   then statement_run (it returns no rows), or statement_row until it returns 0 or -1, and
   statement_done. SQLite counts columns from 0 and parameters from 1. Bound texts and blobs must
   stay valid until the statement has run.

   The enums below name the columns of the statements that have many, in the order of sqlite_sql.c.
   What a statement reads as column N, the statement that writes the row has as parameter 1 + N. */
#ifndef SINBIN_STORE_SQLITE_H
#define SINBIN_STORE_SQLITE_H

#include "store/backend.h"
#include "store/sqlite_dbfile.h"

/* clang-format off */
enum statement {
  SQL_BEGIN, SQL_COMMIT, SQL_GET_CHANGED, SQL_SET_CHANGED,
  /* evidence and listing */
  SQL_GET_EVIDENCE, SQL_PUT_EVIDENCE, SQL_REMOVE_EVIDENCE,
  SQL_GET_LISTING, SQL_PUT_LISTING, SQL_END_LISTING,
  SQL_RUNNING_LISTINGS, SQL_LISTING_ENDS, SQL_COUNT_EVIDENCE, SQL_ALL_KEYS,
  /* revoking and purging */
  SQL_REVOKED_KEYS,
  SQL_SLICE_LISTING, SQL_PURGE_LISTING, SQL_IMPLAUSIBLE_LISTINGS,
  SQL_SLICE_EVIDENCE, SQL_PURGE_EVIDENCE, SQL_CLAMP_EVIDENCE,
  SQL_PURGE_UNREAD, SQL_GET_PURGED, SQL_PUT_PURGED,
  /* journal */
  SQL_READ_JOURNAL, SQL_ADD_JOURNAL, SQL_REMOVE_JOURNAL,
  /* detectors */
  SQL_GET_DETECTOR, SQL_PUT_DETECTOR, SQL_GET_CHECKS, SQL_PUT_CHECKS,
  SQL_GET_HEARTBEAT, SQL_PUT_HEARTBEAT,
  SQL_GET_DETECTOR_STATE, SQL_PUT_DETECTOR_STATE, SQL_ALL_DETECTORS,
  SQL_COUNT_UNREAD, SQL_ADD_UNREAD,
  /* the circuit breaker */
  SQL_GET_FREEZES, SQL_REMOVE_FREEZES, SQL_ADD_FREEZE, SQL_PUT_FREEZE_ALL,
  SQL_GET_ADDITIONS, SQL_ADD_ADDITION, SQL_REMOVE_ADDITIONS,
  SQL_COUNT
};

enum evidence_column {
  EVIDENCE_FIRST, EVIDENCE_LAST, EVIDENCE_LAST_BOT, EVIDENCE_LAST_SUSPECT, EVIDENCE_LAST_CLEAN,
  EVIDENCE_BOTS, EVIDENCE_SUSPECTS, EVIDENCE_CLEANS, EVIDENCE_FUTURE, EVIDENCE_SCORE,
  EVIDENCE_SINS, EVIDENCE_QUITS, EVIDENCE_NOQUITS, EVIDENCE_RECENT_BOTS, EVIDENCE_RECENT_CLEANS,
  EVIDENCE_RECEIVED, EVIDENCE_DETECTOR, EVIDENCE_IP
};

enum listing_column {
  LISTING_COLOUR, LISTING_SINCE, LISTING_UNTIL, LISTING_TIMES, LISTING_LAST, LISTING_SINS,
  LISTING_DETECTORS, LISTING_QUITS, LISTING_NOQUITS, LISTING_IP, LISTING_CHANGED
};

enum heartbeat_column {
  HEARTBEAT_DETECTOR, HEARTBEAT_EPOCH, HEARTBEAT_SEQ, HEARTBEAT_TIME, HEARTBEAT_RECEIVED,
  HEARTBEAT_VERSION, HEARTBEAT_COUNTS /* the first one, as in struct heartbeat */
};

enum state_column { STATE_FIRST, STATE_REVOKED, STATE_SURPLUS, STATE_SURPLUS_AT, STATE_DETECTOR };

/* Of SQL_ALL_DETECTORS; those of the state in the order above, without the name. */
enum known_column {
  KNOWN_NAME, KNOWN_LAST, KNOWN_HEARTBEAT, KNOWN_ROWS, KNOWN_BOTS, KNOWN_SUSPECTS, KNOWN_CLEANS,
  KNOWN_STATE, KNOWN_SENT = KNOWN_STATE + STATE_DETECTOR, KNOWN_PENDING, KNOWN_VERSION
};
/* clang-format on */

/* sqlite_sql.c: the text of the statements; what creates the tables; the tables and columns that a
   database of an earlier version does not have. */
extern const char *const sqlite_statements[SQL_COUNT];
extern const char sqlite_schema[], sqlite_later_tables[];
#define LATER_COLUMNS 3
extern const struct later_column { const char *has, *add; } sqlite_later_columns[LATER_COLUMNS];

/* The number of unread rows of the detector that added the last one: a detector that sends many is
   not counted in the table each time. */
struct unread_rows {
  char detector[DETECTOR_MAX + 1]; /* "": not known */
  int64_t count;
};

struct backend {
  sqlite3 *handle;
  sqlite3_stmt *prepared[SQL_COUNT];
  struct dbfile file;
  int64_t changed;     /* the number of the last transaction that changed a listing */
  bool running;        /* a transaction is */
  bool listing_put;    /* in this transaction */
  const char *problem; /* NULL: SQLite has the text of the error */
  bool permanent;      /* the problem is */
  struct unread_rows unread;
};

sqlite3_stmt *statement_use(struct backend *db, enum statement which);
/* 1 a row, 0 no more rows, -1 error. */
int statement_row(sqlite3_stmt *statement);
/* Runs to the end and resets. False on an error. */
bool statement_run(sqlite3_stmt *statement);
void statement_done(sqlite3_stmt *statement);

void bind_number(sqlite3_stmt *statement, int at, int64_t value);
void bind_text(sqlite3_stmt *statement, int at, struct span text);
void bind_blob(sqlite3_stmt *statement, int at, struct span bytes);
void bind_key(sqlite3_stmt *statement, int at, const struct addr *key);
int64_t column_number(sqlite3_stmt *statement, int at);
struct span column_span(sqlite3_stmt *statement, int at);
struct addr column_key(sqlite3_stmt *statement, int at);

#endif
