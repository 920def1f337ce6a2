/* answer.h: OK1 and NO1, what a collector replies to one datagram of reports. sinbin-report(5)
   specifies both to the byte.

     OK1 detector keygen epoch seq... tag    acknowledges these lines: their content is on disk
     NO1 detector keygen epoch seq... tag    refuses these lines: the collector accepts none of
                                             them, now or later; a person must find out why

   If any line of a datagram is accepted, the datagram gets an answer and no refusal.

   Both are datagrams of one line, which message.h builds, closes and parses, with a tag of the same
   key. An answer is never longer than its question, because a line of the question holds everything
   that the answer repeats of it. A collector that answers only questions with a valid tag, and each
   once, therefore amplifies nothing. The tag covers the kind, so an answer can never be used as a
   report. */
#ifndef SINBIN_REPORT_ANSWER_H
#define SINBIN_REPORT_ANSWER_H

#include "report/message.h"

/* Adds the number of a line. An empty datagram first gets the origin of the question. False, with
   nothing changed, if the number does not fit or is out of range. Afterwards call datagram_covered,
   mac_tag and datagram_close, as for any datagram. Do not send a datagram that is still empty. */
bool answer_add(struct datagram *d, const struct origin *origin, uint64_t seq);
bool refusal_add(struct datagram *d, const struct origin *origin, uint64_t seq);

/* covered: the bytes that the tag covers; the tag must have been checked. Sets *seqs to the
   numbers, at least one, all canonical. False: malformed. */
bool answer_decode(struct span covered, struct origin *origin, struct span *seqs);
bool refusal_decode(struct span covered, struct origin *origin, struct span *seqs);
/* Takes the next number from *seqs, which one of the two decoders has set. False at the end. */
bool answer_next(struct span *seqs, uint64_t *seq);

#endif
