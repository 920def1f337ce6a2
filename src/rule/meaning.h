/* meaning.h: does a list say one thing of all its entries?

   Beside an address many lists have a value: an A record of a zone (127.0.0.1 white, 127.0.0.2
   black), an action (REJECT, OK, pass), a type. A list whose entries have different values, or one
   that says of an entry that it is let through, must not be taken as one. Either the operator chose
   the values that count (listconf.h), or it is an error, reported once for a list, which names the
   line and both values.

   Words for a refusal (REJECT, deny, black...) are one value, and so are no value at all and the
   kind of an address (ipv4, cidr...). */
#ifndef SINBIN_RULE_MEANING_H
#define SINBIN_RULE_MEANING_H

#include "base/span.h"
#include <stdint.h>

#define MEANING_TEXT_MAX 47

/* The first value of a list, and where it is. */
struct meaning {
  char text[MEANING_TEXT_MAX + 1];
  size_t len;
  uint32_t line; /* 0: there was none yet */
  bool complained;
};

enum meant { MEANT_LISTED, MEANT_EXCEPTION, MEANT_UNCLEAR };

/* Says that the entry is let through: OK, permit, pass, DUNNO, white... */
bool meaning_permits(struct span value);
/* Says that it is refused: REJECT, deny, block, 554 and a text... */
bool meaning_refuses(struct span value);
/* Says only how the entry is written: ipv4, cidr, host... */
bool meaning_is_kind(struct span value);
/* Can this be the name of the column or member that has the action: action, type, verdict...? */
bool meaning_is_action(struct span name);
/* Can this be the name of one that says whether an entry is let through: whitelisted, isAllowed? */
bool meaning_is_permit(struct span name);
bool meaning_is_true(struct span value);
/* Can these be the names of the ends of a range: start and end, first and last, from and to...? */
bool meaning_is_range(struct span first, struct span second);

#endif
