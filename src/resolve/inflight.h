/* inflight.h: the lines that are being worked on, in the order in which they came.

   A line is taken, asks its questions (lookups.h), each only once of all lines and not at all if
   the cache knows the answer, and becomes ready when everything is answered or its time is over. It
   is given back when all lines before it have been. Lines that ask nothing, and those that cannot
   be read, wait their turn and come back as they were. Fields of an earlier run are taken off.

   A question that its network or zone has no budget for (budget.h) is not asked, and not known.

   Bounded: `rows` lines that wait for answers, `queue` lines in all, INFLIGHT_BYTES of their text, and
   INFLIGHT_OPEN_A_ROW open questions a row. While inflight_has_room is false nothing may be taken. It is
   late while more than three quarters of this is used: then lines wait `late` milliseconds, and no
   longer. The clock comes in as monotonic milliseconds. */
#ifndef SINBIN_RESOLVE_INFLIGHT_H
#define SINBIN_RESOLVE_INFLIGHT_H

#include "resolve/dnscache.h"
#include "resolve/dnsfields.h"

#define INFLIGHT_BYTES      33554432
#define INFLIGHT_OPEN_A_ROW 16

struct work;

struct waiter {
  struct waiter *next, **at; /* *at points to this one */
  struct work *work;
  int slot;
};

struct row {
  char *text;
  size_t len;
  struct work *work; /* NULL: it is ready */
  bool is_unended;
};

/* What a line that waits for answers needs. */
struct work {
  struct row *row;
  struct work *older, *newer;
  int64_t since, deadline;
  struct lookups inquiry;
  struct waiter waiter[SLOTS];
};

struct inflight {
  struct row *row; /* a ring */
  size_t queue, first, count, bytes;
  size_t rows, waiting;
  struct work *oldest, *newest; /* of the lines that wait */
  struct dnscache cache;
  struct budget budget;
  struct dnslists *lists;
  struct dnssender ask;
  int64_t deadline_ms; /* how long a line waits at most, milliseconds */
  int64_t late;        /* the same while it is late */
  int64_t limit;       /* no line taken from now on waits longer than until then */
  bool ask_special;    /* peers with special addresses are asked about, too */
  struct {
    uint64_t sessions, questions, kept, shared, expired, late;
    uint64_t refused[BUDGET_SERVER + 1]; /* by what budget; [BUDGET_ALLOWED]: by the bound of all */
  } tally; /* kept: answered by the cache; shared: had been asked already */
};

struct inflight_options {
  size_t rows, dnscache_bytes;
  size_t queue; /* 0: as rows */
  int64_t deadline_ms;
  int64_t late;    /* 0: as patience */
  uint64_t budget; /* slow questions of a network; 0: without bound */
  bool ask_special;
};

/* key: as dnscache_init. False: out of memory. */
bool inflight_init(struct inflight *d, const struct inflight_options *o, const uint8_t *key);
void inflight_free(struct inflight *d);

bool inflight_has_room(const struct inflight *d);

enum added { ADDED_SESSION, ADDED_PASSTHROUGH, ADDED_MALFORMED, ADDED_LONG, ADDED_NO_MEMORY };
/* line without its LF. ADDED_MALFORMED: *bad is the piece of the line; it is passed on like those
   of ADDED_PASSTHROUGH and ADDED_LONG. ADDED_NO_MEMORY: it was not taken. */
enum added inflight_add(struct inflight *d, struct span line, int64_t now, struct span *bad);
/* What came without a LF goes out without one. False: out of memory. */
bool inflight_add_partial(struct inflight *d, struct span text);

/* Makes lines ready whose time is over. */
void inflight_expire(struct inflight *d, int64_t now);
/* When that is due for the line that waits longest; INT64_MAX: no line waits. */
int64_t inflight_next(const struct inflight *d);

/* Writes the next lines that are ready and whole into out; returns the bytes. cap has room for one
   line and DNSFIELDS_TEXT_MAX at least. */
size_t inflight_flush(struct inflight *d, char *out, size_t cap);

#endif
