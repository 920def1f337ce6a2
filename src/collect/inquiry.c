#include "collect/inquiry.h"
#include "collect/ruling.h"
#include <stdio.h>

static void add(void *context, struct span detector, const struct evidence *e) {
  reasons_add(context, detector, e);
}

bool inquire_store(struct store *s, struct reasons *r) {
  struct addr key = addr_evidence_key(&r->ip);
  if (!store_each_evidence(s, &key, add, r) || store_get_listing(s, &key, &r->listing) < 0 ||
      !store_load_frozen(s, &r->frozen_at))
    return false;
  if (r->frozen_at && r->now >= r->frozen_at + BREAKER_SPAN) r->frozen_at = 0;
  return true;
}

bool inquire_rules(const struct table *rules, struct reasons *r) {
  static const char *const tables[] = {"neverlist", "canaries"};
  if (ruling_is_loopback(&r->ip)) strcpy(r->never, "yes, loopback");
  else if (!rules && ruling_is_special(&r->ip)) strcpy(r->never, "yes, of special purpose");
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
