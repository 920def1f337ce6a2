#include "smtp/ending.h"

static bool is_hangup(enum end how) {
  return how == END_FIN || how == END_RST;
}

enum end ending_classify(const struct end_state *state, fact_set *facts) {
  if (state->quit) return END_QUIT;
  if (is_hangup(state->how) && state->waiting && !state->refused) fact_note(facts, FACT_HASTY_EXIT);
  if (state->how != END_IDLE) return state->how;
  if (!state->refused && !state->partial) fact_note(facts, FACT_STALL);
  if (state->refused && state->watch < ENDING_WATCH_MIN) return END_CAP;
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

enum reply ending_final_reply(const struct end_state *state) {
  if (state->quit) return REPLY_BYE;
  switch (state->how) {
  case END_IDLE:
  case END_CAP: return REPLY_IDLE;
  /* A message that is too long is refused like any other. */
  case END_LIMIT: return state->in_body ? REPLY_REFUSAL : REPLY_LIMIT;
  case END_STOP: return REPLY_STOP;
  default: return REPLIES;
  }
}
