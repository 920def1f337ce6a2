/* tablewriter.h: writes the rule database that table.h reads.

   The tables must be settled (tabletext.h) and free of complaints; one without entries that is not
   to be kept, or without a name, is left out. The same tables give the same bytes. fd is open for
   reading and writing, empty, at its start; the caller syncs and renames it. False with errno set:
   ENOMEM, EOVERFLOW (a record is too large), or what writing gave. */
#ifndef SINBIN_RULE_TABLEWRITER_H
#define SINBIN_RULE_TABLEWRITER_H

#include "rule/tabletext.h"
#include "rule/table.h"

bool tablewriter_write(int fd, const struct tabletext *tables, size_t count,
                       char version[TABLE_VERSION_LEN + 1]);

#endif
