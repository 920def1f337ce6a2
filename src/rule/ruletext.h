/* ruletext.h: reads the text of one rule file into rows.

   A UTF-8 byte order mark before the text is skipped. A line is an entry of blank-separated words;
   `#` at its start or behind a blank begins a comment; empty lines count for nothing. CRLF is read
   as LF. Refused, each with its line: control characters, a CR elsewhere, a line over RULE_LINE_MAX
   bytes, and a last line without its end, because a file that was cut short may end in a different,
   valid entry (192.0.2.0/2).

   In a file that others may have written, `;` begins a comment, too, also directly behind an
   address, unless another address follows. Such a file may also be in one of the formats of
   format.h, whose lines are read by their own rules. Which words a line of ours wants is the file's
   kind (rulefile.h). The text is changed in place (letters folded, blanks squeezed), and the rows
   borrow from it. */
#ifndef SINBIN_RULE_RULETEXT_H
#define SINBIN_RULE_RULETEXT_H

#include "rule/rulefile.h"

#define RULE_LINE_MAX 4096

/* Appends to the tables of *rows, which the caller set up with rulefile_tables_init, and
   settles them. What is wrong goes to the complaints; false is errno ENOMEM only. */
bool ruletext_read(const struct rulefile *file, char *text, size_t len,
                   struct rulefile_tables *tables, struct rule_errors *errors);

#endif
