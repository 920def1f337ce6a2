/* fixedtext.h: builds a text in a buffer of fixed size, which the caller owns.

   What does not fit is left out, and `full` becomes true; the buffer never overflows. No function
   ends the text with a NUL. Pure. */
#ifndef SINBIN_PUBLISH_FIXEDTEXT_H
#define SINBIN_PUBLISH_FIXEDTEXT_H

#include "base/span.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct fixedtext {
  char *at;
  size_t cap, len;
  bool full;
};

void fixedtext_init(struct fixedtext *t, char *at, size_t cap);
/* Each of them adds all of it or nothing. */
void fixedtext_add(struct fixedtext *t, struct span s);
void fixedtext_add_str(struct fixedtext *t, const char *s);
void fixedtext_add_number(struct fixedtext *t, uint64_t value);

#endif
