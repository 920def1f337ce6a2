/* meaning.h: does a list say the same of all its entries?

   Many lists have a value beside each address: an A record of a zone (127.0.0.1 white, 127.0.0.2
   black), an action (REJECT, OK, pass), a type. A list is refused if its entries have different
   values, or if a value says that its entry is allowed, unless the operator chose the values that
   count (listconf.h). The error is reported once per list and names the line and both values.

   All words for a refusal (REJECT, deny, black...) are one value. A missing value and the kind of
   an address (ipv4, cidr...) are not values. */
#ifndef SINBIN_RULE_MEANING_H
#define SINBIN_RULE_MEANING_H

#include "base/span.h"
#include <stdint.h>

#define MEANING_TEXT_MAX 47

/* The first value of a list, and its line. */
struct meaning {
  char text[MEANING_TEXT_MAX + 1];
  size_t len;
  uint32_t line; /* 0: no value yet */
  bool reported;
};

enum meant { MEANT_LISTED, MEANT_EXCEPTION, MEANT_UNCLEAR };

/* Does the value say that the entry is allowed: OK, permit, pass, DUNNO, white...? */
bool meaning_permits(struct span value);
/* Does it say that the entry is refused: REJECT, deny, block, 554 and a text...? */
bool meaning_refuses(struct span value);
/* Does it only name the kind of the entry: ipv4, cidr, host...? */
bool meaning_is_kind(struct span value);
/* Can this be the name of the column or member with the action: action, type, verdict...? */
bool meaning_is_action(struct span name);
/* Can this be the name of one that says whether an entry is allowed: whitelisted, isAllowed? */
bool meaning_is_permit(struct span name);
/* Is one of its words such a word: allowed_ips, ipWhitelist? */
bool meaning_has_permit(struct span name);
bool meaning_is_true(struct span value);
/* Are these the two values of a flag: 1 and 0, yes and no? */
bool meaning_is_opposite(struct span a, struct span b);
/* Can this be the name of a score? A negative score is that of a friend. */
bool meaning_is_score(struct span name);
bool meaning_is_negative(struct span value);
/* Can this be the name of a column with the length of a prefix, or with its mask? */
bool meaning_is_length(struct span name);
/* Can these be the names of the ends of a range: start and end, first and last, from and to...? */
bool meaning_is_range(struct span first, struct span second);

#endif
