/* store_internal.h: what the files of the store share, and nobody else includes: the open database, its
   statements, the keys in memory and what is still to be merged.

   Every statement is prepared once when the store opens. One is used as: store_use, bind_*, then
   store_run (no rows) or store_row (at most one row, or the next), and store_done. Columns and
   parameters are numbered as SQLite numbers them: from 0 and from 1. What is bound must stay until
   the statement has run. */
#ifndef SINBIN_STORE_STORE_INTERNAL_H
#define SINBIN_STORE_STORE_INTERNAL_H

#include "store/keycache.h"
#include "store/bloom.h"
#include "store/store.h"
#include <sqlite3.h>
#include <sys/types.h>

enum statement {
  SQL_BEGIN,
  SQL_COMMIT,
  SQL_GET_CHANGED,
  SQL_SET_CHANGED,
  SQL_GET_DETECTOR,
  SQL_PUT_DETECTOR,
  SQL_GET_HEARTBEAT,
  SQL_PUT_HEARTBEAT,
  SQL_GET_STANDING,
  SQL_PUT_STANDING,
  SQL_GET_TAKEN,
  SQL_PUT_TAKEN,
  SQL_GET_FREEZES,
  SQL_DROP_FREEZES,
  SQL_ADD_FREEZE,
  SQL_PUT_FROZEN,
  SQL_ADD_ADDITION,
  SQL_DROP_ADDITIONS,
  SQL_ADDITIONS,
  SQL_LISTED,
  SQL_DETECTORS,
  SQL_SLICE_REVOKED,
  SQL_DROP_EVIDENCE,
  SQL_COUNT_KEYS,
  SQL_ALL_KEYS,
  SQL_GET_EVIDENCE,
  SQL_PUT_EVIDENCE,
  SQL_GET_LISTING,
  SQL_PUT_LISTING,
  SQL_READ_JOURNAL,
  SQL_ADD_JOURNAL,
  SQL_DROP_JOURNAL,
  SQL_COUNT_UNREAD,
  SQL_ADD_UNREAD,
  SQL_RUNNING,
  SQL_END_LISTING,
  SQL_SLICE_LISTING,
  SQL_PURGE_LISTING,
  SQL_WILD_LISTING,
  SQL_WILD_EVIDENCE,
  SQL_SLICE_EVIDENCE,
  SQL_PURGE_EVIDENCE,
  SQL_PURGE_UNREAD,
  SQL_GET_PURGED,
  SQL_PUT_PURGED,
  SQL_COUNT
};

extern const char *const store_sql[SQL_COUNT];
extern const char store_schema[], store_additions[];
/* A column that the databases of an earlier collector do not have. */
#define STORE_COLUMNS 3
extern const struct store_column { const char *has, *add; } store_columns[STORE_COLUMNS];

/* Keys, each once; a growing array. */
struct keys {
  struct addr *key;
  size_t count, room;
};

/* Keys on their way into the tables, in ascending order; `done` of them are there. */
struct sweep {
  struct keys keys;
  size_t done;
  bool runs;
};

/* How many rows the detector has that was the last to send what could not be read: a detector that
   sends a lot of it is not counted in the table each time. */
struct unread_rows {
  char detector[DETECTOR_MAX + 1]; /* "": not known */
  int64_t count;
};

/* What is in the journal and not merged yet: rows first..top; first > top: none. */
struct journal {
  int64_t first, top;
  int64_t merged; /* rows up to this one may go */
  int64_t swept;  /* what `merged` will be when the sweep of all is through */
  size_t bytes;   /* since that sweep began */
  char *batch;    /* what was put in this transaction: one row to be */
  size_t len, room;
};

/* A file, whatever its name is. */
struct dbfile_id {
  bool known;
  dev_t dev;
  ino_t ino;
};

struct store {
  sqlite3 *db;
  sqlite3_stmt *prepared[SQL_COUNT];
  struct store_options options;
  int lock; /* descriptor; -1: not held */
  struct dbfile_id base, log;
  const char *base_name, *log_name; /* of the database, and its write-ahead log; SQLite's */
  int64_t changed;                  /* the number of the last transaction that changed a listing */
  bool running;                     /* a transaction is */
  bool listing_put;                 /* into the table, within it */
  size_t puts;                      /* within it */
  struct keycache recent;
  struct bloom filter;       /* the keys that the tables may have */
  struct keys dirty, urgent; /* not in a sweep yet */
  struct sweep all, quick;   /* quick: only the listings of urgent keys */
  int64_t all_at, quick_at;  /* when the next ones begin; 0: not set */
  int64_t quiet_at;          /* when that of all begins where nothing comes */
  struct journal journal;
  struct unread_rows unread;
  struct addr purged; /* how far the purge has come */
  bool purging_evidence;
  int64_t purging_at,
      purged_at;       /* the clock of the purge that runs, and of the last one; 0: none */
  const char *problem; /* where the database itself has no words for it */
  bool permanent;      /* the problem is one that stays */
};

sqlite3_stmt *store_use(struct store *s, enum statement which);
/* 1 a row, 0 no more, -1 error. */
int store_row(sqlite3_stmt *statement);
/* Runs to the end and resets; false on an error. */
bool store_run(sqlite3_stmt *statement);
void store_done(sqlite3_stmt *statement);
/* Both set the problem, and are false. */
bool store_no_memory(struct store *s);
bool store_malformed(struct store *s, const char *what);

void bind_number(sqlite3_stmt *statement, int at, int64_t value);
void bind_text(sqlite3_stmt *statement, int at, struct span text);
void bind_key(sqlite3_stmt *statement, int at, const struct addr *key);
struct span column_span(sqlite3_stmt *statement, int at);

/* ---- dbfile.c: the file of the database ---- */

/* Whether a file of that name, if there is one, may be ours. Writes nothing, and nothing beside it.
 */
enum store_open dbfile_inspect(struct store *s, const char *path);
enum store_open dbfile_lock(struct store *s, const char *path);
/* Where the open database and its log are. */
void dbfile_remember(struct store *s);
/* False where they are not there any more: what is committed from now on would be in files without
   a name. What has been is brought from the log into the database, so that it goes where that went,
   and nothing of it into another one in its place. */
bool dbfile_check(struct store *s);

/* ---- tables.c: rows of the two big tables ---- */

bool row_put_evidence(struct store *s, const struct addr *key, struct span detector,
                      const struct evidence *e);
bool row_put_listing(struct store *s, const struct addr *key, const struct listing *l);
/* Reads all keys into the filter. */
bool rows_filter(struct store *s);
/* Fills the entry of a key with what the tables know. */
bool rows_load(struct store *s, struct keycache_entry *e);

/* ---- keys.c: keys in memory ---- */

bool keys_add(struct keys *keys, const struct addr *key);
/* The entry of a key, from the tables where it was not in memory. NULL on an error. */
struct keycache_entry *store_entry(struct store *s, const struct addr *key);
/* Sets a record and marks it and its entry dirty. */
bool store_put_record(struct store *s, struct keycache_entry *e, struct span name,
                      struct span body);

/* ---- purge.c ---- */

/* When the last purge was. */
bool purge_load(struct store *s);

/* ---- journal.c ---- */

bool journal_add(struct store *s, const struct addr *key, struct span name, struct span body);
bool journal_write(struct store *s);              /* the batch, as a row */
bool journal_drop(struct store *s, int64_t rows); /* so many of those that are merged */
bool journal_read(struct store *s);               /* into memory, within a transaction */
bool journal_replay(struct store *s);             /* and from there into the tables */
static inline bool journal_is_empty(const struct journal *j) {
  return j->first > j->top;
}

/* ---- merge.c: from memory into the tables, in the transaction that runs ---- */

/* All that is dirty. */
bool merge_everything(struct store *s);
/* Milliseconds until there is something to do; 0: there is; -1: never. */
int64_t merge_due(const struct store *s, int64_t at);
/* One slice of each sweep that runs or is due. */
bool merge_slices(struct store *s, int64_t at);
/* A big slice of all that there is, due or not. */
bool merge_force(struct store *s);
bool merge_is_small(const struct store *s); /* and the journal is empty */
bool merge_is_through(const struct store *s);
/* What the transaction leaves behind is to be merged in time. */
void merge_schedule(struct store *s, int64_t at);

#endif
