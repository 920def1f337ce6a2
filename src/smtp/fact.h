/* fact.h: facts about the behaviour of a client, as the field did= of the session line lists them.

   A fact is an observation, not a judgement. sinbin-session(5) defines each fact. A set of facts is
   a bit set, so a fact that is noted twice is in it once. fact_list writes the names, joined by
   `,`, in the order of the enumeration. The catalogue that scores the facts has the same order. A
   new fact needs a member here and a name in fact.c. */
#ifndef SINBIN_SMTP_FACT_H
#define SINBIN_SMTP_FACT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum fact {
  FACT_EARLY_TALK,
  FACT_TEASER_TALK,
  FACT_EARLY_QUIT,
  FACT_TALK_IN_DELAY,
  FACT_PIPELINED,
  FACT_HASTY_EXIT,
  FACT_STALL,
  FACT_BODY_AFTER_451,
  FACT_BARE_LF,
  FACT_BARE_CR,
  FACT_AUTH,
  FACT_UNOFFERED,
  FACT_STARTTLS,
  FACT_PARAMS_AFTER_HELO,
  FACT_NO_BRACKETS,
  FACT_ODD_SPACE,
  FACT_BAD_ORDER,
  FACT_NO_HELO,
  FACT_GARBAGE,
  FACT_LONG_LINE,
  FACT_GOES_ON,
  FACT_HELO_EMPTY,
  FACTS
};

#define FACT_TEXT_MAX 260 /* all names and commas; fact.c checks it */

typedef uint32_t fact_set;

static inline void fact_note(fact_set *set, enum fact fact) {
  *set |= UINT32_C(1) << fact;
}
static inline void fact_drop(fact_set *set, enum fact fact) {
  *set &= ~(UINT32_C(1) << fact);
}
static inline bool fact_seen(fact_set set, enum fact fact) {
  return set >> fact & 1;
}

/* Writes at most FACT_TEXT_MAX bytes, no NUL; returns the length. */
size_t fact_list(fact_set set, char *out);

#endif
