/* policy.h: when an address is listed, as what and until when. Pure: the clock is a parameter.

   Only a report of a detector of weight above 0, and not from the future, decides anything.
   A *bot* report lists its address when (a) its detector has weight 1, or (b) the sum over groups
   of each group's largest weight x 2^(-age / 12 h) is at least 1, from at least two groups. Age is
   that of a detector's last bot session, counted back from the newest one, so that a late delivery
   weighs what a prompt one would. A listing runs 24 h from the session's end, doubled at each
   relisting up to 8 d. A bot report that lists during a listing moves its end to the session's end
   plus the listing's own length and is no relisting. One that ended before a first listing
   began, by less than its length, moves its beginning: reports may come in any order. A listing
   that would have ended already is none: it changes nothing.

   While additions are frozen (breaker.h) no listing begins; one that runs moves on as ever.

   Evidence that is taken away again takes with it what rested on it: policy_recompute.

   Colours: black; yellow in its stead where clean sessions of the last 24 h (counters.h) speak against
   it, three or more and no fewer than bot sessions, by those who would be believed if they spoke
   for it: bot sessions count by their detector's weight, and of each group the largest number;
   wanted are as many clean sessions, and three at least; a detector that has seen so many brings
   its weight, one that has seen fewer that part of it; and the sum over groups of each group's
   largest is at least 1. So one detector of weight 1 clears an address alone, and no other does,
   however many sessions it claims. Brown where no listing runs but a suspect or bot session
   ended less than 24 h before the last session; none: clean sessions only. Brown and none end 24 h
   after the last session. */
#ifndef SINBIN_POLICY_POLICY_H
#define SINBIN_POLICY_POLICY_H

#include "policy/evidence.h"

#define WEIGHT_ONE  1000 /* weights are in thousandths */
#define HALF_LIFE   (12 * 3600)
#define LISTING_TTL (24 * 3600)
#define LISTING_MAX (8 * 24 * 3600)
#define CLEANS_MIN  3
/* How far ahead an end may be: a session may be FUTURE_MAX ahead of a clock. */
#define LISTING_LONGEST (LISTING_MAX + FUTURE_MAX)
#define LISTING_SINS_MAX    1024

enum colour { COLOUR_NONE, COLOUR_BROWN, COLOUR_YELLOW, COLOUR_BLACK };

struct listing {
  bool exists; /* false: nothing was ever decided for this key */
  enum colour colour;
  int64_t since, until; /* until is the first second at which it is over */
  int64_t times;        /* listings so far, black or yellow */
  int64_t last;         /* the end of the last session */
  int64_t detectors;    /* that speak for the colour: reported bot (black, yellow) or anything */
  int64_t quits, noquits;
  size_t sins_len;
  char sins[LISTING_SINS_MAX]; /* union; cut to whole names */
};

/* One detector's evidence about the key, with what the operator thinks of the detector. */
struct testimony {
  struct evidence evidence;
  uint32_t weight;
  struct span group;
};

struct policy_case {
  const struct testimony *witnesses; /* the new report is in their evidence already */
  size_t count;
  const struct report *report;
  uint32_t weight; /* of the detector that reported */
  int64_t now;
  bool frozen;
};

/* True where *l has changed. */
bool policy_decide(const struct policy_case *c, struct listing *l);

/* Of evidence that was taken away, from what is left (the report and the weight are not looked at):
   a listing that runs goes on where the rules would have listed the address at the last bot session
   of one of the witnesses, but not longer than from then; else it is over now, or brown. False
   where there is no listing at all. */
bool policy_recompute(const struct policy_case *c, struct listing *l);

/* A clock that was ahead has left listings that end when no listing can. They count nowhere, until
   the next report about the address, or the next purge, gives them an end. Whoever reads listings
   asks this first. */
bool listing_is_plausible(int64_t until, int64_t now);
bool policy_listing_runs(const struct listing *l, int64_t now); /* black or yellow, and plausible */

/* The sum of rule (b), and the number of groups that bring something to it. */
double policy_sum(const struct testimony *witnesses, size_t count, size_t *groups);
/* What a witness could bring at most, as of the newest bot session, which comes out too. */
double policy_contribution(const struct testimony *witnesses, size_t count, size_t i,
                           int64_t *newest);
bool policy_suffices(double sum, size_t groups);

/* What clean sessions have to say against a listing at that time. */
struct clearing {
  double bots;   /* weighed sessions */
  double wanted; /* clean sessions */
  double sum;    /* of 1 */
  bool suffices;
};
struct clearing policy_clearing(const struct testimony *witnesses, size_t count, int64_t now);

const char *colour_name(enum colour colour);
bool colour_parse(struct span name, enum colour *out);

#endif
