/* tabletext.h: the entries of one table, as read from rule text, before they become records.

   A table is an array of address entries (SHAPE_ADDRESSES) or of named ones. Keys and values borrow
   from the text, which must outlive the table. Adding is amortised; false is errno ENOMEM.
   tabletext_finish sorts the entries, drops duplicates and reports contradictions; then the order
   depends only on the text.

   In a table of whole nets an IPv6 address means its /64: tabletext_finish widens an entry
   that holds a part of a /64 to all of it, and reports an exclusion of a part. */
#ifndef SINBIN_RULE_TABLETEXT_H
#define SINBIN_RULE_TABLETEXT_H

#include "rule/errors.h"
#include "rule/prefix.h"
#include "rule/record.h"

struct named {
  struct span key;
  struct entry entry;
  bool excluded; /* for the count only; the value says what it means */
  bool soft;     /* as in struct prefix */
};

struct tabletext {
  const char *name; /* of the table; NULL: the file has no table of this shape */
  const char *file;
  enum shape shape;
  bool whole_nets;
  bool keep_empty; /* written even without an entry */
  struct prefix *prefixes;
  struct named *named;
  size_t count, room;
  size_t duplicates; /* dropped by tabletext_finish */
  size_t skipped;    /* lines of its file that are not entries */
  uint64_t date;     /* when a published list was written; 0: not a published list */
  bool from_old;     /* from the database before (lastgood.h), as are its counts: */
  uint64_t counts[HEAD_NUMBERS];
};

bool tabletext_add_prefix(struct tabletext *table, const struct prefix *prefix);
bool tabletext_add_named(struct tabletext *table, const struct named *named);
/* The order of keys in a finished table, as of memcmp. */
int tabletext_compare_keys(struct span a, struct span b);
void tabletext_finish(struct tabletext *table, struct rule_errors *errors);
void tabletext_free(struct tabletext *table);

#endif
