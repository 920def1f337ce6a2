#include "report/exchange.h"
#include "report/answer.h"
#include "report/heartbeat.h"
#include <stdio.h>

void exchange_init(struct exchange *e, int64_t first, int64_t longest, int64_t now) {
  const struct checkpoint one = {.seq = 1};
  e->backoff = backoff_make(first, longest, now);
  e->started = now;
  outstanding_init(&e->outstanding, &one);
}

void exchange_resume(struct exchange *e, const struct checkpoint *at) {
  e->origin.epoch = at->epoch;
  outstanding_init(&e->outstanding, at);
}

void exchange_compose(struct exchange *e, struct span line, struct composed *out) {
  compose_report(line, &e->origin, e->outstanding.next, out);
  e->lines++;
}

static void sign(const struct exchange *e, struct datagram *d) {
  char tag[TAG_HEX];
  mac_tag(&e->key, datagram_covered(d), tag);
  datagram_close(d, tag);
}

bool exchange_expire(struct exchange *e, int64_t now) {
  int64_t sent;
  return outstanding_expire(&e->outstanding, now, &sent) &&
         backoff_timed_out(&e->backoff, now, sent);
}

bool exchange_next(struct exchange *e, int64_t now, uint32_t random, struct datagram *d) {
  d->len = 0;
  if (outstanding_next_lines(&e->outstanding, &e->backoff, now, random, d) == 0) return false;
  sign(e, d);
  e->sent++;
  return true;
}

/* The input is untrusted, read directly from the network: only its form is checked before its
   tag. */
static bool open_answer(const struct exchange *e, struct span datagram, struct span *seqs,
                        bool *refused) {
  struct span covered, tag;
  struct origin origin;
  enum datagram_kind kind = datagram_parse(datagram, &covered, &tag, &origin);
  *refused = kind == DATAGRAM_REFUSAL;
  if (kind != DATAGRAM_ANSWER && kind != DATAGRAM_REFUSAL) return false;
  return mac_check(&e->key, covered, tag) && origin_equal(&origin, &e->origin) &&
         (*refused ? refusal_decode(covered, &origin, seqs)
                   : answer_decode(covered, &origin, seqs));
}

/* A refusal shows that the collector is up, so it ends a silence. A number that is not outstanding
   is of a datagram that a third party repeated to the collector. */
static bool process_refusal(struct exchange *e, struct span seqs, int64_t now) {
  uint64_t seq;
  bool any = false;
  while (answer_next(&seqs, &seq))
    if (outstanding_waits_for(&e->outstanding, seq)) {
      e->refused_seq = seq;
      e->refused++;
      any = true;
    }
  if (any) backoff_acked(&e->backoff, now, 0);
  return true;
}

bool exchange_answer(struct exchange *e, struct span datagram, int64_t now) {
  struct span seqs;
  uint64_t seq;
  uint32_t acked = 0;
  bool refused;
  if (!open_answer(e, datagram, &seqs, &refused)) {
    e->bogus++;
    return false;
  }
  if (refused) return process_refusal(e, seqs, now);
  while (answer_next(&seqs, &seq)) acked += outstanding_acknowledge(&e->outstanding, seq);
  if (acked && backoff_acked(&e->backoff, now, acked)) outstanding_reset_attempts(&e->outstanding);
  return true;
}

static void fill_counts(const struct exchange *e, int64_t now, struct heartbeat *h) {
  const struct outstanding *o = &e->outstanding;
  h->count[BEAT_UP] = (uint64_t)(now - e->started) / 1000;
  h->count[BEAT_LINES] = e->lines;
  h->count[BEAT_REPORTS] = o->reports;
  h->count[BEAT_ACKED] = o->acked;
  h->count[BEAT_PENDING] = o->pending;
  h->count[BEAT_OLDEST] = (uint64_t)outstanding_age(o, now) / 1000;
  h->count[BEAT_SENT] = e->sent;
  h->count[BEAT_RESENT] = o->resent;
  h->count[BEAT_FAILED] = e->failed;
  h->count[BEAT_UNREAD] = e->unread;
  h->count[BEAT_BOGUS] = e->bogus;
  h->gaps = e->gaps;
  h->lastgap = e->lastgap;
}

bool exchange_beat(struct exchange *e, uint64_t epoch, const struct clocks *c, struct datagram *d) {
  uint64_t wall = (uint64_t)c->wall;
  struct heartbeat h = {
      .origin = e->origin, .unixtime = wall / 1000, .version = span_str(SINBIN_VERSION)};
  char text[REPORT_LINE_MAX];
  if (!h.origin.epoch) h.origin.epoch = epoch;
  e->beat = wall > e->beat ? wall : e->beat + 1;
  h.seq = e->beat;
  fill_counts(e, c->now, &h);
  d->len = 0;
  size_t len = heartbeat_encode(&h, text, sizeof text);
  if (len == 0) return false;
  datagram_add(d, span_of(text, len));
  sign(e, d);
  return true;
}

void exchange_counts(const struct exchange *e, char text[EXCHANGE_TEXT]) {
  const struct outstanding *o = &e->outstanding;
  snprintf(
      text, EXCHANGE_TEXT,
      "lines %llu, not reportable %llu, reports %llu, acknowledged %llu, pending %llu, sent "
      "again %llu; datagrams sent %llu, failed %llu; gaps %llu; refusals %llu, bogus answers %llu",
      (unsigned long long)e->lines, (unsigned long long)e->unread, (unsigned long long)o->reports,
      (unsigned long long)o->acked, (unsigned long long)o->pending, (unsigned long long)o->resent,
      (unsigned long long)e->sent, (unsigned long long)e->failed, (unsigned long long)e->gaps,
      (unsigned long long)e->refused, (unsigned long long)e->bogus);
}
