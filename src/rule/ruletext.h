/* ruletext.h: reads the text of one rule file into its tables.

   A UTF-8 byte order mark at the beginning is skipped. A line is an entry of words separated by
   blanks; `#` at its start or after a blank begins a comment; empty lines are ignored. CRLF is read
   as LF. These are refused, each with its line: control characters, a CR elsewhere, a line of more
   than RULE_LINE_MAX bytes, and a last line without its end, because a truncated file may end in
   another, valid entry (192.0.2.0/2).

   In a file that may be a published list, `;` also begins a comment, even directly after an
   address, unless another address follows. Such a file may have one of the formats of format.h: the
   text is searched for its format once, and each line is read by the reader of that format. Other
   lines are read by the reader of their file (rulefile.h). The text is changed in place (letters
   folded, blanks squeezed), and the tables borrow from it. */
#ifndef SINBIN_RULE_RULETEXT_H
#define SINBIN_RULE_RULETEXT_H

#include "rule/rulefile.h"

#define RULE_LINE_MAX 4096

/* Adds to *tables, which the caller initialised with rulefile_tables_init, and finishes them.
   Malformed text adds errors; false is errno ENOMEM. */
bool ruletext_read(const struct rulefile *file, char *text, size_t len,
                   struct rulefile_tables *tables, struct rule_errors *errors);

#endif
