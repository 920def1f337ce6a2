/* rules.h: an open rule database, prepared for scoring.

   The weights are read once, when the database is opened, into an array with an element for each
   sin. A weight has points, and perhaps a mark: `sure` (the sin condemns alone) or `hint` (it counts
   in the score, but is not a witness). A sin that the table "weights" does not name is off; one of
   weight 0 is listed and does not count. The thresholds come from the table "thresholds". The
   existence of each table is looked up once, too, and the words of host names are copied out of the
   database (namewords.h).

   The struct owns the database until rules_close; all other functions only read it. */
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

/* Which tables exist. A check asks before it concludes anything from a failed look-up. */
struct tables {
  bool highmx, own, own_names, domains, recipients, spamtraps, tlds, private_tlds, bigco, dialects,
      dynamic, blacklist, whitelist, whitelist_names, dnsbl, helo, helo_patterns;
};

/* One of the lists in tables.d. */
struct list {
  char name[TABLE_NAME_MAX + 1];
  const struct address_table *addresses; /* NULL: a list of names */
};

struct rules {
  struct table table;
  struct weight weight[SIN_COUNT];
  int bot, suspect; /* the least score of a bot, and of a suspect */
  struct tables has;
  struct namewords words;
  struct list list[TABLE_LISTS_MAX];
  size_t lists;
  size_t pattern_min, pattern_max; /* the lengths of the keys of "helo-patterns" */
};

/* Takes ownership of the table only if it succeeds. On failure *bad is the name of the weight or
   threshold that is missing or malformed; NULL if the database is damaged or memory is short. */
bool rules_load(struct rules *r, const struct table *t, const char **bad);
void rules_close(struct rules *r);

/* Parses "8 sure", "4 hint", "2" or "-4"; *rest is the text after it ("4 the-name-of-a-bot"). */
bool rules_parse_weight(struct span text, struct weight *out, struct span *rest);

#endif
