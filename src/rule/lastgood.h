/* lastgood.h: the table of a published list as the database before has it.

   If a list cannot be read, its last good version stays in force. It is taken from the database
   that is being replaced: the entries that hold, with their lines and what was counted of the text.
   In a table of tables.d their value is what the list's name says now. Only a table with a date
   (record.h) is taken: others come from a sinbin-rules that did not judge lists as meaning.h and
   coverage.h do.

   The rows borrow from the database, which must stay open until they are written. */
#ifndef SINBIN_RULE_LASTGOOD_H
#define SINBIN_RULE_LASTGOOD_H

#include "rule/rulefile.h"
#include "rule/table.h"

enum lastgood { LASTGOOD_FOUND, LASTGOOD_NONE, LASTGOOD_DAMAGED, LASTGOOD_NO_MEMORY };

/* Fills rows, which rulefile_tables_init made and nothing was added to. */
enum lastgood lastgood_get(const struct table *old, const struct rulefile *file,
                           struct rulefile_tables *tables);

#endif
