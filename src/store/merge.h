/* merge.h: from memory into the tables: which keys, when, and how many at a time.

   Two sweeps share the commits of reports. The listing sweep writes the listings that readers of
   the tables must get soon. The full sweep writes everything that has changed. Both go through
   their keys in ascending order, so that neighbours share the pages that are written. A full sweep
   begins with the keys that are dirty then; once it is done, the journal rows that existed when it
   began are in the tables. What changes meanwhile is in later rows.

     listing sweep   begins STORE_URGENT_MS after a listing became urgent
     full sweep      begins sweep_ms after something was left unmerged; after an eighth of that if
                     no report comes; at once if more than half of the cache is dirty, or the
                     journal has grown by 128 MiB since the last one began

   Every commit merges one slice of each sweep that runs: `slice` keys, and two more for each record
   that was put in the transaction. */
#ifndef SINBIN_STORE_MERGE_H
#define SINBIN_STORE_MERGE_H

#include "store/journal.h"
#include "store/keys.h"

struct keylist {
  struct addr *key;
  size_t count, room;
};

struct sweep {
  struct keylist keys; /* ascending; the first `done` of them are in the tables */
  size_t done;
  bool runs;
};

struct merge {
  struct backend *database;
  struct keys *keys;
  struct journal *journal;
  struct store_options options;
  struct keylist dirty_keys;  /* in no sweep yet; each key once */
  struct keylist urgent_keys; /* likewise; some may not be urgent any more */
  struct sweep full_sweep, listing_sweep;
  int64_t full_at, listing_at; /* when the next sweeps begin; 0: not set */
  int64_t quiet_at;            /* when the next full sweep begins if no report comes */
  int64_t swept;               /* the last row of the journal when the full sweep began */
  size_t puts;                 /* records put in this transaction */
};

void merge_free(struct merge *m);

/* Functions that return bool return false on an error (backend.h), unless they are questions.
   `at` is monotonic milliseconds. */

/* Marks the entry dirty, or its listing urgent: it must be merged. */
bool merge_add_dirty(struct merge *m, struct keycache_entry *e);
bool merge_add_urgent(struct merge *m, struct keycache_entry *e);

/* Merges all that is dirty, in the transaction that runs. */
bool merge_everything(struct merge *m);
/* Merges one slice of each sweep that runs or is due, in the transaction that runs. */
bool merge_slices(struct merge *m, int64_t at);
/* Merges a large slice of everything, due or not, in the transaction that runs. */
bool merge_force(struct merge *m);
/* After a commit: sets the times of the next sweeps. */
void merge_schedule(struct merge *m, int64_t at);

/* Milliseconds until something is due; 0: now; -1: never. */
int64_t merge_due(const struct merge *m, int64_t at);
/* The journal is empty, and at most `at_once` keys are dirty. */
bool merge_is_small(const struct merge *m);
/* The journal is empty, and no key is dirty. */
bool merge_is_done(const struct merge *m);

#endif
