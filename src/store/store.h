/* store.h: the collector's memory: evidence, listings, replay windows and what could not be read.

   The one place of this floor that reads and writes: an SQLite database (sinbin-store(5)), in WAL
   mode with synchronous=FULL, so that what is committed survives kill -9 and power loss. Policy
   knows nothing of it: another store is another file behind these functions.

   Keys that were touched lately are in memory (keycache.h), and what is put changes them there. A
   commit that leaves up to `at_once` keys unmerged merges them into the tables. One that leaves
   more writes what was put as one row of a journal, which is cheap, and the tables follow: a
   listing that is new, or of another colour, within STORE_URGENT_MS, all else within `sweep_ms`, in
   slices in the order of the keys. What is left in the journal is merged when the store is opened.
   Other readers of the database see the tables only.

   One process writes (a lock on PATH-lock says so); others read beside it. store_begin starts a
   transaction unless one runs already; everything put since then is committed together or not at
   all. Functions return false on an error of the database; store_error then says what was the
   matter, and the only sound thing to do is to end. Gets return 1 found, 0 not there, -1 error. A
   key is 16 bytes, addr_evidence_key's. Texts that are handed in are copied. `now` is unix seconds,
   `at` is monotonic milliseconds. */
#ifndef SINBIN_STORE_STORE_H
#define SINBIN_STORE_STORE_H

#include "policy/detector.h"
#include "policy/evidence.h"
#include "policy/policy.h"
#include "report/heartbeat.h"

#define STORE_APPLICATION INT32_C(0x7362696e) /* "sbin" */
#define STORE_VERSION     2
#define STORE_KEEP        (30 * 24 * 3600) /* how long ended and silent rows stay */
#define PURGE_STEP        (24 * 3600)
#define STORE_URGENT_MS   500
#define UNREAD_MAX        1000 /* rows kept for a detector */

enum store_open {
  STORE_OPEN,
  STORE_FOREIGN, /* not a database, or somebody else's: left as it was, without a lock */
  STORE_OTHER,   /* ours, but of another version: left as it was */
  STORE_LOCKED,  /* another collector writes it */
  STORE_FAILED,  /* store_error says why */
};

struct store_options {
  size_t cache;     /* keys in memory, at least 1 */
  size_t at_once;   /* keys */
  int64_t sweep_ms; /* at least 1 */
  size_t slice;     /* keys of a sweep in a commit, and two more for each record put; at least 1 */
};

struct store;

/* Creates the database where there is none. path NULL: a database in memory, for tests and fuzzers.
 *out is set in every case but lack of memory (NULL), and is to be closed. */
enum store_open store_open(const char *path, const struct store_options *o, struct store **out);
/* For reading only, beside a collector that runs or not: gets work, puts must not be called. What
   is in its journal is seen. */
enum store_open store_open_readonly(const char *path, struct store **out);
/* What was not committed is lost, what is in the journal stays there. */
void store_close(struct store *s);
const char *store_error(const struct store *s);
/* The error is one that an operator has to mend: a damaged database, or one that may not be
 * written. */
bool store_needs_mending(const struct store *s);

bool store_begin(struct store *s);
bool store_is_running(const struct store *s); /* a transaction is */
/* Nothing to do where no transaction runs and nothing is due, but to see that the files are where
   they were: false where they were moved, removed or replaced, for nothing is safe then. */
bool store_commit(struct store *s, int64_t at);
/* Milliseconds until store_commit has something to merge though nothing came; -1: never. */
int64_t store_due(const struct store *s, int64_t at);
/* Commits, and merges all that is in the journal. */
bool store_flush(struct store *s);

/* Epoch and window of a detector, and the newest heartbeat; those of one that is not there are
   empty. */
bool store_load_detector(struct store *s, struct detector *d);
bool store_save_detector(struct store *s, struct detector *d, int64_t now);
bool store_put_heartbeat(struct store *s, const struct heartbeat *h, int64_t now);
/* The detector's standing; all 0 for one that is not there. */
bool store_load_detector_state(struct store *s, struct detector *d);
bool store_save_detector_state(struct store *s, const struct detector *d);
/* What is frozen, as freeze_format writes it, and since when. */
bool store_each_freeze(struct store *s,
                       void (*tell)(void *context, struct span what, int64_t since), void *context);
bool store_drop_freezes(struct store *s);
bool store_add_freeze(struct store *s, struct span what, int64_t since);

/* Listings that began, when, and by whose report: for the hour that the breaker counts. */
bool store_add_addition(struct store *s, const struct addr *key, struct span detector, int64_t now);
bool store_drop_additions(struct store *s, int64_t before, int64_t after);
/* In the order of their times; those ahead of `now` come last. */
struct store_addition {
  void (*tell)(void *context, const struct addr *key, struct span detector, int64_t time);
  void *context;
};
bool store_each_addition(struct store *s, int64_t now, const struct store_addition *tell);

int store_get_evidence(struct store *s, const struct addr *key, struct span detector,
                       struct evidence *out);
bool store_put_evidence(struct store *s, const struct addr *key, struct span detector,
                        const struct evidence *e);
/* The evidence of all detectors of the registry that are believed at all: at most DETECTORS_MAX. */
bool store_get_testimonies(struct store *s, const struct addr *key, const struct registry *r,
                           struct testimony *out, size_t *count);

int store_get_listing(struct store *s, const struct addr *key, struct listing *out);
bool store_put_listing(struct store *s, const struct addr *key, const struct listing *l);

/* text: printable ASCII. The same text of one detector is kept once, and nothing once it has
   UNREAD_MAX rows; that costs no look into the database. Returns 1 kept, 0 not, -1 error. */
int store_add_unread(struct store *s, struct span detector, int64_t now, struct span text);

/* Calls `is_never` for the key of every listing that still runs and ends it now where true. Settles
   first. */
bool store_end_listings(struct store *s, int64_t now,
                        bool (*is_never)(const void *context, const struct addr *key),
                        const void *context);
/* Tells of every black or yellow listing that ends after that time, and when; not of one whose end
   is not plausible an hour later (policy.h). Settles first. */
bool store_each_listed(struct store *s, int64_t after, void (*tell)(void *context, int64_t until),
                       void *context);

/* All evidence about a key, in the order of the detectors' names; the names are valid until the
   callback returns. */
bool store_each_evidence(struct store *s, const struct addr *key,
                         void (*tell)(void *context, struct span detector,
                                      const struct evidence *e),
                         void *context);

/* What the tables know of each detector that ever reported, in the order of their names; 0 where it
   is not known. What is in the journal is not counted. */
struct record_of_detector {
  struct span name; /* valid until the callback returns */
  int64_t last;     /* when a report of it was taken */
  int64_t heartbeat;
  int64_t rows, bots, suspects, cleans; /* of evidence */
  int64_t sent, pending;                /* in the heartbeat: its time, reports that wait */
  struct span version;                  /* and of the program; empty: there is no heartbeat */
  struct detector_state standing;
};
bool store_each_detector(struct store *s,
                         void (*tell)(void *context, const struct record_of_detector *d),
                         void *context);

/* The evidence of a detector that goes on to `since` or longer, or of which a report came since,
   and what is to be decided anew about each of its keys once it is gone: false is an error. */
struct revocation {
  struct span detector;
  int64_t since;
  bool (*decide)(void *context, const struct addr *key);
  void *context;
};
/* Settles first and afterwards; may be repeated. *rows: how many went. */
bool store_revoke(struct store *s, const struct revocation *r, int64_t *rows);

/* Removes what ended, or was last heard of, more than STORE_KEEP ago, and ends what a wrong clock
   has made to last for longer than it may (listing_is_plausible), a slice of the keys at a time, to
   be committed; *more is false once all keys were looked at, and the next call begins anew.

   A purge has a clock of its own, which is `now` but for this: from one purge to the next, also of
   another run of the program, it goes ahead by PURGE_STEP at most. Where the machine's clock jumped
   ahead, a purge removes no more than what a day would have removed, and a while is left to set it
   right. */
bool store_purge(struct store *s, int64_t now, bool *more);
/* How far `now` is ahead of the last purge. */
int64_t store_purge_lag(const struct store *s, int64_t now);

#endif
