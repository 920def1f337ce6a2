#include "smtp/ending.h"

static bool is_hangup(enum ending how) {
  return how == ENDING_FIN || how == ENDING_RST;
}

enum ending ending_judge(const struct last_moment *moment, fact_set *facts) {
  if (moment->quit) return ENDING_QUIT;
  if (is_hangup(moment->how) && moment->waiting && !moment->refused)
    fact_note(facts, FACT_HASTY_EXIT);
  if (moment->how != ENDING_IDLE) return moment->how;
  if (!moment->refused && !moment->partial) fact_note(facts, FACT_STALL);
  if (moment->refused && moment->watch < ENDING_WATCH_MIN) return ENDING_CAP;
  return ENDING_IDLE;
}

enum sequel ending_sequel(const struct command_line *command) {
  if (command_is_body(command)) return SEQUEL_BODY;
  switch (command->command) {
  case COMMAND_RSET: return SEQUEL_RSET;
  case COMMAND_NOOP: return SEQUEL_NOOP;
  case COMMAND_MAIL: return SEQUEL_MAIL;
  case COMMAND_QUIT: return SEQUEL_NONE;
  default: return command->line.len ? SEQUEL_OTHER : SEQUEL_NONE;
  }
}

enum reply ending_last_words(const struct last_moment *moment) {
  if (moment->quit) return REPLY_BYE;
  switch (moment->how) {
  case ENDING_IDLE:
  case ENDING_CAP: return REPLY_IDLE;
  /* A message that is too long for us is refused like any other. */
  case ENDING_LIMIT: return moment->in_body ? REPLY_REFUSAL : REPLY_LIMIT;
  case ENDING_STOP: return REPLY_STOP;
  default: return REPLIES;
  }
}
