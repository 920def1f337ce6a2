/* lastgood.h: the table of a published list in the previous database.

   If a list cannot be read, its last good version stays in use. It is copied from the database that
   is being replaced: the winning entries, with their lines and the counts of the text. In a table
   of tables.d the value of the entries is the one in the present name of the list. Only a table
   with a date (record.h) is copied: one without a date was written by a sinbin-rules that did not
   check lists as meaning.h and coverage.h do.

   The tables borrow from the database, which must stay open until they are written. */
#ifndef SINBIN_RULE_LASTGOOD_H
#define SINBIN_RULE_LASTGOOD_H

#include "rule/rulefile.h"
#include "rule/table.h"

enum lastgood { LASTGOOD_FOUND, LASTGOOD_NONE, LASTGOOD_DAMAGED, LASTGOOD_NO_MEMORY };

/* Fills *tables, which must be as rulefile_tables_init left them. */
enum lastgood lastgood_get(const struct table *old, const struct rulefile *file,
                           struct rulefile_tables *tables);

#endif
