/* backend.h: the open database of the store: transactions and errors.

   This header, tables.h and reader.h are what a backend provides. What is above them (journal.h,
   merge.h, purge.h, store.c) knows no SQL. A program is linked with one backend. SQLite is the only
   one so far: its files are sqlite_*.c, and sqlite.h is private to them. Another one implements the
   three headers in files of its own, and passes tests/unit/store_backend.c.

     after                                      these may be called
     backend_new                                backend_open or backend_open_readonly
     backend_open, with the result STORE_OPEN   reads; backend_try_writing, once; then everything
     backend_open_readonly, STORE_OPEN          reads
     any other result, any error                backend_error, backend_needs_repair, backend_close

   One process writes, in one transaction at a time. A read outside a transaction sees what was
   committed. A read in a transaction also sees what the transaction has written. What is written in
   a transaction is committed together or not at all.

   Functions that return bool return false on an error, unless they are questions. A function that
   writes may report its error later, but not later than backend_commit: so a backend may send
   several writes at a time. The error is kept until the database is closed. The layers above
   report their own errors here, too, with backend_no_memory and backend_malformed. */
#ifndef SINBIN_STORE_BACKEND_H
#define SINBIN_STORE_BACKEND_H

#include "store/store.h"

struct backend;

/* NULL if there is no memory. */
struct backend *backend_new(void);
/* Opens the database for writing, and creates it and its tables if it does not exist. Until it is
   closed no other process can open it for writing: that gets STORE_LOCKED. A database of another
   program or version is left as it was. path: the text of STORE; NULL: a database in memory, for
   tests. After STORE_LOCKED and STORE_FAILED, backend_error has the text. */
enum store_open backend_open(struct backend *db, const char *path);
/* Opens it for reading, whether another process has it open or not, and begins a transaction that
   lasts until it is closed: everything is read as it was at one time. Creates nothing. */
enum store_open backend_open_readonly(struct backend *db, const char *path);
/* Proves, by a commit, that the database can be written, and remembers where its files are. No
   transaction runs before or after it. */
bool backend_try_writing(struct backend *db);
/* Frees db. A transaction that runs is rolled back. */
void backend_close(struct backend *db);

/* Does nothing if a transaction runs already. */
bool backend_begin(struct backend *db);
bool backend_is_running(const struct backend *db); /* a transaction is */
/* Ends the transaction that runs, then does what backend_check_files does. True only if what was
   written survives a crash of the machine. After false it may be committed or not: the caller must
   exit, and may acknowledge nothing of it. */
bool backend_commit(struct backend *db);
/* False if what is committed from now on may be lost: for SQLite, if the files of the database were
   moved, removed or replaced since backend_try_writing. Cheap; it is called once a second. */
bool backend_check_files(struct backend *db);

/* The text is valid until the next call of another function. */
const char *backend_error(const struct backend *db);
/* The error is permanent: an operator has to repair the database or its permissions. If it is not,
   the program may be started again and succeed. */
bool backend_needs_repair(const struct backend *db);
/* Both record an error and return false. `what` is not copied. The second is permanent. */
bool backend_no_memory(struct backend *db);
bool backend_malformed(struct backend *db, const char *what);

#endif
