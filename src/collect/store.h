/* store.h: the collector's memory: evidence, listings, replay windows and what could not be read.

   The one place of this floor that reads and writes: an SQLite database (sinbin-store(5)), in WAL
   mode with synchronous=FULL, so that what is committed survives kill -9 and power loss. Policy
   knows nothing of it: another store is another file behind these functions.

   One process writes (a lock on PATH-lock says so); others read beside it. store_begin starts a
   transaction unless one runs already; everything put since then is committed together or not at
   all. Functions return false on an error of the database; store_error then says what was the
   matter, and the only sound thing to do is to end. Gets return 1 found, 0 not there, -1 error. A
   key is 16 bytes, addr_evidence_key's. Texts that are handed in are copied. */
#ifndef SINBIN_COLLECT_STORE_H
#define SINBIN_COLLECT_STORE_H

#include "collect/detector.h"
#include "collect/evidence.h"
#include "collect/policy.h"

#define STORE_APPLICATION INT32_C(0x7362696e) /* "sbin" */
#define STORE_VERSION     1
#define STORE_KEEP        (30 * 24 * 3600) /* how long ended and silent rows stay */
#define UNREAD_MAX        1000             /* rows kept for a detector */

enum store_open {
  STORE_OPEN,
  STORE_FOREIGN, /* not a database, somebody else's, or of another version: left as it was */
  STORE_LOCKED,  /* another collector writes it */
  STORE_FAILED,  /* store_error says why */
};

struct store;

/* Creates the database where there is none. *out is set in every case but lack of memory (NULL),
   and is to be closed. */
enum store_open store_open(const char *path, struct store **out);
void store_close(struct store *s);
const char *store_error(const struct store *s);

bool store_begin(struct store *s);
bool store_commit(struct store *s); /* nothing to do where no transaction runs */

/* Epoch and window of a detector; those of one that is not there are empty. */
bool store_load_detector(struct store *s, struct detector *d);
bool store_save_detector(struct store *s, const struct detector *d, int64_t now);

int store_get_evidence(struct store *s, const struct addr *key, struct span detector,
                       struct evidence *out);
bool store_put_evidence(struct store *s, const struct addr *key, struct span detector,
                        const struct evidence *e);
/* The evidence of all detectors of the registry with a weight above 0: at most DETECTORS_MAX. */
bool store_get_witnesses(struct store *s, const struct addr *key, const struct registry *r,
                         struct witness *out, size_t *count);

int store_get_listing(struct store *s, const struct addr *key, struct listing *out);
bool store_put_listing(struct store *s, const struct addr *key, const struct listing *l);

/* text: printable ASCII. The same text of one detector is kept once. */
bool store_add_unread(struct store *s, struct span detector, int64_t now, struct span text);

/* Calls `is_never` for the key of every listing that still runs and ends it now where true. */
bool store_end_listings(struct store *s, int64_t now,
                        bool (*is_never)(const void *context, const struct addr *key),
                        const void *context);
/* Removes what ended, or was last heard of, more than STORE_KEEP ago. */
bool store_purge(struct store *s, int64_t now);

#endif
