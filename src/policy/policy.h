/* policy.h: when an address is listed, in which colour, and until when. Pure: the clock, unix
   seconds, is a parameter.

   Only a report of a detector of weight above 0 has an effect, and only if it is not from the
   future. A bot report lists its address if

     (a) its detector has weight 1, or
     (b) the sum over all groups of the group's largest weight x 2^(-age / 12 h) is at least 1, and
         at least two groups contribute. The age is that of a detector's last bot session, counted
         back from the newest one: a report that is delivered late weighs as much as a prompt one.

   A listing runs 24 h from the end of the session. Each relisting doubles this, up to 8 d. A bot
   report that lists the address during a listing is not a relisting: the end moves to the end of
   the session plus the listing's own length. If the session ended before a first listing began, by
   less than its length, the beginning moves: reports may come in any order. If a listing would be
   over already, nothing changes.

   While additions are frozen (breaker.h), no listing begins. One that runs can still be extended.

   If evidence is removed, policy_recompute ends or shortens the listings that were based on it.

   The colours:

     black    the address is listed
     yellow   it is listed, but clean sessions clear it (policy_clearing)
     brown    it is not listed, but a suspect or bot session ended less than 24 h before the last
              session
     none     clean sessions only

   Brown and none end 24 h after the last session.

   How clean sessions of the last 24 h (hourcounts.h) clear an address: N is the number of bot
   sessions of that time, at least 3. Each bot session counts by its detector's weight, and of each
   group only the largest number counts. A detector with n clean sessions contributes its weight,
   or n / N of it if n is less than N. Of each group only the largest contribution counts. The
   address is cleared if the sum is at least 1. So one detector of weight 1 can clear an address
   alone, and no other detector can, however many sessions it reports. */
#ifndef SINBIN_POLICY_POLICY_H
#define SINBIN_POLICY_POLICY_H

#include "policy/evidence.h"

#define WEIGHT_ONE  1000 /* weights are in thousandths */
#define HALF_LIFE   (12 * 3600)
#define LISTING_TTL (24 * 3600)
#define LISTING_MAX (8 * 24 * 3600)
#define CLEANS_MIN  3
/* How far ahead an end may be: the session may be FUTURE_MAX ahead of the clock. */
#define LISTING_LONGEST  (LISTING_MAX + FUTURE_MAX)
#define LISTING_SINS_MAX 1024

enum colour { COLOUR_NONE, COLOUR_BROWN, COLOUR_YELLOW, COLOUR_BLACK };

struct listing {
  bool exists; /* false: nothing was decided about this key yet */
  enum colour colour;
  int64_t since, until; /* `until` is the first second at which it is over */
  int64_t times;        /* listings so far, black or yellow */
  int64_t last;         /* the end of the last session */
  int64_t detectors;    /* that reported bot (black, yellow), or anything (other colours) */
  int64_t quits, noquits;
  size_t sins_len;
  char sins[LISTING_SINS_MAX]; /* of all of them, each once; only whole names */
};

/* One detector's evidence about the key, with the detector's weight and group. */
struct testimony {
  struct evidence evidence;
  uint32_t weight;
  struct span group;
};

struct policy_case {
  const struct testimony *testimonies; /* their evidence includes the new report */
  size_t count;
  const struct report *report;
  uint32_t weight; /* of the detector that reported */
  int64_t now;
  bool frozen;
};

/* Decides after a report. True if *l has changed. */
bool policy_decide(const struct policy_case *c, struct listing *l);

/* Decides after evidence was removed, from the evidence that is left. Does not use the report and
   the weight. A listing that runs goes on if the rules would have listed the address at the last
   bot session of one of the testimonies; it then ends at the time that follows from that session,
   or earlier. Otherwise it ends now, or becomes brown. False if there is no listing. */
bool policy_recompute(const struct policy_case *c, struct listing *l);

/* False if a listing ends later than a listing can: a clock that was ahead made it. It counts
   nowhere, until the next report about the address or the next purge gives it an end. Any program
   that reads listings must check this first. */
bool policy_listing_is_plausible(int64_t until, int64_t now);
bool policy_listing_runs(const struct listing *l, int64_t now); /* black or yellow, and plausible */

/* The sum of rule (b), and the number of groups that contribute to it. */
double policy_sum(const struct testimony *testimonies, size_t count, size_t *groups);
/* What testimony i contributes to that sum if it is the largest of its group. *newest: the time of
   the newest bot session, from which its age is counted. */
double policy_contribution(const struct testimony *testimonies, size_t count, size_t i,
                           int64_t *newest);
bool policy_suffices(double sum, size_t groups);

/* Whether clean sessions clear the address at that time. */
struct clearing {
  double bots;   /* bot sessions, weighted */
  double wanted; /* the clean sessions that are needed: N */
  double sum;    /* must be at least 1 */
  bool suffices;
};
struct clearing policy_clearing(const struct testimony *testimonies, size_t count, int64_t now);

const char *colour_name(enum colour colour);
bool colour_parse(struct span name, enum colour *out);

#endif
