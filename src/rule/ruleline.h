/* ruleline.h: a line that is being read, and what the readers of lines (readers.h) share.

   Functions that return bool, and are not questions, return what a line_reader does: false is errno
   ENOMEM, and a reported error is true. */
#ifndef SINBIN_RULE_RULELINE_H
#define SINBIN_RULE_RULELINE_H

#include "rule/readers.h"

/* The text may be changed. */
struct ruleline {
  char *text;
  size_t len;
  uint32_t line;
  bool indented; /* it began with a blank, which is removed */
  const struct rulefile *file;
  const struct format *format;
  struct rulefile_tables *tables;
  struct rule_errors *errors;
};

bool ruleline_error(struct ruleline *rl, const char *reason, struct span word);
bool ruleline_skip(struct ruleline *rl); /* counts a line that is not an entry */

/* ---- adding entries ---- */

bool ruleline_add_named(struct ruleline *rl, struct span key, enum reach reach, struct span value);
bool ruleline_add_address(struct ruleline *rl, struct span word, struct span value);
bool ruleline_add_prefix(struct ruleline *rl, struct prefix *prefix, struct span value);
bool ruleline_add_host(struct ruleline *rl, struct span name, enum reach reach, struct span value);
/* An entry of a published list, as its value says. */
bool ruleline_add_valued(struct ruleline *rl, struct prefix *prefix, enum meant meant);
/* A host name of a published list. */
bool ruleline_add_name(struct ruleline *rl, struct span name, enum reach reach, enum meant meant);
/* The same, written as rbldnsd does: `*.` is what is below the name, `.` is both. A name that is
   excluded by its value, not by `excluded`, gives way to the same name listed. */
bool ruleline_add_pattern(struct ruleline *rl, struct span word, bool excluded, enum meant meant);
/* A file holds addresses or names. True, after an error, if this entry is of the other kind. */
bool ruleline_mixes_kinds(struct ruleline *rl, bool address, struct span word);

/* ---- words ---- */

/* True if the word holds only digits and the marks of addresses, or one of `:`, `/` and `!`. Such a
   word is not read as a name: 192.0.2.300 is a mistyped address. */
bool ruleline_looks_like_address(struct span word);
/* The same, and the word has a dot or colon, so that it is not a number. */
bool ruleline_is_whole_address(struct span word);
/* "A - B" at the beginning of the text, a part of the line, becomes "A-B" in place. */
struct span ruleline_join_range(struct ruleline *rl, struct span text);
void ruleline_join_line(struct ruleline *rl);
/* Is the line one word? If not, an error is reported. */
bool ruleline_single(struct ruleline *rl, struct span *word);
/* Makes a word of the line lower case, in place. */
void ruleline_fold(struct ruleline *rl, struct span word);

/* ---- values (meaning.h) ---- */

/* What a value makes of its entry; MEANT_UNCLEAR after an error. */
enum meant ruleline_value(struct ruleline *rl, struct span value);
/* The same for a column that may hold anything: only words such as OK or permit count. */
enum meant ruleline_remark(struct ruleline *rl, struct span value);
/* The same for a column that may hold a score: a negative one is that of an allowed entry. */
enum meant ruleline_score(struct ruleline *rl, struct span value);
/* The same for a second column that has no name. */
enum meant ruleline_unnamed_value(struct ruleline *rl, struct span value);

#endif
