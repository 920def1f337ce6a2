/* backoff.h: how often, and how much at once, a reporter sends to a collector that may be slow, far or
   dead. Pure: the clock (monotonic milliseconds) and the randomness are given.

   A line that is not acknowledged is sent again after `first`, then after twice as long each time:
   up to 16 times `first` while others are acknowledged, up to `longest` while none is. Each delay
   is moved at random by up to a quarter either way, so that many reporters do not beat as one.

   So many lines may be under way: 64 at first, one more for each acknowledged, up to 512. When
   lines time out and nothing at all was acknowledged since they were sent, nobody is there: a
   quarter of it is left, at least one line, and all delays double. So a dead collector is asked one
   datagram at a time, ever more seldom; one that comes back is sent the rest no faster than it
   answers. Single losses among answers change the delay of the lost line only. */
#ifndef SINBIN_REPORT_BACKOFF_H
#define SINBIN_REPORT_BACKOFF_H

#include <stdbool.h>
#include <stdint.h>

#define PACE_START 64
#define PACE_MOST  512

struct backoff {
  int64_t first, longest; /* milliseconds, from 1; up to an hour */
  uint32_t limit;         /* lines that may be under way; a datagram that began below it is full */
  uint32_t silent;        /* how often in a row nobody was there */
  int64_t heard, cut;     /* when lines were last acknowledged; when limit was last cut */
};

struct backoff backoff_make(int64_t first, int64_t longest, int64_t now);

/* How long to wait for the answer to a line that has been sent `attempts` times before. */
int64_t backoff_delay(const struct backoff *p, uint32_t attempts, uint32_t random);

/* `lines` were acknowledged. True where that ended a silence: then earlier attempts say nothing
   about the lines that wait. */
bool backoff_acked(struct backoff *p, int64_t now, uint32_t lines);

/* Lines timed out; the last of them was sent at `sent`. True where that makes it a silence anew. */
bool backoff_timed_out(struct backoff *p, int64_t now, int64_t sent);

#endif
