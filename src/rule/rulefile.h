/* rulefile.h: which rule files there are, what a line of each looks like, and which tables it
   fills.

   sinbin-rules(5) specifies them. A file fills at most two tables: one of addresses and one of
   names or suffixes; `helo` has one of patterns, too. To add a file: a row in rulefiles[], a reader
   of its lines (a ruleline_reader), its section in the manual, a row in the tests. */
#ifndef SINBIN_RULE_RULEFILE_H
#define SINBIN_RULE_RULEFILE_H

#include "rule/listconf.h"
#include "rule/meaning.h"
#include "rule/tabletext.h"

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
struct rulefile_tables {
  struct tabletext addresses, named, patterns;
  /* Lines that are no entries: directives of a zone file, entries wider than it allows, names of
     columns. */
  size_t skipped;
  uint64_t max_range; /* the most IPv4 addresses of an entry; 0: no limit */
  uint32_t
      first_pair_line; /* the first row of a CSV with a range in two columns; 0: there is none */
  uint32_t first_single_line;  /* and the first without */
  const struct listconf *conf; /* what the operator says about the list, or NULL */
  struct meaning meaning;      /* the value of its entries */
  struct heading heading;
  struct span zone_value; /* the default value of a zone, at this line */
  struct rpz rpz;
  uint32_t seconds; /* the first row of a CSV with a number in the second column */
  bool tabbed;      /* taken for a CSV because of a tab, though a weight might stand after it */
};

/* A line that is being read: its words, in text that may be changed. */
struct rule_line {
  char *text;
  size_t len;
  uint32_t line;
  bool indented; /* it began with a blank, which is taken off */
  const struct rulefile *file;
  struct rulefile_tables *rows;
  struct rule_errors *rule_errors;
};

/* False is errno ENOMEM; a malformed line is a complaint. */
typedef bool ruleline_reader(struct rule_line *row);
/* Looks at the whole file once it is settled; last: the number of its last line. */
typedef void tables_checker(const struct rulefile_tables *rows, struct rule_errors *c,
                            uint32_t last);

struct rulefile {
  const char *name;
  bool required;
  const char *addresses; /* names of the tables that it fills; NULL: none of that shape */
  const char *named;
  enum shape shape; /* of `named` */
  ruleline_reader *read;
  tables_checker *check; /* or NULL */
  const char *patterns;  /* of shape names, or NULL */
  const char *value;     /* of an entry in a foreign format (format.h); NULL: none is read */
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

void rulefile_tables_init(struct rulefile_tables *rows, const struct rulefile *file);
/* Copies the tables, which stay the rows' own, to out; some may be without entries or a name. */
void rulefile_tables_list(const struct rulefile_tables *rows,
                          struct tabletext out[RULE_TABLES_MAX]);
void rulefile_tables_free(struct rulefile_tables *rows);

/* The readers, rulerow.c, listrow.c, csvrow.c and rpzrow.c; the checkers, rulecheck.c. */
ruleline_reader ruleline_weight, ruleline_threshold, ruleline_address, ruleline_blacklist,
    ruleline_whitelist, ruleline_own, ruleline_domain, ruleline_mailbox, ruleline_helo,
    ruleline_bigco, ruleline_label, ruleline_private_label, ruleline_pool_word, ruleline_host_word,
    ruleline_dialect, ruleline_dnsbl, read_list_line, read_zone_line, read_csv_line, ruleline_rpz;
tables_checker check_weights, check_thresholds;
/* Ranges in two columns (csvrow.c) do not overlap, or they are none. */
void check_pairs(const struct rulefile_tables *rows, struct rule_errors *c);
/* Names of which none has a dot are a warning, all below a top-level domain is an error; numbers in
   blacklist that are no weights are a warning. */
void check_list(const struct rulefile *file, const struct rulefile_tables *rows,
                struct rule_errors *c);
/* No word is of a pool and of a host. */
void check_words(const struct rulefile_tables *pool, const struct rulefile_tables *host,
                 struct rule_errors *c);

#endif
