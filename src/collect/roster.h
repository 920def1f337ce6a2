/* roster.h: the detectors, one line each: those of the registry and those that only the store
   knows, in the order of their names; then what is frozen. sinbin-detector(1) specifies the fields.
 */
#ifndef SINBIN_COLLECT_ROSTER_H
#define SINBIN_COLLECT_ROSTER_H

#include "base/owfat.h"
#include "collect/store.h"

/* s: NULL where there is no store yet. False on an error of the store, or without memory
   (*no_memory). The standings are loaded and what is believed is worked out. */
bool roster_tell(const struct registry *r, struct store *s, stralloc *out, bool *no_memory);

/* heard, quarantined, learning; unknown for NULL. As of the last registry_believe. */
const char *detector_state(const struct registry *r, const struct detector *d);
/* Thousandths as text: "1", "0.25". */
const char *weight_text(char out[8], uint32_t weight);

#endif
