/* counts.h: how many sessions had each verdict and each sin, and for which of them two sets of
   rules give different verdicts.

   The format functions write whole lines for a person, at most COUNTS_TEXT_MAX bytes, and return
   the length. */
#ifndef SINBIN_SCORE_COUNTS_H
#define SINBIN_SCORE_COUNTS_H

#include "score/score.h"
#include <stdint.h>

#define VERDICTS        (VERDICT_CLEAN + 1)
#define COUNTS_TEXT_MAX 8192

struct counts {
  uint64_t sessions;
  uint64_t unread; /* lines that should be sessions and could not be read */
  uint64_t verdict[VERDICTS];
  uint64_t sin[SIN_COUNT];            /* by row of the weights */
  uint64_t moved[VERDICTS][VERDICTS]; /* [verdict by the old rules][verdict by the new rules] */
};

void counts_add(struct counts *c, const struct judgement *j);
void counts_compare(struct counts *c, const struct judgement *old, const struct judgement *new);

/* All counts that are not zero. */
size_t counts_format(const struct counts *c, char *out);
/* The verdicts that changed. */
size_t counts_format_moved(const struct counts *c, char *out);

#endif
