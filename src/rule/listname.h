/* listname.h: the names of the lists in tables.d.

   NAME.WEIGHT, NAME.WEIGHT.sure or NAME.WEIGHT.hint, each optionally followed by .gz. NAME is 1 to
   32 of a-z, 0-9 and hyphens, WEIGHT is 1 to 8. The file fills one table, tables.d/NAME, of
   addresses or of host names. The value of its entries is the weight ("4", "8 sure", "2 hint");
   that of excluded names is empty. */
#ifndef SINBIN_RULE_LISTNAME_H
#define SINBIN_RULE_LISTNAME_H

#include "rule/rulefile.h"
#include "rule/table.h"

#define LISTNAMES_MAX     TABLE_LISTS_MAX
#define LISTNAME_DIR      TABLE_LISTS
#define LISTNAME_FILE_MAX 80

/* Must not be moved: the rule file points into it. */
struct listname {
  char file[LISTNAME_FILE_MAX]; /* tables.d/NAME.WEIGHT... */
  char table[TABLE_NAME_MAX + 1];
  char value[8];
  struct rulefile rule;
};

/* If this is not a name of a list, false, and *reason is a text for the operator. */
bool listname_init(struct listname *out, const char *name, const char **reason);

#endif
