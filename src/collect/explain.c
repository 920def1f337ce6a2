#include "collect/explain.h"
#include "base/growtext.h"
#include "base/utc.h"
#include "collect/decision.h"
#include "collect/detectorlist.h"
#include "policy/breaker.h"
#include <stdio.h>
#include <string.h>

/* ---- what the store and the rules say ---- */

static void add_evidence(void *context, struct span detector, const struct evidence *e) {
  struct explanation *r = context;
  const struct detector *d = registry_find(r->registry, detector);
  if (r->count == DETECTORS_MAX || detector.len > DETECTOR_MAX) return;
  char *name = r->names[r->count];
  memcpy(name, detector.s, detector.len);
  name[detector.len] = '\0';
  r->testimonies[r->count++] = (struct testimony){.evidence = *e,
                                                  .weight = d ? d->effective_weight : 0,
                                                  .group = span_str(d ? d->group : name)};
}

/* Adds a freeze if it may prevent a listing of the address. A freeze of a detector always may. */
static void add_freeze(void *context, struct span what, int64_t since) {
  struct explanation *r = context;
  struct addr key = addr_evidence_key(&r->ip);
  struct freeze f;
  if (r->freeze_count == EXPLAIN_FREEZES || what.len >= FREEZE_TEXT ||
      !freeze_parse(r->registry, what, &f) || since + BREAKER_SPAN <= r->now ||
      (f.kind == FREEZE_NETWORK && !network_has(&f.network, &key)))
    return;
  struct explain_freeze *to = &r->freezes[r->freeze_count++];
  memcpy(to->what, what.s, what.len);
  to->what[what.len] = '\0';
  to->since = since;
}

bool explain_load_store(struct store *s, struct explanation *r) {
  struct addr key = addr_evidence_key(&r->ip);
  return store_each_evidence(s, &key, add_evidence, r) &&
         store_get_listing(s, &key, &r->listing) >= 0 && store_each_freeze(s, add_freeze, r);
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

/* ---- the listing and its evidence ---- */

static bool put_listing(const struct explanation *r, stralloc *out) {
  const struct listing *l = &r->listing;
  char since[UTC_TEXT + 1], until[UTC_TEXT + 1], last[UTC_TEXT + 1];
  if (!l->exists) return growtext_printf(out, "listing none\n");
  return growtext_printf(
             out, "listing colour=%s over=%s since=%s until=%s times=%lld last=%s detectors=%lld",
             colour_name(l->colour),
             l->until > r->now && policy_listing_is_plausible(l->until, r->now) ? "no" : "yes",
             utc_format(since, l->since), utc_format(until, l->until), (long long)l->times,
             utc_format(last, l->last), (long long)l->detectors) &&
         growtext_printf(out, " quits=%lld noquits=%lld sins=%.*s\n", (long long)l->quits,
                         (long long)l->noquits, (int)l->sins_len, l->sins);
}

/* The age is the one that rule b uses: the time from this bot session to the newest one of all. */
static bool put_weight(const struct explanation *r, size_t i, stralloc *out) {
  const struct testimony *t = &r->testimonies[i];
  const struct detector *d = registry_find(r->registry, span_str(r->names[i]));
  char weight[8];
  int64_t newest;
  double share = policy_contribution(r->testimonies, r->count, i, &newest);
  return growtext_printf(out, "evidence detector=%s state=%s weight=%s group=%.*s", r->names[i],
                         detectorlist_state(r->registry, d),
                         detectorlist_weight_text(weight, d ? d->weight : 0), (int)t->group.len,
                         t->group.s) &&
         (share <= 0 || growtext_printf(out, " age=%lld share=%.3f",
                                        (long long)(newest - t->evidence.last_bot), share));
}

static bool put_evidence(const struct explanation *r, size_t i, stralloc *out) {
  const struct evidence *e = &r->testimonies[i].evidence;
  char first[UTC_TEXT + 1], last[UTC_TEXT + 1], bot[UTC_TEXT + 1];
  struct span sins = evidence_sins(e);
  return put_weight(r, i, out) &&
         growtext_printf(out, " bots=%lld suspects=%lld cleans=%lld future=%lld",
                         (long long)e->bots, (long long)e->suspects, (long long)e->cleans,
                         (long long)e->future) &&
         growtext_printf(out, " bots24=%u cleans24=%u",
                         (unsigned int)hourcounts_recent(&e->recent_bots, r->now),
                         (unsigned int)hourcounts_recent(&e->recent_cleans, r->now)) &&
         growtext_printf(
             out, " first=%s last=%s lastbot=%s score=%lld quits=%lld noquits=%lld sins=%.*s\n",
             utc_format(first, e->first), utc_format(last, e->last),
             e->bots ? utc_format(bot, e->last_bot) : "-", (long long)e->score, (long long)e->quits,
             (long long)e->noquits, (int)sins.len, sins.s);
}

/* ---- the rules of listing, applied now ---- */

/* The first detector of weight 1 that reported a bot; r->count if there is none. */
static size_t find_full_weight(const struct explanation *r) {
  size_t i = 0;
  while (i < r->count &&
         (r->testimonies[i].weight < WEIGHT_ONE || r->testimonies[i].evidence.bots == 0))
    i++;
  return i;
}

static bool would_list(const struct explanation *r) {
  size_t groups;
  double sum = policy_sum(r->testimonies, r->count, &groups);
  return find_full_weight(r) < r->count || policy_suffices(sum, groups);
}

static bool put_rule_a(const struct explanation *r, stralloc *out) {
  char when[UTC_TEXT + 1];
  size_t i = find_full_weight(r);
  if (i == r->count)
    return growtext_printf(out, "rule a: no, no detector of weight 1 reported a bot\n");
  return growtext_printf(out, "rule a: yes, %s has weight 1 and reported a bot, last at %s\n",
                         r->names[i], utc_format(when, r->testimonies[i].evidence.last_bot));
}

static bool put_rule_b(const struct explanation *r, stralloc *out) {
  size_t groups;
  double sum = policy_sum(r->testimonies, r->count, &groups);
  return growtext_printf(out, "rule b: %s, the weights make %.3f of 1, from %zu of 2 groups\n",
                         policy_suffices(sum, groups) ? "yes" : "no", sum, groups);
}

static bool put_yellow(const struct explanation *r, stralloc *out) {
  struct clearing c = policy_clearing(r->testimonies, r->count, r->now);
  return growtext_printf(
      out,
      "yellow: %s, the clean sessions of 24 h make %.3f of 1: %.3f wanted, against"
      " %.3f of bots\n",
      c.suffices ? "yes" : "no", c.sum, c.wanted, c.bots);
}

/* ---- why the listing is what it is ---- */

static const char *why_ignored(const struct explanation *r, size_t i) {
  const struct detector *d = registry_find(r->registry, span_str(r->names[i]));
  if (!d) return "has no directory";
  if (detector_is_quarantined(d)) return "is in quarantine";
  return detector_learns(d, r->registry->learning, r->now) ? "is learning" : "has weight 0";
}

/* The detectors that reported a bot and are not believed. */
static bool put_ignored(const struct explanation *r, stralloc *out) {
  const char *before = ": ";
  bool ok = true;
  for (size_t i = 0; ok && i < r->count; i++) {
    if (r->testimonies[i].weight > 0 || r->testimonies[i].evidence.bots == 0) continue;
    ok = growtext_printf(out, "%s%s, which reported a bot, %s", before, r->names[i],
                         why_ignored(r, i));
    before = "; ";
  }
  return ok;
}

static bool put_reason(const struct explanation *r, stralloc *out) {
  if (would_list(r)) return growtext_printf(out, ", and would be listed now");
  return growtext_printf(out, ", by evidence that would not list it now") && put_ignored(r, out);
}

/* The colour was decided at the last report; clean sessions may suffice, or not, by now. */
static const char *yellow_note(const struct explanation *r) {
  bool suffices = policy_clearing(r->testimonies, r->count, r->now).suffices;
  if (r->listing.colour == COLOUR_YELLOW)
    return suffices ? "; yellow by clean sessions" : "; yellow by earlier clean sessions";
  return suffices ? "; yellow at the next report" : "";
}

/* False also if that is unknown, since there are no rules. */
static bool is_never_listed(const struct explanation *r) {
  return strncmp(r->never, "yes", 3) == 0;
}

/* The evidence suffices, but a freeze, quarantine or weight prevented a listing at the last
   report. */
static const char *next_report_note(const struct explanation *r) {
  return would_list(r) && !is_never_listed(r) ? ", but listed by its next report as a bot" : "";
}

static bool put_why(const struct explanation *r, stralloc *out) {
  const struct listing *l = &r->listing;
  char until[UTC_TEXT + 1];
  if (!l->exists || l->until <= r->now)
    return growtext_printf(out, "why: not listed%s\n", l->exists ? next_report_note(r) : "");
  if (!policy_listing_is_plausible(l->until, r->now))
    return growtext_printf(
        out, "why: not listed, it ends later than any listing can: a clock was wrong\n");
  utc_format(until, l->until);
  if (l->colour == COLOUR_NONE)
    return growtext_printf(out, "why: not listed, clean sessions only, until %s\n", until);
  if (l->colour == COLOUR_BROWN)
    return growtext_printf(
        out,
        "why: not listed, brown until %s by a suspect session or a bot session that"
        " did not list it%s\n",
        until, next_report_note(r));
  return growtext_printf(out, "why: listed until %s", until) && put_reason(r, out) &&
         growtext_printf(out, "%s\n", yellow_note(r));
}

/* ---- limits ---- */

static bool put_freeze(const struct explain_freeze *f, stralloc *out) {
  char since[UTC_TEXT + 1], until[UTC_TEXT + 1];
  return growtext_printf(out, "frozen: no listing begins from %s to %s\n",
                         utc_format(since, f->since), utc_format(until, f->since + BREAKER_SPAN)) &&
         (strcmp(f->what, FREEZE_ALL_NAME) == 0 || growtext_printf(out, "only: %s\n", f->what));
}

static bool put_limits(const struct explanation *r, stralloc *out) {
  bool ok = true;
  if (!growtext_printf(out, "never: %s\n", *r->never ? r->never : "no")) return false;
  if (r->freeze_count == 0) return growtext_printf(out, "frozen: no\n");
  for (size_t i = 0; ok && i < r->freeze_count; i++) ok = put_freeze(&r->freezes[i], out);
  return ok;
}

bool explain_format(const struct explanation *r, stralloc *out) {
  char ip[ADDR_TEXT_MAX + 1], key[ADDR_TEXT_MAX + 1];
  struct addr whole = addr_evidence_key(&r->ip);
  ip[addr_format(ip, &r->ip)] = '\0';
  key[addr_format(key, &whole)] = '\0';
  bool ok =
      growtext_printf(out, "address %s key=%s%s\n", ip, key, addr_is_ipv4(&whole) ? "" : "/64") &&
      put_listing(r, out) && put_why(r, out);
  for (size_t i = 0; i < r->count; i++) ok = ok && put_evidence(r, i, out);
  return ok && put_rule_a(r, out) && put_rule_b(r, out) && put_yellow(r, out) && put_limits(r, out);
}
