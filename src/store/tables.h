/* tables.h: the tables of the database (sinbin-store(5)): rows in, rows out. No policy, no cache.

   Functions that write work in the transaction that runs; the caller has begun it. Functions that
   read need none. All return false on an error (backend.h). Those of type int return 1 found, 0 not
   found, -1 error. A row that cannot be decoded is an error. "put" inserts a row, or replaces the
   row of that key.

   A key is 16 bytes, as addr_evidence_key makes it; keys are ordered by their bytes. Times are unix
   seconds. All numbers fit into int64_t. Texts are printable ASCII: names of detectors, lists of
   sins, hourcounts_format, unread lines. Windows, checks and records of the journal are bytes.

   Rows come in any order if none is stated. A span that a visitor gets is valid until the visitor
   returns. A visitor that returns bool stops with false; the function then returns false, too. A
   visitor must not use the database, except where it is stated.

   Listings have numbers, by which a reader finds what is new (reader_changed of reader.h). The
   backend gives every transaction in which tables_put_listing or tables_end_listing was called a
   number greater than those of all earlier ones, and stores it in the rows that they write. */
#ifndef SINBIN_STORE_TABLES_H
#define SINBIN_STORE_TABLES_H

#include "store/backend.h"

struct key_visitor {
  bool (*visit)(void *context, const struct addr *key);
  void *context;
};

/* ---- evidence and listing ---- */

typedef bool tables_visit_evidence(void *context, struct span detector, const struct evidence *e);
/* What all detectors reported about the key: one row each. */
bool tables_each_evidence(struct backend *db, const struct addr *key, tables_visit_evidence *visit,
                          void *context);
bool tables_put_evidence(struct backend *db, const struct addr *key, struct span detector,
                         const struct evidence *e);
bool tables_remove_evidence(struct backend *db, const struct addr *key, struct span detector);

int tables_get_listing(struct backend *db, const struct addr *key, struct listing *out);
bool tables_put_listing(struct backend *db, const struct addr *key, const struct listing *l);
/* Sets the end of a listing to `now`. The rest of the row stays. */
bool tables_end_listing(struct backend *db, const struct addr *key, int64_t now);
/* The keys of the listings, of any colour, that end after `now`. The visitor may begin a
   transaction and end them. */
bool tables_each_running(struct backend *db, int64_t now, struct key_visitor v);
/* The ends of the black and yellow listings that end after `after`. Ends that are not plausible one
   hour after `after` (policy.h) are left out. */
bool tables_each_end(struct backend *db, int64_t after, store_visit_end *visit, void *context);

/* The number of rows of table evidence. */
bool tables_count_evidence(struct backend *db, int64_t *count);
/* The keys of all rows of both tables; a key may come several times. */
bool tables_each_key(struct backend *db, struct key_visitor v);

/* ---- revoking and purging ---- */

#define REVOKED_SLICE 1000 /* keys */

/* The first REVOKED_SLICE keys, ascending, from `from` on, of which r->detector has evidence whose
   `last` or `received` is r->since or later. Does not call r->decide. */
bool tables_each_revoked(struct backend *db, const struct revocation *r, const struct addr *from,
                         struct key_visitor v);

enum purged_table { PURGED_LISTING, PURGED_EVIDENCE };

/* A part of a table: the rows with keys above `above`, up to `last` inclusive. */
struct purge_slice {
  enum purged_table table;
  bool from_start; /* it begins with the lowest key; `above` is not used */
  struct addr above, last;
};

/* Sets slice->last to the key of the row number `rows` + 1, counted from 1 in the order of keys, so
   the slice has at least that many rows. Returns 0 if fewer rows are left; slice->last is then the
   highest key possible, 16 bytes 0xff. */
int tables_slice(struct backend *db, struct purge_slice *slice, int64_t rows);
/* Removes the rows of the slice that are over before `before` (listings by `until`, evidence by
   `last`), and visits their keys; a key may come several times. */
bool tables_purge(struct backend *db, const struct purge_slice *slice, int64_t before,
                  struct key_visitor v);
/* The keys of the listings of the slice, of any colour, that end more than LISTING_LONGEST after
   `now`. The visitor may end them. */
bool tables_each_implausible(struct backend *db, const struct purge_slice *slice, int64_t now,
                             struct key_visitor v);
/* For evidence of the slice of which `last` is more than CLAMP_AHEAD after `now`: sets `last` to
   `now`, and `received`, too, if it is later, and visits the keys; a key may come several times. */
bool tables_clamp_evidence(struct backend *db, const struct purge_slice *slice, int64_t now,
                           struct key_visitor v);
/* The time of the last tables_put_purged; if there was none, that of the last tables_save_detector;
   0 if there was none either. */
bool tables_get_purged(struct backend *db, int64_t *time);
bool tables_put_purged(struct backend *db, int64_t time);

/* ---- journal ---- */

/* All rows, in the order of their ids. The visitor may read and write evidence and listings. */
typedef bool tables_visit_journal(void *context, int64_t id, struct span records);
bool tables_each_journal(struct backend *db, tables_visit_journal *visit, void *context);
/* id: above those of all rows. records: some megabytes at most. */
bool tables_add_journal(struct backend *db, int64_t id, struct span records);
bool tables_remove_journal(struct backend *db, int64_t last); /* the rows with ids up to this one */

/* ---- all else: as the functions of these names in store.h ---- */

bool tables_load_detector(struct backend *db, struct detector *d);
bool tables_save_detector(struct backend *db, struct detector *d, int64_t now);
bool tables_put_heartbeat(struct backend *db, const struct heartbeat *h, int64_t now);
bool tables_load_detector_state(struct backend *db, struct detector *d);
bool tables_save_detector_state(struct backend *db, const struct detector *d);
bool tables_each_detector(struct backend *db, store_visit_detector *visit, void *context);

bool tables_each_freeze(struct backend *db, store_visit_freeze *visit, void *context);
bool tables_remove_freezes(struct backend *db);
bool tables_add_freeze(struct backend *db, struct span what, int64_t since);

bool tables_add_addition(struct backend *db, const struct addr *key, struct span detector,
                         int64_t now);
bool tables_remove_additions(struct backend *db, int64_t before, int64_t after);
bool tables_each_addition(struct backend *db, int64_t now, store_visit_addition *visit,
                          void *context);

/* Needs no transaction: it begins one unless it returns 0. */
int tables_add_unread(struct backend *db, struct span detector, int64_t now, struct span text);
bool tables_purge_unread(struct backend *db, int64_t before); /* lines that came before */

#endif
