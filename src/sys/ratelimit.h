/* ratelimit.h: says when it is time again for a diagnostic that may be due many times a second.

   ratelimit_allow counts one occurrence and is true for the first one and then at most once in `every`
   milliseconds; *count then tells how many occurrences there were since it was last true. */
#ifndef SINBIN_SYS_RATELIMIT_H
#define SINBIN_SYS_RATELIMIT_H

#include <stdbool.h>
#include <stdint.h>

struct ratelimit {
  int64_t next;   /* monotonic milliseconds */
  uint64_t count; /* since the last time it was due */
};

static inline bool ratelimit_allow(struct ratelimit *s, int64_t now, int64_t every,
                                   uint64_t *count) {
  s->count++;
  if (now < s->next) return false;
  s->next = now + every;
  *count = s->count;
  s->count = 0;
  return true;
}

#endif
