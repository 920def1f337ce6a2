/* breaker.h: stops additions to the list where it grows faster than a list of bots does. Pure: the
   clock, unix seconds, is a parameter.

   Counted are listings, black or yellow, that run. An addition is one that begins; an ending, one
   whose time is over. Where the last hour has seen more additions than endings by the greater of
   `percent` of the listings that ran before and `least`, nothing is added for an hour: then none of
   the additions that did it is in the hour any more. What is refused is not remembered here: the
   next report about it asks anew. Time is counted in whole minutes; a clock that goes back is
   waited for, but never for longer than the hour.

   breaker_count makes the state from what a store knows of its listings, so that a new start is no
   way around it. Endings up to BREAKER_MINUTES ahead are kept apart; later ones count as that. */
#ifndef SINBIN_COLLECT_BREAKER_H
#define SINBIN_COLLECT_BREAKER_H

#include <stdbool.h>
#include <stdint.h>

#define BREAKER_SPAN    3600
#define BREAKER_HOUR    60            /* minutes */
#define BREAKER_MINUTES (9 * 24 * 60) /* more than the longest listing */
#define BREAKER_SLOTS   (BREAKER_MINUTES + BREAKER_HOUR + 1)

struct breaker {
  int64_t least, percent;        /* least 0: it never trips */
  int64_t minute;                /* of the last call */
  int64_t running, added, ended; /* listings now; in the hour */
  int64_t frozen_at;             /* 0: it is not */
  uint64_t refused;              /* since then */
  uint32_t additions[BREAKER_HOUR];
  uint32_t endings[BREAKER_SLOTS]; /* by minute, past hour and future */
};

/* Forgets the listings; limits and freeze stay. */
void breaker_clear(struct breaker *b, int64_t now);
/* A listing that ran before `now`: since and until as the store has them. */
void breaker_count(struct breaker *b, int64_t since, int64_t until);

/* A listing wants to begin: true, and it is counted, or false: it must not. */
bool breaker_admit(struct breaker *b, int64_t until, int64_t now);
/* The end of a listing that runs has moved. */
void breaker_move(struct breaker *b, int64_t from, int64_t to, int64_t now);

/* How many more than ended may be added in an hour, at this size of the list. */
int64_t breaker_limit(const struct breaker *b);
bool breaker_is_frozen(struct breaker *b, int64_t now);
/* The operator's word that what was added up to `when` is right: it is counted no more, and a
   freeze that began by then is over. One that is ahead of the clock is none. */
void breaker_thaw(struct breaker *b, int64_t when, int64_t now);

#endif
