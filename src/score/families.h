/* families.h: the checks for all sins.

   Each function looks at one side of a session and fires the sins that it finds. sinbin-sins(5)
   defines the sins, and names the cases that must not fire. The functions are pure: they read the
   line and the rules, through the parsed line and the hits. Nothing is concluded from a fact that
   the line does not have. If a table does not exist, the checks that need it are off. */
#ifndef SINBIN_SCORE_FAMILIES_H
#define SINBIN_SCORE_FAMILIES_H

#include "score/hits.h"
#include "score/parsedline.h"

void conduct_sins(const struct parsedline *s, struct hits *h); /* timing, wire, ending */
void helo_sins(const struct parsedline *s, struct hits *h);
void envelope_sins(const struct parsedline *s, struct hits *h);
void source_sins(const struct parsedline *s, struct hits *h); /* topology, source */

/* True if a whitelist names the client; *why is the entry. */
bool source_is_exempt(const struct parsedline *s, struct hits *h, struct reason *why);

#endif
