/* message.h: the lines between detectors and collectors, and the datagrams made of them.
   sinbin-report(5) specifies them to the byte.

     SB1 <detector> <keygen> <epoch> <seq> <unixtime> <ip> <verdict> <score> <end> <sins> <dialect>
   <tag>

   A datagram is one or more lines, each ended by LF, of the same detector, keygen and epoch; the
   last line carries SP tag before its LF, and the tag covers every byte before that SP. Everything
   here is pure; the caller computes and checks tags (mac.h) and *must* check them before parsing a
   line.

   One report has one spelling: report_decode accepts exactly what report_encode makes. The kinds
   OK1 and HB1 are reserved for acknowledgements and heartbeats; a datagram that begins with another
   word than SB1 is not ours. */
#ifndef SINBIN_REPORT_MESSAGE_H
#define SINBIN_REPORT_MESSAGE_H

#include "base/addr.h"
#include "base/span.h"
#include <stdint.h>

#define DETECTOR_MAX  32
#define REPORT_MAX    508  /* a datagram of one line */
#define DATAGRAM_MAX  1200 /* a datagram of several */
#define TAG_HEX       32
#define KEYGEN_MAX    UINT64_C(4294967295)
#define EPOCH_MAX     UINT64_C(253402300799) /* the last second of the year 9999 */
#define SEQ_MAX       UINT64_C(9223372036854775807)
#define UNIXTIME_MAX  UINT64_C(253402300799)
#define SCORE_MIN     (-99)
#define SCORE_MAX     999
#define SINS_TEXT_MAX 280
#define DIALECT_HEX   16
/* A report line without its tag; the longest possible one stays below it. */
#define REPORT_LINE_MAX (REPORT_MAX - TAG_HEX - 2)

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

bool detector_is_valid(struct span name); /* [a-z0-9-]{1,32} */
/* Names [a-z][a-z0-9-]* with one comma between, at most SINS_TEXT_MAX bytes; empty is a list too.
 */
bool sins_are_valid(struct span sins);
bool origin_equal(const struct origin *a, const struct origin *b);

/* One report line, no tag, no LF. Returns the length; 0 where it would exceed cap or a member is
   out of its range. REPORT_LINE_MAX bytes always suffice. */
size_t report_encode(const struct report *r, char *buf, size_t cap);
/* Strict: the canonical encoding or nothing. Spans borrow from the line. */
bool report_decode(struct span line, struct report *out);
/* Only the first five words, SB1 to seq: enough to know a line again whose rest cannot be read. */
bool report_identify(struct span line, struct origin *origin, uint64_t *seq);

/* Takes a datagram apart into what the tag covers and the tag's 32 hexadecimal digits; looks at
   nothing else than its length, its last bytes and the first line's origin, so that the cost before
   the tag is checked is constant. False: not ours. */
bool datagram_open(struct span datagram, struct span *covered, struct span *tag,
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
