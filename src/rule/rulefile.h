/* rulefile.h: which rule files there are, what a line of each looks like, and which tables it
   fills.

   sinbin-rules(5) specifies them. A file fills at most two tables: one of addresses and one of
   names or suffixes; `helo` has one of patterns, too. To add a file: a row in rulefiles[], a reader
   of its lines (a row_reader), its section in the manual, a row in the tests. */
#ifndef SINBIN_RULE_RULEFILE_H
#define SINBIN_RULE_RULEFILE_H

#include "rule/format.h"
#include "rule/rows.h"

#define RULE_TABLES_MAX 3

/* The tables of one file, and what its format needs to keep in mind. */
struct rule_rows {
  struct rows addresses, named, patterns;
  /* Lines that are no entries: directives of a zone file, entries wider than it allows, names of
     columns. */
  size_t passed;
  uint64_t widest; /* the most IPv4 addresses of an entry; 0: no limit */
  uint32_t paired; /* the first row of a CSV with a range in two columns; 0: there is none */
  uint32_t single; /* and the first without */
};

/* A line that is being read: its words, in text that may be changed. */
struct row {
  char *text;
  size_t len;
  uint32_t line;
  const struct rulefile *file;
  struct rule_rows *rows;
  struct complaints *complaints;
};

/* False is errno ENOMEM; a malformed line is a complaint. */
typedef bool row_reader(struct row *row);
/* Looks at the whole file once it is settled; last: the number of its last line. */
typedef void rows_checker(const struct rule_rows *rows, struct complaints *c, uint32_t last);

struct rulefile {
  const char *name;
  bool required;
  const char *addresses; /* names of the tables that it fills; NULL: none of that shape */
  const char *named;
  enum shape shape; /* of `named` */
  row_reader *read;
  rows_checker *check;  /* or NULL */
  const char *patterns; /* of shape names, or NULL */
  const char *value;    /* of an entry in a foreign format (format.h); NULL: none is read */
};

#define LIST_WEIGHT "4" /* of a list that names none */

#define HELO_FIXED_MIN 3 /* bytes of a pattern in `helo`, the star not counted */
#define HELO_FIXED_MAX 32

#define RULEFILES 20
extern const struct rulefile rulefiles[RULEFILES];

/* NULL where no rule file has this name. */
const struct rulefile *rulefile_find(struct span name);

void rule_rows_init(struct rule_rows *rows, const struct rulefile *file);
/* Copies the tables, which stay the rows' own, to out; some may be without entries or a name. */
void rule_rows_tables(const struct rule_rows *rows, struct rows out[RULE_TABLES_MAX]);
void rule_rows_free(struct rule_rows *rows);

/* The readers, rulerow.c, foreignrow.c and csvrow.c; the checkers, rulecheck.c. */
row_reader row_weight, row_threshold, row_address, row_blacklist, row_whitelist, row_own,
    row_domain, row_mailbox, row_helo, row_bigco, row_label, row_private_label, row_pool_word,
    row_host_word, row_dialect, row_dnsbl, row_listed, row_zone, row_csv;
rows_checker check_weights, check_thresholds;
/* Ranges in two columns (csvrow.c) do not overlap, or they are none. */
void check_pairs(const struct rule_rows *rows, struct complaints *c);
/* No word is of a pool and of a host. */
void check_words(const struct rule_rows *pool, const struct rule_rows *host, struct complaints *c);

#endif
