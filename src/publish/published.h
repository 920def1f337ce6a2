/* published.h: what has been published where, so that a change is published by writing little.

   The bases' keys with their answers are kept (24 bytes a key), and the hot rows whole. A change is
   one of these:
     the key is in its base with the same answers    only its TXT is old: the base is stale, and is
                                                     written anew within `refresh` seconds
     the key is in its base with other answers       the base is due at once
     the key is in no base                           hot takes it (or drops it, without answers)
   Time alone changes answers, too: a listing ends, and one whose end was too far ahead (listing.h)
   begins to count. A clock that is set back undoes both, and its base is due at once.

   When hot would hold more than hot_max rows, the base with most of them becomes due and takes
   them. An ended listing leaves hot at once, and its base within `sweep` seconds, so that many ends
   are one write. A key is never in hot and in its base.

   Use, within one snapshot of the store: published_expire; published_note for every row changed since the
   last time; then for every base that is published_due: published_base_begin, published_base_add for every row
   of its range in ascending order, published_base_end; then the hot rows in ascending order. A base
   stays due until published_base_end. Pure but for memory: false means there is none, and the board is
   still sound. Times are unix seconds. */
#ifndef SINBIN_PUBLISH_PUBLISHED_H
#define SINBIN_PUBLISH_PUBLISHED_H

#include "publish/rbldnsd.h"

struct published_limits {
  size_t hot_max;
  int64_t sweep, refresh;
};

struct published;

/* Every base is due at first. NULL without memory. */
struct published *published_new(struct published_limits limits);
void published_free(struct published *b);

void published_expire(struct published *b, int64_t now);
bool published_note(struct published *b, const struct listing_row *l, int64_t now);

bool published_due(const struct published *b, unsigned int base);
void published_base_begin(struct published *b, unsigned int base);
/* Skips rows without answers; *answers is what a dataset is to say, 0 for nothing. */
bool published_base_add(struct published *b, unsigned int base, const struct listing_row *l,
                        int64_t now, uint8_t *answers);
void published_base_end(struct published *b, unsigned int base);

size_t published_hot_count(const struct published *b);
const struct listing_row *published_hot(const struct published *b, size_t i, uint8_t *answers);

/* When published_expire will have something to do though nothing changes; INT64_MAX: never. */
int64_t published_next(const struct published *b);
/* And if the clock is set back: before this time. INT64_MIN: never. */
int64_t published_first(const struct published *b);

#endif
