#include "collect/reasons.h"
#include "base/textout.h"
#include "base/utc.h"
#include "collect/breaker.h"
#include "collect/roster.h"

void reasons_add(struct reasons *r, struct span detector, const struct evidence *e) {
  const struct detector *d = registry_find(r->registry, detector);
  if (r->count == DETECTORS_MAX || detector.len > DETECTOR_MAX) return;
  char *name = r->names[r->count];
  memcpy(name, detector.s, detector.len);
  name[detector.len] = '\0';
  r->witnesses[r->count++] = (struct witness){
      .evidence = *e, .weight = d ? d->believed : 0, .group = span_str(d ? d->group : name)};
}

static bool tell_listing(const struct reasons *r, stralloc *out) {
  const struct listing *l = &r->listing;
  char since[UTC_TEXT + 1], until[UTC_TEXT + 1], last[UTC_TEXT + 1];
  if (!l->exists) return textout_add(out, "listing none\n");
  return textout_add(
             out, "listing colour=%s over=%s since=%s until=%s times=%lld last=%s detectors=%lld",
             colour_name(l->colour), l->until > r->now ? "no" : "yes", utc_format(since, l->since),
             utc_format(until, l->until), (long long)l->times, utc_format(last, l->last),
             (long long)l->detectors) &&
         textout_add(out, " quits=%lld noquits=%lld sins=%.*s\n", (long long)l->quits,
                     (long long)l->noquits, (int)l->sins_len, l->sins);
}

/* The age is that of the rules: behind the newest bot session of all. */
static bool tell_weight(const struct reasons *r, size_t i, stralloc *out) {
  const struct witness *w = &r->witnesses[i];
  const struct detector *d = registry_find(r->registry, span_str(r->names[i]));
  char weight[8];
  int64_t newest;
  double share = policy_contribution(r->witnesses, r->count, i, &newest);
  return textout_add(out, "evidence detector=%s state=%s weight=%s group=%.*s", r->names[i],
                     detector_state(r->registry, d), weight_text(weight, d ? d->weight : 0),
                     (int)w->group.len, w->group.s) &&
         (share <= 0 || textout_add(out, " age=%lld share=%.3f",
                                    (long long)(newest - w->evidence.last_bot), share));
}

static bool tell_evidence(const struct reasons *r, size_t i, stralloc *out) {
  const struct evidence *e = &r->witnesses[i].evidence;
  char first[UTC_TEXT + 1], last[UTC_TEXT + 1], bot[UTC_TEXT + 1];
  struct span sins = evidence_sins(e);
  return tell_weight(r, i, out) &&
         textout_add(out, " bots=%lld suspects=%lld cleans=%lld future=%lld", (long long)e->bots,
                     (long long)e->suspects, (long long)e->cleans, (long long)e->future) &&
         textout_add(out, " bots24=%u cleans24=%u",
                     (unsigned int)tally_recent(&e->recent_bots, r->now),
                     (unsigned int)tally_recent(&e->recent_cleans, r->now)) &&
         textout_add(out,
                     " first=%s last=%s lastbot=%s score=%lld quits=%lld noquits=%lld sins=%.*s\n",
                     utc_format(first, e->first), utc_format(last, e->last),
                     e->bots ? utc_format(bot, e->last_bot) : "-", (long long)e->score,
                     (long long)e->quits, (long long)e->noquits, (int)sins.len, sins.s);
}

static bool tell_rule_a(const struct reasons *r, stralloc *out) {
  char when[UTC_TEXT + 1];
  const struct witness *w = r->witnesses;
  for (size_t i = 0; i < r->count; i++)
    if (w[i].weight >= WEIGHT_ONE && w[i].evidence.bots > 0)
      return textout_add(out, "rule a: yes, %s is believed alone and reported a bot, last at %s\n",
                         r->names[i], utc_format(when, w[i].evidence.last_bot));
  return textout_add(out, "rule a: no, nobody who is believed alone reported a bot\n");
}

static bool tell_rule_b(const struct reasons *r, stralloc *out) {
  size_t groups;
  double sum = policy_sum(r->witnesses, r->count, &groups);
  return textout_add(out, "rule b: %s, the weights make %.3f of 1, from %zu of 2 groups\n",
                     policy_suffices(sum, groups) ? "yes" : "no", sum, groups);
}

static bool tell_yellow(const struct reasons *r, stralloc *out) {
  struct clearing c = policy_clearing(r->witnesses, r->count, r->now);
  return textout_add(out,
                     "yellow: %s, the clean sessions of 24 h make %.3f of 1: %.3f wanted, against"
                     " %.3f of bots\n",
                     c.suffices ? "yes" : "no", c.sum, c.wanted, c.bots);
}

static bool tell_limits(const struct reasons *r, stralloc *out) {
  char since[UTC_TEXT + 1], until[UTC_TEXT + 1];
  if (!textout_add(out, "never: %s\n", *r->never ? r->never : "no")) return false;
  if (r->frozen_at == 0) return textout_add(out, "frozen: no\n");
  return textout_add(out, "frozen: no listing begins from %s to %s\n",
                     utc_format(since, r->frozen_at),
                     utc_format(until, r->frozen_at + BREAKER_SPAN));
}

bool reasons_tell(const struct reasons *r, stralloc *out) {
  char ip[ADDR_TEXT_MAX + 1], key[ADDR_TEXT_MAX + 1];
  struct addr whole = addr_evidence_key(&r->ip);
  ip[addr_format(ip, &r->ip)] = '\0';
  key[addr_format(key, &whole)] = '\0';
  bool told =
      textout_add(out, "address %s key=%s%s\n", ip, key, addr_is_ipv4(&whole) ? "" : "/64") &&
      tell_listing(r, out);
  for (size_t i = 0; i < r->count; i++) told = told && tell_evidence(r, i, out);
  return told && tell_rule_a(r, out) && tell_rule_b(r, out) && tell_yellow(r, out) &&
         tell_limits(r, out);
}
