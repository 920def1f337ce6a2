#include "collect/ruling.h"
#include "line/sessionline.h"

void raise_alarm(struct intake *in, enum alarm which, const struct detector *d,
                 const struct addr *ip) {
  struct alarm_state *alarm = &in->alarms[which];
  alarm->count++;
  memcpy(alarm->detector, d->name, sizeof alarm->detector);
  if (ip) alarm->ip = *ip;
}

/* ---- the never-list and the canaries ---- */

bool ruling_is_loopback(const struct addr *a) {
  static const struct addr v6 = {{0}};
  struct addr key = addr_evidence_key(a);
  return addr_is_ipv4(a) ? addr_ipv4(a) == 0x7f000001 : addr_compare(&key, &v6) == 0;
}

static bool is_special_ipv4(uint32_t ip) {
  static const struct {
    uint32_t first, mask;
  } special[] = {
      {0x00000000, 0xff000000}, /* this network */
      {0x0a000000, 0xff000000}, /* private */
      {0x7f000000, 0xff000000}, /* loopback */
      {0xa9fe0000, 0xffff0000}, /* link-local */
      {0xac100000, 0xfff00000}, /* private */
      {0xc0a80000, 0xffff0000}, /* private */
      {0xe0000000, 0xe0000000}, /* multicast, and reserved */
  };
  for (size_t i = 0; i < sizeof special / sizeof *special; i++)
    if ((ip & special[i].mask) == special[i].first) return true;
  return false;
}

/* ::/64, unique local, link-local, multicast. */
bool ruling_is_special(const struct addr *a) {
  if (addr_is_ipv4(a)) return is_special_ipv4(addr_ipv4(a));
  return ruling_is_loopback(a) || (a->byte[0] & 0xfe) == 0xfc || a->byte[0] == 0xff ||
         (a->byte[0] == 0xfe && (a->byte[1] & 0xc0) == 0x80);
}

static int in_table(const struct intake *in, const char *table, const struct addr *a) {
  struct span value;
  return in->rules ? table_find_addr(in->rules, table, a, &value) : 0;
}

static int is_never(const struct intake *in, const struct addr *a) {
  if (ruling_is_loopback(a) || (!in->rules && ruling_is_special(a))) return 1;
  int found = in_table(in, "neverlist", a);
  return found == 0 ? in_table(in, "canaries", a) : found;
}

/* The address itself and the whole /64 that would be listed for it; sinbin-rules leaves no part of
   a /64 in the tables. */
static int is_never_listed(struct intake *in, const struct addr *ip, const struct addr *key) {
  int found = is_never(in, ip);
  if (found == 0 && addr_compare(ip, key) != 0) found = is_never(in, key);
  if (found < 0) in->never_damaged = true;
  return found;
}

/* A damaged never-list ends nothing here; the next report finds it out. */
static bool sweeps(const void *context, const struct addr *key) {
  return is_never(context, key) == 1;
}

/* Whatever a canary is reported as is wrong: nobody lives there. */
static void tell_never(struct intake *in, const struct detector *d, const struct report *r) {
  bool canary = in_table(in, "canaries", &r->ip) == 1;
  if (!canary && r->verdict != VERDICT_BOT) return;
  in->counts[COUNT_NEVER]++;
  raise_alarm(in, canary ? ALARM_CANARY : ALARM_NEVER, d, &r->ip);
}

/* ---- listings ---- */

/* Keeps the breaker's count. False where the listing may not begin. */
static bool may_change(struct intake *in, const struct listing *before, const struct listing *after,
                       int64_t now) {
  bool ran = listing_runs(before, now), runs = listing_runs(after, now);
  if (ran && runs && before->until != after->until)
    breaker_move(&in->breaker, before->until, after->until, now);
  return ran || !runs || breaker_admit(&in->breaker, after->until, now);
}

static bool decide(struct intake *in, const struct detector *d, const struct report *r,
                   int64_t now) {
  struct addr key = addr_evidence_key(&r->ip);
  struct policy_case c = {
      .witnesses = in->witnesses, .report = r, .weight = d->believed, .now = now};
  struct listing before = {.exists = false};
  if (!store_get_witnesses(in->store, &key, in->registry, in->witnesses, &c.count) ||
      store_get_listing(in->store, &key, &before) < 0)
    return false;
  struct listing after = before;
  bool changed = policy_decide(&c, &after);
  if (changed && !may_change(in, &before, &after, now)) {
    in->counts[COUNT_REFUSED]++;
    c.frozen = true;
    after = before;
    changed = policy_decide(&c, &after);
  }
  return !changed || store_put_listing(in->store, &key, &after);
}

bool ruling_report(struct intake *in, const struct detector *d, const struct report *r,
                   int64_t now) {
  struct addr key = addr_evidence_key(&r->ip);
  int never = is_never_listed(in, &r->ip, &key);
  if (never == 1) tell_never(in, d, r);
  if (never != 0) return never == 1;
  return d->believed == 0 || decide(in, d, r, now);
}

/* ---- detectors ---- */

/* Later than the last release, or it would be over already. */
static void quarantine(struct intake *in, struct detector *d, int64_t now) {
  d->standing.quarantined = now > d->orders.released ? now : d->orders.released + 1;
  d->standing_changed = true;
  d->believed = 0;
  raise_alarm(in, ALARM_QUARANTINE, d, NULL);
}

void ruling_count(struct intake *in, struct detector *d, int64_t now) {
  if (d->standing.first == 0) {
    d->standing.first = now;
    d->standing_changed = true;
  }
  if (!detector_is_quarantined(d) && !ratecap_take(&d->cap, now)) quarantine(in, d, now);
  if (detector_is_quarantined(d)) in->counts[COUNT_QUARANTINED]++;
}

bool ruling_save(struct intake *in) {
  for (size_t i = 0; i < in->registry->count; i++) {
    struct detector *d = &in->registry->detectors[i];
    if (d->standing_changed && !store_save_standing(in->store, d)) return false;
    d->standing_changed = false;
  }
  if (in->frozen_saved == in->breaker.frozen_at) return true;
  in->frozen_saved = in->breaker.frozen_at;
  return store_save_frozen(in->store, in->frozen_saved);
}

/* ---- the operator's orders ---- */

static bool decide_anew(void *context, const struct addr *key) {
  struct intake *in = context;
  struct policy_case c = {.witnesses = in->witnesses, .now = in->registry->believed_at};
  struct listing listing = {.exists = false};
  if (!store_get_witnesses(in->store, key, in->registry, in->witnesses, &c.count) ||
      store_get_listing(in->store, key, &listing) < 0)
    return false;
  return !policy_recompute(&c, &listing) || store_put_listing(in->store, key, &listing);
}

static bool revoke(struct intake *in, struct detector *d) {
  struct revocation r = {.detector = span_str(d->name),
                         .since = d->orders.revoked_since,
                         .decide = decide_anew,
                         .context = in};
  int64_t rows;
  if (d->orders.revoked_at == d->standing.revoked) return true;
  if (!store_revoke(in->store, &r, &rows)) return false;
  in->counts[COUNT_REVOKED] += (uint64_t)rows;
  d->standing.revoked = d->orders.revoked_at;
  d->standing_changed = true;
  return true;
}

static void count_listing(void *context, int64_t since, int64_t until) {
  breaker_count(context, since, until);
}

static bool recount(struct intake *in, int64_t thawed, int64_t now) {
  breaker_clear(&in->breaker, now);
  if (!store_each_listed(in->store, now - BREAKER_SPAN, count_listing, &in->breaker)) return false;
  breaker_thaw(&in->breaker, thawed, now);
  return true;
}

bool intake_obey(struct intake *in, int64_t thawed, int64_t now) {
  if (!store_load_frozen(in->store, &in->frozen_saved)) return false;
  in->breaker.frozen_at = in->frozen_saved;
  registry_believe(in->registry, now);
  for (size_t i = 0; i < in->registry->count; i++)
    if (in->registry->detectors[i].orders.revoked_at && !revoke(in, &in->registry->detectors[i]))
      return false;
  return store_end_listings(in->store, now, sweeps, in) && recount(in, thawed, now) &&
         ruling_save(in);
}

void intake_watch(struct intake *in, int64_t now) {
  struct alarm_state *frozen = &in->alarms[ALARM_FROZEN];
  if (!breaker_is_frozen(&in->breaker, now)) frozen->count = 0;
  else if (frozen->count == 0) frozen->count = 1;
}
