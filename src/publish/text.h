/* text.h: short texts for DNS, built in a buffer of the caller.

   A text never overflows: what does not fit is left out and `full` becomes true. Nothing here ends
   the text with a NUL. text_sins is the only door for words from the store: of them only
   [a-z0-9,-] survives, so no byte that rbldnsd gives a meaning to (`$`, `:`, `#`, `;`, a line end)
   can enter a dataset. Times are unix seconds, shown in UTC and rounded down to ten minutes, so
   that a listing does not tell a bot which of its visits was the one. */
#ifndef SINBIN_PUBLISH_TEXT_H
#define SINBIN_PUBLISH_TEXT_H

#include "base/span.h"
#include <stdint.h>

struct text {
  char *at;
  size_t cap, len;
  bool full;
};

void text_init(struct text *t, char *at, size_t cap);
/* The whole of it or nothing. */
void text_add(struct text *t, struct span s);
void text_add_str(struct text *t, const char *s);
void text_add_number(struct text *t, uint64_t value);

/* A list of sins, at most `room` bytes, cut between two sins and then ended by "...". */
void text_sins(struct text *t, struct span sins, size_t room);

#define TEXT_TIME_LEN 20
/* "2026-11-23 23:20 UTC"; nothing outside the years 1970 to 9999. */
void text_time(struct text *t, int64_t unixtime);

/* How many detectors, as a band: 1, 2-4, 5-9, 10+. */
const char *text_band(uint64_t detectors);

#endif
