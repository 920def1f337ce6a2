/* wishes.h: what the operator wants of a collector, as its files say it now: the directory of
   detectors (detectordir.h), the word that ends a freeze, and the rules.

   This is one of the parts of this floor that read files. What is wrong, and in which file, comes
   back in words, for a line of diagnostics. */
#ifndef SINBIN_COLLECT_WISHES_H
#define SINBIN_COLLECT_WISHES_H

#include "collect/detectordir.h"
#include "rule/table.h"

struct wishes {
  struct registry registry;
  struct table rules; /* not set where there is no path of rules */
  int64_t thawed;
};

/* rules: a path, or NULL. False, with nothing left open, where anything is wrong. */
bool wishes_read(struct wishes *w, const char *detectors, const char *rules, struct problem *p);
void wishes_free(struct wishes *w, bool rules);

#endif
