/* lookups.h: looks up what bears on an address, for explain.h to tell. False on an error of the
   store, or where the rules are damaged. */
#ifndef SINBIN_COLLECT_EXPLAIN_LOAD_H
#define SINBIN_COLLECT_EXPLAIN_LOAD_H

#include "collect/explain.h"
#include "store/store.h"
#include "rule/table.h"

/* r->ip, r->now and r->registry are set. */
bool explain_load_store(struct store *s, struct explanation *r);
/* rules: NULL where there are none. */
bool explain_load_rules(const struct table *rules, struct explanation *r);

#endif
