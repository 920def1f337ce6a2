/* purge.h: removes old rows from the tables, a slice at a time.

   A purge goes through the tables listing and evidence in the order of their keys, then removes old
   unread lines. purge_step does one slice of it; store_purge in store.h states what is removed.

   It also corrects what a clock that was ahead has left: listings that end later than a listing
   may, and evidence of the future. It corrects nothing if the clock is behind that of the last
   purge: to a clock that is far behind, all listings seem to end too late. */
#ifndef SINBIN_STORE_PURGE_H
#define SINBIN_STORE_PURGE_H

#include "store/keys.h"

struct purge {
  struct backend *database;
  struct keys *keys;
  enum purged_table table;
  bool begun; /* a part of the table was looked at, up to the key `done` */
  struct addr done;
  int64_t running_at; /* the purge's clock; 0: no purge runs */
  int64_t last_at;    /* that of the last purge; 0: there was none */
};

/* All return false on an error (backend.h). */
bool purge_load(struct purge *p); /* the time of the last purge */
/* Does one slice in the transaction that runs. *more is false when the purge is done. */
bool purge_step(struct purge *p, int64_t now, bool *more);
/* How far `now` is ahead of the last purge. */
int64_t purge_lag(const struct purge *p, int64_t now);

#endif
