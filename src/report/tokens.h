/* tokens.h: the words that the three kinds of lines between detectors and collectors share: a kind,
   an origin, numbers in their one spelling, one space between.

   The writer never exceeds its buffer: what does not fit is left out, and `full` says so. Readers
   take words off the front of *rest and are false on anything but the canonical spelling. */
#ifndef SINBIN_REPORT_TOKENS_H
#define SINBIN_REPORT_TOKENS_H

#include "report/message.h"

struct tokens {
  char *buf;
  size_t cap, len;
  bool full;
};

void tokens_put(struct tokens *w, struct span word);
void tokens_put_number(struct tokens *w, uint64_t value);
/* Kind, detector, keygen and epoch; full where the origin is none. */
void tokens_put_origin(struct tokens *w, const char *kind, const struct origin *origin);

bool tokens_number(struct span *rest, uint64_t max, uint64_t *out);
bool tokens_origin(struct span *rest, const char *kind, struct origin *origin);

bool tokens_are_hex(struct span text, size_t len); /* exactly len lower-case digits */

#endif
