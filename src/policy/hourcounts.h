/* hourcounts.h: how many sessions there were in the last 24 hours, to the hour. Pure.

   One count for each of the 24 clock hours (UTC) up to the newest hour that was counted. A count
   stops at 65,535. A session older than these hours is not counted. All zero is empty. The last 24
   hours of hourcounts_recent are the current hour and the 23 before it.

   As text: the newest hour (unix time / 3600), `:`, and the counts from that hour backwards,
   separated by `,`, without zeros at the end ("490001:2,0,1"). Empty counts are the empty text.
   hourcounts_parse accepts no other form. */
#ifndef SINBIN_POLICY_HOURCOUNTS_H
#define SINBIN_POLICY_HOURCOUNTS_H

#include "base/span.h"
#include <stdint.h>

#define HOURCOUNTS_HOURS    24
#define HOURCOUNTS_TEXT_MAX 200

struct hourcounts {
  int64_t hour;                     /* the newest */
  uint16_t count[HOURCOUNTS_HOURS]; /* count[i] is that of hour - i */
};

void hourcounts_add(struct hourcounts *h, int64_t time); /* not negative */
uint32_t hourcounts_recent(const struct hourcounts *h, int64_t now);

/* Writes at most HOURCOUNTS_TEXT_MAX bytes, no NUL; returns the length. */
size_t hourcounts_format(const struct hourcounts *h, char *out);
bool hourcounts_parse(struct span text, struct hourcounts *out);

#endif
