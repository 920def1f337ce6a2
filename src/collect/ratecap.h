/* ratecap.h: whether a detector reports faster than any trap would. Pure: the clock, unix seconds,
   is a parameter.

   A budget of rate x span reports, full at first, that fills again by `rate` a second. Over any
   time the detector may report that many and one budget more; so a reporter that was cut off for
   long may deliver what waited, in one go. A clock that goes back fills nothing. */
#ifndef SINBIN_COLLECT_RATECAP_H
#define SINBIN_COLLECT_RATECAP_H

#include <stdbool.h>
#include <stdint.h>

#define RATE_MAX 1000000 /* reports a second */
#define SPAN_MAX 86400   /* seconds */

struct ratecap {
  int64_t rate, span; /* at most the above; rate 0: no cap. A span of 0 counts as 1 */
  int64_t spent;      /* of the budget */
  int64_t at;         /* when it was last filled */
};

/* Counts one report; false where the budget is used up. */
bool ratecap_take(struct ratecap *r, int64_t now);

#endif
