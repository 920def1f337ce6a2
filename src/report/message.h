/* message.h: the lines between detectors and collectors, and the datagrams made of them.
   sinbin-report(5) specifies them to the byte.

     SB1 <detector> <keygen> <epoch> <seq> <unixtime> <ip> <verdict> <score> <end> <sins> <dialect>
   <tag>

   A datagram is one or more lines, each ended by LF, of the same detector, keygen and epoch; the
   last line carries SP tag before its LF, and the tag covers every byte before that SP. Everything
   here is pure; the caller computes and checks tags (mac.h) and *must* check them before parsing a
   line.

   One report has one spelling: report_decode accepts exactly what report_encode makes. Answers and
   refusals (dnsresult.h, OK1 and NO1) and heartbeats (heartbeat.h, HB1) are datagrams of the same form
   and of one line; the kind of a datagram is the first word of what its tag covers, so none can
   stand for another.
 */
#ifndef SINBIN_REPORT_MESSAGE_H
#define SINBIN_REPORT_MESSAGE_H

#include "line/dialecthash.h"
#include "base/addr.h"
#include "base/span.h"
#include <stdint.h>

#define DETECTOR_MAX  32
#define REPORT_MAX    508  /* a datagram of one line */
#define DATAGRAM_MAX  1200 /* a datagram of several */
#define TAG_HEX       32
#define DATAGRAM_TAIL (TAG_HEX + 2) /* behind what the tag covers: SP, tag, LF */
#define KEYGEN_MAX    UINT64_C(4294967295)
#define EPOCH_MAX     UINT64_C(253402300799) /* the last second of the year 9999 */
#define SEQ_MAX       UINT64_C(9223372036854775807)
#define UNIXTIME_MAX  UINT64_C(253402300799)
#define SCORE_MIN     (-99)
#define SCORE_MAX     999
#define SINS_TEXT_MAX 280
/* A report line without its tag; the longest possible one stays below it. */
#define REPORT_LINE_MAX (REPORT_MAX - DATAGRAM_TAIL)

#define REPORT_KIND    "SB1"
#define ANSWER_KIND    "OK1"
#define REFUSAL_KIND   "NO1"
#define HEARTBEAT_KIND "HB1"

/* Who speaks: the words behind the kind, the same on every line of a datagram. */
struct origin {
  struct span detector;
  uint64_t keygen, epoch; /* from 1 */
};

struct report {
  struct origin origin;
  uint64_t seq;      /* from 1 */
  uint64_t unixtime; /* seconds; the session's end */
  struct addr ip;
  int verdict; /* enum verdict, bot, suspect or clean */
  int64_t score;
  int end;             /* enum end */
  struct span sins;    /* comma-separated names, or empty (sent as `-`) */
  struct span dialect; /* 16 hexadecimal digits, or empty (sent as `-`) */
};

bool report_detector_is_valid(struct span name); /* [a-z0-9-]{1,32} */
/* Names [a-z][a-z0-9-]* with one comma between, at most SINS_TEXT_MAX bytes; empty is a list too.
 */
bool report_sins_are_valid(struct span sins);
bool report_verdict_is_reported(int verdict); /* an enum verdict: bot, suspect or clean */
bool origin_equal(const struct origin *a, const struct origin *b);

/* One report line, no tag, no LF. Returns the length; 0 where it would exceed cap or a member is
   out of its range. REPORT_LINE_MAX bytes always suffice. */
size_t report_encode(const struct report *r, char *buf, size_t cap);
/* Strict: the canonical encoding or nothing. Spans borrow from the line. */
bool report_decode(struct span line, struct report *out);
/* Only the first five words, SB1 to seq: enough to know a line again whose rest cannot be read. */
bool report_identify(struct span line, struct origin *origin, uint64_t *seq);

/* Which session it is: a hash, never 0, of what the session line said (time, address, end, dialect)
   and not of what rules, which may have changed before it is sent again, make of it. */
uint32_t report_check(const struct report *r);
/* The same for a line whose rest cannot be read: of the bytes after its number. */
uint32_t report_check_text(struct span line);

enum datagram_kind {
  DATAGRAM_FOREIGN, /* none of ours; 0 */
  DATAGRAM_REPORTS,
  DATAGRAM_ANSWER,
  DATAGRAM_REFUSAL,
  DATAGRAM_HEARTBEAT,
};

/* Takes a datagram apart into what the tag covers and the tag's 32 hexadecimal digits, and says of
   which kind it is; looks at nothing else than its length, its last bytes and the first line's
   origin, so that the cost before the tag is checked is constant. Only after that its lines are to
   be read: each side takes the kinds that it waits for, and drops the others. */
enum datagram_kind datagram_parse(struct span datagram, struct span *covered, struct span *tag,
                                  struct origin *origin);
/* The next line of what the tag covers, without LF; start with *rest = covered. False at the end.
 */
bool datagram_line(struct span *rest, struct span *line);

/* A datagram under construction; all zero is an empty one. */
struct datagram {
  char buf[DATAGRAM_MAX];
  size_t len;
};

/* Adds a line (without LF). False, changing nothing, where it does not fit beside the tag. */
bool datagram_add(struct datagram *d, struct span line);
struct span datagram_covered(const struct datagram *d);
/* Appends the tag of the covered bytes (TAG_HEX digits) and returns the whole. */
struct span datagram_close(struct datagram *d, const char *tag);

#endif
