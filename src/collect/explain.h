/* explain.h: why an address is listed, or not, as text.

   Set registry, ip and now; load what the store and the rules say about the address; then format
   it. The text is lines of one word and then key=value fields or a sentence; sinbin-detector(1)
   specifies them. Evidence of at most DETECTORS_MAX detectors is included. What clients and
   detectors sent is in the text only as numbers, checked names of sins, and names of detectors. */
#ifndef SINBIN_COLLECT_EXPLAIN_H
#define SINBIN_COLLECT_EXPLAIN_H

#include "base/owfat.h"
#include "policy/detector.h"
#include "policy/freeze.h"
#include "policy/policy.h"
#include "rule/table.h"
#include "store/store.h"

#define EXPLAIN_FREEZES 16

struct explanation {
  const struct registry *registry; /* registry_update_weights was called with `now` */
  struct addr ip;
  int64_t now;
  struct listing listing; /* exists false: no listing */
  struct explain_freeze {
    char what[FREEZE_TEXT]; /* freeze.h */
    int64_t since;
  } freezes[EXPLAIN_FREEZES]; /* that may prevent a listing of the address */
  size_t freeze_count;
  char never[300]; /* "yes, " and why the address is never listed, or "unknown, "; empty: no */
  char names[DETECTORS_MAX][DETECTOR_MAX + 1];
  struct testimony testimonies[DETECTORS_MAX]; /* weight 0: the detector is not believed */
  size_t count;
};

/* False on an error of the store. */
bool explain_load_store(struct store *s, struct explanation *r);
/* rules: may be NULL. False if the rules are damaged. */
bool explain_load_rules(const struct table *rules, struct explanation *r);
/* False if memory is short. */
bool explain_format(const struct explanation *r, stralloc *out);

#endif
