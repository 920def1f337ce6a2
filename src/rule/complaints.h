/* complaints.h: what is wrong with rule text, gathered, so that one run tells an operator
   everything.

   The first COMPLAINTS_MAX are kept, each with its file's name and line (0: the file as a whole);
   all are counted, and so are warnings, apart: what is told but stops nothing. `file` is borrowed
   and must outlive the list. A reason may quote bytes of the file: whoever shows it on a terminal
   makes them printable. */
#ifndef SINBIN_RULE_COMPLAINTS_H
#define SINBIN_RULE_COMPLAINTS_H

#include "base/span.h"
#include <stdint.h>

#define COMPLAINTS_MAX 20

struct complaint {
  const char *file;
  uint32_t line;
  char reason[400]; /* NUL-terminated, cut to fit */
};

struct complaints {
  struct complaint kept[COMPLAINTS_MAX];
  size_t count;
  struct complaint warned[COMPLAINTS_MAX];
  size_t warnings;
};

/* "REASON" or, where a word is given, "REASON: WORD". */
void complain(struct complaints *c, const char *file, uint32_t line, const char *reason,
              struct span word);
/* The same as a warning. */
void warn_of(struct complaints *c, const char *file, uint32_t line, const char *reason,
             struct span word);

#endif
