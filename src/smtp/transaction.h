/* transaction.h: in which order commands may come (RFC 5321 section 4.1.4), and what to answer.

   The legal states are a table, drawn in transaction.c and typed in as data. A command that its
   verb's own checks refuse (syntax, parameters, too many recipients) changes nothing but the memory
   of what was refused, from which a client that goes on regardless is told from one that skips a
   step. */
#ifndef SINBIN_SMTP_TRANSACTION_H
#define SINBIN_SMTP_TRANSACTION_H

#include "smtp/command.h"
#include "smtp/fact.h"
#include "smtp/reply.h"

enum refuse_at { REFUSE_AT_DATA, REFUSE_AT_RCPT, REFUSE_AT_BODY };

enum transaction_state {
  STATE_START,     /* no HELO */
  STATE_GREETED,   /* HELO, no sender */
  STATE_SENDER,    /* a sender, no recipient */
  STATE_RECIPIENT, /* and at least one recipient */
  STATE_REFUSED,   /* the same, and DATA met the 451 */
  STATE_BODY,      /* after the 354 */
  STATES
};

struct transaction {
  enum refuse_at refuse_at;
  enum transaction_state state;
  bool helo_refused, sender_refused, recipient_refused; /* that step was tried and refused */
  uint32_t recipients; /* accepted, or at REFUSE_AT_RCPT answered 451 */
};

/* What a command's own checks found: REPLY_UNKNOWN and the like refuse it, REPLIES means no
 * objection. */
enum reply transaction_answer(struct transaction *t, enum command command, enum reply objection,
                              fact_set *facts);
/* The body ended. */
void transaction_body_end(struct transaction *t);

#endif
