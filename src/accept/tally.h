/* tally.h: what the listener counts, what it says about it, and what a refused peer is told.

   The status is one line of fields (field.h): "held=3 peak=41 accepted=977 ..."; it goes to stderr
   and to systemd. A lost line stands for a handler that ended without saying that it wrote its
   session line (it exits 0 once it has):

     lost1 at=1764000000.123 peer=192.0.2.7 pport=40112 ms=14023 status=signal:9
     lost1 at=1764000000.123 peer=192.0.2.7 pport=40112 ms=14023 status=exit:111

   `at` is when the connection was accepted, as in a session line, and `ms` how long the handler
   lived. */
#ifndef SINBIN_ACCEPT_TALLY_H
#define SINBIN_ACCEPT_TALLY_H

#include "accept/crowd.h"
#include "base/span.h"

enum tally {
  TALLY_ACCEPTED, /* connections taken from the kernel: all the following up to fork, and started */
  TALLY_STARTED,  /* handlers */
  TALLY_TOTAL,    /* refused: the crowd is complete */
  TALLY_IPV4,     /* refused: this address holds its share */
  TALLY_NET64,    /* refused: this /64 holds its share */
  TALLY_RATE,     /* refused: too many within this second */
  TALLY_NETWORK,  /* refused: this network holds its share */
  TALLY_NETWORK_MINUTE, /* refused: this network had its share of this minute */
  TALLY_MINUTE,         /* refused: too many within this minute */
  TALLY_QUEUE,          /* refused: the session log is nearly full of lines that were not read */
  TALLY_WAITING,        /* refused: too many PROXY headers are awaited */
  TALLY_DENIED,         /* closed: a peer rule */
  TALLY_PROXY,          /* closed: no, or no whole, PROXY header */
  TALLY_RULES,          /* refused: the peer rules are damaged */
  TALLY_FORK,           /* refused: no process, or the handler cannot be executed */
  TALLY_GONE,           /* gone before it could be looked at */
  TALLY_PAUSE,          /* pauses of accepting for want of descriptors, memory or processes */
  TALLY_STALLED,        /* seconds in which the descriptor for lines took none */
  TALLY_LOST,           /* handlers that ended without their line */
  TALLY_UNLOGGED,       /* lost lines that could not be written */
  TALLY_COUNT
};

/* Threads may count and read at once. */
struct tally_sheet {
  _Atomic uint64_t count[TALLY_COUNT];
};

#define TALLY_TEXT_MAX 1024
#define LOST_TEXT_MAX  240

/* Writes the status without LF to buf (TALLY_TEXT_MAX bytes) and returns its length. */
size_t tally_status(const struct tally_sheet *sheet, const struct crowd_state *crowd, char *buf);

/* The reason for which the crowd refuses. */
enum tally tally_of(enum crowd_answer answer);

/* The reply with CRLF that a peer refused for this reason gets; empty where it gets none. */
struct span tally_refusal(enum tally reason);

struct lost {
  struct addr peer;
  uint16_t pport;
  int64_t at_ms, lived_ms;
  int status; /* an exit status, or minus a signal */
};

/* Writes a lost line without LF to buf (LOST_TEXT_MAX bytes) and returns its length. */
size_t lost_format(const struct lost *lost, char *buf);

#endif
