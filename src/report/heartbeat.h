/* heartbeat.h: HB1, a detector's sign of life: what it has counted since it started.
   sinbin-report(5) specifies it to the byte.

     HB1 <detector> <keygen> <epoch> <seq> <unixtime> version=TEXT up=N lines=N ... <tag>

   One line is one datagram (message.h). It has a sequence of numbers of its own, of which only the
   highest counts: one that is not above it says nothing new. It is never answered, never sent
   again, and lists nobody. The known keys are all there, in the order of enum heartbeat_count;
   gaps= and lastgap= follow if there was a gap; further well-formed key=value words may follow and
   are left alone by a reader. */
#ifndef SINBIN_REPORT_HEARTBEAT_H
#define SINBIN_REPORT_HEARTBEAT_H

#include "report/message.h"

#define VERSION_TEXT_MAX 32

enum heartbeat_count {
  BEAT_UP,      /* up: seconds since it started */
  BEAT_LINES,   /* lines: read from its input */
  BEAT_REPORTS, /* reports: lines that became one */
  BEAT_ACKED,   /* acked: reports acknowledged */
  BEAT_PENDING, /* pending: reports not acknowledged yet, now */
  BEAT_OLDEST,  /* oldest: seconds since the oldest of these was read, now */
  BEAT_SENT,    /* sent: datagrams of reports */
  BEAT_RESENT,  /* resent: reports sent again */
  BEAT_FAILED,  /* failed: datagrams that the system refused to send */
  BEAT_UNREAD,  /* unread: lines that could not be reported */
  BEAT_BOGUS,   /* bogus: answers that were none of the collector's */
  BEATS
};

struct heartbeat {
  struct origin origin;
  uint64_t seq;          /* from 1 */
  uint64_t unixtime;     /* of the detector's clock, now */
  struct span version;   /* of its program: [A-Za-z0-9.+~-]{1,32} */
  uint64_t count[BEATS]; /* each up to SEQ_MAX */
  uint64_t gaps;         /* losses of log files that it was told of, up to SEQ_MAX */
  uint64_t lastgap;      /* when the last one was noticed, unix seconds; 0: there was none */
};

/* NULL outside the range. */
const char *heartbeat_name(int count);

/* One line, no tag, no LF. Returns the length; 0 where it would exceed cap or a member is out of
   its range. REPORT_LINE_MAX bytes always suffice. */
size_t heartbeat_encode(const struct heartbeat *h, char *buf, size_t cap);
/* What the tag of a heartbeat covers; spans borrow from it. */
bool heartbeat_decode(struct span covered, struct heartbeat *out);

#endif
