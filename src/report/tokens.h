/* tokens.h: the tokens of a line between a detector and a collector: a kind, an origin and numbers,
   with one space between them.

   The writer never exceeds its buffer: a token that does not fit is left out, and `full` is set.
   A reader takes one token from the front of *rest, and returns false unless its spelling is
   canonical. */
#ifndef SINBIN_REPORT_TOKENS_H
#define SINBIN_REPORT_TOKENS_H

#include "report/origin.h"

struct tokens {
  char *buf;
  size_t cap, len;
  bool full;
};

void tokens_put(struct tokens *t, struct span token);
void tokens_put_number(struct tokens *t, uint64_t value);
/* Kind, detector, keygen and epoch. Sets `full` if the origin is not valid. */
void tokens_put_origin(struct tokens *t, const char *kind, const struct origin *origin);

bool tokens_get_number(struct span *rest, uint64_t max, uint64_t *out);
bool tokens_get_origin(struct span *rest, const char *kind, struct origin *origin);

bool tokens_are_hex(struct span text, size_t len); /* exactly len lower-case digits */

#endif
