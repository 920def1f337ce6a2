/* envelope.h: the names and addresses a client gave, kept as the session line will show them.

   Everything is percent-encoded when it comes in (escape.h), so that nothing raw is stored. `helo`
   and `to` are lists of distinct elements, compared without regard to case; `from` is the last
   sender, "<>" the null one. What does not fit is left out whole, except that a first element is
   cut; either sets the mark of its kind. With hide_local only `@domain` is kept of an address. */
#ifndef SINBIN_SMTP_ENVELOPE_H
#define SINBIN_SMTP_ENVELOPE_H

#include "base/span.h"
#include <stdint.h>

#define ENVELOPE_HELO_MAX 600
#define ENVELOPE_FROM_MAX 520
#define ENVELOPE_TO_MAX   1400

struct envelope {
  uint16_t helo_len, from_len, to_len; /* 0: none was given */
  bool helo_cut, from_cut, to_cut;
  bool hide_local;
  char helo[ENVELOPE_HELO_MAX], from[ENVELOPE_FROM_MAX], to[ENVELOPE_TO_MAX];
};

void envelope_helo(struct envelope *e, struct span name);
/* An empty address is the null sender. */
void envelope_from(struct envelope *e, struct span address);
void envelope_to(struct envelope *e, struct span address);

#endif
