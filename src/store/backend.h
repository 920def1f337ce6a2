/* backend.h: the open database of the store: transactions and errors.

   This header and tables.h are what a backend provides: the layers above them (journal.h, merge.h,
   purge.h, store.c) know no SQL. SQLite is the only backend; its files are sqlite_*.c, and
   sqlite.h is private to them. A second backend implements the same two headers, and reader.h, in
   files of its own.

   All functions that return bool return false on an error. The error is kept in the database until
   it is closed: backend_error returns its text. The layers above report their own errors here,
   too, with backend_no_memory and backend_malformed. */
#ifndef SINBIN_STORE_BACKEND_H
#define SINBIN_STORE_BACKEND_H

#include "store/store.h"

struct backend;

/* NULL if there is no memory. */
struct backend *backend_new(void);
/* Opens the database for writing and creates it if it does not exist. path NULL: in memory. */
enum store_open backend_open(struct backend *db, const char *path);
/* Opens it for reading and begins a transaction: everything is read as it was at one time. */
enum store_open backend_open_readonly(struct backend *db, const char *path);
/* Proves that the database can be written, and remembers where its files are. */
bool backend_try_writing(struct backend *db);
/* Frees db. A transaction that runs is rolled back. */
void backend_close(struct backend *db);

/* Does nothing if a transaction runs already. */
bool backend_begin(struct backend *db);
bool backend_is_running(const struct backend *db); /* a transaction is */
/* Ends the transaction that runs, then does what backend_check_files does. */
bool backend_commit(struct backend *db);
/* False if the files of the database were moved, removed or replaced since it was opened. */
bool backend_check_files(struct backend *db);

const char *backend_error(const struct backend *db);
/* The error is permanent: an operator has to repair the database or its permissions. */
bool backend_needs_repair(const struct backend *db);
/* Both record an error and return false. `what` is not copied. The second is permanent. */
bool backend_no_memory(struct backend *db);
bool backend_malformed(struct backend *db, const char *what);

#endif
