/* counters.h: what the listener counts, what it says about it, and what a refused peer is told.

   The status is one line of fields (field.h): "held=3 peak=41 accepted=977 ..."; it goes to stderr
   and to systemd. A lost line stands for a handler that ended without saying that it wrote its
   session line (it exits 0 once it has):

     lost1 at=1764000000.123 peer=192.0.2.7 pport=40112 ms=14023 status=signal:9
     lost1 at=1764000000.123 peer=192.0.2.7 pport=40112 ms=14023 status=exit:111

   `at` is when the connection was accepted, as in a session line, and `ms` how long the handler
   lived. */
#ifndef SINBIN_ACCEPT_COUNTERS_H
#define SINBIN_ACCEPT_COUNTERS_H

#include "accept/peertable.h"
#include "base/span.h"

enum counter {
  COUNTER_ACCEPTED, /* connections taken from the kernel: all the following up to fork, and started */
  COUNTER_STARTED,        /* handlers */
  COUNTER_TOTAL,          /* refused: the peertable is complete */
  COUNTER_IPV4,           /* refused: this address holds its share */
  COUNTER_NET64,          /* refused: this /64 holds its share */
  COUNTER_RATE,           /* refused: too many within this second */
  COUNTER_NETWORK,        /* refused: this network holds its share */
  COUNTER_NETWORK_MINUTE, /* refused: this network had its share of this minute */
  COUNTER_MINUTE,         /* refused: too many within this minute */
  COUNTER_QUEUE,          /* refused: the session log is nearly full of lines that were not read */
  COUNTER_WAITING,        /* refused: too many PROXY headers are awaited */
  COUNTER_DENIED,         /* closed: a peer rule */
  COUNTER_PROXY,          /* closed: no, or no whole, PROXY header */
  COUNTER_RULES,          /* refused: the peer rules are damaged */
  COUNTER_FORK,           /* refused: no process, or the handler cannot be executed */
  COUNTER_GONE,           /* gone before it could be looked at */
  COUNTER_PAUSE,          /* pauses of accepting for want of descriptors, memory or processes */
  COUNTER_STALLED,        /* seconds in which the descriptor for lines took none */
  COUNTER_LOST,           /* handlers that ended without their line */
  COUNTER_UNLOGGED,       /* lost lines that could not be written */
  COUNTERS
};

/* Threads may count and read at once. */
struct counters {
  _Atomic uint64_t count[COUNTERS];
};

#define COUNTER_TEXT_MAX 1024
#define LOST_TEXT_MAX    240

/* Writes the status without LF to buf (COUNTER_TEXT_MAX bytes) and returns its length. */
size_t counters_format(const struct counters *sheet, const struct peertable_state *peertable,
                       char *buf);

/* The reason for which the peertable refuses. */
enum counter counter_of(enum admission answer);

/* The reply with CRLF that a peer refused for this reason gets; empty where it gets none. */
struct span refusal_reply(enum counter reason);

struct lost {
  struct addr peer;
  uint16_t pport;
  int64_t at_ms, lived_ms;
  int status; /* an exit status, or minus a signal */
};

/* Writes a lost line without LF to buf (LOST_TEXT_MAX bytes) and returns its length. */
size_t lost_format(const struct lost *lost, char *buf);

#endif
