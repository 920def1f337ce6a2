/* transaction.h: the order of commands (RFC 5321 section 4.1.4), and the reply to each.

   The legal states are a table in transaction.c. A command can be refused by its own checks
   (syntax, parameters, too many recipients). Such a command is only remembered as refused; the
   state changes in a single case, which transaction.c describes. This distinguishes a client that
   goes on after a refusal (goes-on) from a client that leaves out a step (bad-order). */
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
  STATE_RECIPIENT, /* a sender and at least one recipient */
  STATE_REFUSED,   /* the same, and DATA was answered 451 */
  STATE_BODY,      /* after the 354 */
  STATES
};

struct transaction {
  enum refuse_at refuse_at;
  enum transaction_state state;
  bool helo_refused, sender_refused, recipient_refused; /* the step was tried and refused */
  uint32_t recipients; /* answered 250 or, with REFUSE_AT_RCPT, 451 */
};

/* Returns the reply to a command. objection is the reply by which the command's own checks refuse
   it, or REPLIES if they accept it. */
enum reply transaction_answer(struct transaction *t, enum command command, enum reply objection,
                              fact_set *facts);
/* The end of the message was read. */
void transaction_body_end(struct transaction *t);

#endif
