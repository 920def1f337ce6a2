/* published.h: the state of the listings: what is published now, in which partition (partition.h),
   and which partitions a change makes due, that is, to be written again.

   Kept are the keys of the base partitions with their answers (basekeys.h), and the rows of the hot
   partitions whole (hotrows.h). published_note takes each row that has changed:

     its base holds the key, with the same answers    only the TXT is old: the base becomes stale, and
                                                      is due after `refresh` seconds
     its base holds the key, with other answers       the base is due now
     its base does not hold the key                   it becomes a hot row, or if it has no answers
                                                      is removed from the hot rows

   Answers also change with time alone. A listing ends: it leaves the hot rows at once, and its base
   within `linger` seconds, so that many ends are written together. A listing whose end was too far
   ahead (answers.h) begins to count. If the clock is set back, both are undone, and the base is due
   now.

   If a row would become hot, and there are hot_max hot rows already, the base with most of them
   becomes due, and takes them.

   How to use it, within one snapshot of the store:

     published_expire
     published_note for every row that has changed since the last snapshot
     for every base that published_is_due: published_base_begin, then published_base_add for every row
       of its range in ascending order, then published_base_end
     for every hot row: published_hot

   A base is due until published_base_end. Pure but for memory: false means that there is none, and
   the state stays consistent. Times are unix seconds. */
#ifndef SINBIN_PUBLISH_PUBLISHED_H
#define SINBIN_PUBLISH_PUBLISHED_H

#include "publish/answers.h"
#include "publish/partition.h"

struct published_limits {
  size_t hot_max;
  int64_t linger, refresh;
};

struct published;

/* At first every base is due. NULL: no memory. */
struct published *published_new(struct published_limits limits);
void published_free(struct published *p);

void published_expire(struct published *p, int64_t now);
bool published_note(struct published *p, const struct listing_row *l, int64_t now);

bool published_is_due(const struct published *p, unsigned int base);
void published_base_begin(struct published *p, unsigned int base);
/* *answers is what to publish of the row; if it is 0, nothing. */
bool published_base_add(struct published *p, unsigned int base, const struct listing_row *l,
                        int64_t now, uint8_t *answers);
void published_base_end(struct published *p, unsigned int base);

/* The hot rows, of both families, in ascending order. */
size_t published_hot_count(const struct published *p);
const struct listing_row *published_hot(const struct published *p, size_t i, uint8_t *answers);

/* As long as no row changes, published_expire has nothing to do at a time t if valid_from <= t and
   t < valid_until. INT64_MIN and INT64_MAX: no limit. */
int64_t published_valid_from(const struct published *p);
int64_t published_valid_until(const struct published *p);

#endif
