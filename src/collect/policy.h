/* policy.h: when an address is listed, as what and until when. Pure: the clock is a parameter.

   Only a report of a detector of weight above 0, and not from the future, decides anything.
   A *bot* report lists its address when (a) its detector has weight 1, or (b) the sum over groups
   of each group's largest weight x 2^(-age / 12 h) is at least 1, from at least two groups. Age is
   that of a detector's last bot session, counted back from the newest one, so that a late delivery
   weighs what a prompt one would. A listing runs 24 h from the session's end, doubled at each
   relisting up to 8 d. A bot report that lists during a listing moves its end to the session's end
   plus the listing's own length and is no relisting. A listing that would have ended already is
   none: it changes nothing.

   Colours: black; yellow in its stead where the last 24 h (tally.h) saw three or more clean
   sessions and no fewer than bot sessions; brown where no listing runs but a suspect or bot session
   ended less than 24 h before the last session; none: clean sessions only. Brown and none end 24 h
   after the last session. */
#ifndef SINBIN_COLLECT_POLICY_H
#define SINBIN_COLLECT_POLICY_H

#include "collect/evidence.h"

#define WEIGHT_ONE   1000 /* weights are in thousandths */
#define HALF_LIFE    (12 * 3600)
#define LISTING_TTL  (24 * 3600)
#define LISTING_MAX  (8 * 24 * 3600)
#define CLEANS_MIN   3
#define LISTING_SINS 1024

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
  char sins[LISTING_SINS]; /* union; cut to whole names */
};

/* One detector's evidence about the key, with what the operator thinks of the detector. */
struct witness {
  struct evidence evidence;
  uint32_t weight;
  struct span group;
};

struct policy_case {
  const struct witness *witnesses; /* the new report is in their evidence already */
  size_t count;
  const struct report *report;
  uint32_t weight; /* of the detector that reported */
  int64_t now;
};

/* True where *l has changed. */
bool policy_decide(const struct policy_case *c, struct listing *l);

/* The sum of rule (b), and the number of groups that bring something to it. */
double policy_sum(const struct witness *witnesses, size_t count, size_t *groups);

const char *colour_name(enum colour colour);
bool colour_parse(struct span name, enum colour *out);

#endif
