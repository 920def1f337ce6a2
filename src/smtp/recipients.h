/* recipients.h: how many recipients a mail has, each counted once however often it is given.

   Addresses are the same where their local parts are, byte by byte, and their domains without
   regard to case (RFC 5321 section 2.4). A hash is kept of each of the first RECIPIENTS_KEPT; an
   address that is none of these counts as new. */
#ifndef SINBIN_SMTP_RECIPIENTS_H
#define SINBIN_SMTP_RECIPIENTS_H

#include "base/span.h"
#include <stdint.h>

#define RECIPIENTS_KEPT 64

struct recipients {
  uint32_t count;
  uint64_t kept[RECIPIENTS_KEPT];
};

void recipients_clear(struct recipients *r);
void recipients_add(struct recipients *r, struct span address);

#endif
