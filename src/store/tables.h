/* tables.h: the tables of the database (sinbin-store(5)): rows in, rows out. No policy, no cache.

   Functions that write work in the transaction that runs; the caller has begun it. All return false
   on an error (backend.h). Those of type int return 1 found, 0 not found, -1 error. A row that
   cannot be decoded is an error. A key is 16 bytes, as addr_evidence_key makes it. A span that a
   visitor gets is valid until the visitor returns. A visitor that returns bool stops with false;
   the function then returns false, too. */
#ifndef SINBIN_STORE_TABLES_H
#define SINBIN_STORE_TABLES_H

#include "store/backend.h"

struct key_visitor {
  bool (*visit)(void *context, const struct addr *key);
  void *context;
};

/* ---- evidence and listing ---- */

typedef bool tables_visit_evidence(void *context, struct span detector, const struct evidence *e);
/* What all detectors reported about the key. */
bool tables_each_evidence(struct backend *db, const struct addr *key, tables_visit_evidence *visit,
                          void *context);
bool tables_put_evidence(struct backend *db, const struct addr *key, struct span detector,
                         const struct evidence *e);
bool tables_remove_evidence(struct backend *db, const struct addr *key, struct span detector);

int tables_get_listing(struct backend *db, const struct addr *key, struct listing *out);
bool tables_put_listing(struct backend *db, const struct addr *key, const struct listing *l);
/* Sets the end of a listing. */
bool tables_end_listing(struct backend *db, const struct addr *key, int64_t now);
/* The keys of the listings that end after `now`. The visitor may end them. */
bool tables_each_running(struct backend *db, int64_t now, struct key_visitor v);
/* The ends of the black and yellow listings that end after `after`, without those that are not
   plausible one hour later (policy.h). */
bool tables_each_end(struct backend *db, int64_t after, store_visit_end *visit, void *context);

/* The number of rows of table evidence, and the keys of all rows of both tables. */
bool tables_count_evidence(struct backend *db, int64_t *count);
bool tables_each_key(struct backend *db, struct key_visitor v);

/* ---- revoking and purging ---- */

#define REVOKED_SLICE 1000 /* keys */

/* The keys from `from` on that the revocation is about, ascending: at most REVOKED_SLICE. */
bool tables_each_revoked(struct backend *db, const struct revocation *r, const struct addr *from,
                         struct key_visitor v);

enum purged_table { PURGED_LISTING, PURGED_EVIDENCE };

/* A part of a table: the keys above `above`, up to `last` inclusive. */
struct purge_slice {
  enum purged_table table;
  struct addr above, last;
};

/* Sets slice->last to the key of the row that `rows` others are in front of. Returns 0 if fewer rows
   are left, and then sets it to the highest key. */
int tables_slice(struct backend *db, struct purge_slice *slice, int64_t rows);
/* Removes the listings that ended, or the evidence of which the last session ended, before
   `before`, and visits the keys. */
bool tables_purge(struct backend *db, const struct purge_slice *slice, int64_t before,
                  struct key_visitor v);
/* The keys of the listings of the slice that end later than a listing may. The visitor may end
   them. */
bool tables_each_implausible(struct backend *db, const struct purge_slice *slice, int64_t now,
                             struct key_visitor v);
/* Sets the times of evidence of the slice that are too far ahead (evidence.h) to `now`, and visits
   the keys. */
bool tables_clamp_evidence(struct backend *db, const struct purge_slice *slice, int64_t now,
                           struct key_visitor v);
/* The time of the last purge; if none is stored, that of the last report; 0 if there is none. */
bool tables_get_purged(struct backend *db, int64_t *time);
bool tables_put_purged(struct backend *db, int64_t time);

/* ---- journal ---- */

typedef bool tables_visit_journal(void *context, int64_t id, struct span records);
bool tables_each_journal(struct backend *db, tables_visit_journal *visit, void *context);
bool tables_add_journal(struct backend *db, int64_t id, struct span records);
bool tables_remove_journal(struct backend *db, int64_t last); /* the rows up to this one */

/* ---- all else: as in store.h ---- */

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

/* Begins a transaction, but only if it adds a row. */
int tables_add_unread(struct backend *db, struct span detector, int64_t now, struct span text);
bool tables_purge_unread(struct backend *db, int64_t before);

#endif
