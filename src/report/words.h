/* words.h: the words that the three kinds of lines between detectors and collectors share: a kind,
   an origin, numbers in their one spelling, one space between.

   The writer never exceeds its buffer: what does not fit is left out, and `full` says so. Readers
   take words off the front of *rest and are false on anything but the canonical spelling. */
#ifndef SINBIN_REPORT_WORDS_H
#define SINBIN_REPORT_WORDS_H

#include "report/message.h"

struct words {
  char *buf;
  size_t cap, len;
  bool full;
};

void words_put(struct words *w, struct span word);
void words_put_number(struct words *w, uint64_t value);
/* Kind, detector, keygen and epoch; full where the origin is none. */
void words_put_origin(struct words *w, const char *kind, const struct origin *origin);

bool words_number(struct span *rest, uint64_t max, uint64_t *out);
bool words_origin(struct span *rest, const char *kind, struct origin *origin);

bool words_are_hex(struct span text, size_t len); /* exactly len lower-case digits */

#endif
