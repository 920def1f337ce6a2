/* settings.h: what the operator has configured in files: the directory of detectors
   (detectordir.h) with the order that ends a freeze, and the rules.

   This module reads files. Errors are returned as text that names the file, for a line of
   diagnostics. */
#ifndef SINBIN_COLLECT_SETTINGS_H
#define SINBIN_COLLECT_SETTINGS_H

#include "collect/detectordir.h"
#include "rule/table.h"

/* Where the settings are read from. */
struct settings_paths {
  const char *detectors, *rules;   /* rules: may be NULL */
  const struct fallback *fallback; /* detectordir.h */
};

struct settings {
  struct registry registry;
  struct table rules;
  bool has_rules;
  int64_t thawed;
};

/* False, with nothing left open, on any error. */
bool settings_read(struct settings *s, const struct settings_paths *at, struct diagnosis *p);
/* Read one part each. False if that part has an error; it is then as if it were missing. */
bool settings_detectors(struct settings *s, const struct settings_paths *at, struct diagnosis *p);
bool settings_thawed(struct settings *s, const struct settings_paths *at, struct diagnosis *p);
bool settings_rules(struct settings *s, const struct settings_paths *at, struct diagnosis *p);
void settings_free(struct settings *s);

#endif
