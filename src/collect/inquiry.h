/* lookups.h: looks up what bears on an address, for reasons.h to tell. False on an error of the
   store, or where the rules are damaged. */
#ifndef SINBIN_COLLECT_INQUIRY_H
#define SINBIN_COLLECT_INQUIRY_H

#include "collect/reasons.h"
#include "collect/store.h"
#include "rule/table.h"

/* r->ip, r->now and r->registry are set. */
bool inquire_store(struct store *s, struct reasons *r);
/* rules: NULL where there are none. */
bool inquire_rules(const struct table *rules, struct reasons *r);

#endif
