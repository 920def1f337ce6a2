/* message.h: the lines between detectors and collectors, SB1 (a report), OK1 (acknowledgement) and
   HB1 (heartbeat), and the datagrams made of them. sinbin-report(5) specifies them to the byte.

     SB1 <detector> <keygen> <epoch> <seq> <unixtime> <ip> <verdict> <score> <end> <sins> <dialect>
   <tag> OK1 <detector> <keygen> <epoch> <seq>... <tag> HB1 <detector> <keygen> <epoch> <seq>
   <unixtime> key=value... <tag>

   A datagram is one or more lines, each ended by LF, of the same detector, keygen and epoch; the
   last line carries SP tag before its LF, and the tag covers every byte before that SP. Everything
   here is pure; the caller computes and checks tags (mac.h) and *must* check them before parsing a
   line. */
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
#define SINS_TEXT_MAX 280
#define DIALECT_HEX   16

/* Who speaks: the first words, the same on every line of a datagram. */
struct origin {
  struct span detector;
  uint64_t keygen, epoch;
};

struct report {
  struct origin origin;
  uint64_t seq;
  uint64_t unixtime; /* seconds; the session's end */
  struct addr ip;
  int verdict; /* enum verdict, bot, suspect or clean */
  int64_t score;
  int end;             /* enum end */
  struct span sins;    /* comma-separated names, or empty (sent as `-`) */
  struct span dialect; /* 16 hexadecimal digits, or empty (sent as `-`) */
};

bool detector_is_valid(struct span name); /* [a-z0-9-]{1,32} */

/* One report line, no tag, no LF. Returns the length, 0 where it would exceed cap. */
size_t report_encode(const struct report *r, char *buf, size_t cap);
/* Strict: the canonical encoding or nothing. Spans borrow from the line. */
bool report_decode(struct span line, struct report *out);

/* Takes a datagram apart into what the tag covers and the tag's 32 hexadecimal digits; looks at
   nothing else than its length, its last bytes and the first line's origin, so that the cost before
   the tag is checked is constant. False: not ours. */
bool datagram_open(struct span datagram, struct span *covered, struct span *tag,
                   struct origin *origin);

#endif
