/* score.h: judges one session line by the rules.

   score_line is a pure function of the line and the rules: the same line and the same database give
   the same bytes on any machine at any time. It allocates nothing. The judgement borrows from both.
   False: the database is damaged, and the judgement is worth nothing. */
#ifndef SINBIN_SCORE_SCORE_H
#define SINBIN_SCORE_SCORE_H

#include "score/parsedline.h"
#include "score/verdict.h"

struct judgement {
  struct parsedline subject;
  struct hits hits;
  struct total tally;
  enum verdict verdict;
  struct reason exempt_by; /* for VERDICT_EXEMPT */
};

bool score_line(const struct sessionline *line, const struct rules *rules, struct judgement *out);

/* " rules=VERSION sins=... score=N verdict=...", at most SCORE_TEXT_MAX bytes; the length. Sins
   stand under the name of the weight that counted, in the order of the catalogue. */
#define SCORE_TEXT_MAX 1200
size_t score_format(const struct judgement *j, char *out);

/* The score's digits, at most NUMBER_MAX bytes; the length. */
size_t score_format_number(char *out, int score);

/* The line carries fields of an earlier scoring. */
bool score_is_on(const struct sessionline *line);
/* Copies the line without LF to out (line.len bytes), leaving out the fields of an earlier scoring.
   Returns the length. */
size_t score_strip(struct span line, char *out);

#endif
