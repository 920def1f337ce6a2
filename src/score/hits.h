/* hits.h: the sins found in one session while it is being judged.

   Each sin fires at most once and keeps its heaviest weight. Some sins have variants with a weight
   of their own (`helo-tld-unknown` is a helo-tld), and a session may show both. A hit is stored
   under the name of the sin; its `row` is the weight that counted. `witness` is the heaviest weight
   that is not a hint, so that a hint does not hide a lighter witness.

   A reason borrows from the line or from the rules; it is for a person who asks why. Nothing here
   allocates. */
#ifndef SINBIN_SCORE_HITS_H
#define SINBIN_SCORE_HITS_H

#include "line/dialecthash.h"
#include "line/sessionline.h"
#include "score/parsedline.h"
#include "score/rules.h"

struct reason {
  struct span text;           /* what the client said or is, as in the line */
  uint64_t count;             /* how often, if the count is the reason; else 0 */
  const char *table;          /* the rules that condemn it, or NULL */
  struct span key;            /* the entry in a table of names or suffixes */
  const struct addr *address; /* the entry in a table of addresses */
};

struct hit {
  int row; /* enum sin, a row of rules/weights */
  int points;
  int witness; /* 0: it is a hint */
  bool sure;
  struct reason why;
};

/* A list that has the client, and what it adds to `listed`. */
struct list_hit {
  struct weight weight;
  struct reason why;
};

#define HITS_PATTERN_MAX 48
#define HITS_LISTS_MAX   64 /* the operator's lists, and more than the resolver asks */

struct hits {
  const struct rules *rules;
  bool fired[SIN_COUNT];     /* by sin */
  struct hit hit[SIN_COUNT]; /* valid if fired */
  struct list_hit list_hit[HITS_LISTS_MAX];
  size_t list_hits;
  bool damaged;              /* a look-up found the database damaged: the hits are not usable */
  char dialect[DIALECT_HEX]; /* its hash, after it was looked up */
  char pattern[HITS_PATTERN_MAX];
  size_t pattern_len;
};

void hits_init(struct hits *h, const struct rules *rules);

/* Fires the sin with the weight that the rules give to this row. */
void hits_fire(struct hits *h, int row, struct span why);
void hits_fire_because(struct hits *h, int row, const struct reason *why);
/* The same with another weight: that of a list or of a dialect. */
void hits_fire_weight(struct hits *h, int row, struct weight weight, const struct reason *why);
/* The same, but only the part `witness` of the weight counts for the witness of the family; the rest
   is a hint. */
void hits_fire_part(struct hits *h, int row, struct weight weight, int witness,
                    const struct reason *why);

/* The sin to which a row belongs: for most rows the row itself. */
int hits_sin_of_row(int row);

/* Fires the sins that the handler has found and written into did= and nosmtp=. Unknown names are
   ignored. */
void hits_fire_did(struct hits *h, const struct parsedline *s);

/* Look-ups that set `damaged` if the database is. True if found. */
bool hits_find_name(struct hits *h, const char *table, struct span key, struct span *value);
/* *suffix is the entry. */
bool hits_find_suffix(struct hits *h, const char *table, struct span host, struct span *suffix,
                      struct span *value);
bool hits_find_addr(struct hits *h, const char *table, const struct addr *a, struct span *value);
bool hits_find_in(struct hits *h, const struct address_table *table, const struct addr *a,
                  struct span *value);
/* A pattern of rules/helo that the name matches; it is kept in h->pattern. */
bool hits_find_pattern(struct hits *h, struct span name);

#endif
