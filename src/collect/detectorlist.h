/* detectorlist.h: the detectors, one line each: those of the registry and those that only the store
   knows, in the order of their names; then what is frozen. sinbin-detector(1) specifies the fields.
 */
#ifndef SINBIN_COLLECT_DETECTORLIST_H
#define SINBIN_COLLECT_DETECTORLIST_H

#include "base/owfat.h"
#include "store/store.h"

/* s: NULL where there is no store yet. False on an error of the store, or without memory
   (*no_memory). The standings are loaded and what is believed is worked out. */
bool detectorlist_format(const struct registry *r, struct store *s, stralloc *out, bool *no_memory);

/* heard, quarantined, learning; unknown for NULL. As of the last registry_update_weights. */
const char *detector_state(const struct registry *r, const struct detector *d);
/* Thousandths as text: "1", "0.25". */
const char *detectorlist_weight_text(char out[8], uint32_t weight);

#endif
