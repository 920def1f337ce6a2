/* rowtools.h: what the readers of lines (rulerow.c, foreignrow.c, csvrow.c) share.

   Those that return bool return what a row_reader does: false is ENOMEM, a complaint is true. */
#ifndef SINBIN_RULE_ROWTOOLS_H
#define SINBIN_RULE_ROWTOOLS_H

#include "rule/rulefile.h"

bool row_refuse(struct row *row, const char *reason, struct span word);
bool row_pass(struct row *row); /* no entry, but counted */
bool row_add_address(struct row *row, struct span word, struct span value);
bool row_add_prefix(struct row *row, struct prefix *prefix, struct span value);
bool row_add_host(struct row *row, struct span name, enum reach reach, struct span value);

/* What is made of digits and the marks of addresses alone is no name: 192.0.2.300 is a slip. */
bool row_looks_like_address(struct span word);
/* And this is a whole address, or meant to be one, rather than a number. */
bool row_has_address(struct span word);
/* "A - B" at the beginning of the text, a part of the line, becomes "A-B" in place. */
struct span row_join_range(struct row *row, struct span text);
void row_join_line(struct row *row);
/* The line is one word and nothing else; else a complaint and false. */
bool row_single(struct row *row, struct span *word);

#endif
