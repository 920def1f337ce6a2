/* rowtools.h: what the readers of lines (rulerow.c, foreignrow.c, csvrow.c,
   rpzrow.c) share.

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
/* What a value makes of its entry; MEANT_UNCLEAR after a complaint. */
enum meant row_value(struct row *row, struct span value);
/* The same of a column that may hold anything: only a word such as OK or permit says something. */
enum meant row_remark(struct row *row, struct span value);
/* The same of a second column without a name. */
enum meant row_second(struct row *row, struct span value);
/* Adds an entry of a list of others as its value says. */
bool row_add_valued(struct row *row, struct prefix *prefix, enum meant meant);
/* Adds a host name of such a list. */
bool row_add_name(struct row *row, struct span name, enum reach reach, enum meant meant);
/* A file is of addresses or of names: is this entry of the other kind? Then it is a complaint. */
bool row_is_mixed(struct row *row, bool address, struct span word);
/* The line is one word and nothing else; else a complaint and false. */
bool row_single(struct row *row, struct span *word);

#endif
