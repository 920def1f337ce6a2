/* detectordir.h: reads the directory of detectors (sinbin-collect(8)) into a registry.

   Each detector is a directory, with one value in each file. This module reads files. Errors
   are returned as text that names the file, for a line of diagnostics; no byte of a key is ever
   in it. */
#ifndef SINBIN_COLLECT_DETECTORDIR_H
#define SINBIN_COLLECT_DETECTORDIR_H

#include "policy/detector.h"

struct diagnosis {
  char text[512];
  bool temporary; /* trying again may help: a resource was short, or the system failed */
};

/* What to do about a detector with an error in its directory. `replace` gets the name of that
   directory and the error, and returns the detector to use instead, or NULL to leave it out. If
   the directory has a file quarantine, the replacement is in quarantine, too. */
struct fallback {
  const struct detector *(*replace)(void *context, const char *name, const struct diagnosis *p);
  void *context;
};

/* Creates and sorts the registry. False, with no registry created, on any error or if there is no
   detector. fallback NULL: an error in one detector is an error of the whole. */
bool detectordir_read(const char *path, struct registry *r, const struct fallback *fallback,
                      struct diagnosis *p);

/* Reads the file in the same directory that ends a freeze (breaker.h). Returns 1: read; 0: there is
   no such file; -1: it cannot be read, or is malformed. */
#define DETECTORDIR_THAWED ".thawed"
int detectordir_thawed(const char *path, int64_t *when, struct diagnosis *p);

#endif
