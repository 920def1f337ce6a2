/* summary.h: a finished session in the words of the session line (sinbin-session(5)).

   Only the texts that have to be put together; counts and enumerations are read from the session
   itself. All texts are encoded and hold at most the bytes that their *_MAX says. The spans borrow
   from the record and from the session; one with s == NULL is absent. */
#ifndef SINBIN_SMTP_SUMMARY_H
#define SINBIN_SMTP_SUMMARY_H

#include "smtp/session.h"

#define SUMMARY_DIALECT_MAX (3 * DIALECT_MAX)
#define SUMMARY_CUT_MAX     32

struct summary {
  struct span helo, from, to, nosmtp, talk, did, dialect, cut;
  char talk_text[EARLYDATA_TEXT_MAX], did_text[FACT_TEXT_MAX], dialect_text[SUMMARY_DIALECT_MAX];
  char cut_text[SUMMARY_CUT_MAX];
};

void summary_fill(struct summary *r, const struct session *s);

#endif
