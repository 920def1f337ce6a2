/* envelope.h: the names and addresses that a client gave, as the session line shows them.

   The text is percent-encoded (escape.h) before it is stored. `helo` and `to` are lists of distinct
   elements, compared without regard to case. `from` is the last sender; "<>" is the null sender. An
   element that does not fit is left out; a first element that does not fit is cut. Both set
   helo_cut, from_cut or to_cut. With hide_local only the part of an address from `@` on is kept. */
#ifndef SINBIN_SMTP_ENVELOPE_H
#define SINBIN_SMTP_ENVELOPE_H

#include "base/span.h"
#include <stdint.h>

#define ENVELOPE_HELO_MAX 600
#define ENVELOPE_FROM_MAX 520
#define ENVELOPE_TO_MAX   1400

struct envelope {
  uint16_t helo_len, from_len, to_len; /* 0: not given */
  bool helo_cut, from_cut, to_cut;
  bool hide_local;
  char helo[ENVELOPE_HELO_MAX], from[ENVELOPE_FROM_MAX], to[ENVELOPE_TO_MAX];
};

void envelope_helo(struct envelope *e, struct span name);
/* An empty address is the null sender. */
void envelope_from(struct envelope *e, struct span address);
void envelope_to(struct envelope *e, struct span address);

#endif
