/* detectorlist.h: one line for each detector of the registry or of the store, sorted by name, then
   one line for each freeze. sinbin-detector(1) specifies the fields. */
#ifndef SINBIN_COLLECT_DETECTORLIST_H
#define SINBIN_COLLECT_DETECTORLIST_H

#include "base/owfat.h"
#include "store/store.h"

/* s: NULL if there is no store. The caller has loaded the state of all detectors and called
   registry_update_weights. False on an error of the store, or if memory is short (*no_memory). */
bool detectorlist_format(const struct registry *r, struct store *s, stralloc *out, bool *no_memory);

/* "heard", "quarantined" or "learning", as of the last registry_update_weights; d NULL:
   "unknown". */
const char *detectorlist_state(const struct registry *r, const struct detector *d);
/* Thousandths as text: "1", "0.25". */
const char *detectorlist_weight_text(char out[8], uint32_t weight);

#endif
