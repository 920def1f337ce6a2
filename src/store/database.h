/* database.h: the open database of the store: transactions and errors.

   This header and tables.h are what a backend provides: the layers above them (journal.h, merge.h,
   purge.h, store.c) know no SQL. SQLite is the only backend; its files are sqlite_*.c, and
   sqlite.h is private to them. A second backend implements the same two headers, and reader.h, in
   files of its own.

   All functions that return bool return false on an error. The error is kept in the database until
   it is closed: database_error returns its text. The layers above report their own errors here,
   too, with database_no_memory and database_malformed. */
#ifndef SINBIN_STORE_DATABASE_H
#define SINBIN_STORE_DATABASE_H

#include "store/store.h"

struct database;

/* NULL if there is no memory. */
struct database *database_new(void);
/* Opens the database for writing and creates it if it does not exist. path NULL: in memory. */
enum store_open database_open(struct database *db, const char *path);
/* Opens it for reading and begins a transaction: everything is read as it was at one time. */
enum store_open database_open_readonly(struct database *db, const char *path);
/* Proves that the database can be written, and remembers where its files are. */
bool database_try_writing(struct database *db);
/* Frees db. A transaction that runs is rolled back. */
void database_close(struct database *db);

/* Does nothing if a transaction runs already. */
bool database_begin(struct database *db);
bool database_is_running(const struct database *db); /* a transaction is */
/* Ends the transaction that runs, then does what database_check_files does. */
bool database_commit(struct database *db);
/* False if the files of the database were moved, removed or replaced since it was opened. */
bool database_check_files(struct database *db);

const char *database_error(const struct database *db);
/* The error is permanent: an operator has to repair the database or its permissions. */
bool database_needs_repair(const struct database *db);
/* Both record an error and return false. `what` is not copied. The second is permanent. */
bool database_no_memory(struct database *db);
bool database_malformed(struct database *db, const char *what);

#endif
