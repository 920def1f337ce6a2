/* hits.h: the sins that one session was found to have committed, while it is being judged.

   A sin is fired at most once and keeps its heaviest weight: some have variants with a weight of
   their own (`helo-tld-unknown` is a helo-tld), and a session may show both. Hits are kept under
   the name that the catalogue gives the sin; `row` is the weight that counted. `witness` is the
   heaviest weight that is no hint, so a hint does not hide a lighter witness.

   The evidence borrows from the line or from the rules, for a person who asks why. Nothing here
   allocates. */
#ifndef SINBIN_SCORE_HITS_H
#define SINBIN_SCORE_HITS_H

#include "line/sessionline.h"
#include "line/dialecthash.h"
#include "score/rules.h"
#include "score/parsedline.h"

struct reason {
  struct span text;           /* what the client said or is, as the line has it */
  uint64_t count;             /* how often, where that is what counts; else 0 */
  const char *table;          /* the rules that condemn it; NULL: none */
  struct span key;            /* the entry, in a table of names or suffixes */
  const struct addr *address; /* the entry, in a table of addresses */
};

struct hit {
  int row; /* enum sin, a row of rules/weights */
  int points;
  int witness; /* 0: it is a hint */
  bool sure;
  struct reason why;
};

/* One of the lists that have the client, with what it adds to `listed`. */
struct list_hit {
  struct weight weight;
  struct reason why;
};

#define HITS_PATTERN_MAX 48
#define LISTINGS_MAX     64 /* the operator's, and more than the resolver asks */

struct hits {
  const struct rules *rules;
  bool fired[SIN_COUNT];     /* by catalogue name */
  struct hit hit[SIN_COUNT]; /* valid where fired */
  struct list_hit listing[LISTINGS_MAX];
  size_t listings;
  bool damaged; /* a look-up found the database broken: what was found is worth nothing */
  char dialect[DIALECT_HEX]; /* its hash, once it was looked up */
  char pattern[HITS_PATTERN_MAX];
  size_t pattern_len;
};

void hits_init(struct hits *h, const struct rules *rules);

/* Fires the sin with the weight that the rules give to this row. */
void hits_fire(struct hits *h, int row, struct span why);
void hits_fire_because(struct hits *h, int row, const struct reason *why);
/* The same with a weight from elsewhere: a list's, a dialect's. */
void hits_fire_weight(struct hits *h, int row, struct weight weight, const struct reason *why);
/* The same where only a part of the weight, `witness`, is no hint. */
void sin_fire_part(struct hits *h, int row, struct weight weight, int witness,
                   const struct reason *why);

/* The catalogue's sin to which a row belongs, mostly itself. */
int hits_sin_of_row(int row);

/* Fires what the handler itself has seen and written down in did= and nosmtp=; names unknown here
   are ignored. */
void hits_fire_did(struct hits *h, const struct parsedline *s);

/* Look-ups that keep `damaged`: true where found. */
bool hits_find_name(struct hits *h, const char *table, struct span key, struct span *value);
/* *suffix is the entry. */
bool hits_find_suffix(struct hits *h, const char *table, struct span host, struct span *suffix,
                      struct span *value);
bool hits_find_addr(struct hits *h, const char *table, const struct addr *a, struct span *value);
bool hits_find_in(struct hits *h, const struct address_table *table, const struct addr *a,
                  struct span *value);
/* A pattern of rules/helo that the name fits, kept in h->pattern. */
bool hits_find_pattern(struct hits *h, struct span name);

#endif
