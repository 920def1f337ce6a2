/* rulefile.h: the rule files, and the tables that each of them fills.

   sinbin-rules(5) specifies the files. A file fills at most two tables: one of addresses, and one
   of names or suffixes; `helo` also has one of patterns. To add a file: a row in rulefiles[], a
   reader of its lines (readers.h), its section in the manual, a row in the tests. */
#ifndef SINBIN_RULE_RULEFILE_H
#define SINBIN_RULE_RULEFILE_H

#include "rule/listconf.h"
#include "rule/meaning.h"
#include "rule/tabletext.h"

#define RULE_TABLES_MAX 3

/* What the names of a CSV's columns say. Columns are numbered from 1; 0 means no column. */
struct heading {
  bool range;    /* the first two are the ends of a range */
  size_t action; /* the column that says what is done */
  size_t permit; /* the column that says whether an entry is let through: whitelisted... */
  size_t score;  /* the column with a score */
  size_t length; /* the column with the length of the prefix, or with its mask */
  size_t chosen; /* the column that listconf.h names */
};

/* The state of reading a response policy zone (reader_rpz.c). */
struct rpz {
  struct span apex;  /* the zone's name, without a dot at the end; empty: not known yet */
  struct span owner; /* of the record before */
  bool open;         /* within parentheses */
  bool seen;         /* there was a trigger, */
  int kind;          /* of this kind */
};

/* The tables of one file, and the state of the reader of its format. */
struct rulefile_tables {
  struct tabletext addresses, named, patterns;
  /* Lines that are not entries: directives of a zone file, entries wider than $MAXRANGE4 allows,
     names of columns. */
  size_t skipped;
  uint64_t max_range;          /* the most IPv4 addresses of an entry; 0: no limit */
  uint32_t first_pair_line;    /* the first line of a CSV with a range in two columns, or 0 */
  uint32_t first_single_line;  /* the first line of a CSV without one, or 0 */
  uint32_t first_number_line;  /* the first line of a CSV with a number in column 2, or 0 */
  const struct listconf *conf; /* what the operator says about the list, or NULL */
  struct meaning meaning;      /* the value of its entries */
  struct heading heading;
  struct span zone_value; /* the default value of a zone, at this line */
  struct rpz rpz;
  bool tabbed; /* read as a CSV because of a tab, after which a weight may be meant */
};

/* Reads a line. False is errno ENOMEM; a malformed line is an error that is reported, and true. */
typedef bool line_reader(struct ruleline *rl);
/* Checks the whole file after its tables are finished; last: the number of its last line. */
typedef void rulecheck(const struct rulefile_tables *tables, struct rule_errors *errors,
                       uint32_t last);

struct rulefile {
  const char *name;
  bool required;
  const char *addresses; /* the table of addresses, or NULL */
  const char *named;     /* the table of names or suffixes, or NULL */
  enum shape shape;      /* of `named` */
  const char *patterns;  /* the table of patterns, of shape names, or NULL */
  line_reader *read;
  rulecheck *check;  /* or NULL */
  const char *value; /* of an entry in a published format (format.h); NULL: none is read */
};

#define LIST_WEIGHT "4" /* of a list without a weight of its own */

#define HELO_FIXED_MIN 3 /* bytes of a pattern in `helo`, the star not counted */
#define HELO_FIXED_MAX 32

#define RULEFILES 20
extern const struct rulefile rulefiles[RULEFILES];

/* The rule file of this name, or NULL. */
const struct rulefile *rulefile_find(struct span name);

/* Is it a file of tables.d? */
bool rulefile_is_list(const struct rulefile *file);
/* Is it a published list, which each download replaces: tables.d, dynamic, blacklist? */
bool rulefile_is_published(const struct rulefile *file);

void rulefile_tables_init(struct rulefile_tables *tables, const struct rulefile *file);
/* Copies the tables, which still belong to *tables, to out. Some may have no entries or no name. */
void rulefile_tables_list(const struct rulefile_tables *tables,
                          struct tabletext out[RULE_TABLES_MAX]);
void rulefile_tables_free(struct rulefile_tables *tables);

#endif
