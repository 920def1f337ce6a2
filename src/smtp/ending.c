#include "smtp/ending.h"

static bool is_hangup(enum end how) {
  return how == END_FIN || how == END_RST;
}

enum end ending_judge(const struct end_state *moment, fact_set *facts) {
  if (moment->quit) return END_QUIT;
  if (is_hangup(moment->how) && moment->waiting && !moment->refused)
    fact_note(facts, FACT_HASTY_EXIT);
  if (moment->how != END_IDLE) return moment->how;
  if (!moment->refused && !moment->partial) fact_note(facts, FACT_STALL);
  if (moment->refused && moment->watch < ENDING_WATCH_MIN) return END_CAP;
  return END_IDLE;
}

enum after ending_after_451(const struct command_line *command) {
  if (command_is_body(command)) return AFTER_BODY;
  switch (command->command) {
  case COMMAND_RSET: return AFTER_RSET;
  case COMMAND_NOOP: return AFTER_NOOP;
  case COMMAND_MAIL: return AFTER_MAIL;
  case COMMAND_QUIT: return AFTER_NONE;
  default: return AFTER_OTHER;
  }
}

enum reply ending_final_reply(const struct end_state *moment) {
  if (moment->quit) return REPLY_BYE;
  switch (moment->how) {
  case END_IDLE:
  case END_CAP: return REPLY_IDLE;
  /* A message that is too long for us is refused like any other. */
  case END_LIMIT: return moment->in_body ? REPLY_REFUSAL : REPLY_LIMIT;
  case END_STOP: return REPLY_STOP;
  default: return REPLIES;
  }
}
