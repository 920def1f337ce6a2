#include "collect/ruling.h"
#include "base/escape.h"
#include "report/answer.h"

/* ---- evidence ---- */

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
  return ruling_report(in, d, r, now);
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

/* Without a number there is no window to look into: that a text is kept once stops repeats. No
   reporter sends such a line, so it need not be known for a repeated one to count. */
static bool take_stray(struct intake *in, const struct delivery *y, struct span line) {
  ruling_count(in, y->detector, y->now);
  return take_unread(in, y->detector, line, y->now);
}

static bool take_line(struct intake *in, struct delivery *y, struct span line) {
  struct origin own;
  struct report report;
  uint64_t seq;
  if (!report_identify(line, &own, &seq) || !origin_equal(&own, &y->origin))
    return take_stray(in, y, line);
  enum window_state state = window_look(&y->detector->window, seq);
  answer_add(y->answer, &y->origin, seq);
  if (state != WINDOW_NEW) {
    in->counts[state == WINDOW_BELOW ? COUNT_BELOW : COUNT_DUPLICATE]++;
    return true;
  }
  window_take(&y->detector->window, seq);
  y->detector->changed = y->news = true;
  ruling_count(in, y->detector, y->now);
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

/* Its time says whether a gap is a new one: the count begins again when the reporter is restarted.
 */
static void note_gaps(struct intake *in, struct detector *d, const struct heartbeat *h) {
  if (h->gaps == 0 || h->lastgap == d->lastgap) return;
  d->lastgap = h->lastgap;
  raise_alarm(in, ALARM_GAP, d, NULL);
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
  note_gaps(in, y->detector, &h);
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
  if (in->registry->believed_at != now) registry_believe(in->registry, now);
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
  return ruling_save(in) && store_commit(in->store, at);
}
