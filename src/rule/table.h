/* table.h: the constant rule tables in a CDB file, which sinbin-rules writes (tablewriter.h).

   A database holds named tables ("dynamic", "whitelist", "helo", ...) of three shapes:

     addresses  ranges with a value; the longest match wins, resolved when the database is built
     names      exact, in lower case
     suffixes   host names; the longest match at a label boundary wins

   A value is a byte string, mostly empty or a decimal weight. A name costs one CDB look-up, a
   suffix one for each label. The address tables are located when the database is opened; an address
   then costs about one cache miss. record.h and interval.h specify the records. The database is
   mapped, never copied; values borrow from the map until table_close.

   Returns: 1 found, 0 not found, -1 the database is damaged. If no rule text defines a table, it is
   not found and table_exists is false: the checks that need it are off. */
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

/* Maps the database that is open on fd; the caller may close fd afterwards. False with errno EPROTO
   if it is not a rule database of this version of the format, or with errno ENOMEM. */
bool table_open(struct table *t, int fd);
void table_close(struct table *t);
/* Reads the records at t->cdb again, as table_open does after it has mapped the file. For databases
   that are not in a file. */
bool table_attach(struct table *t);

bool table_exists(const struct table *t, const char *name);
int table_find_addr(const struct table *t, const char *name, const struct addr *a,
                    struct span *value);
/* An address table by name, for repeated look-ups, valid until table_close; NULL if there is none.
   table_find_addr does both steps. */
const struct address_table *table_addresses(const struct table *t, const char *name);
int table_addresses_find(const struct address_table *table, const struct addr *a,
                         struct span *value);
/* key: as in the rules; names are in lower case, which is up to the caller. */
int table_find_name(const struct table *t, const char *name, struct span key, struct span *value);
/* host: lower case, without a trailing dot; matches "x.example" and "example" for the suffix
   "example". *suffix is the part of host that matched. */
int table_find_suffix(const struct table *t, const char *name, struct span host,
                      struct span *suffix, struct span *value);

struct interval;
/* The nth interval of a table (interval.h), IPv4 first; 0 at the end. */
int table_addresses_at(const struct address_table *table, size_t nth, struct interval *out);

/* All entries of a table of names or suffixes, in their order. table_first places the cursor in
   front of the first entry. */
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
/* The same with the whole entry (record.h). */
int table_next_entry(const struct table *t, struct table_cursor *cursor, struct span *key,
                     struct entry *entry);

struct head;
/* The head of a table (record.h). */
int table_head(const struct table *t, const char *name, struct head *head);
/* When a published list was written, in unix seconds, and whether its table was copied from the
   previous database because the file could not be read. 0 for other tables. */
int table_date(const struct table *t, const char *name, uint64_t *date, bool *kept);

/* The rule file and the line of the winning entry of a look-up, for a person. table_source_addr is
   for addresses, table_source_name for names and for suffixes (key: the *suffix found). */
struct table_source {
  struct span file;
  uint32_t line;
};
int table_source_addr(const struct table *t, const char *name, const struct addr *a,
                      struct table_source *source);
int table_source_name(const struct table *t, const char *name, struct span key,
                      struct table_source *source);

/* The heads of the tables in their order, each ended by LF (record.h decodes them). */
int table_list(const struct table *t, struct span *lines);
/* The least and the greatest length of a key in a table of names. False if there is no such table,
   or the database is damaged. */
bool table_key_lengths(const struct table *t, const char *name, size_t *shortest, size_t *longest);

#endif
