/* ruleline.h: what the readers of lines (rulerow.c, listrow.c, csvrow.c,
   rpzrow.c) share.

   Those that return bool return what a ruleline_reader does: false is ENOMEM, a complaint is true. */
#ifndef SINBIN_RULE_RULELINE_H
#define SINBIN_RULE_RULELINE_H

#include "rule/rulefile.h"

bool ruleline_error(struct rule_line *row, const char *reason, struct span word);
bool ruleline_skip(struct rule_line *row); /* no entry, but counted */
bool ruleline_add_address(struct rule_line *row, struct span word, struct span value);
bool ruleline_add_prefix(struct rule_line *row, struct prefix *prefix, struct span value);
bool ruleline_add_host(struct rule_line *row, struct span name, enum reach reach,
                       struct span value);

/* What is made of digits and the marks of addresses alone is no name: 192.0.2.300 is a slip. */
bool ruleline_looks_like_address(struct span word);
/* And this is a whole address, or meant to be one, rather than a number. */
bool ruleline_has_address(struct span word);
/* "A - B" at the beginning of the text, a part of the line, becomes "A-B" in place. */
struct span ruleline_join_range(struct rule_line *row, struct span text);
void ruleline_join_line(struct rule_line *row);
/* What a value makes of its entry; MEANT_UNCLEAR after a complaint. */
enum meant ruleline_value(struct rule_line *row, struct span value);
/* The same of a column that may hold anything: only a word such as OK or permit says something. */
enum meant ruleline_remark(struct rule_line *row, struct span value);
/* The same of a second column without a name. */
enum meant ruleline_second(struct rule_line *row, struct span value);
/* Adds an entry of a list of others as its value says. */
bool ruleline_add_valued(struct rule_line *row, struct prefix *prefix, enum meant meant);
/* Adds a host name of such a list. */
bool ruleline_add_name(struct rule_line *row, struct span name, enum reach reach, enum meant meant);
/* A file is of addresses or of names: is this entry of the other kind? Then it is a complaint. */
bool ruleline_is_mixed(struct rule_line *row, bool address, struct span word);
/* The line is one word and nothing else; else a complaint and false. */
bool ruleline_single(struct rule_line *row, struct span *word);

#endif
