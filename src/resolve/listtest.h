/* listtest.h: tests every DNS list at the start and regularly after that (RFC 5782, 5).

   A list passes if it has 127.0.0.2 and does not have 127.0.0.1. For IPv6 it is tested with
   ::FFFF:7F00:2 and ::FFFF:7F00:1, separately. The cache is not used.

   A list that fails is muted for that address family until it passes. inflight.h mutes a list that
   refuses to answer another question. `report` is called when a list fails its first test, when it
   is muted later, and when it passes again.

   A list that passed is tested again after `every_ms`, a muted one after LISTTEST_RETRY_MS if that
   is sooner. Times are monotonic milliseconds. */
#ifndef SINBIN_RESOLVE_LISTTEST_H
#define SINBIN_RESOLVE_LISTTEST_H

#include "resolve/dnsquery.h"
#include "resolve/dnslists.h"

#define LISTTEST_RETRY_MS 60000
#define LISTTESTS_MAX     (DNSLISTS_MAX * LIST_FAMILIES)

/* The test of one list for one address family. */
struct listtest {
  struct listtests *tests;
  struct dnslist *list;
  enum list_family family;
  /* [0]: the address that every list has; [1]: the one that no list has */
  struct question question[2];
  struct dnsquery query[2];
  struct dnsresult result[2];
  int pending;      /* queries without a result */
  bool was_tested;  /* at least once */
  bool was_passing; /* as last reported; a list that passed its first test is not reported */
  int64_t next_at;
};

struct listtests {
  /* set by the caller before listtests_init */
  struct dnssender sender;
  int64_t every_ms;
  /* wrong: why the list is muted; NULL if it passes again. */
  void (*report)(const struct dnslist *l, enum list_family family, const char *wrong);
  size_t count;
  struct listtest test[LISTTESTS_MAX];
};

void listtests_init(struct listtests *t, struct dnslists *lists);
/* Starts the tests that are due, and reports the lists that were muted. */
void listtests_run(struct listtests *t, int64_t now);
/* When the next test is due; INT64_MAX if there is none, or if all wait for answers. */
int64_t listtests_next(const struct listtests *t);
/* True if every list has been tested at least once. */
bool listtests_done(const struct listtests *t);

#endif
