/* complaints.h: what is wrong with rule text, gathered, so that one run tells an operator
   everything.

   The first COMPLAINTS_MAX are kept, each with its file's name and line (0: the file as a whole);
   all are counted. `file` is borrowed and must outlive the list. A reason may quote bytes of the
   file: whoever shows it on a terminal makes them printable. */
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
};

/* "REASON" or, where a word is given, "REASON: WORD". */
void complain(struct complaints *c, const char *file, uint32_t line, const char *reason,
              struct span word);

#endif
