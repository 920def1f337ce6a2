/* decision.h: whether a report lists its address, and what the operator has ordered.

   This is the part of the intake (intake.h) between evidence and listings: which addresses are
   never listed, whether a detector is believed, and whether the list may grow. A bool result is
   false on an error of the store or of the never-list, as in intake.h, unless noted otherwise. */
#ifndef SINBIN_COLLECT_DECISION_H
#define SINBIN_COLLECT_DECISION_H

#include "collect/intake.h"
#include "policy/freeze.h"

/* Counts a new report against the rate of its detector. False, and an alarm, if it is above the
   rate. about: the address reported, or NULL. */
bool decision_check_rate(struct intake *in, struct detector *d, const struct addr *about,
                         int64_t now);
/* Counts a report that is acknowledged and not kept. */
void decision_count_surplus(struct detector *d, int64_t now);
/* Lists the address of the report, or not. The evidence is in the store already. */
bool decision_report(struct intake *in, const struct detector *d, const struct report *r,
                     int64_t now);
/* True for 127.0.0.1 and the /64 of ::1, which are never listed, whatever the rules say. */
bool decision_is_loopback(const struct addr *a);
/* True for an address of special purpose, which is never listed if there are no rules. With rules
   only the rules count, and they may leave out some of these. */
bool decision_is_special(const struct addr *a);
/* Adds the state of detectors and the freezes that have changed to the transaction. */
bool decision_save(struct intake *in, int64_t now);

/* Call it after detectors or rules were read again: removes the evidence that the operator has
   revoked, ends listings that the never-list forbids, and counts for the breaker. Orders that were
   carried out before are not carried out again. thawed: the time of the operator's order that ends
   all freezes, or 0. */
bool decision_apply_orders(struct intake *in, int64_t thawed, int64_t now);
/* Repeats the alarm of a freeze, and counts for the breaker again if the clock was set back. Call
   it in every turn of the main loop. */
bool decision_refresh_freeze(struct intake *in, int64_t now);

#endif
