/* The order of commands: every legal and illegal step, and what a refusal leaves. */
#include "smtp/transaction.h"
#include "tap.h"

/* A script of letters: E EHLO, H HELO, M MAIL, R RCPT, D DATA, Z RSET, N NOOP, Q QUIT, V VRFY,
   P HELP, A AUTH, T STARTTLS, B BDAT, F a foreign verb, ? an unknown one, and . the end of the
   message. A small letter is the same command, refused by its own checks with 501. */
static const struct row {
  const char *script;
  enum refuse_at refuse_at;
  const char *codes; /* the replies; the last one is looked at closely */
  enum transaction_state state;
  uint32_t recipients;
  const char *facts;
} rows[] = {
    {"", REFUSE_AT_DATA, "", STATE_START, 0, ""},
    /* The table, column by column. */
    {"H", REFUSE_AT_DATA, "250", STATE_GREETED, 0, ""},
    {"E", REFUSE_AT_DATA, "250", STATE_GREETED, 0, ""},
    {"M", REFUSE_AT_DATA, "503", STATE_START, 0, "bad-order"},
    {"R", REFUSE_AT_DATA, "503", STATE_START, 0, "bad-order"},
    {"D", REFUSE_AT_DATA, "503", STATE_START, 0, "bad-order"},
    {"Z", REFUSE_AT_DATA, "250", STATE_START, 0, ""},
    {"EE", REFUSE_AT_DATA, "250 250", STATE_GREETED, 0, ""},
    {"EH", REFUSE_AT_DATA, "250 250", STATE_GREETED, 0, ""},
    {"EM", REFUSE_AT_DATA, "250 250", STATE_SENDER, 0, ""},
    {"ER", REFUSE_AT_DATA, "250 503", STATE_GREETED, 0, "bad-order"},
    {"ED", REFUSE_AT_DATA, "250 503", STATE_GREETED, 0, "bad-order"},
    {"EZ", REFUSE_AT_DATA, "250 250", STATE_GREETED, 0, ""},
    {"EME", REFUSE_AT_DATA, "250 250 250", STATE_GREETED, 0, ""},
    {"EMM", REFUSE_AT_DATA, "250 250 503", STATE_SENDER, 0, "bad-order"},
    {"EMR", REFUSE_AT_DATA, "250 250 250", STATE_RECIPIENT, 1, ""},
    {"EMD", REFUSE_AT_DATA, "250 250 503", STATE_SENDER, 0, "bad-order"},
    {"EMZ", REFUSE_AT_DATA, "250 250 250", STATE_GREETED, 0, ""},
    {"EMRH", REFUSE_AT_DATA, "250 250 250 250", STATE_GREETED, 0, ""},
    {"EMRM", REFUSE_AT_DATA, "250 250 250 503", STATE_RECIPIENT, 1, "bad-order"},
    {"EMRR", REFUSE_AT_DATA, "250 250 250 250", STATE_RECIPIENT, 2, ""},
    {"EMRD", REFUSE_AT_DATA, "250 250 250 451", STATE_REFUSED, 1, ""},
    {"EMRZ", REFUSE_AT_DATA, "250 250 250 250", STATE_GREETED, 0, ""},
    {"EMRDE", REFUSE_AT_DATA, "250 250 250 451 250", STATE_GREETED, 0, ""},
    {"EMRDM", REFUSE_AT_DATA, "250 250 250 451 250", STATE_SENDER, 0, ""},
    {"EMRDR", REFUSE_AT_DATA, "250 250 250 451 250", STATE_RECIPIENT, 2, ""},
    {"EMRDD", REFUSE_AT_DATA, "250 250 250 451 451", STATE_REFUSED, 1, ""},
    {"EMRDZ", REFUSE_AT_DATA, "250 250 250 451 250", STATE_GREETED, 0, ""},
    /* Commands that change nothing. */
    {"EMRNVP", REFUSE_AT_DATA, "250 250 250 250 252 214", STATE_RECIPIENT, 1, ""},
    {"ATBF?Q", REFUSE_AT_DATA, "502 502 502 502 500 221", STATE_START, 0, ""},
    {"EMRn", REFUSE_AT_DATA, "250 250 250 501", STATE_RECIPIENT, 1, ""},
    /* A step that was tried and refused, and one that was left out. */
    {"e", REFUSE_AT_DATA, "501", STATE_START, 0, ""},
    {"eM", REFUSE_AT_DATA, "501 503", STATE_START, 0, "goes-on"},
    {"hR", REFUSE_AT_DATA, "501 503", STATE_START, 0, "goes-on"},
    {"eD", REFUSE_AT_DATA, "501 503", STATE_START, 0, "goes-on"},
    {"eEMRD", REFUSE_AT_DATA, "501 250 250 250 451", STATE_REFUSED, 1, ""},
    {"eHR", REFUSE_AT_DATA, "501 250 503", STATE_GREETED, 0, "bad-order"},
    {"hER", REFUSE_AT_DATA, "501 250 503", STATE_GREETED, 0, "bad-order"},
    {"eZM", REFUSE_AT_DATA, "501 250 503", STATE_START, 0, "goes-on"},
    {"EeR", REFUSE_AT_DATA, "250 501 503", STATE_GREETED, 0, "bad-order"},
    {"EhMR", REFUSE_AT_DATA, "250 501 250 250", STATE_RECIPIENT, 1, ""},
    {"EmR", REFUSE_AT_DATA, "250 501 503", STATE_GREETED, 0, "goes-on"},
    {"EmD", REFUSE_AT_DATA, "250 501 503", STATE_GREETED, 0, "goes-on"},
    {"mEM", REFUSE_AT_DATA, "501 250 250", STATE_SENDER, 0, "bad-order"},
    {"mR", REFUSE_AT_DATA, "501 503", STATE_START, 0, "bad-order,goes-on"},
    {"EmZR", REFUSE_AT_DATA, "250 501 250 503", STATE_GREETED, 0, "bad-order"},
    {"EmER", REFUSE_AT_DATA, "250 501 250 503", STATE_GREETED, 0, "bad-order"},
    {"EmHR", REFUSE_AT_DATA, "250 501 250 503", STATE_GREETED, 0, "bad-order"},
    {"EmMRD", REFUSE_AT_DATA, "250 501 250 250 451", STATE_REFUSED, 1, ""},
    {"EmMD", REFUSE_AT_DATA, "250 501 250 503", STATE_SENDER, 0, "bad-order"},
    {"EMrD", REFUSE_AT_DATA, "250 250 501 503", STATE_SENDER, 0, "goes-on"},
    {"EMrM", REFUSE_AT_DATA, "250 250 501 503", STATE_SENDER, 0, "bad-order"},
    {"EMrRD", REFUSE_AT_DATA, "250 250 501 250 451", STATE_REFUSED, 1, ""},
    {"EMRrD", REFUSE_AT_DATA, "250 250 250 501 451", STATE_REFUSED, 1, ""},
    {"EMrZD", REFUSE_AT_DATA, "250 250 501 250 503", STATE_GREETED, 0, "bad-order"},
    {"EMrZMD", REFUSE_AT_DATA, "250 250 501 250 250 503", STATE_SENDER, 0, "bad-order"},
    {"ErD", REFUSE_AT_DATA, "250 501 503", STATE_GREETED, 0, "bad-order,goes-on"},
    {"EMm", REFUSE_AT_DATA, "250 250 501", STATE_SENDER, 0, "bad-order"},
    {"EMmR", REFUSE_AT_DATA, "250 250 501 250", STATE_RECIPIENT, 1, "bad-order"},
    {"EMRd", REFUSE_AT_DATA, "250 250 250 501", STATE_RECIPIENT, 1, ""},
    /* A new mail that is refused after the 451 ends the old one. */
    {"EMRDm", REFUSE_AT_DATA, "250 250 250 451 501", STATE_GREETED, 0, ""},
    {"EMRDmR", REFUSE_AT_DATA, "250 250 250 451 501 503", STATE_GREETED, 0, "goes-on"},
    {"EMRDr", REFUSE_AT_DATA, "250 250 250 451 501", STATE_REFUSED, 1, ""},
    /* The 451 to each recipient. */
    {"EMR", REFUSE_AT_RCPT, "250 250 451", STATE_SENDER, 1, ""},
    {"EMRR", REFUSE_AT_RCPT, "250 250 451 451", STATE_SENDER, 2, ""},
    {"EMRD", REFUSE_AT_RCPT, "250 250 451 503", STATE_SENDER, 1, "goes-on"},
    {"EMM", REFUSE_AT_RCPT, "250 250 503", STATE_SENDER, 0, "bad-order"},
    {"EMRM", REFUSE_AT_RCPT, "250 250 451 250", STATE_SENDER, 0, ""},
    {"EMRMD", REFUSE_AT_RCPT, "250 250 451 250 503", STATE_SENDER, 0, "bad-order"},
    {"EMRm", REFUSE_AT_RCPT, "250 250 451 501", STATE_GREETED, 0, ""},
    {"EMRmR", REFUSE_AT_RCPT, "250 250 451 501 503", STATE_GREETED, 0, "goes-on"},
    {"EMRZ", REFUSE_AT_RCPT, "250 250 451 250", STATE_GREETED, 0, ""},
    {"ER", REFUSE_AT_RCPT, "250 503", STATE_GREETED, 0, "bad-order"},
    /* The 451 after the message. */
    {"EMRD", REFUSE_AT_BODY, "250 250 250 354", STATE_BODY, 1, ""},
    {"EMRD.", REFUSE_AT_BODY, "250 250 250 354", STATE_REFUSED, 1, ""},
    {"EMRD.M", REFUSE_AT_BODY, "250 250 250 354 250", STATE_SENDER, 0, ""},
    {"EMRD.D", REFUSE_AT_BODY, "250 250 250 354 354", STATE_BODY, 1, ""},
    {"EMD", REFUSE_AT_BODY, "250 250 503", STATE_SENDER, 0, "bad-order"},
    {"EMRd", REFUSE_AT_BODY, "250 250 250 501", STATE_RECIPIENT, 1, ""},
};

static enum command command_of(char letter) {
  static const char letters[] = "HEMRDZNQVPATBF?";
  const char *at = strchr(letters, letter);
  return (enum command)(at ? at - letters : 0);
}

static void play(const struct row *row) {
  struct transaction t = {.refuse_at = row->refuse_at};
  fact_set facts = 0;
  char codes[100], names[FACT_TEXT_MAX];
  size_t len = 0;
  for (const char *s = row->script; *s; s++) {
    if (*s == '.') {
      transaction_body_end(&t);
      continue;
    }
    bool refused = *s >= 'a' && *s <= 'z';
    enum reply reply = transaction_answer(&t, command_of(refused ? (char)(*s - 'a' + 'A') : *s),
                                          refused ? REPLY_SYNTAX : REPLIES, &facts);
    len += (size_t)snprintf(codes + len, sizeof codes - len, "%s%d", len ? " " : "",
                            reply_code(reply));
  }
  is_text(span_of(codes, len), row->codes, "%s, %d: replies", row->script, row->refuse_at);
  is_text(span_of(names, fact_list(facts, names)), row->facts, "%s: facts", row->script);
  ok(t.state == row->state, "%s: state %d", row->script, t.state);
  ok(t.recipients == row->recipients, "%s: %u recipients", row->script, t.recipients);
}

/* Replies with one code that are not the same. */
static void alike(void) {
  struct transaction t = {.refuse_at = REFUSE_AT_DATA};
  fact_set facts = 0;
  ok(transaction_answer(&t, COMMAND_MAIL, REPLIES, &facts) == REPLY_ORDER, "a sender too early");
  transaction_answer(&t, COMMAND_EHLO, REPLIES, &facts);
  ok(transaction_answer(&t, COMMAND_MAIL, REPLIES, &facts) == REPLY_SENDER, "a sender");
  ok(transaction_answer(&t, COMMAND_MAIL, REPLIES, &facts) == REPLY_NESTED, "another one");
  ok(transaction_answer(&t, COMMAND_RCPT, REPLIES, &facts) == REPLY_RECIPIENT, "a recipient");
  ok(transaction_answer(&t, COMMAND_MAIL, REPLIES, &facts) == REPLY_NESTED, "a sender again");
  ok(transaction_answer(&t, COMMAND_RSET, REPLIES, &facts) == REPLY_RESET, "a reset");
  ok(transaction_answer(&t, COMMAND_NOOP, REPLIES, &facts) == REPLY_NOTHING, "nothing");
  ok(transaction_answer(&t, COMMAND_HELP, REPLY_NOT_HERE, &facts) == REPLY_NOT_HERE,
     "an objection of the caller");
}

int main(void) {
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) play(&rows[i]);
  alike();
  return done();
}
