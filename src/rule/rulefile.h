/* rulefile.h: which rule files there are, what a line of each looks like, and which tables it
   fills.

   sinbin-rules(5) specifies them. A file fills at most two tables: one of addresses and one of
   names or suffixes; `helo` has one of patterns, too. To add a file: a row in rulefiles[], a reader
   of its lines (a row_reader), its section in the manual, a row in the tests. */
#ifndef SINBIN_RULE_RULEFILE_H
#define SINBIN_RULE_RULEFILE_H

#include "rule/listconf.h"
#include "rule/meaning.h"
#include "rule/rows.h"

#define RULE_TABLES_MAX 3

/* What the names of a CSV's columns say. Columns are numbered from 1; 0: there is none. */
struct heading {
  bool range;    /* the first two are the ends of a range */
  size_t action; /* the one that says what is done */
  size_t permit; /* the one that says whether an entry is let through: whitelisted... */
  size_t chosen; /* the one that listconf.h names */
};

/* Where a response policy zone is being read (rpzrow.c). */
struct rpz {
  struct span apex;  /* the zone's name, without a dot at the end; empty: not known yet */
  struct span owner; /* of the record before */
  bool open;         /* within parentheses */
  bool seen;         /* there was a trigger, */
  int kind;          /* of this kind */
};

/* The tables of one file, and what its format needs to keep in mind. */
struct rule_rows {
  struct rows addresses, named, patterns;
  /* Lines that are no entries: directives of a zone file, entries wider than it allows, names of
     columns. */
  size_t passed;
  uint64_t widest; /* the most IPv4 addresses of an entry; 0: no limit */
  uint32_t paired; /* the first row of a CSV with a range in two columns; 0: there is none */
  uint32_t single; /* and the first without */
  const struct listconf *conf; /* what the operator says about the list, or NULL */
  struct meaning meaning;      /* the value of its entries */
  struct heading heading;
  struct span zone_value; /* the default value of a zone, at this line */
  struct rpz rpz;
  uint32_t seconds; /* the first row of a CSV with a number in the second column */
  bool tabbed;      /* taken for a CSV because of a tab, though a weight might stand after it */
};

/* A line that is being read: its words, in text that may be changed. */
struct row {
  char *text;
  size_t len;
  uint32_t line;
  bool indented; /* it began with a blank, which is taken off */
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

/* Is it a list of others, replaced whole by each download: those of tables.d, dynamic, blacklist?
 */
bool rulefile_is_published(const struct rulefile *file);

void rule_rows_init(struct rule_rows *rows, const struct rulefile *file);
/* Copies the tables, which stay the rows' own, to out; some may be without entries or a name. */
void rule_rows_tables(const struct rule_rows *rows, struct rows out[RULE_TABLES_MAX]);
void rule_rows_free(struct rule_rows *rows);

/* The readers, rulerow.c, foreignrow.c, csvrow.c and rpzrow.c; the checkers, rulecheck.c. */
row_reader row_weight, row_threshold, row_address, row_blacklist, row_whitelist, row_own,
    row_domain, row_mailbox, row_helo, row_bigco, row_label, row_private_label, row_pool_word,
    row_host_word, row_dialect, row_dnsbl, row_listed, row_zone, row_csv, row_rpz;
rows_checker check_weights, check_thresholds;
/* Ranges in two columns (csvrow.c) do not overlap, or they are none. */
void check_pairs(const struct rule_rows *rows, struct complaints *c);
/* Names of which none has a dot are a warning, all below a top-level domain is an error; numbers in
   blacklist that are no weights are a warning. */
void check_list(const struct rulefile *file, const struct rule_rows *rows, struct complaints *c);
/* No word is of a pool and of a host. */
void check_words(const struct rule_rows *pool, const struct rule_rows *host, struct complaints *c);

#endif
