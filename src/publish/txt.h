/* txt.h: short texts for DNS, built in a buffer of the caller.

   A text never overflows: what does not fit is left out and `full` becomes true. Nothing here ends
   the text with a NUL. txt_sins is the only door for words from the store: of them only
   [a-z0-9,-] survives, so no byte that rbldnsd gives a meaning to (`$`, `:`, `#`, `;`, a line end)
   can enter a dataset. Times are unix seconds, shown in UTC and rounded down to ten minutes, so
   that a listing does not tell a bot which of its visits was the one. */
#ifndef SINBIN_PUBLISH_TXT_H
#define SINBIN_PUBLISH_TXT_H

#include "base/span.h"
#include <stdint.h>

struct txt {
  char *at;
  size_t cap, len;
  bool full;
};

void txt_init(struct txt *t, char *at, size_t cap);
/* The whole of it or nothing. */
void txt_add(struct txt *t, struct span s);
void txt_add_str(struct txt *t, const char *s);
void txt_add_number(struct txt *t, uint64_t value);

/* A list of sins, at most `room` bytes, cut between two sins and then ended by "...". */
void txt_sins(struct txt *t, struct span sins, size_t room);

#define TEXT_TIME_LEN 20
/* "2026-11-23 23:20 UTC"; nothing outside the years 1970 to 9999. */
void txt_time(struct txt *t, int64_t unixtime);

/* How many detectors, as a band: 1, 2-4, 5-9, 10+. */
const char *txt_band(uint64_t detectors);

#endif
