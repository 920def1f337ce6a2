/* settings.h: what the operator wants of a collector, as its files say it now: the directory of
   detectors (detectordir.h), the word that ends a freeze, and the rules.

   This is one of the parts of this floor that read files. What is wrong, and in which file, comes
   back in words, for a line of diagnostics. */
#ifndef SINBIN_COLLECT_SETTINGS_H
#define SINBIN_COLLECT_SETTINGS_H

#include "collect/detectordir.h"
#include "rule/table.h"

/* Where they are. */
struct settings_paths {
  const char *detectors, *rules;   /* rules: a path, or NULL */
  const struct fallback *fallback; /* detectordir.h */
};

struct settings {
  struct registry registry;
  struct table rules;
  bool has_rules;
  int64_t thawed;
};

/* False, with nothing left open, where anything is wrong. */
bool settings_read(struct settings *w, const struct settings_paths *at, struct diagnosis *p);
/* The parts of it; false where that part is wrong, which then is as if it were not there. */
bool settings_detectors(struct settings *w, const struct settings_paths *at, struct diagnosis *p);
bool settings_thawed(struct settings *w, const struct settings_paths *at, struct diagnosis *p);
bool settings_rules(struct settings *w, const struct settings_paths *at, struct diagnosis *p);
void settings_free(struct settings *w);

#endif
