/* exchange.h: the reporter's side of the protocol, as datagrams out and datagrams in. Pure: the
   caller has the socket, the clocks (now: monotonic milliseconds), the randomness and the files.
   All memory is in one struct of about 2.3 MB.

     event                      call
     a line was read            exchange_compose, then outstanding_add
     time has passed            exchange_expire, then exchange_next until false: send its datagrams
     a datagram was received    exchange_answer

   outstanding.resume may be written to the checkpoint. While outstanding_has_room(&outstanding) is
   false, no line may be added. exchange_expire has nothing to do before outstanding.next_due. */
#ifndef SINBIN_REPORT_EXCHANGE_H
#define SINBIN_REPORT_EXCHANGE_H

#include "report/compose.h"
#include "report/mac.h"
#include "report/outstanding.h"

struct exchange {
  struct origin origin; /* epoch 0: not known yet; no line can be added */
  struct mac_key key;
  struct backoff backoff;
  struct outstanding outstanding;
  int64_t started;
  uint64_t beat;        /* the number of the last heartbeat */
  uint64_t lines;       /* lines read */
  uint64_t sent;        /* datagrams made */
  uint64_t bogus;       /* datagrams received that were not an answer */
  uint64_t refused;     /* refusals of reports that wait */
  uint64_t refused_seq; /* the number of the last one */
  /* The caller counts these. */
  uint64_t unread;  /* session lines that could not be reported */
  uint64_t failed;  /* datagrams that could not be sent */
  uint64_t gaps;    /* lines gap1 */
  uint64_t lastgap; /* the time of the last one, unix seconds */
};

/* first, longest: the delays of backoff.h. No line has been read; numbers begin with 1. */
void exchange_init(struct exchange *e, int64_t first, int64_t longest, int64_t now);
/* Sets epoch and first number from a checkpoint. Call it before the first line. */
void exchange_resume(struct exchange *e, const struct checkpoint *at);

/* Makes the report of a line, with number outstanding.next, and counts the line as read. */
void exchange_compose(struct exchange *e, struct span line, struct composed *out);

/* True for each silence (backoff.h): lines timed out, and the collector answers nothing. */
bool exchange_expire(struct exchange *e, int64_t now);
/* The next datagram to send now, closed with its tag. False: none. */
bool exchange_next(struct exchange *e, int64_t now, uint32_t random, struct datagram *d);

/* The input is untrusted: any datagram. False, and counted, if it is not an answer or a refusal of
   the collector. An answer that is repeated is harmless. */
bool exchange_answer(struct exchange *e, struct span datagram, int64_t now);

struct clocks {
  int64_t now, wall; /* wall: milliseconds of unix time */
};
/* Makes a heartbeat, closed with its tag. `epoch` is used while e->origin.epoch is 0. The number is
   the wall clock in milliseconds, or the last number plus 1 if the clock has not moved on, so that
   it also grows across restarts. False if no epoch is known. */
bool exchange_beat(struct exchange *e, uint64_t epoch, const struct clocks *c, struct datagram *d);

#define EXCHANGE_TEXT 512
void exchange_counts(const struct exchange *e, char text[EXCHANGE_TEXT]);

#endif
