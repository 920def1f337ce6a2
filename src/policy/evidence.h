/* evidence.h: what one detector has said about one address (IPv4, or IPv6 /64).

   Pure values; the store keeps one for each (key, detector). Times are unix seconds and 0 where
   there was no such session. The order in which reports arrive does not matter but for the sins and
   the best score of sessions of the very same second.

   `first` to `last_clean` are what the detector claims; `received` alone is not.

   A report whose session ended more than FUTURE_MAX seconds ahead of the collector's clock is only
   counted: it moves no time, no count and no listing. */
#ifndef SINBIN_POLICY_EVIDENCE_H
#define SINBIN_POLICY_EVIDENCE_H

#include "policy/hourcounts.h"
#include "report/message.h"

#define FUTURE_MAX 120
#define TAME_AHEAD (24 * 3600)

struct evidence {
  int64_t first, last; /* of all sessions; the time of receipt while there were only future ones */
  int64_t last_bot, last_suspect, last_clean;
  int64_t bots, suspects, cleans, future; /* counts of sessions */
  int64_t received; /* the last report, by the collector's clock; 0: not known */
  int64_t score;    /* the best, which is the worst for the client */
  int64_t quits;    /* sessions that used QUIT */
  int64_t noquits;  /* got the 451 and left without */
  struct hourcounts recent_bots, recent_cleans;
  size_t sins_len;
  char
      sins[SINS_TEXT_MAX]; /* of the last bot session, or of the last session while there is none */
};

/* What a clock that was ahead has left: a time that is more than TAME_AHEAD ahead becomes now, and
   hours that are so far ahead have seen nothing. */
int64_t time_tame(int64_t time, int64_t now);
void evidence_tame(struct evidence *e, int64_t now);

bool evidence_is_future(const struct report *r, int64_t now);
void evidence_add(struct evidence *e, const struct report *r, int64_t now);
struct span evidence_sins(const struct evidence *e);

#endif
