/* counters.h: what the listener counts, the status line that shows it, and the reply to a peer that
   is refused.

   The status is one line of fields (line/field.h): "status1 held=3 peak=41 stress=0 accepted=977 ...".
   It goes to stderr and to systemd. Threads may count and read at the same time. */
#ifndef SINBIN_ACCEPT_COUNTERS_H
#define SINBIN_ACCEPT_COUNTERS_H

#include "accept/peertable.h"
#include "base/span.h"

/* clang-format off */
enum counter {
  COUNTER_ACCEPTED,       /* taken from the kernel: `started` and all below it up to `fork` */
  COUNTER_STARTED,        /* handlers */
  COUNTER_TOTAL,          /* refused: all places are taken */
  COUNTER_IPV4,           /* refused: the limit of this IPv4 address */
  COUNTER_NET64,          /* refused: the limit of this IPv6 /64 */
  COUNTER_RATE,           /* refused: too many within this second */
  COUNTER_NETWORK,        /* refused: this network holds its share */
  COUNTER_NETWORK_MINUTE, /* refused: this network has had its share of this minute */
  COUNTER_MINUTE,         /* refused: too many within this minute */
  COUNTER_QUEUE,          /* refused: the session log is nearly full of unread lines */
  COUNTER_WAITING,        /* refused: too many connections wait for a PROXY header */
  COUNTER_DENIED,         /* closed: a peer rule */
  COUNTER_PROXY,          /* closed: no complete PROXY header */
  COUNTER_RULES,          /* refused: the peer rules are damaged */
  COUNTER_FORK,           /* refused: no process, or the handler cannot be executed */
  COUNTER_GONE,           /* the peer had left before its connection was handled */
  COUNTER_PAUSE,          /* pauses in accepting: no descriptors, memory or processes */
  COUNTER_STALLED,        /* seconds in which the descriptor for lines was full */
  COUNTER_LOST,           /* handlers that ended without their line */
  COUNTER_UNLOGGED,       /* lost lines that could not be written */
  COUNTERS
};
/* clang-format on */

struct counters {
  _Atomic uint64_t count[COUNTERS];
};

#define COUNTERS_TEXT_MAX 1024

/* Writes the status without LF to buf (COUNTERS_TEXT_MAX bytes) and returns its length. */
size_t counters_format(const struct counters *counters, const struct peertable_state *peertable,
                       char *buf);

/* The counter of refusals for this reason. COUNTER_STARTED for ADMITTED. */
enum counter counters_of_admission(enum admission admission);

/* The reply, with CRLF, to a peer that is refused for this reason. Empty: no reply. */
struct span counters_reply(enum counter reason);

#endif
