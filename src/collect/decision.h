/* decision.h: what a report that was taken may decide, and what the operator has decided.

   The part of the intake (intake.h) between evidence and listings: who is never listed, whether a
   detector is believed, whether the list may grow. Nobody but intake.c, and who explains, needs it.
   False is an error of the store, or of the never-list, as there. */
#ifndef SINBIN_COLLECT_DECISION_H
#define SINBIN_COLLECT_DECISION_H

#include "policy/freeze.h"
#include "collect/intake.h"

void intake_alarm_raise(struct intake *in, enum alarm which, const struct detector *d,
                        const struct addr *ip);

/* The notice of that kind about that detector, counted once more; NULL: there are too many. */
struct notice_state *notice_put(struct intake *in, enum notice kind, struct span detector,
                                const struct addr *from);

/* A report is new: counts it against the detector's rate; false where it is over it, which is an
   alarm. about: NULL where it is about no address. */
bool decision_check_rate(struct intake *in, struct detector *d, const struct addr *about,
                         int64_t now);
/* A report is acknowledged, and no more than that it came is kept. */
void decision_surplus(struct detector *d, int64_t now);
/* Its evidence is in the store: lists its address, or not. */
bool decision_report(struct intake *in, const struct detector *d, const struct report *r,
                     int64_t now);
/* ::1 with its whole /64, and 127.0.0.1: never listed, whatever the rules say. */
bool decision_is_loopback(const struct addr *a);
/* Of special purpose everywhere: nobody's address on the Internet. Never listed where there are no
   rules; with rules theirs is the word, and they may leave some of it out. */
bool decision_is_special(const struct addr *a);
/* Puts what is remembered of detectors and freezes into the transaction, where it has changed. */
bool decision_save(struct intake *in, int64_t now);

#endif
