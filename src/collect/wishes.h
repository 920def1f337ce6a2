/* wishes.h: what the operator wants of a collector, as its files say it now: the directory of
   detectors (detectordir.h), the word that ends a freeze, and the rules.

   This is one of the parts of this floor that read files. What is wrong, and in which file, comes
   back in words, for a line of diagnostics. */
#ifndef SINBIN_COLLECT_WISHES_H
#define SINBIN_COLLECT_WISHES_H

#include "collect/detectordir.h"
#include "rule/table.h"

/* Where they are. */
struct wishes_at {
  const char *detectors, *rules;   /* rules: a path, or NULL */
  const struct stand_in *stand_in; /* detectordir.h */
};

struct wishes {
  struct registry registry;
  struct table rules;
  bool has_rules;
  int64_t thawed;
};

/* False, with nothing left open, where anything is wrong. */
bool wishes_read(struct wishes *w, const struct wishes_at *at, struct problem *p);
/* The parts of it; false where that part is wrong, which then is as if it were not there. */
bool wishes_detectors(struct wishes *w, const struct wishes_at *at, struct problem *p);
bool wishes_thawed(struct wishes *w, const struct wishes_at *at, struct problem *p);
bool wishes_rules(struct wishes *w, const struct wishes_at *at, struct problem *p);
void wishes_free(struct wishes *w);

#endif
