/* ratecap.h: how many reports of a detector count, in all and about each network. Pure: the clock,
   unix seconds, is a parameter.

   The budget is rate x span reports. It is full at first, and fills by `rate` a second. So in t
   seconds at most rate x t reports count, and one budget more: a reporter that was cut off for a
   long time may deliver at once what waited. A clock that goes back fills nothing.

   A client decides how often it connects to a trap, and the trap must report every session. So that
   clients of one network cannot use up the budget, they get a part of it:

     1. Once an eighth of the budget is used, networks (network.h) have limits: an eighth of the
        budget for a small one, a quarter for a middle one, half of it for a large one.
     2. The last quarter is for small networks that had no report since an eighth was used.
     3. The counts of networks start again when less than an eighth is used.

   A report that is refused takes nothing from the budget. A budget that is `held` does not fill. */
#ifndef SINBIN_POLICY_RATECAP_H
#define SINBIN_POLICY_RATECAP_H

#include "policy/netcount.h"

#define RATE_MAX         1000000 /* reports a second */
#define SPAN_MAX         86400   /* seconds */
#define RATECAP_NETWORKS 49152

struct ratecap {
  int64_t rate, span; /* at most the above; rate 0: no limit; a span of 0 counts as 1 */
  int64_t spent;      /* of the budget */
  int64_t at;         /* when it was last filled */
  bool held;
  struct netcount networks; /* the caller sets its key */
};

/* Counts one report about the address, which may be NULL. False: the report must not count. */
bool ratecap_take(struct ratecap *r, const struct addr *about, int64_t now);
/* Frees the memory. The budget stays. */
void ratecap_free(struct ratecap *r);

#endif
