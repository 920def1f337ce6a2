/* ruling.h: what a report that was taken may decide, and what the operator has decided.

   The part of the intake (intake.h) between evidence and listings: who is never listed, whether a
   detector is believed, whether the list may grow. Nobody but intake.c, and who explains, needs it.
   False is an error of the store, or of the never-list, as there. */
#ifndef SINBIN_COLLECT_RULING_H
#define SINBIN_COLLECT_RULING_H

#include "collect/intake.h"

void raise_alarm(struct intake *in, enum alarm which, const struct detector *d,
                 const struct addr *ip);

/* A report is new: counts it against the detector's rate, and may put the detector in quarantine.
 */
void ruling_count(struct intake *in, struct detector *d, int64_t now);
/* Its evidence is in the store: lists its address, or not. */
bool ruling_report(struct intake *in, const struct detector *d, const struct report *r,
                   int64_t now);
/* ::1 with its whole /64, and 127.0.0.1: never listed, whatever the rules say. */
bool ruling_is_loopback(const struct addr *a);
/* Of special purpose everywhere: nobody's address on the Internet. Never listed where there are no
   rules; with rules theirs is the word, and they may leave some of it out. */
bool ruling_is_special(const struct addr *a);
/* Puts what is remembered of detectors and freezes into the transaction, where it has changed. */
bool ruling_save(struct intake *in);

#endif
