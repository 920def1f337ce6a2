/* score.h: judges one session line by the rules.

   score_line is a pure function of the line and the rules: the same line and the same database give
   the same bytes on any machine at any time. It allocates nothing. The judgement borrows from the
   line and from the rules. */
#ifndef SINBIN_SCORE_SCORE_H
#define SINBIN_SCORE_SCORE_H

#include "score/parsedline.h"
#include "score/verdict.h"

struct judgement {
  struct parsedline parsed;
  struct hits hits;
  struct total total;
  enum verdict verdict;
  struct reason exempt_by; /* for VERDICT_EXEMPT */
};

/* False if the database is damaged; the judgement is then not usable. */
bool score_line(const struct sessionline *line, const struct rules *rules, struct judgement *out);

/* Writes " rules=VERSION sins=... score=N verdict=...", at most SCORE_TEXT_MAX bytes; returns the
   length. Each sin has the name of the weight that counted; the order is that of rules/weights. */
#define SCORE_TEXT_MAX 1200
size_t score_format(const struct judgement *j, char *out);

/* Writes the digits of a score, at most NUMBER_MAX bytes; returns the length. */
size_t score_format_number(char *out, int score);

/* The line has fields of an earlier scoring. */
bool score_is_on(const struct sessionline *line);
/* Copies the line, which has no LF, to out (line.len bytes) without the fields of an earlier
   scoring. Returns the length. */
size_t score_strip(struct span line, char *out);

#endif
