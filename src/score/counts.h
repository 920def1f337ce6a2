/* counts.h: how many sessions had which verdict and which sin; and of two rule sets, which verdicts
   differ. Formatting writes lines for a person, whole ones only, and returns their length. */
#ifndef SINBIN_SCORE_COUNTS_H
#define SINBIN_SCORE_COUNTS_H

#include "score/score.h"
#include <stdint.h>

#define VERDICTS        (VERDICT_CLEAN + 1)
#define COUNTS_TEXT_MAX 8192

struct counts {
  uint64_t sessions;
  uint64_t unread; /* lines that ought to be sessions and could not be read */
  uint64_t verdict[VERDICTS];
  uint64_t sin[SIN_COUNT];            /* by row of the weights */
  uint64_t moved[VERDICTS][VERDICTS]; /* from the old rules' verdict to the new one's */
};

void counts_add(struct counts *c, const struct judgement *j);
void counts_compare(struct counts *c, const struct judgement *old, const struct judgement *new);

/* Both write at most COUNTS_TEXT_MAX bytes: all counts that are not zero; the verdicts that moved.
 */
size_t counts_format(const struct counts *c, char *out);
size_t counts_format_moved(const struct counts *c, char *out);

#endif
