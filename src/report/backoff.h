/* backoff.h: how often, and how much at once, a reporter sends to a collector that may be slow, far
   or down. Pure: the clock (monotonic milliseconds) and the randomness are parameters.

   Delay. A line that is not acknowledged is sent again after `first`, and then each time after
   twice as long: up to 16 times `first` while other lines are acknowledged, up to `longest` while
   no line is. A random part of up to a quarter is added to or subtracted from each delay, so that
   many reporters do not send in step.

   Limit. At most `limit` lines may be in flight: 64 at first, one more for each acknowledged line,
   up to 512. In a silence lines time out, and nothing at all was acknowledged since they were
   sent: this cuts the limit to a quarter, but not below one line, and doubles all delays. A
   collector that is down is thus asked with one datagram at a time, less and less often. One that
   comes back is sent the backlog no faster than it answers. A single lost answer changes the delay
   of its own lines only. */
#ifndef SINBIN_REPORT_BACKOFF_H
#define SINBIN_REPORT_BACKOFF_H

#include <stdbool.h>
#include <stdint.h>

#define BACKOFF_START 64
#define BACKOFF_MAX   512

struct backoff {
  int64_t first, longest; /* milliseconds, from 1; up to an hour */
  uint32_t limit;         /* lines in flight; the last datagram is filled even beyond it */
  uint32_t silences;      /* in a row */
  int64_t last_acked;     /* when lines were last acknowledged */
  int64_t last_cut;       /* when limit was last cut */
};

struct backoff backoff_make(int64_t first, int64_t longest, int64_t now);

/* How long to wait for the answer to a line that has been sent `attempts` times before. */
int64_t backoff_delay(const struct backoff *b, uint32_t attempts, uint32_t random);

/* `lines` were acknowledged. True if that ended a silence: the caller then forgets the attempts
   made during it, which would only delay the lines that wait. */
bool backoff_acked(struct backoff *b, int64_t now, uint32_t lines);

/* Lines timed out; the last of them was sent at `sent`. True if that is a silence that was not
   counted yet. */
bool backoff_timed_out(struct backoff *b, int64_t now, int64_t sent);

#endif
