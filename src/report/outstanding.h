/* outstanding.h: the lines that a reporter has read and the collector has not acknowledged yet.
   Pure: the clock (monotonic milliseconds) and the randomness are parameters.

   Every line gets the next number. A line without a report counts as acknowledged at once. At most
   OUTSTANDING_MAX numbers are kept, from the lowest one that is not acknowledged: when that many
   are, outstanding_has_room is false, and the caller reads nothing until an answer comes. So memory
   is bounded (one struct, about 2.3 MB) and nothing is lost. `resume` is the position in the input
   after the lines that are acknowledged without a gap: it may be written to a checkpoint.

     state      event                              next state
     (new)      outstanding_add, with a report     FRESH
     (new)      outstanding_add, without a report  DONE
     FRESH      outstanding_next_lines             SENT
     SENT       outstanding_expire                 EXPIRED
     EXPIRED    outstanding_next_lines             SENT
     any        outstanding_acknowledge            DONE */
#ifndef SINBIN_REPORT_OUTSTANDING_H
#define SINBIN_REPORT_OUTSTANDING_H

#include "line/checkpoint.h"
#include "report/backoff.h"
#include "report/message.h"

#define OUTSTANDING_MAX 4096

enum outstanding_state {
  OUTSTANDING_DONE,
  OUTSTANDING_FRESH,
  OUTSTANDING_SENT,
  OUTSTANDING_EXPIRED
};

struct outstanding_line {
  int64_t since, sent, due;
  struct checkpoint resume; /* after this line */
  uint32_t attempts;
  uint16_t len;
  uint8_t state;
};

struct outstanding {
  uint64_t base;  /* the lowest number that is not acknowledged; next if all are */
  uint64_t fresh; /* every report below it has been sent at least once */
  uint64_t next;  /* the number of the next line */
  struct checkpoint resume;
  int64_t next_due;            /* nothing expires before; OUTSTANDING_NEVER: nothing is in flight */
  uint32_t in_flight, expired; /* lines in state SENT, EXPIRED */
  uint64_t pending;            /* reports not acknowledged */
  uint64_t reports, acked;     /* so far */
  uint64_t resent;             /* reports sent again, so far */
  struct outstanding_line lines[OUTSTANDING_MAX];
  char texts[OUTSTANDING_MAX][REPORT_LINE_MAX];
};

#define OUTSTANDING_NEVER INT64_MAX

/* Empties it; the first number will be start->seq. */
void outstanding_init(struct outstanding *o, const struct checkpoint *start);
bool outstanding_has_room(const struct outstanding *o);

/* Adds the line with number o->next, which was read now. text: its report, or empty. resume: the
   position of the input after the line. There must be room. */
void outstanding_add(struct outstanding *o, struct span text, const struct checkpoint *resume,
                     int64_t now);

/* Marks the lines that are due as expired. True if there were any; *sent is then the time when the
   last of them was sent, for backoff_timed_out. */
bool outstanding_expire(struct outstanding *o, int64_t now, int64_t *sent);

/* Puts lines into an empty datagram, expired ones first, if the limit of backoff.h allows; they are
   in flight from then on. Returns how many. Call it until it returns 0. */
size_t outstanding_next_lines(struct outstanding *o, const struct backoff *b, int64_t now,
                              uint32_t random, struct datagram *d);

/* True if the number waited to be acknowledged. Any other number changes nothing. */
bool outstanding_acknowledge(struct outstanding *o, uint64_t seq);

bool outstanding_waits_for(const struct outstanding *o, uint64_t seq);

/* After a silence: counts all lines as never sent. */
void outstanding_reset_attempts(struct outstanding *o);

/* Milliseconds since the oldest unacknowledged line was read; 0 if there is none. */
int64_t outstanding_age(const struct outstanding *o, int64_t now);

#endif
