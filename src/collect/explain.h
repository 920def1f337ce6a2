/* explain.h: why an address is listed, or is not, in words. Pure; the caller has looked up all that
   bears on it.

   Lines of text, each a word and then key=value fields or a sentence; sinbin-detector(1) specifies
   them. Evidence is added one detector at a time, at most DETECTORS_MAX; what a peer said is in it
   only as numbers, sins that were checked, and names of detectors. */
#ifndef SINBIN_COLLECT_EXPLAIN_H
#define SINBIN_COLLECT_EXPLAIN_H

#include "base/owfat.h"
#include "policy/detector.h"
#include "policy/freeze.h"
#include "policy/policy.h"

#define REASONS_FREEZES 16

struct explanation {
  const struct registry *registry; /* believed as of now */
  struct addr ip;
  int64_t now;
  struct listing listing; /* exists false: there is none */
  struct reasons_freeze {
    char what[FREEZE_TEXT]; /* freeze.h */
    int64_t since;
  } freezes[REASONS_FREEZES]; /* that bear on the address */
  size_t freeze_count;
  char never[300]; /* whether it is never listed, and why; empty: no */
  char names[DETECTORS_MAX][DETECTOR_MAX + 1];
  struct testimony witnesses[DETECTORS_MAX]; /* of weight 0: it is not believed */
  size_t count;
};

void explain_add(struct explanation *r, struct span detector, const struct evidence *e);
/* False without memory. */
bool explain_format(const struct explanation *r, stralloc *out);

#endif
