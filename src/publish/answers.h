/* answers.h: what DNS answers for one row of the collector's store.

   The answers of a row at a given time are a number. It is 0 if the address is not in DNS; otherwise
   it holds the colour and the quit history. Rows with the same number have the same A records.

     colour        black 127.0.0.2 (bl. and all.)  yellow 127.0.0.3 (all.)  brown 127.0.0.4 (all.)
     quit history  quits 127.0.1.1   never quits 127.0.1.2   mixed 127.0.1.3   (all.)

   A row has no answers if

     - its colour is `none`,
     - its `until` has come,
     - its `until` is later than any listing can end: it was written while a clock was ahead, or
     - its address is never published: 0/8 and 224/3, which no peer can have, the test addresses of
       RFC 5782 (127.0.0.1, 127.0.0.2, and ::/64, which holds ::1 too), and an IPv6 address whose
       last 64 bits are not zero, since IPv6 is listed by the /64.

   The other addresses of 127/8 are left to the never-list, so that a trap can be tested on
   loopback. Pure. */
#ifndef SINBIN_PUBLISH_ANSWERS_H
#define SINBIN_PUBLISH_ANSWERS_H

#include "base/addr.h"
#include "policy/policy.h"
#include "store/reader.h"
#include <stdbool.h>
#include <stdint.h>

enum quit_history {
  QUIT_HISTORY_UNKNOWN,
  QUIT_HISTORY_QUITS,
  QUIT_HISTORY_NEVER,
  QUIT_HISTORY_MIXED
};

/* False for an address that is never published. */
bool answers_are_published(const struct addr *ip);
/* The first second at which a row with this `until` can have answers; the last one is until - 1. */
int64_t answers_begin(int64_t until);

/* 0, or what the two functions below take apart. */
uint8_t answers_of(const struct listing_row *l, int64_t now);
enum colour answers_colour(uint8_t answers);
enum quit_history answers_quit_history(uint8_t answers);

#endif
