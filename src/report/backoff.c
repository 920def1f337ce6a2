#include "report/backoff.h"

#define DOUBLINGS_HEARD  4 /* while others are acknowledged */
#define DOUBLINGS_SILENT 20

struct backoff backoff_make(int64_t first, int64_t longest, int64_t now) {
  return (struct backoff){
      .first = first, .longest = longest, .limit = PACE_START, .heard = now, .cut = now - 1};
}

int64_t backoff_delay(const struct backoff *p, uint32_t attempts, uint32_t random) {
  uint32_t doublings = attempts < DOUBLINGS_HEARD ? attempts : DOUBLINGS_HEARD;
  if (p->silent > doublings) doublings = p->silent;
  int64_t delay = p->first << (doublings < DOUBLINGS_SILENT ? doublings : DOUBLINGS_SILENT);
  if (delay > p->longest) delay = p->longest;
  return delay - delay / 4 + (int64_t)(random % (uint32_t)(delay / 2 + 1));
}

bool backoff_acked(struct backoff *p, int64_t now, uint32_t lines) {
  bool ended = p->silent > 0;
  uint32_t room = PACE_MOST - p->limit;
  p->limit += lines < room ? lines : room;
  p->silent = 0;
  p->heard = now;
  return ended;
}

bool backoff_timed_out(struct backoff *p, int64_t now, int64_t sent) {
  /* What was sent before the last cut belongs to the silence that was counted then. */
  if (p->heard >= sent || sent < p->cut) return false;
  p->silent++;
  p->limit = p->limit < 8 ? 1 : p->limit / 4;
  p->cut = now;
  return true;
}
