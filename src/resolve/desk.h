/* desk.h: the lines that are being worked on, in the order in which they came.

   A line is taken, asks its questions (inquiry.h), each only once of all lines and not at all if
   the cache knows the answer, and becomes ready when everything is answered or its time is over. It
   is given back when all lines before it have been. Lines that ask nothing, and those that cannot
   be read, wait their turn and come back as they were. Fields of an earlier run are taken off.

   A question that its network or zone has no budget for (budget.h) is not asked, and not known.

   Bounded: `rows` lines that wait for answers, `queue` lines in all, DESK_BYTES of their text, and
   DESK_OPEN_A_ROW open questions a row. While desk_has_room is false nothing may be taken. It is
   late while more than three quarters of this is used: then lines wait `late` milliseconds, and no
   longer. The clock comes in as monotonic milliseconds. */
#ifndef SINBIN_RESOLVE_DESK_H
#define SINBIN_RESOLVE_DESK_H

#include "resolve/dnscache.h"
#include "resolve/facts.h"

#define DESK_BYTES      33554432
#define DESK_OPEN_A_ROW 16

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
  struct inquiry inquiry;
  struct waiter waiter[SLOTS];
};

struct desk {
  struct row *row; /* a ring */
  size_t queue, first, count, bytes;
  size_t rows, waiting;
  struct work *oldest, *newest; /* of the lines that wait */
  struct dnscache cache;
  struct budget budget;
  struct lists *lists;
  struct ask ask;
  int64_t patience; /* how long a line waits at most, milliseconds */
  int64_t late;     /* the same while it is late */
  int64_t limit;    /* no line taken from now on waits longer than until then */
  bool specials;    /* peers with special addresses are asked about, too */
  struct {
    uint64_t sessions, questions, kept, shared, expired, late;
    uint64_t refused[BUDGET_SERVER + 1]; /* by what budget; [BUDGET_ASK]: by the bound of all */
  } tally; /* kept: answered by the cache; shared: had been asked already */
};

struct desk_options {
  size_t rows, dnscache_bytes;
  size_t queue; /* 0: as rows */
  int64_t patience;
  int64_t late;    /* 0: as patience */
  uint64_t budget; /* slow questions of a network; 0: without bound */
  bool specials;
};

/* key: as dnscache_init. False: out of memory. */
bool desk_init(struct desk *d, const struct desk_options *o, const uint8_t *key);
void desk_free(struct desk *d);

bool desk_has_room(const struct desk *d);

enum taken { TAKEN_SESSION, TAKEN_OTHER, TAKEN_MALFORMED, TAKEN_LONG, TAKEN_NO_MEMORY };
/* line without its LF. TAKEN_MALFORMED: *bad is the piece of the line; it is passed on like those
   of TAKEN_OTHER and TAKEN_LONG. TAKEN_NO_MEMORY: it was not taken. */
enum taken desk_take(struct desk *d, struct span line, int64_t now, struct span *bad);
/* What came without a LF goes out without one. False: out of memory. */
bool desk_take_unended(struct desk *d, struct span text);

/* Makes lines ready whose time is over. */
void desk_expire(struct desk *d, int64_t now);
/* When that is due for the line that waits longest; INT64_MAX: no line waits. */
int64_t desk_next(const struct desk *d);

/* Writes the next lines that are ready and whole into out; returns the bytes. cap has room for one
   line and FACTS_TEXT_MAX at least. */
size_t desk_give(struct desk *d, char *out, size_t cap);

#endif
