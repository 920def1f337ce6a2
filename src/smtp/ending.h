/* ending.h: how a session ended, and what came after the 451, in the words of line/outcome.h.

   ending_classify turns the last state into an end: a QUIT anywhere in what the client sent makes it
   a quit, however the connection was lost afterwards. */
#ifndef SINBIN_SMTP_ENDING_H
#define SINBIN_SMTP_ENDING_H

#include "line/outcome.h"
#include "smtp/command.h"
#include "smtp/fact.h"
#include "smtp/reply.h"

/* What is known when the end comes. */
struct end_state {
  enum end how;  /* as the connection or the clock has it */
  bool quit;     /* a QUIT was read */
  bool refused;  /* the 451 was sent */
  bool waiting;  /* a reply was still owed */
  bool partial;  /* bytes of an unfinished line were there */
  bool in_body;  /* the client was sending a message */
  int64_t watch; /* the configured watch, milliseconds */
};

/* A watch shorter than this tells nothing of a client that says nothing: its end is a cap. */
#define ENDING_WATCH_MIN 90000

/* Notes hasty-exit and stall; returns what end= says. */
enum end ending_classify(const struct end_state *state, fact_set *facts);

/* What the first command after the 451 was; AFTER_NONE for QUIT. */
enum after ending_after_451(const struct command_line *command);

/* The reply worth a last try, or REPLIES where there is none. */
enum reply ending_final_reply(const struct end_state *state);

#endif
