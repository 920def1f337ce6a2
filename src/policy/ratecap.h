/* ratecap.h: how many of a detector's reports are believed, in all and about each network. Pure:
   the clock, unix seconds, is a parameter.

   A budget of rate x span reports, full at first, that fills again by `rate` a second. Over any
   time that many reports may be believed, and one budget more; so a reporter that was cut off for
   long may deliver what waited, in one go. A clock that goes back fills nothing.

   Strangers decide how often they connect to a trap, and a trap has to report it. So that they use
   up no more than a part of its budget: once an eighth of it is used, an eighth is for each small
   network (network.h), a quarter for each middle one and a half for each large one. The last
   quarter is for small networks of which there was no report since then. The count of networks
   begins again when less than an eighth is used.

   A report that is refused takes nothing from the budget. A budget that is `held` is not filled. */
#ifndef SINBIN_POLICY_RATECAP_H
#define SINBIN_POLICY_RATECAP_H

#include "policy/netcount.h"

#define RATE_MAX         1000000 /* reports a second */
#define SPAN_MAX         86400   /* seconds */
#define RATECAP_NETWORKS 49152

struct ratecap {
  int64_t rate, span; /* at most the above; rate 0: no cap. A span of 0 counts as 1 */
  int64_t spent;      /* of the budget */
  int64_t at;         /* when it was last filled */
  bool held;
  struct netcount networks; /* its key is the caller's to set */
};

/* Counts one report, about the address or NULL; false: it is not to be believed. */
bool ratecap_take(struct ratecap *r, const struct addr *about, int64_t now);
/* Gives the memory back; the budget stays. */
void ratecap_free(struct ratecap *r);

#endif
