#include "base/escape.h"
#include "collect/decision.h"
#include "report/answer.h"

/* ---- evidence ---- */

/* One datagram that is being processed. */
struct incoming {
  struct detector *detector;
  struct origin origin;
  const struct arrival *arrival;
  int64_t now;
  bool has_new;            /* a line in it is new */
  bool new_epoch;          /* it is of a new epoch, and no line of it has been accepted yet */
  uint64_t first_seq;      /* the first number in it */
  struct datagram *answer; /* the numbers accepted */
  struct datagram refusal; /* the numbers refused */
};

static bool record_report(struct intake *in, const struct incoming *m, const struct report *r) {
  struct detector *d = m->detector;
  struct addr key = addr_evidence_key(&r->ip);
  struct evidence e = {.first = 0};
  bool within = decision_check_rate(in, d, &r->ip, m->now);
  int known = store_get_evidence(in->store, &key, r->origin.detector, &e);
  if (known < 0) return false;
  if (!within && known == 0) {
    decision_count_surplus(d, m->now);
    return true;
  }
  evidence_add(&e, r, m->now);
  if (!store_put_evidence(in->store, &key, r->origin.detector, &e)) return false;
  in->counts[COUNT_REPORTS]++;
  if (evidence_is_future(r, m->now)) {
    in->counts[COUNT_FUTURE]++;
    intake_alarm_raise(in, ALARM_FUTURE, d, &r->ip);
    return true;
  }
  return !within || decision_report(in, d, r, m->now);
}

/* ---- lines and datagrams ---- */

static bool keep_unread(struct intake *in, struct detector *d, struct span line, int64_t now) {
  char text[3 * DATAGRAM_MAX];
  size_t used;
  size_t len = escape_put(text, sizeof text, line, ESCAPE_VALUE, &used);
  in->counts[COUNT_UNREAD]++;
  intake_alarm_raise(in, ALARM_UNREAD, d, NULL);
  int kept = store_add_unread(in->store, span_str(d->name), now, span_of(text, len));
  if (kept == 0) decision_count_surplus(d, now);
  return kept >= 0;
}

/* A line without a number cannot be found in the window. The store keeps the same text once, which
   stops repeats. No reporter sends such a line, so a repeated one may count for the rate. */
static bool keep_unnumbered(struct intake *in, const struct incoming *m, struct span line) {
  decision_check_rate(in, m->detector, NULL, m->now);
  return keep_unread(in, m->detector, line, m->now);
}

static void refuse(struct intake *in, struct incoming *m, enum replaywindow_state state,
                   uint64_t seq) {
  static const struct {
    enum count count;
    enum alarm alarm;
  } why[] = {[REPLAYWINDOW_BELOW] = {COUNT_BELOW, ALARM_BELOW},
             [REPLAYWINDOW_AHEAD] = {COUNT_AHEAD, ALARM_AHEAD},
             [REPLAYWINDOW_OTHER] = {COUNT_OTHER, ALARM_OTHER}};
  struct alarm_state *alarm = &in->alarms[why[state].alarm];
  in->counts[why[state].count]++;
  intake_alarm_raise(in, why[state].alarm, m->detector, NULL);
  alarm->seq = seq;
  alarm->from = m->arrival->from;
  alarm->other = m->detector->heard_from;
  refusal_add(&m->refusal, &m->origin, seq);
}

/* The window of a new epoch is empty. */
static enum replaywindow_state classify(const struct incoming *m, uint64_t seq, uint32_t check) {
  static const struct replaywindow empty = {.top = 0};
  return replaywindow_classify(m->new_epoch ? &empty : &m->detector->window, seq, check);
}

static void accept_number(struct incoming *m, uint64_t seq, uint32_t check) {
  struct detector *d = m->detector;
  if (m->new_epoch) {
    d->epoch = m->origin.epoch;
    d->window = (struct replaywindow){.top = 0};
    m->new_epoch = false;
  }
  replaywindow_add(&d->window, seq, check);
}

static bool process_new(struct intake *in, struct incoming *m, struct span line,
                        const struct report *report) {
  struct detector *d = m->detector;
  d->changed = m->has_new = true;
  d->heard_from = m->arrival->from;
  if (report) return record_report(in, m, report);
  decision_check_rate(in, d, NULL, m->now);
  return keep_unread(in, d, line, m->now);
}

static bool process_line(struct intake *in, struct incoming *m, struct span line) {
  struct origin own;
  struct report report;
  uint64_t seq;
  if (!report_identify(line, &own, &seq) || !origin_equal(&own, &m->origin))
    return keep_unnumbered(in, m, line);
  bool read = report_decode(line, &report);
  uint32_t check = read ? report_check(&report) : report_check_text(line);
  enum replaywindow_state state = classify(m, seq, check);
  if (m->first_seq == 0) m->first_seq = seq;
  if (state != REPLAYWINDOW_NEW && state != REPLAYWINDOW_DUPLICATE) {
    refuse(in, m, state, seq);
    return true;
  }
  answer_add(m->answer, &m->origin, seq);
  if (state == REPLAYWINDOW_DUPLICATE) {
    in->counts[COUNT_DUPLICATE]++;
    return true;
  }
  accept_number(m, seq, check);
  return process_new(in, m, line, read ? &report : NULL);
}

/* ---- answers ---- */

static struct repeats *repeats_of(struct intake *in, const struct incoming *m) {
  struct siphash_key hash = in->hash;
  hash.word[0] ^= m->arrival->port;
  hash.word[1] ^= m->first_seq;
  return &in->repeats[siphash_addr(&hash, &m->arrival->from) & (REPEATS - 1)];
}

/* Limits the answers to a sender that repeats the same datagram. Senders at other addresses or
   ports, and datagrams with another first number, have limits of their own. */
static bool may_repeat(struct intake *in, const struct incoming *m) {
  struct repeats *r = repeats_of(in, m);
  if (r->at != m->now) r->count = 0;
  r->at = m->now;
  if (r->count++ < ANSWERS_REPEATED) return true;
  in->counts[COUNT_UNANSWERED]++;
  return false;
}

static void finish_answer(struct intake *in, struct incoming *m, const struct mac_key *key) {
  char tag[TAG_HEX];
  if (m->answer->len == 0) *m->answer = m->refusal;
  if (m->answer->len == 0) return;
  if (!m->has_new && !may_repeat(in, m)) {
    m->answer->len = 0;
    return;
  }
  mac_tag(key, datagram_covered(m->answer), tag);
  datagram_close(m->answer, tag);
  in->counts[COUNT_ANSWERS]++;
}

static bool process_reports(struct intake *in, struct incoming *m, struct span covered,
                            const struct mac_key *key) {
  struct span line;
  while (datagram_line(&covered, &line))
    if (!process_line(in, m, line)) return false;
  finish_answer(in, m, key);
  return true;
}

/* ---- heartbeats ---- */

static bool is_newest(const struct detector *d, const struct heartbeat *h) {
  return h->origin.epoch > d->beat_epoch ||
         (h->origin.epoch == d->beat_epoch && h->seq > d->beat_seq);
}

/* The time shows whether a gap is new: the count starts again when the reporter is restarted. */
static void note_gaps(struct intake *in, struct detector *d, const struct heartbeat *h) {
  if (h->gaps == 0 || h->lastgap == d->lastgap) return;
  d->lastgap = h->lastgap;
  intake_alarm_raise(in, ALARM_GAP, d, NULL);
}

static void check_clock(struct intake *in, const struct incoming *m, const struct heartbeat *h) {
  int64_t behind = m->now - (int64_t)h->unixtime;
  if (behind >= -CLOCK_SKEW && behind <= CLOCK_SKEW) return;
  struct notice_state *n =
      intake_notice_add(in, NOTICE_CLOCK, h->origin.detector, &m->arrival->from);
  if (n) n->behind = behind;
}

static bool process_heartbeat(struct intake *in, struct incoming *m, struct span covered) {
  struct heartbeat h;
  if (!heartbeat_decode(covered, &h)) return keep_unread(in, m->detector, covered, m->now);
  if (!is_newest(m->detector, &h)) {
    in->counts[COUNT_DUPLICATE]++;
    return true;
  }
  in->counts[COUNT_HEARTBEATS]++;
  m->detector->beat_epoch = h.origin.epoch;
  m->detector->beat_seq = h.seq;
  note_gaps(in, m->detector, &h);
  check_clock(in, m, &h);
  return store_put_heartbeat(in->store, &h, m->now);
}

/* ---- authentication ---- */

static void note_unauthenticated(struct intake *in, const struct incoming *m,
                                 const struct mac_key *key) {
  enum notice kind = key ? NOTICE_TAG : m->detector ? NOTICE_KEYGEN : NOTICE_UNKNOWN;
  struct notice_state *n = intake_notice_add(in, kind, m->origin.detector, &m->arrival->from);
  if (n) n->keygen = m->origin.keygen;
}

/* Does the same work for any name. NULL: the tag is not of a key of a known detector. */
static const struct mac_key *authenticate(struct intake *in, struct incoming *m,
                                          struct span covered, struct span tag) {
  m->detector = registry_find(in->registry, m->origin.detector);
  const struct mac_key *key = detector_find_key(m->detector, m->origin.keygen);
  bool right = mac_check(key ? key : &in->dummy_key, covered, tag);
  if (key && right) return key;
  in->counts[key ? COUNT_TAG : COUNT_UNKNOWN]++;
  note_unauthenticated(in, m, key);
  return NULL;
}

/* False: the datagram is of an older epoch, from a second reporter or replayed. */
static bool is_current(struct intake *in, const struct incoming *m) {
  const struct detector *d = m->detector;
  if (m->origin.epoch >= d->epoch) return true;
  in->counts[COUNT_EPOCH]++;
  intake_alarm_raise(in, ALARM_EPOCH, d, NULL);
  in->alarms[ALARM_EPOCH].from = m->arrival->from;
  in->alarms[ALARM_EPOCH].other = d->heard_from;
  return false;
}

static bool drop(struct intake *in, enum count why) {
  in->counts[why]++;
  return true;
}

bool intake_datagram(struct intake *in, const struct arrival *a, struct datagram *answer) {
  struct span covered, tag;
  struct incoming m = {.arrival = a, .now = a->now, .answer = answer};
  answer->len = 0;
  in->counts[COUNT_DATAGRAMS]++;
  if (a->datagram.len > DATAGRAM_MAX) return drop(in, COUNT_OVERSIZE);
  enum datagram_kind kind = datagram_parse(a->datagram, &covered, &tag, &m.origin);
  if (kind != DATAGRAM_REPORTS && kind != DATAGRAM_HEARTBEAT) return drop(in, COUNT_MALFORMED);
  if (in->registry->updated_at != a->now) registry_update_weights(in->registry, a->now);
  const struct mac_key *key = authenticate(in, &m, covered, tag);
  if (!key || !is_current(in, &m)) return true;
  if (kind == DATAGRAM_HEARTBEAT) return process_heartbeat(in, &m, covered);
  m.new_epoch = m.origin.epoch != m.detector->epoch;
  return process_reports(in, &m, covered, key);
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
