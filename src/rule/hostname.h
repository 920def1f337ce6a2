/* hostname.h: the names that rules are written with, checked and folded to lower case in place.

   A host name is made of labels of letters, digits, hyphens and underscores (which hosts in the
   wild do have), 1 to 63 bytes each, 253 in all, without a trailing dot (RFC 1035 section 2.3.4).
   Internationalised names are written as A-labels (xn--...). A mailbox is local-part@host as RFC
   5321 allows it without quotes, the whole at most 320 bytes. */
#ifndef SINBIN_RULE_HOSTNAME_H
#define SINBIN_RULE_HOSTNAME_H

#include "base/span.h"

bool hostname_is_host(struct span name);
bool hostname_is_label(struct span label);
bool hostname_is_mailbox(struct span mailbox);
/* Lower-case letters, 2 to 24 of them; one but the last may be a digit (3g, b2b). */
bool hostname_is_word(struct span word);

void hostname_fold(char *text, size_t len);

#endif
