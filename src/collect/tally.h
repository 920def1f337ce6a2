/* counters.h: how many sessions there were in the last 24 hours, to the hour.

   One count for each of the 24 clock hours (of UTC) up to the newest one counted; a count stops at
   65,535. A session older than those hours is not counted. All zero is the empty tally. What
   tally_recent calls the last 24 hours is the running hour and the 23 before it.

   As text: the newest hour (unix time / 3600), `:`, and the counts from that hour backwards, joined
   by `,`, without trailing zeros ("490001:2,0,1"); the empty tally is the empty text. tally_parse
   takes nothing else. */
#ifndef SINBIN_COLLECT_TALLY_H
#define SINBIN_COLLECT_TALLY_H

#include "base/span.h"
#include <stdint.h>

#define TALLY_HOURS    24
#define TALLY_TEXT_MAX 200

struct tally {
  int64_t hour;                /* the newest */
  uint16_t count[TALLY_HOURS]; /* count[i] is that of hour - i */
};

void tally_add(struct tally *t, int64_t time);
uint32_t tally_recent(const struct tally *t, int64_t now);

/* Writes at most TALLY_TEXT_MAX bytes, no NUL; returns the length. */
size_t tally_format(const struct tally *t, char *out);
bool tally_parse(struct span text, struct tally *out);

#endif
