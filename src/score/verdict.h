/* verdict.h: from the sins of a session to its score and its verdict.

   Within a family the heaviest sin counts whole and every further one half of its own weight,
   rounded down. This sum is computed twice: for the score with the hints, for the witness without
   them. Good conduct (negative weights) is added to the score afterwards, the strongest of each
   family, and not at all beside a sure sin. The score is kept within -99..999, as the report format
   wants it.

   Verdicts, the first that applies:
     exempt   a whitelist names the client
     scanner  no MAIL was accepted, no 451 was sent, and no byte came or the first line was no SMTP
     bot      the score reaches the threshold, and either a sin is sure, or the 451 was sent and two
              families other than topology each have witnesses with a sum of 2 or more; but if the
              first line was no SMTP, nothing condemns before the 451: a web server can be made to
              send what a third party wrote
     suspect  the score reaches that threshold
     clean    all others */
#ifndef SINBIN_SCORE_VERDICT_H
#define SINBIN_SCORE_VERDICT_H

#include "score/hits.h"

#define SCORE_MIN (-99)
#define SCORE_MAX 999

struct family_sum {
  int sum, heaviest;
};

struct total {
  struct family_sum counted[FAMILY_COUNT]; /* of the positive weights */
  struct family_sum witness[FAMILY_COUNT]; /* of those that are no hints */
  int credit[FAMILY_COUNT]; /* the strongest negative weight; 0 where there is none */
  bool sure;
  int score;
};

void verdict_total(const struct hits *h, struct total *out);

/* How many families other than topology have witnesses that sum to 2 or more. */
int verdict_families(const struct total *t);
#define WITNESSES_WANTED 2

struct verdict_input {
  bool exempt;
  bool silent; /* no byte came */
  bool got_mail, got_451;
};

enum verdict verdict_of(const struct hits *h, const struct total *t, const struct verdict_input *c);

#endif
