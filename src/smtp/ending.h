/* ending.h: how a session ended, and what came after the 451, as the enumerations of
   line/outcome.h.

   If the client sent a QUIT, the end is END_QUIT, however the connection ended afterwards. */
#ifndef SINBIN_SMTP_ENDING_H
#define SINBIN_SMTP_ENDING_H

#include "line/outcome.h"
#include "smtp/command.h"
#include "smtp/fact.h"
#include "smtp/reply.h"

/* The state of the session when it ends. */
struct end_state {
  enum end how;  /* how the connection or the clock ended it */
  bool quit;     /* a QUIT was read */
  bool refused;  /* the 451 was sent */
  bool waiting;  /* a reply was pending */
  bool partial;  /* there was an unfinished line */
  bool in_body;  /* the client was sending a message */
  int64_t watch; /* TIMEOUT_WATCH, milliseconds */
};

/* A shorter watch is no evidence about a silent client: such a session ends in END_CAP. */
#define ENDING_WATCH_MIN 90000

/* Notes hasty-exit and stall; returns the value of end=. */
enum end ending_classify(const struct end_state *state, fact_set *facts);

/* Classifies the first command after the 451. AFTER_NONE for QUIT. */
enum after ending_after_451(const struct command_line *command);

/* The last reply to try to send, or REPLIES if there is none. */
enum reply ending_final_reply(const struct end_state *state);

#endif
