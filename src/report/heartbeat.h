/* heartbeat.h: HB1, a detector's sign of life, with its counters since it started.
   sinbin-report(5) specifies it to the byte.

     HB1 detector keygen epoch seq unixtime version=TEXT up=N lines=N ... tag

   One line is one datagram (message.h). Heartbeats have numbers of their own: one is new only if
   its epoch is higher than that of the last one, or is the same and its number is higher. It is
   not answered, not sent again, and lists no address. All known keys are present, in the order of
   enum heartbeat_count. gaps= and lastgap= follow if there was a gap. Further key=value words may
   follow; a reader ignores them, but they must be well-formed. */
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
  BEAT_FAILED,  /* failed: datagrams that could not be sent */
  BEAT_UNREAD,  /* unread: lines that could not be reported */
  BEAT_BOGUS,   /* bogus: datagrams received that were not an answer */
  BEATS
};

struct heartbeat {
  struct origin origin;
  uint64_t seq;          /* from 1 */
  uint64_t unixtime;     /* now, by the detector's clock */
  struct span version;   /* of the program: [A-Za-z0-9.+~-]{1,32} */
  uint64_t count[BEATS]; /* each up to SEQ_MAX */
  uint64_t gaps;         /* lines gap1 that it read, up to SEQ_MAX */
  uint64_t lastgap;      /* when the last gap was noticed, unix seconds; 0: no gap */
};

/* NULL if count is out of range. */
const char *heartbeat_name(int count);

/* Writes one line, without tag and LF. Returns its length, or 0 if it would exceed cap or a member
   is out of range. REPORT_LINE_MAX bytes always suffice. */
size_t heartbeat_encode(const struct heartbeat *h, char *buf, size_t cap);
/* covered: the bytes that the tag covers. The spans of *out point into it. */
bool heartbeat_decode(struct span covered, struct heartbeat *out);

#endif
