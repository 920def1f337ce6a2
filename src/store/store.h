/* store.h: the collector's data on disk: evidence, listings, replay windows, unread lines.

   The data is in a database (sinbin-store(5)), which a backend provides (backend.h). The only
   backend is SQLite, in WAL mode with synchronous=FULL: what is committed survives kill -9 and
   power loss. Nothing above this header knows of the database.

   Keys that were used recently are cached in memory (keycache.h); puts change them there. If a
   commit leaves up to `at_once` keys unmerged, they are merged into the tables at once. If it
   leaves more, what was put is written as one row of a journal, which is cheap, and the tables
   follow: a listing that is new or has another colour within STORE_URGENT_MS, everything else
   within `sweep_ms`, in slices in the order of the keys. What is still in the journal when the
   store is opened is merged then. Other readers of the database see only the tables.

   One process writes; others may read at the same time. Functions that put, save, add or remove
   begin a transaction if none runs. All that is done in a transaction is committed together or not
   at all. store_flush commits, so functions that flush commit what was put before.

   Functions of type bool return false on an error of the database, unless they are questions. After
   an error only store_error, store_needs_repair and store_close may be called, and the caller must
   exit without acknowledging anything that was not committed. Gets return 1 found, 0 not found and
   *out is unchanged, -1 error. A visitor must not call the store, unless it is stated.

   A key is 16 bytes, as addr_evidence_key makes it. Texts that are passed in are copied. Texts
   that a visitor gets are valid until it returns. `now` and all times in rows are unix seconds,
   `at` is monotonic milliseconds. */
#ifndef SINBIN_STORE_STORE_H
#define SINBIN_STORE_STORE_H

#include "policy/detector.h"
#include "policy/evidence.h"
#include "policy/policy.h"
#include "report/heartbeat.h"

#define STORE_APPLICATION INT32_C(0x7362696e) /* "sbin" */
#define STORE_VERSION     2
#define STORE_KEEP        (30 * 24 * 3600) /* how long rows are kept after their end */
#define PURGE_STEP        (24 * 3600)
#define STORE_URGENT_MS   500
#define UNREAD_MAX        1000 /* rows kept for a detector */

enum store_open {
  STORE_OPEN,
  STORE_FOREIGN, /* not a database, or of another program: left as it was, and not locked */
  STORE_OTHER,   /* a sinbin database of another version: left as it was */
  STORE_ABSENT,  /* opened for reading: there is no database of that name */
  STORE_LOCKED,  /* opened for writing: another process writes it */
  STORE_FAILED,  /* see store_error */
};

struct store_options {
  size_t cache;     /* keys in memory, at least 1 */
  size_t at_once;   /* keys that a commit merges without the journal */
  int64_t sweep_ms; /* at least 1 */
  size_t slice;     /* keys of a sweep in a commit, and two more for each record put; at least 1 */
};

struct store;

/* Opens the database, creates it if it does not exist, and merges its journal. path NULL: a
   database in memory, for tests and fuzzers. Sets *out in any case, to NULL only if there is no
   memory; the caller closes it. */
enum store_open store_open(const char *path, const struct store_options *o, struct store **out);
/* Opens it for reading, whether a collector is running or not. Everything is read as it was at one
   time, with what is in the journal then. Only gets, loads and visits that do not flush may be
   called. */
enum store_open store_open_readonly(const char *path, struct store **out);
/* What was not committed is lost. What is in the journal stays there. */
void store_close(struct store *s);
const char *store_error(const struct store *s);
/* The error is permanent: the database is damaged, or it may not be written. If it is not, opening
   the store again may succeed. */
bool store_needs_repair(const struct store *s);

/* Does nothing if a transaction runs already. */
bool store_begin(struct store *s);
bool store_is_running(const struct store *s); /* a transaction is */
/* Ends the transaction that runs, and merges a slice of what is due. True: what was put is on disk.
   If no transaction runs and nothing is due, it only checks the files: it fails if they were moved,
   removed or replaced, because what is written then would be lost. */
bool store_commit(struct store *s, int64_t at);
/* Milliseconds until store_commit has something to do even if nothing more is put: 0 while a
   transaction runs; -1: never. */
int64_t store_due(const struct store *s, int64_t at);
/* Commits, and merges all that is in the journal, in as many transactions as that takes. No
   transaction runs afterwards. */
bool store_flush(struct store *s);

/* ---- evidence and listings ---- */

int store_get_evidence(struct store *s, const struct addr *key, struct span detector,
                       struct evidence *out);
bool store_put_evidence(struct store *s, const struct addr *key, struct span detector,
                        const struct evidence *e);
/* The evidence about a key, of the detectors in the registry whose effective weight is not 0, in
   the order of their names. out: room for DETECTORS_MAX. The groups in it are texts of the
   registry. */
bool store_get_testimonies(struct store *s, const struct addr *key, const struct registry *r,
                           struct testimony *out, size_t *count);
/* All evidence about a key, in the order of the detectors' names. */
typedef void store_visit_evidence(void *context, struct span detector, const struct evidence *e);
bool store_each_evidence(struct store *s, const struct addr *key, store_visit_evidence *visit,
                         void *context);

int store_get_listing(struct store *s, const struct addr *key, struct listing *out);
/* l->exists is true. */
bool store_put_listing(struct store *s, const struct addr *key, const struct listing *l);
/* Calls is_never for the key of every listing, of any colour, that ends after `now`, and ends it at
   `now` if that returns true: all of them in one transaction. Flushes before and after. */
bool store_end_listings(struct store *s, int64_t now,
                        bool (*is_never)(const void *context, const struct addr *key),
                        const void *context);
/* The end of every black or yellow listing that ends after `after`. Ends that are not plausible one
   hour after `after` (policy.h) are left out. Flushes first. */
typedef void store_visit_end(void *context, int64_t until);
bool store_each_end(struct store *s, int64_t after, store_visit_end *visit, void *context);

/* ---- detectors ---- */

/* Sets epoch, window, beat_epoch and beat_seq of the detector with the name d->name; all 0 if it is
   not there. Clears d->changed. */
bool store_load_detector(struct store *s, struct detector *d);
/* Saves epoch and window. Of the checks it saves only the parts in window.unsaved, which it clears.
   `now` becomes `last` of struct detector_row. */
bool store_save_detector(struct store *s, struct detector *d, int64_t now);
/* Replaces the heartbeat of the detector h->origin.detector. */
bool store_put_heartbeat(struct store *s, const struct heartbeat *h, int64_t now);
/* d->state of the detector with that name; all 0 if it is not there. */
bool store_load_detector_state(struct store *s, struct detector *d);
bool store_save_detector_state(struct store *s, const struct detector *d);

/* What the tables have about each detector that ever reported, in the order of their names; 0 if
   not known. What is in the journal is not counted. */
struct detector_row {
  struct span name;
  int64_t last;                         /* when its last report was accepted */
  int64_t heartbeat;                    /* when its last heartbeat came */
  int64_t rows, bots, suspects, cleans; /* of evidence */
  int64_t sent, pending;                /* in the heartbeat: its time, reports not acknowledged */
  struct span version;                  /* in the heartbeat: of the program; empty: no heartbeat */
  struct detector_state state;
};
typedef void store_visit_detector(void *context, const struct detector_row *d);
bool store_each_detector(struct store *s, store_visit_detector *visit, void *context);

/* Keeps the text of a line, printable ASCII. The same text of one detector is kept once. Returns 1
   if it is kept; 0 if the detector has UNREAD_MAX rows, and it is not kept; -1 on an error. If the
   last call was for the same detector, the result 0 costs no query. */
int store_add_unread(struct store *s, struct span detector, int64_t now, struct span text);

/* ---- the circuit breaker ---- */

/* What is frozen, as freeze_format writes it, and since when; the oldest first. Each `what` is
   there once: store_add_freeze must not add it again. */
typedef void store_visit_freeze(void *context, struct span what, int64_t since);
bool store_each_freeze(struct store *s, store_visit_freeze *visit, void *context);
bool store_remove_freezes(struct store *s); /* all */
bool store_add_freeze(struct store *s, struct span what, int64_t since);

/* Listings that began, when, and by whose report: the breaker counts those of the last hour. */
bool store_add_addition(struct store *s, const struct addr *key, struct span detector, int64_t now);
/* Removes those of times below `before` and those of times above `after`. */
bool store_remove_additions(struct store *s, int64_t before, int64_t after);
/* In the order of their times, and those of one time in the order in which they were added. Times
   later than `now` count as `now`. */
typedef void store_visit_addition(void *context, const struct addr *key, struct span detector,
                                  int64_t time);
bool store_each_addition(struct store *s, int64_t now, store_visit_addition *visit, void *context);

/* ---- revoking and purging ---- */

/* Removes evidence of a detector: the rows whose last session ended, or whose last report came, at
   `since` or later. After each row it calls `decide` for the key, which decides about the listing
   from the evidence that is left. `decide` may get and put, and returns false on an error. The row
   is removed in the transaction of that decision. If the program ends before all is done, the next
   call does the rest. Flushes before and after. *rows: the number of rows removed. */
struct revocation {
  struct span detector;
  int64_t since;
  bool (*decide)(void *context, const struct addr *key);
  void *context;
};
bool store_revoke(struct store *s, const struct revocation *r, int64_t *rows);

/* Removes what is older than STORE_KEEP: listings by their end, evidence by the end of its last
   session, unread lines by the time when they came. Ends listings that a wrong clock made longer
   than a listing may be (policy.h), and sets the times of evidence that are too far ahead
   (evidence.h) to now. Each call does a slice of the keys in the transaction that runs, or begins
   one; the caller commits it. *more is false when all keys were looked at. The call after that
   begins again.

   A purge has its own clock. It is `now`, but from one purge to the next it advances by PURGE_STEP
   at most, even if the program was started again in between. So if the machine's clock jumps ahead,
   a purge removes no more than one day would have removed, and there is time to correct it. */
bool store_purge(struct store *s, int64_t now, bool *more);
/* How far `now` is ahead of the last purge. */
int64_t store_purge_lag(const struct store *s, int64_t now);

#endif
