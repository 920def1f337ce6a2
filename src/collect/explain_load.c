#include "collect/explain_load.h"
#include "policy/freeze.h"
#include "collect/decision.h"
#include <stdio.h>

static void add(void *context, struct span detector, const struct evidence *e) {
  explain_add(context, detector, e);
}

/* One that keeps its listing from beginning; that of a detector may. */
static void add_freeze(void *context, struct span what, int64_t since) {
  struct explanation *r = context;
  struct addr key = addr_evidence_key(&r->ip);
  struct freeze f;
  if (r->freeze_count == REASONS_FREEZES || what.len >= FREEZE_TEXT ||
      !freeze_parse(r->registry, what, &f) || since + BREAKER_SPAN <= r->now ||
      (f.kind == FREEZE_NETWORK && !network_has(&f.network, &key)))
    return;
  struct reasons_freeze *to = &r->freezes[r->freeze_count++];
  memcpy(to->what, what.s, what.len);
  to->what[what.len] = '\0';
  to->since = since;
}

bool explain_load_store(struct store *s, struct explanation *r) {
  struct addr key = addr_evidence_key(&r->ip);
  return store_each_evidence(s, &key, add, r) && store_get_listing(s, &key, &r->listing) >= 0 &&
         store_each_freeze(s, add_freeze, r);
}

bool explain_load_rules(const struct table *rules, struct explanation *r) {
  static const char *const tables[] = {"neverlist", "canaries"};
  if (decision_is_loopback(&r->ip)) strcpy(r->never, "yes, loopback");
  else if (!rules && decision_is_special(&r->ip)) strcpy(r->never, "yes, of special purpose");
  else if (!rules) strcpy(r->never, "unknown, there are no rules");
  for (int i = 0; i < 2 && !*r->never; i++) {
    struct table_source at;
    int found = table_source_addr(rules, tables[i], &r->ip, &at);
    if (found < 0) return false;
    if (found == 1)
      snprintf(r->never, sizeof r->never, "yes, %s, %.*s:%lu", tables[i], (int)at.file.len,
               at.file.s, (unsigned long)at.line);
  }
  return true;
}
