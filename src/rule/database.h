/* database.h: opens a rule database by its path.

   Not pure, unlike the rest of rule/: it opens the file, and closes it after it has been mapped. */
#ifndef SINBIN_RULE_DATABASE_H
#define SINBIN_RULE_DATABASE_H

#include "rule/table.h"
#include "sys/fileid.h"

enum database {
  DATABASE_OPEN,
  DATABASE_UNREADABLE, /* it could not be opened or mapped */
  DATABASE_DAMAGED,    /* not a database of this version, or damaged */
};

/* Opens and maps the database; the caller calls table_close. On failure errno says why. *id is
   the identity of the file that was opened; id may be NULL. */
enum database database_open(struct table *t, const char *path, struct fileid *id);

#endif
