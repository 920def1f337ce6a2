/* outstanding.h: the lines that a reporter has read and the collector has not acknowledged yet.
   Pure: the clock (monotonic milliseconds) and the randomness are given.

   Every line takes the next number; one that is not to be reported counts as acknowledged at once.
   At most OUTSTANDING_MAX numbers are held, from the lowest that is not acknowledged on: when that
   many are, outstanding_has_room is false, and the caller reads no more until it is answered. So
   memory is bounded (one struct, about 2.3 MB) and nothing is lost. `behind` is where the input
   goes on behind the last line of the contiguous acknowledged ones: what may stand in a checkpoint.

                 add            fill              expire
     (new) -----------> FRESH -------> UNDERWAY --------> EXPIRED
        \                  \               \  ^----fill----/  |
         \  nothing         \               \                 |
          \ to report        `--acknowledge--`-> DONE <-------'
           `------------------------------------^
*/
#ifndef SINBIN_REPORT_OUTSTANDING_H
#define SINBIN_REPORT_OUTSTANDING_H

#include "line/checkpoint.h"
#include "report/message.h"
#include "report/backoff.h"

#define OUTSTANDING_MAX 4096

enum outstanding_state {
  OUTSTANDING_DONE,
  OUTSTANDING_FRESH,
  OUTSTANDING_SENT,
  OUTSTANDING_EXPIRED
};

struct outstanding_line {
  int64_t since, sent, due;
  struct checkpoint behind;
  uint32_t attempts;
  uint16_t len;
  uint8_t state;
};

struct outstanding {
  uint64_t base;  /* the lowest number that is not acknowledged; == next: none is */
  uint64_t fresh; /* no number below it is still to be sent for the first time */
  uint64_t next;  /* what outstanding_add gives next */
  struct checkpoint behind;
  int64_t next_due; /* nothing expires before; OUTSTANDING_NEVER where nothing is under way */
  uint32_t underway, expired;
  uint64_t pending;                /* not acknowledged */
  uint64_t reports, acked, resent; /* so far: lines to be reported, ...; lines sent once more */
  struct outstanding_line lines[OUTSTANDING_MAX];
  char texts[OUTSTANDING_MAX][REPORT_LINE_MAX];
};

#define OUTSTANDING_NEVER INT64_MAX

/* Empty, the next number being start->seq; nothing else of it is looked at. */
void outstanding_start(struct outstanding *o, const struct checkpoint *start);
bool outstanding_has_room(const struct outstanding *o);

/* Takes the line numbered o->next, read now, behind which the input goes on at `behind`; text is
   its report, or empty. Only where there is room. */
void outstanding_add(struct outstanding *o, struct span text, const struct checkpoint *behind,
                     int64_t now);

/* Marks what is due now as expired. True where there was any; *sent is then when the last of it was
   sent, for backoff_timed_out. */
bool outstanding_expire(struct outstanding *o, int64_t now, int64_t *sent);

/* Puts lines into an empty datagram, expired ones first, while the pace allows; they are under way
   from then on. Returns how many. Call it until it returns 0. */
size_t outstanding_next_lines(struct outstanding *o, const struct backoff *p, int64_t now,
                              uint32_t random, struct datagram *d);

/* True where the number waited to be acknowledged; any other is left alone. */
bool outstanding_acknowledge(struct outstanding *o, uint64_t seq);

bool outstanding_waits_for(const struct outstanding *o, uint64_t seq);

/* After a silence: all lines count as never tried. */
void outstanding_reset_attempts(struct outstanding *o);

/* Milliseconds since the oldest unacknowledged line was read; 0 where there is none. */
int64_t outstanding_age(const struct outstanding *o, int64_t now);

#endif
