/* errors.h: the errors and warnings of rule text, collected so that one run reports all of them.

   The first RULE_ERRORS_MAX of each kind are kept, each with the name of its file and its line (0:
   the whole file); all are counted. A warning does not stop anything. `file` is borrowed and must
   outlive the list. A reason may quote bytes of the file: the caller must make them printable
   before it shows them on a terminal.

   In rule/ a function says what went wrong in one of two ways. If the caller decides by it, the
   function returns an enum, or false for errno ENOMEM. If only a person reads it, it is a text:
   added to a struct rule_errors, or, from a parser of a single word, pointed to by *reason. */
#ifndef SINBIN_RULE_ERRORS_H
#define SINBIN_RULE_ERRORS_H

#include "base/span.h"
#include <stdint.h>

#define RULE_ERRORS_MAX 20

struct rule_message {
  const char *file;
  uint32_t line;
  char reason[400]; /* NUL-terminated, cut to fit */
};

struct rule_errors {
  struct rule_message kept[RULE_ERRORS_MAX];
  size_t count;
  struct rule_message warned[RULE_ERRORS_MAX];
  size_t warnings;
};

/* "REASON", or "REASON: WORD" if a word is given. */
void rule_error(struct rule_errors *errors, const char *file, uint32_t line, const char *reason,
                struct span word);
/* The same as a warning. */
void rule_warning(struct rule_errors *errors, const char *file, uint32_t line, const char *reason,
                  struct span word);

#endif
