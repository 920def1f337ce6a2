#include "collect/decision.h"
#include "base/escape.h"
#include "report/answer.h"

/* ---- evidence ---- */

/* One datagram on its way in. */
struct incoming {
  struct detector *detector;
  struct origin origin;
  const struct arrival *arrival;
  int64_t now;
  bool news;               /* something in it was not known yet */
  bool begins;             /* an epoch, if anything in it is taken */
  uint64_t first;          /* number in it */
  struct datagram *answer; /* its numbers */
  struct datagram refusal; /* those of its lines that are not taken */
};

static bool take_report(struct intake *in, const struct incoming *y, const struct report *r) {
  struct detector *d = y->detector;
  struct addr key = addr_evidence_key(&r->ip);
  struct evidence e = {.first = 0};
  bool within = decision_check_rate(in, d, &r->ip, y->now);
  int known = store_get_evidence(in->store, &key, r->origin.detector, &e);
  if (known < 0) return false;
  if (!within && known == 0) {
    decision_surplus(d, y->now);
    return true;
  }
  evidence_add(&e, r, y->now);
  if (!store_put_evidence(in->store, &key, r->origin.detector, &e)) return false;
  in->counts[COUNT_REPORTS]++;
  if (evidence_is_future(r, y->now)) {
    in->counts[COUNT_FUTURE]++;
    intake_alarm_raise(in, ALARM_FUTURE, d, &r->ip);
    return true;
  }
  return !within || decision_report(in, d, r, y->now);
}

/* ---- lines and datagrams ---- */

static bool take_unread(struct intake *in, struct detector *d, struct span line, int64_t now) {
  char text[3 * DATAGRAM_MAX];
  size_t used;
  size_t len = escape_put(text, sizeof text, line, ESCAPE_VALUE, &used);
  in->counts[COUNT_UNREAD]++;
  intake_alarm_raise(in, ALARM_UNREAD, d, NULL);
  int kept = store_add_unread(in->store, span_str(d->name), now, span_of(text, len));
  if (kept == 0) decision_surplus(d, now);
  return kept >= 0;
}

/* Without a number there is no window to look into: that a text is kept once stops repeats. No
   reporter sends such a line, so it need not be known for a repeated one to count. */
static bool take_unnumbered(struct intake *in, const struct incoming *y, struct span line) {
  decision_check_rate(in, y->detector, NULL, y->now);
  return take_unread(in, y->detector, line, y->now);
}

static void refuse(struct intake *in, struct incoming *y, enum replaywindow_state state,
                   uint64_t seq) {
  static const struct {
    enum count count;
    enum alarm alarm;
  } why[] = {[REPLAYWINDOW_BELOW] = {COUNT_BELOW, ALARM_BELOW},
             [REPLAYWINDOW_AHEAD] = {COUNT_AHEAD, ALARM_AHEAD},
             [REPLAYWINDOW_OTHER] = {COUNT_OTHER, ALARM_OTHER}};
  struct alarm_state *alarm = &in->alarms[why[state].alarm];
  in->counts[why[state].count]++;
  intake_alarm_raise(in, why[state].alarm, y->detector, NULL);
  alarm->seq = seq;
  alarm->from = y->arrival->from;
  alarm->other = y->detector->heard_from;
  refusal_add(&y->refusal, &y->origin, seq);
}

/* Of an epoch that would begin now the window is empty. */
static enum replaywindow_state look(const struct incoming *y, uint64_t seq, uint32_t check) {
  static const struct replaywindow empty = {.top = 0};
  return replaywindow_classify(y->begins ? &empty : &y->detector->window, seq, check);
}

static void take_number(struct incoming *y, uint64_t seq, uint32_t check) {
  struct detector *d = y->detector;
  if (y->begins) {
    d->epoch = y->origin.epoch;
    d->window = (struct replaywindow){.top = 0};
    y->begins = false;
  }
  replaywindow_add(&d->window, seq, check);
}

static bool take_new(struct intake *in, struct incoming *y, struct span line,
                     const struct report *report) {
  struct detector *d = y->detector;
  d->changed = y->news = true;
  d->heard_from = y->arrival->from;
  if (report) return take_report(in, y, report);
  decision_check_rate(in, d, NULL, y->now);
  return take_unread(in, d, line, y->now);
}

static bool take_line(struct intake *in, struct incoming *y, struct span line) {
  struct origin own;
  struct report report;
  uint64_t seq;
  if (!report_identify(line, &own, &seq) || !origin_equal(&own, &y->origin))
    return take_unnumbered(in, y, line);
  bool read = report_decode(line, &report);
  uint32_t check = read ? report_check(&report) : report_check_text(line);
  enum replaywindow_state state = look(y, seq, check);
  if (y->first == 0) y->first = seq;
  if (state != REPLAYWINDOW_NEW && state != REPLAYWINDOW_DUPLICATE) {
    refuse(in, y, state, seq);
    return true;
  }
  answer_add(y->answer, &y->origin, seq);
  if (state == REPLAYWINDOW_DUPLICATE) {
    in->counts[COUNT_DUPLICATE]++;
    return true;
  }
  take_number(y, seq, check);
  return take_new(in, y, line, read ? &report : NULL);
}

/* ---- answers ---- */

static struct repeats *repeats_of(struct intake *in, const struct incoming *y) {
  struct siphash_key hash = in->hash;
  hash.word[0] ^= y->arrival->port;
  hash.word[1] ^= y->first;
  return &in->repeats[siphash_addr(&hash, &y->arrival->from) & (REPEATS - 1)];
}

/* Who asks again and again for the same hears no more than so many times a second, and keeps nobody
   else, who asks from another place or for something else, from being heard. */
static bool may_repeat(struct intake *in, const struct incoming *y) {
  struct repeats *r = repeats_of(in, y);
  if (r->at != y->now) r->count = 0;
  r->at = y->now;
  if (r->count++ < ANSWERS_REPEATED) return true;
  in->counts[COUNT_UNANSWERED]++;
  return false;
}

static void give_answer(struct intake *in, struct incoming *y, const struct mac_key *key) {
  char tag[TAG_HEX];
  if (y->answer->len == 0) *y->answer = y->refusal;
  if (y->answer->len == 0) return;
  if (!y->news && !may_repeat(in, y)) {
    y->answer->len = 0;
    return;
  }
  mac_tag(key, datagram_covered(y->answer), tag);
  datagram_close(y->answer, tag);
  in->counts[COUNT_ANSWERS]++;
}

static bool take_reports(struct intake *in, struct incoming *y, struct span covered,
                         const struct mac_key *key) {
  struct span line;
  while (datagram_line(&covered, &line))
    if (!take_line(in, y, line)) return false;
  give_answer(in, y, key);
  return true;
}

/* ---- heartbeats ---- */

static bool is_newest(const struct detector *d, const struct heartbeat *h) {
  return h->origin.epoch > d->beat_epoch ||
         (h->origin.epoch == d->beat_epoch && h->seq > d->beat_seq);
}

/* Its time says whether a gap is a new one: the count begins again when the reporter is restarted.
 */
static void note_gaps(struct intake *in, struct detector *d, const struct heartbeat *h) {
  if (h->gaps == 0 || h->lastgap == d->lastgap) return;
  d->lastgap = h->lastgap;
  intake_alarm_raise(in, ALARM_GAP, d, NULL);
}

static void look_at_clock(struct intake *in, const struct incoming *y, const struct heartbeat *h) {
  int64_t behind = y->now - (int64_t)h->unixtime;
  if (behind >= -CLOCK_SKEW && behind <= CLOCK_SKEW) return;
  struct notice_state *n = notice_put(in, NOTICE_CLOCK, h->origin.detector, &y->arrival->from);
  if (n) n->behind = behind;
}

static bool take_heartbeat(struct intake *in, struct incoming *y, struct span covered) {
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
  look_at_clock(in, y, &h);
  return store_put_heartbeat(in->store, &h, y->now);
}

/* ---- who it is ---- */

static void note_stranger(struct intake *in, const struct incoming *y, const struct mac_key *key) {
  enum notice kind = key ? NOTICE_TAG : y->detector ? NOTICE_KEYGEN : NOTICE_UNKNOWN;
  struct notice_state *n = notice_put(in, kind, y->origin.detector, &y->arrival->from);
  if (n) n->keygen = y->origin.keygen;
}

/* The same work whoever is named; NULL where the tag is not that of a known detector's key. */
static const struct mac_key *authenticate(struct intake *in, struct incoming *y,
                                          struct span covered, struct span tag) {
  y->detector = registry_find(in->registry, y->origin.detector);
  const struct mac_key *key = detector_find_key(y->detector, y->origin.keygen);
  bool right = mac_check(key ? key : &in->dummy_key, covered, tag);
  if (key && right) return key;
  in->counts[key ? COUNT_TAG : COUNT_UNKNOWN]++;
  note_stranger(in, y, key);
  return NULL;
}

/* False where the datagram belongs to an epoch that is over: a second reporter, or a replay. */
static bool is_current(struct intake *in, const struct incoming *y) {
  const struct detector *d = y->detector;
  if (y->origin.epoch >= d->epoch) return true;
  in->counts[COUNT_EPOCH]++;
  intake_alarm_raise(in, ALARM_EPOCH, d, NULL);
  in->alarms[ALARM_EPOCH].from = y->arrival->from;
  in->alarms[ALARM_EPOCH].other = d->heard_from;
  return false;
}

static bool drop(struct intake *in, enum count why) {
  in->counts[why]++;
  return true;
}

bool intake_datagram(struct intake *in, const struct arrival *a, struct datagram *answer) {
  struct span covered, tag;
  struct incoming y = {.arrival = a, .now = a->now, .answer = answer};
  answer->len = 0;
  in->counts[COUNT_DATAGRAMS]++;
  if (a->datagram.len > DATAGRAM_MAX) return drop(in, COUNT_OVERSIZE);
  enum datagram_kind kind = datagram_parse(a->datagram, &covered, &tag, &y.origin);
  if (kind != DATAGRAM_REPORTS && kind != DATAGRAM_HEARTBEAT) return drop(in, COUNT_MALFORMED);
  if (in->registry->believed_at != a->now) registry_update_weights(in->registry, a->now);
  const struct mac_key *key = authenticate(in, &y, covered, tag);
  if (!key || !is_current(in, &y)) return true;
  if (kind == DATAGRAM_HEARTBEAT) return take_heartbeat(in, &y, covered);
  y.begins = y.origin.epoch != y.detector->epoch;
  return take_reports(in, &y, covered, key);
}

bool intake_commit(struct intake *in, int64_t now, int64_t at) {
  for (size_t i = 0; i < in->registry->count; i++) {
    struct detector *d = &in->registry->detectors[i];
    if (!d->changed) continue;
    if (!store_save_detector(in->store, d, now)) return false;
    d->changed = false;
  }
  return decision_save(in, now) && store_commit(in->store, at);
}
