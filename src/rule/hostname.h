/* hostname.h: checks the names in rules, and folds them to lower case in place.

   A host name consists of labels of letters, digits, hyphens and underscores (which real hosts
   have), 1 to 63 bytes each, 253 in all, without a trailing dot (RFC 1035 section 2.3.4).
   Internationalised names are written as A-labels (xn--...). A mailbox is local-part@host without
   quotes (RFC 5321), at most 320 bytes in all. */
#ifndef SINBIN_RULE_HOSTNAME_H
#define SINBIN_RULE_HOSTNAME_H

#include "base/span.h"

bool hostname_is_host(struct span name);
bool hostname_is_label(struct span label);
bool hostname_is_mailbox(struct span mailbox);
/* 2 to 24 lower-case letters; one of them, but not the last, may be a digit (3g, b2b). */
bool hostname_is_word(struct span word);

void hostname_fold(char *text, size_t len);

#endif
