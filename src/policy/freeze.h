/* freeze.h: what is frozen (breaker.h) as text: "all", a network as network_format writes it, or
   "detector:" and a name. Pure. */
#ifndef SINBIN_POLICY_FREEZE_H
#define SINBIN_POLICY_FREEZE_H

#include "policy/breaker.h"
#include "policy/detector.h"

#define FREEZE_TEXT            64 /* with the NUL */
#define FREEZE_ALL_NAME        "all"
#define FREEZE_DETECTOR_PREFIX "detector:"

/* The number of a detector is its index in the registry. */
void freeze_format(const struct registry *r, const struct freeze *f, char text[FREEZE_TEXT]);
/* False if the text is none of these, or there is no such detector. */
bool freeze_parse(const struct registry *r, struct span text, struct freeze *out);

#endif
