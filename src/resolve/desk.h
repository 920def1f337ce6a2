/* desk.h: the lines that are being worked on, in the order in which they came.

   A line is taken, asks its questions (inquiry.h), each only once of all lines and not at all where
   the cache knows the answer, and becomes ready when everything is answered or its time is over. It
   is given back when all lines before it have been. Lines that ask nothing, and those that cannot
   be read, wait their turn and come back as they were. Fields of an earlier run are taken off.

   Bounded: `rows` lines, DESK_BYTES of their text, and DESK_OPEN_A_ROW open questions a row; while
   desk_has_room is false nothing may be taken. The clock comes in as monotonic milliseconds. */
#ifndef SINBIN_RESOLVE_DESK_H
#define SINBIN_RESOLVE_DESK_H

#include "resolve/dnscache.h"
#include "resolve/facts.h"

#define DESK_BYTES      16777216
#define DESK_OPEN_A_ROW 16

struct row;

struct waiter {
  struct waiter *next, **at; /* *at points to this one */
  struct row *row;
  int slot;
};

struct row {
  char *text;
  size_t len;
  int64_t deadline;
  bool is_session, is_ready, is_unended;
  struct inquiry inquiry;
  struct waiter waiter[SLOTS];
};

struct desk {
  struct row *row; /* a ring */
  size_t rows, first, count, bytes;
  struct dnscache cache;
  struct lists *lists;
  struct ask ask;
  int64_t patience; /* how long a line waits at most, milliseconds */
  int64_t limit;    /* no line taken from now on waits longer than until then */
  bool specials;    /* peers with special addresses are asked about, too */
  struct {
    uint64_t sessions, questions, kept, shared, expired;
  } tally; /* kept: answered by the cache; shared: had been asked already */
};

struct desk_options {
  size_t rows, dnscache_bytes;
  int64_t patience;
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
bool desk_take_unended(struct desk *d, struct span text, int64_t now);

/* Makes lines ready whose time is over. */
void desk_expire(struct desk *d, int64_t now);
/* When that is due; INT64_MAX: no line waits. */
int64_t desk_next(const struct desk *d);

/* Writes the next lines that are ready and whole into out; returns the bytes. cap has room for one
   line and FACTS_TEXT_MAX at least. */
size_t desk_give(struct desk *d, char *out, size_t cap);

#endif
