/* sqlite_dbfile.h: the file of the database, its write-ahead log, and the lock beside it
   (STORE-lock).

   Only one process may write the database: it holds the lock. A program that writes to a database
   whose file was moved or removed would lose what it writes, so the identity of the files is
   checked after every commit. */
#ifndef SINBIN_STORE_SQLITE_DBFILE_H
#define SINBIN_STORE_SQLITE_DBFILE_H

#include "store/store.h"
#include "sys/fileid.h"
#include <sqlite3.h>

/* The file of the database, or its log. */
struct dbfile_part {
  const char *name; /* SQLite owns the text */
  bool known;       /* false: there was no such file; it is not checked */
  struct fileid id;
};

struct dbfile {
  int lock; /* descriptor; -1: not held */
  struct dbfile_part base, log;
};

/* Whether the file of that name may become or be a sinbin database: STORE_OPEN if it may, or does
   not exist; STORE_FOREIGN; STORE_FAILED with errno. Writes nothing. */
enum store_open dbfile_inspect(const char *path);
/* STORE_OPEN; STORE_LOCKED or STORE_FAILED with errno. */
enum store_open dbfile_lock(struct dbfile *f, const char *path);
void dbfile_unlock(struct dbfile *f);

/* Remembers which files the open database and its log are. */
void dbfile_remember(struct dbfile *f, sqlite3 *handle);
/* False if they were moved, removed or replaced. What was committed is then copied from the log
   into the database file: wherever that file is now, it is complete, and a file that replaced it
   stays as it is. */
bool dbfile_check(const struct dbfile *f, sqlite3 *handle);

#endif
