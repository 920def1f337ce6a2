#include "collect/explain.h"
#include "base/textbuf.h"
#include "base/utc.h"
#include "policy/breaker.h"
#include "collect/detectorlist.h"
#include <string.h>

void explain_add(struct explanation *r, struct span detector, const struct evidence *e) {
  const struct detector *d = registry_find(r->registry, detector);
  if (r->count == DETECTORS_MAX || detector.len > DETECTOR_MAX) return;
  char *name = r->names[r->count];
  memcpy(name, detector.s, detector.len);
  name[detector.len] = '\0';
  r->witnesses[r->count++] = (struct testimony){.evidence = *e,
                                                .weight = d ? d->effective_weight : 0,
                                                .group = span_str(d ? d->group : name)};
}

static bool tell_listing(const struct explanation *r, stralloc *out) {
  const struct listing *l = &r->listing;
  char since[UTC_TEXT + 1], until[UTC_TEXT + 1], last[UTC_TEXT + 1];
  if (!l->exists) return textbuf_printf(out, "listing none\n");
  return textbuf_printf(
             out, "listing colour=%s over=%s since=%s until=%s times=%lld last=%s detectors=%lld",
             colour_name(l->colour),
             l->until > r->now && listing_is_plausible(l->until, r->now) ? "no" : "yes",
             utc_format(since, l->since), utc_format(until, l->until), (long long)l->times,
             utc_format(last, l->last), (long long)l->detectors) &&
         textbuf_printf(out, " quits=%lld noquits=%lld sins=%.*s\n", (long long)l->quits,
                        (long long)l->noquits, (int)l->sins_len, l->sins);
}

/* The age is that of the rules: behind the newest bot session of all. */
static bool tell_weight(const struct explanation *r, size_t i, stralloc *out) {
  const struct testimony *w = &r->witnesses[i];
  const struct detector *d = registry_find(r->registry, span_str(r->names[i]));
  char weight[8];
  int64_t newest;
  double share = policy_contribution(r->witnesses, r->count, i, &newest);
  return textbuf_printf(out, "evidence detector=%s state=%s weight=%s group=%.*s", r->names[i],
                        detector_state(r->registry, d),
                        detectorlist_weight_text(weight, d ? d->weight : 0), (int)w->group.len,
                        w->group.s) &&
         (share <= 0 || textbuf_printf(out, " age=%lld share=%.3f",
                                       (long long)(newest - w->evidence.last_bot), share));
}

static bool tell_evidence(const struct explanation *r, size_t i, stralloc *out) {
  const struct evidence *e = &r->witnesses[i].evidence;
  char first[UTC_TEXT + 1], last[UTC_TEXT + 1], bot[UTC_TEXT + 1];
  struct span sins = evidence_sins(e);
  return tell_weight(r, i, out) &&
         textbuf_printf(out, " bots=%lld suspects=%lld cleans=%lld future=%lld", (long long)e->bots,
                        (long long)e->suspects, (long long)e->cleans, (long long)e->future) &&
         textbuf_printf(out, " bots24=%u cleans24=%u",
                        (unsigned int)hourcounts_recent(&e->recent_bots, r->now),
                        (unsigned int)hourcounts_recent(&e->recent_cleans, r->now)) &&
         textbuf_printf(
             out, " first=%s last=%s lastbot=%s score=%lld quits=%lld noquits=%lld sins=%.*s\n",
             utc_format(first, e->first), utc_format(last, e->last),
             e->bots ? utc_format(bot, e->last_bot) : "-", (long long)e->score, (long long)e->quits,
             (long long)e->noquits, (int)sins.len, sins.s);
}

/* ---- the rules, as they are now ---- */

/* The first that is believed alone and reported a bot; or r->count. */
static size_t find_alone(const struct explanation *r) {
  size_t i = 0;
  while (i < r->count &&
         (r->witnesses[i].weight < WEIGHT_ONE || r->witnesses[i].evidence.bots == 0))
    i++;
  return i;
}

static bool is_justified(const struct explanation *r) {
  size_t groups;
  double sum = policy_sum(r->witnesses, r->count, &groups);
  return find_alone(r) < r->count || policy_suffices(sum, groups);
}

static bool tell_rule_a(const struct explanation *r, stralloc *out) {
  char when[UTC_TEXT + 1];
  size_t i = find_alone(r);
  if (i == r->count)
    return textbuf_printf(out, "rule a: no, nobody who is believed alone reported a bot\n");
  return textbuf_printf(out, "rule a: yes, %s is believed alone and reported a bot, last at %s\n",
                        r->names[i], utc_format(when, r->witnesses[i].evidence.last_bot));
}

static bool tell_rule_b(const struct explanation *r, stralloc *out) {
  size_t groups;
  double sum = policy_sum(r->witnesses, r->count, &groups);
  return textbuf_printf(out, "rule b: %s, the weights make %.3f of 1, from %zu of 2 groups\n",
                        policy_suffices(sum, groups) ? "yes" : "no", sum, groups);
}

static bool tell_yellow(const struct explanation *r, stralloc *out) {
  struct clearing c = policy_clearing(r->witnesses, r->count, r->now);
  return textbuf_printf(
      out,
      "yellow: %s, the clean sessions of 24 h make %.3f of 1: %.3f wanted, against"
      " %.3f of bots\n",
      c.suffices ? "yes" : "no", c.sum, c.wanted, c.bots);
}

/* ---- why the listing is what it is ---- */

static const char *disbelief(const struct explanation *r, size_t i) {
  const struct detector *d = registry_find(r->registry, span_str(r->names[i]));
  if (!d) return "has no directory";
  if (detector_is_quarantined(d)) return "is in quarantine";
  return detector_learns(d, r->registry->learning, r->now) ? "learns" : "weighs 0";
}

/* Who reported a bot and is not believed. */
static bool tell_disbelieved(const struct explanation *r, stralloc *out) {
  const char *before = ": ";
  bool told = true;
  for (size_t i = 0; told && i < r->count; i++) {
    if (r->witnesses[i].weight > 0 || r->witnesses[i].evidence.bots == 0) continue;
    told =
        textbuf_printf(out, "%s%s, who reported a bot, %s", before, r->names[i], disbelief(r, i));
    before = "; ";
  }
  return told;
}

static bool tell_ground(const struct explanation *r, stralloc *out) {
  if (is_justified(r)) return textbuf_printf(out, ", and would be listed now");
  return textbuf_printf(out, ", by evidence that would not list it now") &&
         tell_disbelieved(r, out);
}

/* Clean sessions count as of the last report. */
static const char *shading(const struct explanation *r) {
  bool suffices = policy_clearing(r->witnesses, r->count, r->now).suffices;
  if (r->listing.colour == COLOUR_YELLOW)
    return suffices ? "; yellow by clean sessions" : "; yellow by clean sessions of before";
  return suffices ? "; yellow at the next report" : "";
}

/* Its evidence suffices, and something else has kept it off the list when its last report came. */
static const char *prospect(const struct explanation *r) {
  return is_justified(r) && !*r->never ? ", but listed by its next report as a bot" : "";
}

static bool tell_why(const struct explanation *r, stralloc *out) {
  const struct listing *l = &r->listing;
  char until[UTC_TEXT + 1];
  if (!l->exists || l->until <= r->now)
    return textbuf_printf(out, "why: not listed%s\n", l->exists ? prospect(r) : "");
  if (!listing_is_plausible(l->until, r->now))
    return textbuf_printf(
        out, "why: not listed, it ends later than any listing can: a clock was wrong\n");
  utc_format(until, l->until);
  if (l->colour == COLOUR_NONE)
    return textbuf_printf(out, "why: not listed, clean sessions only, until %s\n", until);
  if (l->colour == COLOUR_BROWN)
    return textbuf_printf(out,
                          "why: not listed, suspect or a bot that did not suffice, until %s%s\n",
                          until, prospect(r));
  return textbuf_printf(out, "why: listed until %s", until) && tell_ground(r, out) &&
         textbuf_printf(out, "%s\n", shading(r));
}

/* ---- limits ---- */

static bool tell_freeze(const struct reasons_freeze *f, stralloc *out) {
  char since[UTC_TEXT + 1], until[UTC_TEXT + 1];
  return textbuf_printf(out, "frozen: no listing begins from %s to %s\n",
                        utc_format(since, f->since), utc_format(until, f->since + BREAKER_SPAN)) &&
         (strcmp(f->what, FREEZE_ALL_NAME) == 0 || textbuf_printf(out, "only: %s\n", f->what));
}

static bool tell_limits(const struct explanation *r, stralloc *out) {
  bool told = true;
  if (!textbuf_printf(out, "never: %s\n", *r->never ? r->never : "no")) return false;
  if (r->freeze_count == 0) return textbuf_printf(out, "frozen: no\n");
  for (size_t i = 0; told && i < r->freeze_count; i++) told = tell_freeze(&r->freezes[i], out);
  return told;
}

bool explain_format(const struct explanation *r, stralloc *out) {
  char ip[ADDR_TEXT_MAX + 1], key[ADDR_TEXT_MAX + 1];
  struct addr whole = addr_evidence_key(&r->ip);
  ip[addr_format(ip, &r->ip)] = '\0';
  key[addr_format(key, &whole)] = '\0';
  bool told =
      textbuf_printf(out, "address %s key=%s%s\n", ip, key, addr_is_ipv4(&whole) ? "" : "/64") &&
      tell_listing(r, out) && tell_why(r, out);
  for (size_t i = 0; i < r->count; i++) told = told && tell_evidence(r, i, out);
  return told && tell_rule_a(r, out) && tell_rule_b(r, out) && tell_yellow(r, out) &&
         tell_limits(r, out);
}
