/* counters.h: how many sessions there were in the last 24 hours, to the hour.

   One count for each of the 24 clock hours (of UTC) up to the newest one counted; a count stops at
   65,535. A session older than those hours is not counted. All zero is the empty tally. What
   hourcounts_recent calls the last 24 hours is the running hour and the 23 before it.

   As text: the newest hour (unix time / 3600), `:`, and the counts from that hour backwards, joined
   by `,`, without trailing zeros ("490001:2,0,1"); the empty tally is the empty text. hourcounts_parse
   takes nothing else. */
#ifndef SINBIN_POLICY_HOURCOUNTS_H
#define SINBIN_POLICY_HOURCOUNTS_H

#include "base/span.h"
#include <stdint.h>

#define TALLY_HOURS         24
#define HOURCOUNTS_TEXT_MAX 200

struct hourcounts {
  int64_t hour;                /* the newest */
  uint16_t count[TALLY_HOURS]; /* count[i] is that of hour - i */
};

void hourcounts_add(struct hourcounts *t, int64_t time);
uint32_t hourcounts_recent(const struct hourcounts *t, int64_t now);

/* Writes at most HOURCOUNTS_TEXT_MAX bytes, no NUL; returns the length. */
size_t hourcounts_format(const struct hourcounts *t, char *out);
bool hourcounts_parse(struct span text, struct hourcounts *out);

#endif
