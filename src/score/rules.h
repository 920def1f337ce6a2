/* rules.h: an open rule database made ready for scoring.

   The weights are read once, when the database is opened, into an array indexed by the sin: a
   weight is points, and perhaps a mark: `sure` (the sin condemns alone) or `hint` (it counts in the
   score, but is no witness). A sin that the table
   "weights" does not name is switched off; one of weight 0 is listed and counts for nothing.
   Thresholds come from the table "thresholds". Which tables exist is asked once, too, and the words
   by which host names are told apart are taken out of the database (tokens.h).

   The database belongs to the struct until rules_close; everything else only reads it. */
#ifndef SINBIN_SCORE_RULES_H
#define SINBIN_SCORE_RULES_H

#include "rule/sinnames.h"
#include "score/namewords.h"

#define WEIGHT_MIN (-99)
#define WEIGHT_MAX 99

struct weight {
  int points;
  bool sure, hint; /* not both */
  bool on;         /* the rules name it */
};

/* The tables that a check asks for before it trusts an answer of "not found". */
struct tables {
  bool highmx, own, own_names, domains, recipients, spamtraps, tlds, private_tlds, bigco, dialects,
      dynamic, blacklist, whitelist, whitelist_names, dnsbl, helo, helo_patterns;
};

/* One of the lists in tables.d. */
struct list {
  char name[TABLE_NAME_MAX + 1];
  const struct address_table *addresses; /* NULL: it is a list of names */
};

struct rules {
  struct table table;
  struct weight weight[SIN_COUNT];
  int bot, suspect; /* the scores from which a session is one */
  struct tables has;
  struct namewords words;
  struct list list[TABLE_LISTS_MAX];
  size_t lists;
  size_t pattern_min, pattern_max; /* the lengths of the keys of "helo-patterns" */
};

/* Takes the table over, also on failure. False: *bad names the row that is missing or malformed;
   NULL: the database is damaged, or memory is short. */
bool rules_load(struct rules *r, const struct table *t, const char **bad);
void rules_close(struct rules *r);

/* "8 sure", "4 hint", "2", "-4", and what follows them in *rest ("4 the-name-of-a-bot"). */
bool weight_parse(struct span text, struct weight *out, struct span *rest);

#endif
