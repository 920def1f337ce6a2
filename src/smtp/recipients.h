/* recipients.h: counts the distinct recipients of a mail.

   Two addresses are equal if their local parts are equal byte by byte, and their domains without
   regard to case (RFC 5321 section 2.4). A hash of each of the first RECIPIENTS_KEPT addresses is
   kept. Each address that is not among these counts as a new one. */
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
