/* families.h: the families of sins, one file each; every function looks at a session from one side
   and fires what it sees.

   Pure functions of the line and the rules (both inside subject and hits). The definitions and the
   cases that must not fire are those of the catalogue; each check names its sin. A fact that the
   line lacks is no fact: nothing is concluded from it. A table that does not exist switches its
   checks off. */
#ifndef SINBIN_SCORE_FAMILIES_H
#define SINBIN_SCORE_FAMILIES_H

#include "score/hits.h"
#include "score/parsedline.h"

void topology_sins(const struct parsedline *s, struct hits *h);
void timing_sins(const struct parsedline *s, struct hits *h);
void wire_sins(const struct parsedline *s, struct hits *h);
void helo_sins(const struct parsedline *s, struct hits *h);      /* what the name claims */
void heloshape_sins(const struct parsedline *s, struct hits *h); /* how the name is formed */
void envelope_sins(const struct parsedline *s, struct hits *h);
void source_sins(const struct parsedline *s, struct hits *h);
void ending_sins(const struct parsedline *s, struct hits *h);

/* True where a whitelist names the client; *why says which entry. */
bool source_is_exempt(const struct parsedline *s, struct hits *h, struct reason *why);

#endif
