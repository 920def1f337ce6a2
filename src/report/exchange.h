/* exchange.h: a reporter's side of the talk with a collector, as datagrams out and datagrams in.
   Pure: the caller has the socket, the clocks (now: monotonic milliseconds), the randomness and the
   files. One struct, about 2.3 MB, bounds all memory.

     caller                        exchange
     a line was read          ->   exchange_add
     time has passed          ->   exchange_expire, then exchange_next until it is false: send these
     a datagram came          ->   exchange_answer
     a heartbeat is due       ->   exchange_beat: send it

   window.behind may stand in a checkpoint; while outstanding_has_room(&window) is false no line may
   be added; window.next_due is when exchange_expire has something to do again. */
#ifndef SINBIN_REPORT_EXCHANGE_H
#define SINBIN_REPORT_EXCHANGE_H

#include "report/compose.h"
#include "report/mac.h"
#include "report/outstanding.h"

struct exchange {
  struct origin origin; /* epoch 0: not known yet, and nothing can be added */
  struct mac_key key;
  struct backoff pace;
  struct outstanding outstanding;
  int64_t started;
  uint64_t beat;               /* the last heartbeat's number */
  uint64_t lines, sent, bogus; /* lines read, datagrams made, answers that were none */
  uint64_t unread, failed;     /* the caller's: lines not reported, datagrams not sent */
  uint64_t gaps, lastgap; /* the caller's: lines gap1, and the time of the last, unix seconds */
  uint64_t refused;       /* how often the collector refused a report that waits, */
  uint64_t refused_seq;   /* and which one last */
};

/* first, longest: the pace's delays. No line has been read; numbers begin with 1. */
void exchange_start(struct exchange *e, int64_t first, int64_t longest, int64_t now);
/* Before the first line, where its number and epoch come from a checkpoint. */
void exchange_begin(struct exchange *e, const struct checkpoint *at);

/* Composes the line's report, numbered e->window.next; the line counts as read. */
void exchange_compose(struct exchange *e, struct span line, struct composed *out);

/* True where nobody answers any more, each time that lines time out. */
bool exchange_expire(struct exchange *e, int64_t now);
/* The next datagram to be sent now, closed with its tag. False: none. */
bool exchange_next(struct exchange *e, int64_t now, uint32_t random, struct datagram *d);

/* Untrusted: any datagram. False where it is no answer of the collector, which is counted. One that
   came before is harmless. */
bool exchange_answer(struct exchange *e, struct span datagram, int64_t now);

struct clocks {
  int64_t now, wall; /* wall: milliseconds of unix time */
};
/* A heartbeat of the origin, closed with its tag; epoch: where the exchange's own is not known yet.
   Its number is the wall clock's milliseconds, or one more than the last where that has stood or
   was set back, so that it grows through restarts too. False where no epoch is known. */
bool exchange_beat(struct exchange *e, uint64_t epoch, const struct clocks *m, struct datagram *d);

#define EXCHANGE_TEXT 512
void exchange_counts(const struct exchange *e, char text[EXCHANGE_TEXT]);

#endif
