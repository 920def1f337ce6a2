/* journal.h: the journal: what was put and is not in the tables yet, one row a transaction.

   A row is a sequence of records. A record is the whole state of one detector's evidence about a
   key, or of the key's listing, after a report: the key in 16 bytes, the length of the name in 1
   byte, the length of the body in 2 bytes, the name, the body (rowcodec.h). The name is the
   detector's; it is empty for a listing. If the rows are replayed in order, all evidence and
   listings get their last state, whether or not some of the rows are in the tables already.
   Replaying needs no policy.

   Rows are numbered. Of the rows first..top that exist, those up to `merged` are in the tables and
   may be removed. */
#ifndef SINBIN_STORE_JOURNAL_H
#define SINBIN_STORE_JOURNAL_H

#include "store/tables.h"

struct journal {
  struct backend *database;
  int64_t first, top; /* first > top: empty */
  int64_t merged;
  size_t bytes;     /* written since the full sweep began (merge.h) */
  char *batch;      /* the records of this transaction */
  size_t len, room; /* of the batch */
};

void journal_free(struct journal *j);
static inline bool journal_is_empty(const struct journal *j) {
  return j->first > j->top;
}

/* The functions below return false on an error (backend.h). */

/* Adds a record to the batch. */
bool journal_add(struct journal *j, const struct addr *key, struct span name, struct span body);
/* Writes the batch as a row, and empties it. */
bool journal_write(struct journal *j);
void journal_clear_batch(struct journal *j);
/* Removes up to `rows` of the merged rows. */
bool journal_remove(struct journal *j, int64_t rows);

struct journal_record {
  struct addr key;
  struct span name, body;
};
/* Reads all rows and visits their records. `top` is the last row that was visited whole. The
   visitor may merge: it then sets `merged` to `top`. */
typedef bool journal_visit(void *context, const struct journal_record *r);
bool journal_each(struct journal *j, journal_visit *visit, void *context);

#endif
