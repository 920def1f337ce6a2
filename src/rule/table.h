/* table.h: the constant rule tables, read from a CDB file (sinbin-rules writes it, tablewriter.h).

   A database holds named tables ("dynamic", "whitelist", "helo", ...) of three shapes: addresses
   (ranges with a value, longest match wins, resolved when the database is built), names (exact,
   lower case) and suffixes (host names, longest match at a label boundary). A value is a byte
   string, mostly empty or a decimal weight. A look-up among names costs one CDB look-up, plus one
   per label for suffixes; where the address tables are is looked up once, when the database is
   opened, and an address then costs about one cache miss. record.h and interval.h describe the
   records. The database is mapped, never copied; values borrow from the map until table_close.

   Returns: 1 found, 0 not found, -1 the database is damaged. A table that no rule text defines is
   not found and table_exists is false: checks that need it are off. */
#ifndef SINBIN_RULE_TABLE_H
#define SINBIN_RULE_TABLE_H

#include "base/addr.h"
#include "base/span.h"
#include <cdb.h>

#define TABLE_NAME_MAX    48
#define TABLE_LISTS       "tables.d/" /* begins the names of the tables of an operator's lists */
#define TABLE_LISTS_MAX   32
#define TABLE_VERSION_LEN 16 /* hexadecimal digits: a hash of all that went into the database */

struct table {
  struct cdb cdb;
  char version[TABLE_VERSION_LEN + 1];
  struct address_table *addresses; /* in the order of the rules */
  size_t address_count;
};

/* Maps the database open on fd (which may be closed afterwards, and stays the caller's). False
   where it is none of ours or of another format version; errno EPROTO for that, or ENOMEM. */
bool table_open(struct table *t, int fd);
void table_close(struct table *t);
/* Reads the records at t->cdb anew, as table_open does once the file is mapped: for who looks at
   bytes that are no file. */
bool table_attach(struct table *t);

bool table_exists(const struct table *t, const char *name);
int table_find_addr(const struct table *t, const char *name, const struct addr *a,
                    struct span *value);
/* An address table by name, for those who ask it often, valid until table_close; NULL where there
   is none. table_find_addr is both steps in one. */
const struct address_table *table_addresses(const struct table *t, const char *name);
int table_addresses_find(const struct address_table *table, const struct addr *a,
                         struct span *value);
/* key: as it stands in the rules, which is lower case for names; the caller folds. */
int table_find_name(const struct table *t, const char *name, struct span key, struct span *value);
/* host: lower case, without a trailing dot; matches "x.example" and "example" for the suffix
   "example". *suffix is the part of host that matched. */
int table_find_suffix(const struct table *t, const char *name, struct span host,
                      struct span *suffix, struct span *value);

struct interval;
/* The nth interval of a table (interval.h), IPv4 first; 0 at the end. */
int table_addresses_at(const struct address_table *table, size_t nth, struct interval *out);

/* All entries of a table of names or suffixes, in their order: first takes place before the entry
   that next returns first. */
struct table_cursor {
  const char *name;
  unsigned int at;
  uint64_t left;
};
int table_first(const struct table *t, const char *name, struct table_cursor *cursor);
/* 0 at the end. */
int table_next(const struct table *t, struct table_cursor *cursor, struct span *key,
               struct span *value);

struct entry;
/* The same with all that is known of the entry (record.h). */
int table_next_entry(const struct table *t, struct table_cursor *cursor, struct span *key,
                     struct entry *entry);

struct head;
/* The head of a table (record.h). */
int table_head(const struct table *t, const char *name, struct head *head);
/* When a published list was written, in unix seconds, and whether this table is older than the file
   that the database was made of, since that could not be read. 0 for other tables. */
int table_date(const struct table *t, const char *name, uint64_t *date, bool *kept);

/* Where the winning entry of a look-up was written, for a person: the rule file's name and the line
   in it. The first for address tables, the second for names and (key: the *suffix found) suffixes.
 */
struct table_source {
  struct span file;
  uint32_t line;
};
int table_source_addr(const struct table *t, const char *name, const struct addr *a,
                      struct table_source *source);
int table_source_name(const struct table *t, const char *name, struct span key,
                      struct table_source *source);

/* The tables in their order, a head each, LF ended (record.h decodes them). */
int table_list(const struct table *t, struct span *lines);
/* The least and the greatest length of a key in a name table. False where there is no such table,
   or the database is damaged. */
bool table_key_lengths(const struct table *t, const char *name, size_t *shortest, size_t *longest);

#endif
