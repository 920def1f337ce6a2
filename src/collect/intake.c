#include "collect/intake.h"
#include "base/escape.h"
#include "line/sessionline.h"
#include "report/answer.h"
#include <stdio.h>

static const char *const names[COUNTS] = {
    "datagrams", "reports", "unread",    "future", "never",     "oversize",
    "malformed", "unknown", "wrong-tag", "epoch",  "duplicate", "below",
};

void intake_counts(const struct intake *in, char text[INTAKE_TEXT]) {
  size_t len = 0;
  for (int i = 0; i < COUNTS; i++)
    len += (size_t)snprintf(text + len, INTAKE_TEXT - len, "%s%s %llu", i ? ", " : "", names[i],
                            (unsigned long long)in->counts[i]);
}

void intake_alarm(const struct intake *in, enum alarm which, char text[INTAKE_TEXT]) {
  const struct alarm_state *a = &in->alarms[which];
  unsigned long long count = a->count;
  char ip[ADDR_TEXT_MAX + 1];
  ip[addr_format(ip, &a->ip)] = '\0';
  switch (which) {
  case ALARM_EPOCH:
    snprintf(text, INTAKE_TEXT,
             "%llu datagrams of an older epoch, by %s: two reporters of one name, or a replay",
             count, a->detector);
    break;
  case ALARM_FUTURE:
    snprintf(text, INTAKE_TEXT,
             "%llu reports from the future, the last about %s by %s: its clock or ours is wrong",
             count, ip, a->detector);
    break;
  case ALARM_NEVER:
    snprintf(text, INTAKE_TEXT, "%llu reports of bots on the never-list, the last about %s by %s",
             count, ip, a->detector);
    break;
  default:
    snprintf(text, INTAKE_TEXT,
             "%llu lines with a valid tag that cannot be read, by %s: see table unread", count,
             a->detector);
  }
}

static void raise_alarm(struct intake *in, enum alarm which, const struct detector *d,
                        const struct addr *ip) {
  struct alarm_state *alarm = &in->alarms[which];
  alarm->count++;
  memcpy(alarm->detector, d->name, sizeof alarm->detector);
  if (ip) alarm->ip = *ip;
}

/* ---- the never-list ---- */

static const char *const loopback[] = {"127.0.0.1", "::1"};

static int is_never(const struct intake *in, const struct addr *a) {
  struct addr fixed;
  struct span value;
  for (size_t i = 0; i < sizeof loopback / sizeof *loopback; i++)
    if (addr_parse(span_str(loopback[i]), &fixed)) {
      fixed = addr_evidence_key(&fixed);
      if (addr_compare(a, &fixed) == 0) return 1;
    }
  int found = in->rules ? table_find_addr(in->rules, "neverlist", a, &value) : 0;
  return found == 0 && in->rules ? table_find_addr(in->rules, "canaries", a, &value) : found;
}

/* The address itself and the whole /64 that would be listed for it. */
static int is_never_listed(struct intake *in, const struct addr *ip, const struct addr *key) {
  int found = is_never(in, ip);
  if (found == 0) found = is_never(in, key);
  if (found < 0) in->never_damaged = true;
  return found;
}

/* A damaged never-list ends nothing here; the next report finds it out. */
static bool sweeps(const void *context, const struct addr *key) {
  return is_never(context, key) == 1;
}

bool intake_sweep(struct intake *in, int64_t now) {
  return store_end_listings(in->store, now, sweeps, in);
}

/* ---- evidence and listing ---- */

static bool decide(struct intake *in, const struct detector *d, const struct report *r,
                   int64_t now) {
  struct addr key = addr_evidence_key(&r->ip);
  struct policy_case c = {.witnesses = in->witnesses, .report = r, .weight = d->weight, .now = now};
  struct listing listing = {.exists = false};
  if (!store_get_witnesses(in->store, &key, in->registry, in->witnesses, &c.count) ||
      store_get_listing(in->store, &key, &listing) < 0)
    return false;
  return !policy_decide(&c, &listing) || store_put_listing(in->store, &key, &listing);
}

static bool take_report(struct intake *in, const struct detector *d, const struct report *r,
                        int64_t now) {
  struct addr key = addr_evidence_key(&r->ip);
  struct evidence e = {.first = 0};
  if (store_get_evidence(in->store, &key, r->origin.detector, &e) < 0) return false;
  evidence_add(&e, r, now);
  if (!store_put_evidence(in->store, &key, r->origin.detector, &e)) return false;
  in->counts[COUNT_REPORTS]++;
  if (report_is_future(r, now)) {
    in->counts[COUNT_FUTURE]++;
    raise_alarm(in, ALARM_FUTURE, d, &r->ip);
    return true;
  }
  int never = is_never_listed(in, &r->ip, &key);
  if (never == 0) return decide(in, d, r, now);
  if (never == 1 && r->verdict == VERDICT_BOT) {
    in->counts[COUNT_NEVER]++;
    raise_alarm(in, ALARM_NEVER, d, &r->ip);
  }
  return never == 1;
}

/* ---- lines and datagrams ---- */

static bool take_unread(struct intake *in, const struct detector *d, struct span line,
                        int64_t now) {
  char text[3 * DATAGRAM_MAX];
  size_t used;
  size_t len = escape_put(text, sizeof text, line, ESCAPE_VALUE, &used);
  in->counts[COUNT_UNREAD]++;
  raise_alarm(in, ALARM_UNREAD, d, NULL);
  return store_add_unread(in->store, span_str(d->name), now, span_of(text, len));
}

static bool take_line(struct intake *in, struct detector *d, const struct origin *origin,
                      struct span line, int64_t now) {
  struct origin own;
  struct report report;
  uint64_t seq;
  /* Without a number there is no window to look into: that a text is kept once stops repeats. */
  if (!report_identify(line, &own, &seq) || !origin_equal(&own, origin))
    return take_unread(in, d, line, now);
  answer_add(&in->answer, origin, seq);
  enum window_state state = window_look(&d->window, seq);
  if (state != WINDOW_NEW) {
    in->counts[state == WINDOW_BELOW ? COUNT_BELOW : COUNT_DUPLICATE]++;
    return true;
  }
  window_take(&d->window, seq);
  d->changed = true;
  return report_decode(line, &report) ? take_report(in, d, &report, now)
                                      : take_unread(in, d, line, now);
}

static struct detector *authenticate(struct intake *in, const struct origin *origin,
                                     struct span covered, struct span tag) {
  struct detector *d = registry_find(in->registry, origin->detector);
  const struct mac_key *key = detector_find_key(d, origin->keygen);
  bool right = mac_check(key ? key : &in->nobody, covered, tag);
  if (key && right) return d;
  in->counts[key ? COUNT_TAG : COUNT_UNKNOWN]++;
  return NULL;
}

/* False where the datagram belongs to an epoch that is over: a second reporter, or a replay. */
static bool enter_epoch(struct intake *in, struct detector *d, uint64_t epoch) {
  if (epoch < d->epoch) {
    in->counts[COUNT_EPOCH]++;
    raise_alarm(in, ALARM_EPOCH, d, NULL);
    return false;
  }
  if (epoch > d->epoch) {
    d->epoch = epoch;
    d->window = (struct window){.top = 0};
    d->changed = true;
  }
  return true;
}

static void sign_answer(struct intake *in, const struct mac_key *key) {
  char signature[TAG_HEX];
  if (in->answer.len == 0 || !key) return;
  mac_tag(key, datagram_covered(&in->answer), signature);
  datagram_close(&in->answer, signature);
}

bool intake_datagram(struct intake *in, struct span datagram, int64_t now) {
  struct span covered, tag, line;
  struct origin origin;
  in->answer.len = 0;
  in->counts[COUNT_DATAGRAMS]++;
  if (datagram.len > DATAGRAM_MAX) {
    in->counts[COUNT_OVERSIZE]++;
    return true;
  }
  if (datagram_open(datagram, &covered, &tag, &origin) != DATAGRAM_REPORTS) {
    in->counts[COUNT_MALFORMED]++;
    return true;
  }
  struct detector *d = authenticate(in, &origin, covered, tag);
  if (!d || !enter_epoch(in, d, origin.epoch)) return true;
  while (datagram_line(&covered, &line))
    if (!take_line(in, d, &origin, line, now)) return false;
  sign_answer(in, detector_find_key(d, origin.keygen));
  return true;
}

bool intake_commit(struct intake *in, int64_t now) {
  for (size_t i = 0; i < in->registry->count; i++) {
    struct detector *d = &in->registry->detectors[i];
    if (!d->changed) continue;
    if (!store_save_detector(in->store, d, now)) return false;
    d->changed = false;
  }
  return store_commit(in->store);
}
