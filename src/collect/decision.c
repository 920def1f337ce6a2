#include "collect/decision.h"
#include "line/sessionline.h"

/* ---- the never-list and the canaries ---- */

bool decision_is_loopback(const struct addr *a) {
  return addr_is_localhost(a);
}

bool decision_is_special(const struct addr *a) {
  return addr_is_localhost(a) ||
         addr_purpose(a) &
             (ADDR_UNSPECIFIED | ADDR_LOOPBACK | ADDR_PRIVATE | ADDR_LINK_LOCAL | ADDR_MULTICAST);
}

/* These return 1 found, 0 not found, -1 the rules are damaged. */
static int in_table(const struct intake *in, const char *table, const struct addr *a) {
  struct span value;
  return in->rules ? table_find_addr(in->rules, table, a, &value) : 0;
}

static int find_never(const struct intake *in, const struct addr *a) {
  if (decision_is_loopback(a) || (!in->rules && decision_is_special(a))) return 1;
  int found = in_table(in, "neverlist", a);
  return found == 0 ? in_table(in, "canaries", a) : found;
}

/* Looks up the address itself, and the /64 that would be listed for it. A table of sinbin-rules
   never holds a part of a /64. */
static int find_never_listed(struct intake *in, const struct addr *ip, const struct addr *key) {
  int found = find_never(in, ip);
  if (found == 0 && addr_compare(ip, key) != 0) found = find_never(in, key);
  if (found < 0) in->never_damaged = true;
  return found;
}

/* A damaged never-list ends no listing here; the next report detects it. */
static bool is_never_callback(const void *context, const struct addr *key) {
  return find_never(context, key) == 1;
}

/* Any report of a canary is wrong: no host uses that address. */
static void alarm_never_listed(struct intake *in, const struct detector *d,
                               const struct report *r) {
  bool canary = in_table(in, "canaries", &r->ip) == 1;
  if (!canary && r->verdict != VERDICT_BOT) return;
  in->counts[COUNT_NEVER]++;
  intake_alarm_raise(in, canary ? ALARM_CANARY : ALARM_NEVER, d, &r->ip);
}

/* ---- listings ---- */

static uint32_t detector_index(const struct intake *in, const struct detector *d) {
  return (uint32_t)(d - in->registry->detectors);
}

/* For a freeze that has just begun. decision_refresh_freeze repeats it unless it is of a
   network. */
static void alarm_freeze(struct intake *in) {
  struct alarm_state *frozen = &in->alarms[ALARM_FROZEN];
  if (in->breaker.changed && in->breaker.freeze_count && frozen->count == 0) frozen->count = 1;
}

static bool admit(struct intake *in, const struct detector *d, const struct addr *key,
                  const struct listing *after, int64_t now) {
  const struct addition a = {*key, detector_index(in, d)};
  bool admitted = breaker_admit(&in->breaker, &a, after->until, now);
  alarm_freeze(in);
  return admitted;
}

/* What a decision changes in a listing, for the breaker. */
struct change {
  int64_t now;
  struct listing before, after;
  bool begins; /* it did not run before, and does afterwards */
  bool refused;
};

static void check_change(struct intake *in, const struct detector *d, const struct addr *key,
                         struct change *c) {
  int64_t now = c->now;
  bool ran = policy_listing_runs(&c->before, now), runs = policy_listing_runs(&c->after, now);
  if (ran && runs && c->before.until != c->after.until)
    breaker_move(&in->breaker, c->before.until, c->after.until, now);
  c->begins = !ran && runs;
  c->refused = c->begins && !admit(in, d, key, &c->after, now);
}

static bool log_addition(struct intake *in, const struct detector *d, const struct addr *key,
                         int64_t now) {
  return in->breaker.least == 0 || store_add_addition(in->store, key, span_str(d->name), now);
}

static bool get_case(struct intake *in, const struct addr *key, struct policy_case *c,
                     struct listing *l) {
  if (!store_get_testimonies(in->store, key, in->registry, in->testimonies, &c->count) ||
      store_get_listing(in->store, key, l) < 0)
    return false;
  for (size_t i = 0; i < c->count; i++) evidence_clamp(&in->testimonies[i].evidence, c->now);
  return true;
}

static bool decide(struct intake *in, const struct detector *d, const struct report *r,
                   int64_t now) {
  struct addr key = addr_evidence_key(&r->ip);
  struct policy_case c = {
      .testimonies = in->testimonies, .report = r, .weight = d->effective_weight, .now = now};
  struct change change = {.now = now};
  if (!get_case(in, &key, &c, &change.before)) return false;
  change.after = change.before;
  bool changed = policy_decide(&c, &change.after);
  if (changed) check_change(in, d, &key, &change);
  if (change.refused) {
    in->counts[COUNT_REFUSED]++;
    c.frozen = true;
    change.after = change.before;
    changed = policy_decide(&c, &change.after);
  } else if (change.begins && !log_addition(in, d, &key, now)) return false;
  return !changed || store_put_listing(in->store, &key, &change.after);
}

bool decision_report(struct intake *in, const struct detector *d, const struct report *r,
                     int64_t now) {
  struct addr key = addr_evidence_key(&r->ip);
  int never = find_never_listed(in, &r->ip, &key);
  if (never == 1) alarm_never_listed(in, d, r);
  if (never != 0) return never == 1;
  return d->effective_weight == 0 || decide(in, d, r, now);
}

/* ---- detectors ---- */

/* If the first report came while the clock was ahead, the days of learning begin now. */
static void note_first_report(struct detector *d, int64_t now) {
  int64_t first = d->state.first;
  d->state.first = first == 0 ? now : evidence_clamp_time(first, now);
  if (d->state.first != first) d->state_changed = true;
}

bool decision_check_rate(struct intake *in, struct detector *d, const struct addr *about,
                         int64_t now) {
  bool quarantined = detector_is_quarantined(d);
  note_first_report(d, now);
  if (quarantined) in->counts[COUNT_QUARANTINED]++;
  d->cap.held = quarantined;
  d->cap.networks.key = in->hash;
  if (ratecap_take(&d->cap, about, now)) return true;
  in->counts[COUNT_CAPPED]++;
  if (!quarantined) intake_alarm_raise(in, ALARM_CAPPED, d, about);
  return false;
}

void decision_count_surplus(struct detector *d, int64_t now) {
  d->state.surplus++;
  d->state.surplus_at = now;
  d->state_changed = true;
}

/* ---- what is frozen ---- */

static bool save_freezes(struct intake *in) {
  char text[FREEZE_TEXT];
  if (!store_remove_freezes(in->store)) return false;
  for (size_t i = 0; i < in->breaker.freeze_count; i++) {
    const struct freeze *f = &in->breaker.freezes[i];
    freeze_format(in->registry, f, text);
    if (!store_add_freeze(in->store, span_str(text), f->since)) return false;
  }
  in->breaker.changed = false;
  return true;
}

static void load_freeze(void *context, struct span what, int64_t since) {
  struct intake *in = context;
  struct freeze f;
  if (!freeze_parse(in->registry, what, &f)) return;
  f.since = since;
  breaker_freeze(&in->breaker, &f);
}

/* Once a minute, if the breaker is in use. */
static bool drop_additions(struct intake *in, int64_t now) {
  if (in->breaker.least == 0 || now / 60 == in->dropped_at / 60) return true;
  in->dropped_at = now;
  return store_remove_additions(in->store, now - 2 * BREAKER_SPAN, now + BREAKER_SPAN);
}

static bool save_states(struct intake *in) {
  for (size_t i = 0; i < in->registry->count; i++) {
    struct detector *d = &in->registry->detectors[i];
    if (d->state_changed && !store_save_detector_state(in->store, d)) return false;
    d->state_changed = false;
  }
  return true;
}

bool decision_save(struct intake *in, int64_t now) {
  return save_states(in) && (!in->breaker.changed || save_freezes(in)) &&
         (!store_is_running(in->store) || drop_additions(in, now));
}

/* ---- the operator's orders ---- */

static bool recompute(void *context, const struct addr *key) {
  struct intake *in = context;
  struct policy_case c = {.testimonies = in->testimonies, .now = in->registry->updated_at};
  struct listing listing = {.exists = false};
  if (!get_case(in, key, &c, &listing)) return false;
  return !policy_recompute(&c, &listing) || store_put_listing(in->store, key, &listing);
}

static bool revoke(struct intake *in, struct detector *d) {
  struct revocation r = {.detector = span_str(d->name),
                         .since = d->orders.revoked_since,
                         .decide = recompute,
                         .context = in};
  int64_t rows;
  if (d->orders.revoked_at == d->state.revoked) return true;
  if (!store_revoke(in->store, &r, &rows)) return false;
  in->counts[COUNT_REVOKED] += (uint64_t)rows;
  d->state.revoked = d->orders.revoked_at;
  d->state_changed = true;
  return true;
}

static void count_listing(void *context, int64_t until) {
  breaker_count(context, until);
}

static void count_addition(void *context, const struct addr *key, struct span detector,
                           int64_t time) {
  struct intake *in = context;
  const struct detector *d = registry_find(in->registry, detector);
  const struct addition a = {*key, d ? detector_index(in, d) : UINT32_MAX};
  breaker_added(&in->breaker, &a, time);
}

static bool recount(struct intake *in, int64_t now) {
  breaker_clear(&in->breaker, now);
  return store_each_end(in->store, now - BREAKER_SPAN, count_listing, &in->breaker) &&
         store_each_addition(in->store, now, count_addition, in);
}

bool decision_apply_orders(struct intake *in, int64_t thawed, int64_t now) {
  in->breaker.freeze_count = 0;
  if (!store_each_freeze(in->store, load_freeze, in)) return false;
  registry_update_weights(in->registry, now);
  for (size_t i = 0; i < in->registry->count; i++)
    if (in->registry->detectors[i].orders.revoked_at && !revoke(in, &in->registry->detectors[i]))
      return false;
  if (!store_end_listings(in->store, now, is_never_callback, in) || !recount(in, now)) return false;
  breaker_thaw(&in->breaker, thawed, now);
  in->thawed = thawed;
  return decision_save(in, now);
}

bool decision_refresh_freeze(struct intake *in, int64_t now) {
  struct alarm_state *frozen = &in->alarms[ALARM_FROZEN];
  if (breaker_is_lost(&in->breaker, now)) {
    if (!recount(in, now)) return false;
    breaker_thaw(&in->breaker, in->thawed, now);
  }
  breaker_tick(&in->breaker, now);
  const struct freeze *worst = breaker_worst(&in->breaker);
  if (!worst) frozen->count = 0;
  else if (worst->kind != FREEZE_NETWORK && frozen->count == 0) frozen->count = 1;
  return true;
}
