/* ratelimit.h: limits how often a message is logged that may be due many times a second.

   ratelimit_allow counts one occurrence. It is true for the first, and then at most once every
   `every` milliseconds; *count is then the number of occurrences since it was last true.
   ratelimit_is_due says whether it would be true, and counts nothing. */
#ifndef SINBIN_SYS_RATELIMIT_H
#define SINBIN_SYS_RATELIMIT_H

#include <stdbool.h>
#include <stdint.h>

struct ratelimit {
  int64_t next;   /* monotonic milliseconds */
  uint64_t count; /* since it was last true */
};

static inline bool ratelimit_is_due(const struct ratelimit *s, int64_t now) {
  return now >= s->next;
}

static inline bool ratelimit_allow(struct ratelimit *s, int64_t now, int64_t every,
                                   uint64_t *count) {
  s->count++;
  if (!ratelimit_is_due(s, now)) return false;
  s->next = now + every;
  *count = s->count;
  s->count = 0;
  return true;
}

#endif
