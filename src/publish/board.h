/* board.h: what has been published where, so that a change is published by writing little.

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

   Use, within one snapshot of the store: board_expire; board_see for every row changed since the
   last time; then for every base that is board_due: board_base_begin, board_base_add for every row
   of its range in ascending order, board_base_end; then the hot rows in ascending order. A base
   stays due until board_base_end. Pure but for memory: false means there is none, and the board is
   still sound. Times are unix seconds. */
#ifndef SINBIN_PUBLISH_BOARD_H
#define SINBIN_PUBLISH_BOARD_H

#include "publish/rbldnsd.h"

struct board_limits {
  size_t hot_max;
  int64_t sweep, refresh;
};

struct board;

/* Every base is due at first. NULL without memory. */
struct board *board_new(struct board_limits limits);
void board_free(struct board *b);

void board_expire(struct board *b, int64_t now);
bool board_see(struct board *b, const struct listed *l, int64_t now);

bool board_due(const struct board *b, unsigned int base);
void board_base_begin(struct board *b, unsigned int base);
/* Skips rows without answers; *answers is what a dataset is to say, 0 for nothing. */
bool board_base_add(struct board *b, unsigned int base, const struct listed *l, int64_t now,
                    uint8_t *answers);
void board_base_end(struct board *b, unsigned int base);

size_t board_hot_count(const struct board *b);
const struct listed *board_hot(const struct board *b, size_t i, uint8_t *answers);

/* When board_expire will have something to do though nothing changes; INT64_MAX: never. */
int64_t board_next(const struct board *b);
/* And if the clock is set back: before this time. INT64_MIN: never. */
int64_t board_first(const struct board *b);

#endif
