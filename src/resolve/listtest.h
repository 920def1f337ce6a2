/* listtest.h: the tests that every DNS list must pass to be believed, at the start and again and
   again (RFC 5782, section 5): 127.0.0.2 is listed and 127.0.0.1 is not, and where the list serves
   IPv6,
   ::FFFF:7F00:2 and ::FFFF:7F00:1 alike. The cache is not asked.

   A list that fails is muted for the family of addresses it failed for, until it passes again; one
   that refuses to answer in between is muted as well. `tell` hears of every change for the worse
   and of every recovery. A good list is tested every `every` milliseconds, another one every
   TRIALS_RETRY or `every`, whichever is shorter. */
#ifndef SINBIN_RESOLVE_LISTTEST_H
#define SINBIN_RESOLVE_LISTTEST_H

#include "resolve/dnsquery.h"
#include "resolve/dnslists.h"

#define TRIALS_RETRY 60000
#define TRIALS_MAX   (DNSLISTS_MAX * LIST_FAMILIES)

struct listtest {
  struct dnslist *list;
  enum list_family family;
  struct question question[2]; /* of the listed address, and of the other */
  struct dnsquery asked[2];
  struct dnsresult result[2];
  int awaited;
  bool was_tested, was_passing;
  int64_t next; /* when it is due */
  struct listtests *all;
};

struct listtests {
  struct dnssender ask;
  int64_t every;
  /* wrong: NULL where the list is good again. */
  void (*tell)(const struct dnslist *l, enum list_family family, const char *wrong);
  size_t count;
  struct listtest trial[TRIALS_MAX];
};

void listtests_init(struct listtests *t, struct dnslists *lists);
/* Starts what is due. */
void listtests_run(struct listtests *t, int64_t now);
/* When something is due; INT64_MAX: never. */
int64_t listtests_next(const struct listtests *t);
/* Every list has been tested once. */
bool listtests_done(const struct listtests *t);

#endif
