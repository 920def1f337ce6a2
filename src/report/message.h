/* message.h: the lines between a detector and a collector, and the datagrams that hold them.
   sinbin-report(5) specifies them to the byte. A report, without its tag, is one line:

     SB1 detector keygen epoch seq unixtime ip verdict score end sins dialect

   A datagram is one or more lines of the same kind, detector, keygen and epoch:

     line LF                     any number of lines, maybe none
     line SP tag LF              the last line; the tag covers every byte before SP

     kind  what                  lines in a datagram   module
     SB1   reports               one or more           message.h
     OK1   answer to reports     one                   answer.h
     NO1   refusal of reports    one                   answer.h
     HB1   heartbeat             one                   heartbeat.h

   The tag covers the kind, so a datagram of one kind cannot be used as another. The caller computes
   and checks tags (mac.h); it *must* check the tag before it parses a line.

   A report has one spelling: report_decode accepts exactly what report_encode writes. */
#ifndef SINBIN_REPORT_MESSAGE_H
#define SINBIN_REPORT_MESSAGE_H

#include "base/addr.h"
#include "line/dialecthash.h"
#include "report/origin.h"

#define REPORT_MAX    508  /* a datagram of one line */
#define DATAGRAM_MAX  1200 /* a datagram of several */
#define TAG_HEX       32
#define DATAGRAM_TAIL (TAG_HEX + 2) /* SP, tag, LF */
#define SEQ_MAX       UINT64_C(9223372036854775807)
#define UNIXTIME_MAX  UINT64_C(253402300799)
#define SCORE_MIN     (-99)
#define SCORE_MAX     999
#define SINS_TEXT_MAX 280
/* A report line without its tag; the longest one is shorter. */
#define REPORT_LINE_MAX (REPORT_MAX - DATAGRAM_TAIL)

#define REPORT_KIND    "SB1"
#define ANSWER_KIND    "OK1"
#define REFUSAL_KIND   "NO1"
#define HEARTBEAT_KIND "HB1"

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

/* Names [a-z][a-z0-9-]* separated by one comma, at most SINS_TEXT_MAX bytes; it may be empty. */
bool report_sins_are_valid(struct span sins);
bool report_verdict_is_reported(int verdict); /* an enum verdict: bot, suspect or clean */

/* Writes one report line, without tag and LF. Returns its length, or 0 if it would exceed cap or a
   member is out of range. REPORT_LINE_MAX bytes always suffice. */
size_t report_encode(const struct report *r, char *buf, size_t cap);
/* Accepts the canonical encoding only. The spans of *out point into the line. */
bool report_decode(struct span line, struct report *out);
/* Reads the first five tokens only, SB1 to seq: they identify a line whose rest cannot be read. */
bool report_identify(struct span line, struct origin *origin, uint64_t *seq);

/* A hash, never 0, that identifies the session of a report: its time, address, end and dialect.
   The verdict, score and sins are left out, since the rules may change before a report is sent
   again. */
uint32_t report_check(const struct report *r);
/* The same for a line whose rest cannot be read: a hash of the bytes after its seq. */
uint32_t report_check_text(struct span line);

enum datagram_kind {
  DATAGRAM_FOREIGN, /* 0; not one of the kinds below */
  DATAGRAM_REPORTS,
  DATAGRAM_ANSWER,
  DATAGRAM_REFUSAL,
  DATAGRAM_HEARTBEAT,
};

/* Splits a datagram into the bytes that the tag covers and the 32 digits of the tag, and returns
   its kind. Before the tag is checked only the length, the last bytes and the origin of the first
   line are read, so the cost up to there is constant. Each side accepts the kinds that it waits for
   and drops the others. */
enum datagram_kind datagram_parse(struct span datagram, struct span *covered, struct span *tag,
                                  struct origin *origin);
/* The next line, without LF, of the bytes that the tag covers; start with *rest = covered. False at
   the end. */
bool datagram_line(struct span *rest, struct span *line);

/* A datagram that is being built. All zero is an empty one. */
struct datagram {
  char buf[DATAGRAM_MAX];
  size_t len;
};

/* Adds a line (without LF). False, with nothing changed, if there is no room for it and the tag. */
bool datagram_add(struct datagram *d, struct span line);
struct span datagram_covered(const struct datagram *d);
/* Appends the tag of the covered bytes (TAG_HEX digits) and returns the whole datagram. */
struct span datagram_close(struct datagram *d, const char *tag);

#endif
