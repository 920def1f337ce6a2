/* verdict.h: from the sins of a session to its score and its verdict.

   Within a family the heaviest sin counts whole and every further one half of its own weight,
   rounded down. Good conduct (negative weights) is added afterwards, the strongest of each family,
   and not at all beside a sure sin. The score is kept within -99..999, as the report format wants
   it.

   Verdicts, the first that applies: exempt (a whitelist names the client), scanner (it sent no
   byte, or spoke HTTP or binary), bot (the score reaches the threshold and either a sin is sure, or
   the 451 was sent and two families other than topology each sum to 2 or more), suspect (the score
   reaches that threshold), clean. */
#ifndef SINBIN_SCORE_VERDICT_H
#define SINBIN_SCORE_VERDICT_H

#include "score/hits.h"

#define SCORE_MIN (-99)
#define SCORE_MAX 999

struct tally {
  int sum[FAMILY_COUNT]; /* of the positive weights, halves taken */
  int heaviest[FAMILY_COUNT];
  int credit[FAMILY_COUNT]; /* the strongest negative weight; 0 where there is none */
  bool sure;
  int score;
};

void tally_hits(const struct hits *h, struct tally *out);

/* How many families other than topology sum to 2 or more. */
int tally_witnesses(const struct tally *t);
#define WITNESSES_WANTED 2

struct circumstances {
  bool exempt;
  bool silent; /* no byte came */
  bool got_451;
};

enum verdict verdict_of(const struct hits *h, const struct tally *t, const struct circumstances *c);

#endif
