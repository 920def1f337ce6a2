/* dnsresult.h: OK1, what a collector says to one datagram of reports: the numbers of its lines, once
   what they say is on the disk. sinbin-report(5) specifies it to the byte.

     OK1 <detector> <keygen> <epoch> <seq>... <tag>

   Or NO1, a refusal of the same form: none of its lines is taken, now or later, and why is for
   people to find out. A datagram with a line that is taken gets an answer, and no refusal.

   Either is a datagram of one line (message.h builds, closes and opens it), with the tag of the
   same key. An answer is never longer than its question: a line of the question holds all that the
   answer repeats of it. So a collector that answers only what has a valid tag, and a question only
   once each time it comes, amplifies nothing. The kind, which the tag covers, is what keeps an
   answer from ever being taken for a report. */
#ifndef SINBIN_REPORT_ANSWER_H
#define SINBIN_REPORT_ANSWER_H

#include "report/message.h"

/* Adds the number of a line; an empty datagram is begun with the origin of the question. False,
   changing nothing, where it does not fit or is out of its range. Then datagram_covered, mac_tag
   and datagram_close as for any other; one that is still empty is not to be sent. */
bool answer_add(struct datagram *d, const struct origin *origin, uint64_t seq);
bool refusal_add(struct datagram *d, const struct origin *origin, uint64_t seq);

/* What the tag of an answer covers (its tag must have been checked): *seqs is then all its numbers,
   at least one, in their one spelling. False: malformed. */
bool answer_decode(struct span covered, struct origin *origin, struct span *seqs);
bool refusal_decode(struct span covered, struct origin *origin, struct span *seqs);
/* The next number of *seqs as one of these gave it. False at the end. */
bool answer_next(struct span *seqs, uint64_t *seq);

#endif
