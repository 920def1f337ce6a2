#include "collect/intake.h"
#include "base/escape.h"
#include "line/sessionline.h"
#include "report/answer.h"

static void raise_alarm(struct intake *in, enum alarm which, const struct detector *d,
                        const struct addr *ip) {
  struct alarm_state *alarm = &in->alarms[which];
  alarm->count++;
  memcpy(alarm->detector, d->name, sizeof alarm->detector);
  if (ip) alarm->ip = *ip;
}

/* ---- the never-list ---- */

/* ::1 with its whole /64, and 127.0.0.1. */
static bool is_loopback(const struct addr *a) {
  static const struct addr v6 = {{0}};
  struct addr key = addr_evidence_key(a);
  return addr_is_ipv4(a) ? addr_ipv4(a) == 0x7f000001 : addr_compare(&key, &v6) == 0;
}

static int is_never(const struct intake *in, const struct addr *a) {
  struct span value;
  if (is_loopback(a)) return 1;
  int found = in->rules ? table_find_addr(in->rules, "neverlist", a, &value) : 0;
  return found == 0 && in->rules ? table_find_addr(in->rules, "canaries", a, &value) : found;
}

/* The address itself and the whole /64 that would be listed for it. */
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

/* One datagram on its way in. */
struct delivery {
  struct detector *detector;
  struct origin origin;
  int64_t now;
  bool news;               /* something in it was not known yet */
  struct datagram *answer; /* its numbers */
};

static bool take_line(struct intake *in, struct delivery *y, struct span line) {
  struct origin own;
  struct report report;
  uint64_t seq;
  /* Without a number there is no window to look into: that a text is kept once stops repeats. */
  if (!report_identify(line, &own, &seq) || !origin_equal(&own, &y->origin))
    return take_unread(in, y->detector, line, y->now);
  enum window_state state = window_look(&y->detector->window, seq);
  answer_add(y->answer, &y->origin, seq);
  if (state != WINDOW_NEW) {
    in->counts[state == WINDOW_BELOW ? COUNT_BELOW : COUNT_DUPLICATE]++;
    return true;
  }
  window_take(&y->detector->window, seq);
  y->detector->changed = y->news = true;
  return report_decode(line, &report) ? take_report(in, y->detector, &report, y->now)
                                      : take_unread(in, y->detector, line, y->now);
}

/* A detector that asks again and again hears no more than so many times a second. */
static bool may_answer(struct intake *in, const struct delivery *y) {
  struct detector *d = y->detector;
  if (y->answer->len == 0 || y->news) return y->answer->len > 0;
  if (d->repeated_at != y->now) d->repeats = 0;
  d->repeated_at = y->now;
  if (d->repeats++ < ANSWERS_REPEATED) return true;
  in->counts[COUNT_UNANSWERED]++;
  return false;
}

static bool take_reports(struct intake *in, struct delivery *y, struct span covered,
                         const struct mac_key *key) {
  struct span line;
  char tag[TAG_HEX];
  while (datagram_line(&covered, &line))
    if (!take_line(in, y, line)) return false;
  if (!may_answer(in, y)) {
    y->answer->len = 0;
    return true;
  }
  mac_tag(key, datagram_covered(y->answer), tag);
  datagram_close(y->answer, tag);
  in->counts[COUNT_ANSWERS]++;
  return true;
}

static bool is_newest(const struct detector *d, const struct heartbeat *h) {
  return h->origin.epoch > d->beat_epoch ||
         (h->origin.epoch == d->beat_epoch && h->seq > d->beat_seq);
}

static bool take_heartbeat(struct intake *in, struct delivery *y, struct span covered) {
  struct heartbeat h;
  if (!heartbeat_decode(covered, &h)) return take_unread(in, y->detector, covered, y->now);
  if (!is_newest(y->detector, &h)) {
    in->counts[COUNT_DUPLICATE]++;
    return true;
  }
  in->counts[COUNT_HEARTBEATS]++;
  y->detector->beat_epoch = h.origin.epoch;
  y->detector->beat_seq = h.seq;
  return store_put_heartbeat(in->store, &h, y->now);
}

/* The same work whoever is named; NULL where the tag is not that of a known detector's key. */
static const struct mac_key *authenticate(struct intake *in, struct delivery *y,
                                          struct span covered, struct span tag) {
  y->detector = registry_find(in->registry, y->origin.detector);
  const struct mac_key *key = detector_find_key(y->detector, y->origin.keygen);
  bool right = mac_check(key ? key : &in->nobody, covered, tag);
  if (key && right) return key;
  in->counts[key ? COUNT_TAG : COUNT_UNKNOWN]++;
  return NULL;
}

/* False where the datagram belongs to an epoch that is over: a second reporter, or a replay. */
static bool is_current(struct intake *in, const struct detector *d, uint64_t epoch) {
  if (epoch >= d->epoch) return true;
  in->counts[COUNT_EPOCH]++;
  raise_alarm(in, ALARM_EPOCH, d, NULL);
  return false;
}

static void enter_epoch(struct detector *d, uint64_t epoch) {
  if (epoch == d->epoch) return;
  d->epoch = epoch;
  d->window = (struct window){.top = 0};
  d->changed = true;
}

static bool drop(struct intake *in, enum count why) {
  in->counts[why]++;
  return true;
}

bool intake_datagram(struct intake *in, struct span datagram, int64_t now,
                     struct datagram *answer) {
  struct span covered, tag;
  struct delivery y = {.now = now, .answer = answer};
  answer->len = 0;
  in->counts[COUNT_DATAGRAMS]++;
  if (datagram.len > DATAGRAM_MAX) return drop(in, COUNT_OVERSIZE);
  enum datagram_kind kind = datagram_open(datagram, &covered, &tag, &y.origin);
  if (kind != DATAGRAM_REPORTS && kind != DATAGRAM_HEARTBEAT) return drop(in, COUNT_MALFORMED);
  const struct mac_key *key = authenticate(in, &y, covered, tag);
  if (!key || !is_current(in, y.detector, y.origin.epoch)) return true;
  if (kind == DATAGRAM_HEARTBEAT) return take_heartbeat(in, &y, covered);
  enter_epoch(y.detector, y.origin.epoch);
  return take_reports(in, &y, covered, key);
}

bool intake_commit(struct intake *in, int64_t now, int64_t at) {
  for (size_t i = 0; i < in->registry->count; i++) {
    struct detector *d = &in->registry->detectors[i];
    if (!d->changed) continue;
    if (!store_save_detector(in->store, d, now)) return false;
    d->changed = false;
  }
  return store_commit(in->store, at);
}
