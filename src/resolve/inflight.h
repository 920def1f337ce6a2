/* inflight.h: the lines that are being resolved, in the order of the input.

   inflight_add adds a line. For a session line the questions of lookups.h are asked, unless
     - the cache has the answer
     - another line has asked the question and waits for the answer: then both wait
     - budget.h refuses the question: then it counts as unknown
   The line is pending until all its questions are answered or its deadline has passed. Then its
   fields are appended, in place of those of an earlier run, and it is ready. Any other line is
   ready at once and does not change. inflight_flush returns a line when it and all lines ahead of
   it are ready.

   The bounds are:
     pending_max                  pending lines
     lines_max                    all lines
     INFLIGHT_BYTES_MAX           bytes of all lines
     INFLIGHT_QUERIES_PER_LINE    queries in progress, for each of pending_max
   A line may be added only if inflight_has_room. While three quarters of one of the first three
   bounds are used, lines wait for late_deadline_ms instead of deadline_ms. Times are monotonic
   milliseconds. */
#ifndef SINBIN_RESOLVE_INFLIGHT_H
#define SINBIN_RESOLVE_INFLIGHT_H

#include "resolve/dnscache.h"
#include "resolve/dnsfields.h"

#define INFLIGHT_BYTES_MAX        33554432
#define INFLIGHT_QUERIES_PER_LINE 16

struct pending_line;

/* A slot of a line that waits for a query. */
struct waiter {
  struct waiter *next, **at; /* *at points to this waiter */
  struct pending_line *pending;
  int slot;
};

struct inflight_line {
  char *text;
  size_t len;
  struct pending_line *pending; /* NULL: the line is ready */
  bool is_partial;              /* it has no LF */
};

/* What a line needs until it is ready. */
struct pending_line {
  struct inflight_line *line;
  struct pending_line *older, *newer;
  int64_t since, deadline;
  struct lookups lookups;
  struct waiter waiter[SLOTS];
};

struct inflight_options {
  size_t pending_max;
  size_t lines_max; /* 0: as pending_max */
  size_t cache_bytes;
  int64_t deadline_ms;      /* how long a line waits at most */
  int64_t late_deadline_ms; /* 0: as deadline_ms */
  uint64_t network_budget;  /* limit of budget_init */
  bool ask_special;         /* as lookups_init */
};

struct inflight_counters {
  uint64_t sessions;
  uint64_t expired, late;  /* lines whose deadline passed: deadline_ms, late_deadline_ms */
  uint64_t queries;        /* asked */
  uint64_t cached, shared; /* not asked: in the cache; in progress already */
  /* not asked, by enum budget_result; [BUDGET_ALLOWED]: too many queries */
  uint64_t refused[BUDGET_SERVER + 1];
};

struct inflight {
  struct inflight_options options;
  struct dnslists *lists;     /* set by the caller after inflight_init */
  struct dnssender sender;    /* the same */
  int64_t stop_at;            /* no line that is added waits longer than this; INT64_MAX at first */
  struct inflight_line *line; /* a ring of lines_max */
  size_t first, count, bytes;
  size_t pending;
  struct pending_line *oldest, *newest;
  struct dnscache cache;
  struct budget budget;
  struct inflight_counters counters;
};

/* key: as dnscache_init. False if there is no memory. */
bool inflight_init(struct inflight *f, const struct inflight_options *o, const uint8_t *key);
void inflight_free(struct inflight *f);

bool inflight_has_room(const struct inflight *f);

enum added { ADDED_SESSION, ADDED_PASSTHROUGH, ADDED_MALFORMED, ADDED_LONG, ADDED_NO_MEMORY };
/* line: without its LF. Only a line of ADDED_SESSION gets fields. ADDED_MALFORMED: *bad is the
   piece that could not be read. ADDED_LONG: there is no room for fields. ADDED_NO_MEMORY: the line
   was not added. */
enum added inflight_add(struct inflight *f, struct span line, int64_t now, struct span *bad);
/* Adds a last line that has no LF; it is passed on without one. False if there is no memory. */
bool inflight_add_partial(struct inflight *f, struct span text);

/* Makes the lines ready whose deadline has passed. */
void inflight_expire(struct inflight *f, int64_t now);
/* The next deadline; INT64_MAX if no line is pending. */
int64_t inflight_next(const struct inflight *f);

/* Moves ready lines from the front to out, as many as fit whole. Returns the number of bytes. */
size_t inflight_flush(struct inflight *f, char *out, size_t cap);

#endif
