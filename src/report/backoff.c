#include "report/backoff.h"

#define DOUBLINGS_ANSWERED 4 /* while other lines are acknowledged */
#define DOUBLINGS_SILENT   20

struct backoff backoff_make(int64_t first, int64_t longest, int64_t now) {
  return (struct backoff){.first = first,
                          .longest = longest,
                          .limit = BACKOFF_START,
                          .last_acked = now,
                          .last_cut = now - 1};
}

int64_t backoff_delay(const struct backoff *b, uint32_t attempts, uint32_t random) {
  uint32_t doublings = attempts < DOUBLINGS_ANSWERED ? attempts : DOUBLINGS_ANSWERED;
  if (b->silences > doublings) doublings = b->silences;
  int64_t delay = b->first << (doublings < DOUBLINGS_SILENT ? doublings : DOUBLINGS_SILENT);
  if (delay > b->longest) delay = b->longest;
  return delay - delay / 4 + (int64_t)(random % (uint32_t)(delay / 2 + 1));
}

bool backoff_acked(struct backoff *b, int64_t now, uint32_t lines) {
  bool ended = b->silences > 0;
  uint32_t room = BACKOFF_MAX - b->limit;
  b->limit += lines < room ? lines : room;
  b->silences = 0;
  b->last_acked = now;
  return ended;
}

bool backoff_timed_out(struct backoff *b, int64_t now, int64_t sent) {
  /* Lines sent before the last cut belong to a silence that has been counted. */
  if (b->last_acked >= sent || sent < b->last_cut) return false;
  b->silences++;
  b->limit = b->limit < 8 ? 1 : b->limit / 4;
  b->last_cut = now;
  return true;
}
