/* detectordir.h: reads the directory of detectors (sinbin-collect(8)) into a registry.

   One directory a detector, one value a file. This is one of the parts of this floor that read
   files. What is wrong, and where, comes back in words, for a line of diagnostics; nothing of a key
   is ever in them. */
#ifndef SINBIN_COLLECT_DETECTORDIR_H
#define SINBIN_COLLECT_DETECTORDIR_H

#include "collect/detector.h"

struct problem {
  char text[512];
};

/* Creates and sorts the registry; false, with none, where anything is wrong or there is no
   detector. */
bool detectordir_read(const char *path, struct registry *r, struct problem *p);

/* The file in the same directory that ends a freeze (breaker.h). Returns 1 read, 0 there is none,
   -1 it is wrong. */
#define DETECTORDIR_THAWED ".thawed"
int detectordir_thawed(const char *path, int64_t *when, struct problem *p);

#endif
