/* verdict.h: from the sins of a session to its score and its verdict.

   In each family the heaviest sin counts whole, and each other one half of its own weight, rounded
   down. This sum is computed twice: with the sins marked `hint` for the score, and without them for
   the witness. Then the negative weights of good conduct are added to the score, the strongest of
   each family; they are not added if a sin is sure. The score is limited to -99..999, the range of
   the report format.

   The verdict is the first of these that applies:
     exempt   a whitelist names the client
     scanner  no MAIL was accepted, no 451 was sent, and no byte came or the first line was not SMTP
     bot      the score reaches the threshold `bot`, and one of these is true:
                the 451 was sent, and a sin is sure
                the 451 was sent, and two families other than topology have a witness of 2 or more
                the 451 was not sent, a sin is sure, and the first line was SMTP
     suspect  the score reaches the threshold `suspect`
     clean    all others

   If the first line was not SMTP, nothing condemns before the 451: a web server can be made to send
   what a third party wrote. */
#ifndef SINBIN_SCORE_VERDICT_H
#define SINBIN_SCORE_VERDICT_H

#include "score/hits.h"

#define SCORE_MIN            (-99)
#define SCORE_MAX            999
#define VERDICT_FAMILIES_MIN 2 /* families with a witness that a bot without a sure sin has */

struct family_sum {
  int sum, heaviest;
};

struct total {
  struct family_sum counted[FAMILY_COUNT]; /* of the positive weights */
  struct family_sum witness[FAMILY_COUNT]; /* of those that are not hints */
  int credit[FAMILY_COUNT];                /* the strongest negative weight, or 0 */
  bool sure;
  int score;
};

void verdict_total(const struct hits *h, struct total *out);

/* The number of families other than topology that have a witness of 2 or more. */
int verdict_families(const struct total *t);

struct verdict_input {
  bool exempt;
  bool silent; /* no byte came */
  bool got_mail, got_451;
};

enum verdict verdict_of(const struct hits *h, const struct total *t,
                        const struct verdict_input *in);

#endif
