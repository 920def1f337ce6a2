#include "smtp/transaction.h"

/* The reply to a command that passed its own checks, and the next state.

              START       GREETED     SENDER         RECIPIENT      REFUSED
   HELO EHLO  250 greeted 250 greeted 250 greeted    250 greeted    250 greeted
   MAIL       503         250 sender  503 nested     503 nested     250 sender
   RCPT       503         503         250 recipient  250 recipient  250 recipient
   DATA       503         503         503            451 refused    451 refused
   RSET       250         250         250 greeted    250 greeted    250 greeted
   others     the same reply in every state; the state stays

   REFUSED keeps the transaction, because RFC 5321 does not say that a DATA that is refused at once
   ends it. In this state a new MAIL, another RCPT and another DATA are all in order. A MAIL that is
   refused in this state ends the transaction: the client has begun another mail, which has no
   sender. STATE_BODY takes no commands. With REFUSE_AT_RCPT the reply to RCPT is 451 instead of
   250. With REFUSE_AT_BODY the reply to DATA is 354 (state BODY) instead of 451. */
struct step {
  enum reply reply;
  enum transaction_state next;
};

#define STEP(reply, next) \
  { REPLY_##reply, STATE_##next }

static const struct step steps[COMMAND_RSET + 1][STATE_BODY] = {
    [COMMAND_HELO] = {STEP(HELO, GREETED), STEP(HELO, GREETED), STEP(HELO, GREETED),
                      STEP(HELO, GREETED), STEP(HELO, GREETED)},
    [COMMAND_EHLO] = {STEP(HELO, GREETED), STEP(HELO, GREETED), STEP(HELO, GREETED),
                      STEP(HELO, GREETED), STEP(HELO, GREETED)},
    [COMMAND_MAIL] = {STEP(ORDER, START), STEP(SENDER, SENDER), STEP(NESTED, SENDER),
                      STEP(NESTED, RECIPIENT), STEP(SENDER, SENDER)},
    [COMMAND_RCPT] = {STEP(ORDER, START), STEP(ORDER, GREETED), STEP(RECIPIENT, RECIPIENT),
                      STEP(RECIPIENT, RECIPIENT), STEP(RECIPIENT, RECIPIENT)},
    [COMMAND_DATA] = {STEP(ORDER, START), STEP(ORDER, GREETED), STEP(ORDER, SENDER),
                      STEP(REFUSAL, REFUSED), STEP(REFUSAL, REFUSED)},
    [COMMAND_RSET] = {STEP(RESET, START), STEP(RESET, GREETED), STEP(RESET, GREETED),
                      STEP(RESET, GREETED), STEP(RESET, GREETED)},
};

static const enum reply others[COMMANDS] = {
    [COMMAND_NOOP] = REPLY_NOTHING,    [COMMAND_QUIT] = REPLY_BYE,
    [COMMAND_VRFY] = REPLY_VERIFY,     [COMMAND_HELP] = REPLY_HELP,
    [COMMAND_AUTH] = REPLY_NOT_HERE,   [COMMAND_STARTTLS] = REPLY_NOT_HERE,
    [COMMAND_BDAT] = REPLY_NOT_HERE,   [COMMAND_FOREIGN] = REPLY_NOT_HERE,
    [COMMAND_UNKNOWN] = REPLY_UNKNOWN,
};

/* goes-on: the step that must come before was tried and refused. bad-order: it was left out. */
static enum fact order_fact(const struct transaction *t, enum command command) {
  bool refused = t->helo_refused;
  if (command != COMMAND_MAIL) refused = refused || t->sender_refused;
  if (command == COMMAND_DATA) refused = refused || t->recipient_refused;
  return refused ? FACT_GOES_ON : FACT_BAD_ORDER;
}

/* If all recipients were answered 451, a new MAIL is in order, as it is after a refused DATA. */
static enum transaction_state effective_state(const struct transaction *t, enum command command) {
  bool all_refused =
      t->refuse_at == REFUSE_AT_RCPT && t->state == STATE_SENDER && t->recipient_refused;
  return all_refused && command == COMMAND_MAIL ? STATE_REFUSED : t->state;
}

static void forget_refusals(struct transaction *t, enum command command) {
  if (command == COMMAND_HELO || command == COMMAND_EHLO) t->helo_refused = false;
  t->sender_refused = t->recipient_refused = false;
}

static void remember_refusal(struct transaction *t, enum command command) {
  if (command == COMMAND_MAIL && effective_state(t, command) == STATE_REFUSED) {
    forget_refusals(t, command);
    t->recipients = 0;
    t->state = STATE_GREETED;
  }
  if (command == COMMAND_HELO || command == COMMAND_EHLO) t->helo_refused = t->state == STATE_START;
  if (command == COMMAND_MAIL) t->sender_refused = t->state <= STATE_GREETED;
  if (command == COMMAND_RCPT) t->recipient_refused = t->state != STATE_RECIPIENT;
}

static void apply_step(struct transaction *t, enum command command, enum transaction_state next) {
  bool new_transaction = command == COMMAND_HELO || command == COMMAND_EHLO ||
                         command == COMMAND_RSET || command == COMMAND_MAIL;
  if (new_transaction) forget_refusals(t, command);
  if (new_transaction) t->recipients = 0;
  if (command == COMMAND_RCPT) t->recipients++;
  t->state = next;
}

enum reply transaction_answer(struct transaction *t, enum command command, enum reply objection,
                              fact_set *facts) {
  if (command > COMMAND_RSET) return objection == REPLIES ? others[command] : objection;
  struct step step = steps[command][effective_state(t, command)];
  bool out_of_order = step.reply == REPLY_ORDER || step.reply == REPLY_NESTED;
  if (out_of_order) fact_note(facts, order_fact(t, command));
  if (objection != REPLIES || out_of_order) {
    remember_refusal(t, command);
    return objection != REPLIES ? objection : step.reply;
  }
  if (command == COMMAND_RCPT && t->refuse_at == REFUSE_AT_RCPT) {
    remember_refusal(t, command);
    t->recipients++;
    return REPLY_REFUSAL;
  }
  if (command == COMMAND_DATA && t->refuse_at == REFUSE_AT_BODY) {
    t->state = STATE_BODY;
    return REPLY_GO_AHEAD;
  }
  apply_step(t, command, step.next);
  return step.reply;
}

void transaction_body_end(struct transaction *t) {
  t->state = STATE_REFUSED;
}
