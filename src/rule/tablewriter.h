/* tablewriter.h: writes the rule database that table.h reads.

   The tables must be finished (tabletext.h) and free of errors. A table without a name is left out,
   and so is one without entries, unless it has keep_empty. The same tables give the same bytes. fd
   is open for reading and writing, empty, at its start; the caller syncs and renames the file.
   False with errno set: ENOMEM, EOVERFLOW (a record is too large), or that of a write. */
#ifndef SINBIN_RULE_TABLEWRITER_H
#define SINBIN_RULE_TABLEWRITER_H

#include "rule/tabletext.h"
#include "rule/table.h"

bool tablewriter_write(int fd, const struct tabletext *tables, size_t count,
                       char version[TABLE_VERSION_LEN + 1]);

#endif
