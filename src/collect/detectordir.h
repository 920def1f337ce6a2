/* detectordir.h: reads the directory of detectors (sinbin-collect(8)) into a registry.

   One directory a detector, one value a file. This is one of the parts of this floor that read
   files. What is wrong, and where, comes back in words, for a line of diagnostics; nothing of a key
   is ever in them. */
#ifndef SINBIN_COLLECT_DETECTORDIR_H
#define SINBIN_COLLECT_DETECTORDIR_H

#include "policy/detector.h"

struct diagnosis {
  char text[512];
  bool temporary; /* trying again may help: the system was short of something, or failed */
};

/* What to do about a detector that is wrong in itself. `take` is told what is wrong, and by which
   name the directory holds it, and returns what is to be taken for it, or NULL: it is left out.
   Where it is taken, a quarantine that its directory tells of holds in any case. */
struct fallback {
  const struct detector *(*take)(void *context, const char *name, const struct diagnosis *p);
  void *context;
};

/* Creates and sorts the registry; false, with none, where anything is wrong or there is no
   detector. fallback NULL: a single detector that is wrong is reason enough. */
bool detectordir_read(const char *path, struct registry *r, const struct fallback *fallback,
                      struct diagnosis *p);

/* The file in the same directory that ends a freeze (breaker.h). Returns 1 read, 0 there is none,
   -1 it is wrong. */
#define DETECTORDIR_THAWED ".thawed"
int detectordir_thawed(const char *path, int64_t *when, struct diagnosis *p);

#endif
