/* errors.h: what is wrong with rule text, gathered, so that one run tells an operator
   everything.

   The first RULE_ERRORS_MAX are kept, each with its file's name and line (0: the file as a whole);
   all are counted, and so are warnings, apart: what is told but stops nothing. `file` is borrowed
   and must outlive the list. A reason may quote bytes of the file: whoever shows it on a terminal
   makes them printable. */
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

/* "REASON" or, where a word is given, "REASON: WORD". */
void rule_error(struct rule_errors *errors, const char *file, uint32_t line, const char *reason,
                struct span word);
/* The same as a warning. */
void rule_warning(struct rule_errors *errors, const char *file, uint32_t line, const char *reason,
                  struct span word);

#endif
