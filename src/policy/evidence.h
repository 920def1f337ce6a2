/* evidence.h: what one detector has reported about one address (IPv4, or IPv6 /64). Pure.

   The store keeps one for each (key, detector). Times are unix seconds, and 0 if there was no such
   session. The order in which reports arrive does not matter, except for the sins and the highest
   score of sessions of the same second.

   `first` to `last_clean` are what the detector reports. Only `received` is the collector's own.

   A report of which the session ended more than FUTURE_MAX seconds ahead of the collector's clock
   is only counted: it changes no time, no other count and no listing. */
#ifndef SINBIN_POLICY_EVIDENCE_H
#define SINBIN_POLICY_EVIDENCE_H

#include "policy/hourcounts.h"
#include "report/message.h"

#define FUTURE_MAX  120
#define CLAMP_AHEAD (24 * 3600)

struct evidence {
  int64_t first, last; /* of all sessions; the time of receipt if all were from the future */
  int64_t last_bot, last_suspect, last_clean;
  int64_t bots, suspects, cleans, future; /* counts of sessions */
  int64_t received; /* the last report, by the collector's clock; 0: not known */
  int64_t score;    /* the highest */
  int64_t quits;    /* sessions that used QUIT */
  int64_t noquits;  /* sessions that got the 451 and left without QUIT */
  struct hourcounts recent_bots, recent_cleans;
  size_t sins_len;
  char sins[SINS_TEXT_MAX]; /* of the last bot session; if there is none, of the last session */
};

/* Corrects what a clock that was ahead has left: a time that is more than CLAMP_AHEAD ahead becomes
   now, and counts of hours that are as far ahead become empty. */
int64_t evidence_clamp_time(int64_t time, int64_t now);
void evidence_clamp(struct evidence *e, int64_t now);

bool evidence_is_future(const struct report *r, int64_t now);
void evidence_add(struct evidence *e, const struct report *r, int64_t now);
struct span evidence_sins(const struct evidence *e);

#endif
