/* A reporter's side of the talk: reports composed, numbers and epoch, answers and heartbeats. What
   the network does to it is in outstanding.c. */
#include "report/exchange.h"
#include "report/answer.h"
#include "report/heartbeat.h"
#include "tap.h"
#include <stdlib.h>

#define SESSION "session1 at=1764000000.123 peer=192.0.2.7 ms=14023 stage=data end=fin "
#define KEYS    "score=28 verdict=bot"

static struct exchange e;

static void begin(uint64_t epoch) {
  const struct checkpoint at = {.epoch = epoch, .seq = 5};
  memset(&e, 0, sizeof e);
  e.origin = (struct origin){SPAN_LITERAL("trap1"), 1, 0};
  e.key.byte[0] = 1;
  exchange_init(&e, 500, 60000, 0);
  if (epoch) exchange_resume(&e, &at);
}

static const struct {
  const char *name, *line, *want; /* want: the report after its unixtime; NULL: no report */
  bool refused;
} rows[] = {
    {"a bot", SESSION "sins=a,b " KEYS, "192.0.2.7 bot 28 fin a,b -", false},
    {"no sins", SESSION KEYS, "192.0.2.7 bot 28 fin - -", false},
    {"after its position", SESSION "seq=5 pos=1.2 " KEYS, "192.0.2.7 bot 28 fin - -", false},
    {"a label", "@400000006925a6f41e6ab6d4 " SESSION KEYS, "192.0.2.7 bot 28 fin - -", false},
    {"a dialect", SESSION "dialect=EHLO%20H|MAIL%20FROM:<A>|RCPT%20TO:<A>|DATA " KEYS,
     "192.0.2.7 bot 28 fin - 3e77501df101d7f4", false},
    {"clean", SESSION "score=-4 verdict=clean", "192.0.2.7 clean -4 fin - -", false},
    {"exempt", SESSION "score=28 verdict=exempt", NULL, false},
    {"scanner", SESSION "score=28 verdict=scanner", NULL, false},
    {"no verdict", SESSION "seq=5", NULL, false},
    {"another kind", "lost1 at=1.000 peer=192.0.2.1", NULL, false},
    {"a diagnostic", "sinbin-listen: info: status1 held=0", NULL, false},
    {"no score", SESSION "verdict=bot", NULL, true},
    {"a malformed dialect", SESSION "dialect=%zz " KEYS, NULL, true},
    {"malformed sins", SESSION "sins=No " KEYS, NULL, true},
    {"a field missing", "session1 at=1.000 " KEYS, NULL, true},
    {"a key twice", SESSION KEYS " score=1", NULL, true},
    {"another version", "session2 at=1.000", NULL, true},
    {"junk", "junk", NULL, true},
    {"nothing", "", NULL, true},
};

static void test_composing(void) {
  begin(7);
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    struct composed c;
    exchange_compose(&e, span_str(rows[i].line), &c);
    ok(c.refused == rows[i].refused && (c.len > 0) == (rows[i].want != NULL), "%s", rows[i].name);
    if (!rows[i].want) continue;
    struct span head = span_str("SB1 trap1 1 7 5 1764000014 ");
    ok(c.len > head.len && memcmp(c.text, head.s, head.len) == 0, "its head");
    is_text(span_from(span_of(c.text, c.len), head.len), rows[i].want, "its report");
  }
  ok(e.lines == sizeof rows / sizeof *rows, "all were counted");
}

static void add(int64_t now) {
  struct checkpoint resume = {.epoch = 7, .seq = e.outstanding.next + 1};
  struct composed c;
  exchange_compose(&e, span_str(SESSION KEYS), &c);
  outstanding_add(&e.outstanding, span_of(c.text, c.len), &resume, now);
}

static bool receive(struct datagram *d, const struct mac_key *key) {
  char tag[TAG_HEX];
  mac_tag(key, datagram_covered(d), tag);
  datagram_close(d, tag);
  return exchange_answer(&e, datagram_covered(d), 10);
}

static bool answer(uint64_t seq, const struct mac_key *key) {
  struct datagram d = {.len = 0};
  return answer_add(&d, &e.origin, seq) && receive(&d, key);
}

static bool refuse(uint64_t seq, const struct mac_key *key) {
  struct datagram d = {.len = 0};
  return refusal_add(&d, &e.origin, seq) && receive(&d, key);
}

static void test_talk(void) {
  const struct mac_key other = {{2}};
  struct datagram d, none;
  begin(7);
  add(0);
  add(0);
  ok(exchange_next(&e, 0, 0, &d) && !exchange_next(&e, 0, 0, &none), "one datagram for two lines");
  size_t len = d.len;
  while (len && d.buf[len - 1] != ' ') len--;
  ok(len && mac_check(&e.key, span_of(d.buf, len - 1), span_of(d.buf + len, TAG_HEX)), "signed");
  ok(!answer(5, &other) && e.bogus == 1 && e.outstanding.pending == 2,
     "another key acknowledges nothing");
  ok(!exchange_answer(&e, datagram_covered(&d), 10) && e.bogus == 2,
     "a report acknowledges nothing");
  ok(answer(5, &e.key) && e.outstanding.pending == 1 && e.outstanding.resume.seq == 6,
     "the right one does");
  uint32_t limit = e.backoff.limit;
  ok(answer(5, &e.key) && e.outstanding.pending == 1 && e.bogus == 2, "again it does no harm");
  ok(answer(99, &e.key) && e.outstanding.pending == 1,
     "a number that was never used acknowledges nothing");
  ok(e.backoff.limit == limit, "and neither raises the limit");
  ok(exchange_expire(&e, 1000) == false && exchange_next(&e, 1000, 0, &d) &&
         e.outstanding.resent == 1,
     "the other is sent again");
  ok(exchange_expire(&e, 100000) && e.backoff.silences == 1, "no answer for long: silence");
  ok(answer(6, &e.key) && e.backoff.silences == 0 && e.outstanding.pending == 0,
     "an answer ends it");
}

static void test_refusals(void) {
  const struct mac_key other = {{2}};
  struct datagram d;
  begin(7);
  add(0);
  add(0);
  exchange_next(&e, 5, 0, &d);
  ok(!refuse(5, &other) && e.refused == 0 && e.bogus == 1, "another key refuses nothing");
  ok(exchange_expire(&e, 100000) && e.backoff.silences == 1, "a silence");
  ok(refuse(99, &e.key) && e.refused == 0 && e.backoff.silences == 1,
     "a number that does not wait is ignored");
  uint32_t limit = e.backoff.limit;
  ok(refuse(6, &e.key) && e.refused == 1 && e.refused_seq == 6, "one that waits is refused");
  ok(e.backoff.silences == 0 && e.backoff.limit == limit, "which ends the silence, and no more");
  ok(e.outstanding.pending == 2 && e.outstanding.acked == 0 && e.outstanding.resume.seq == 5,
     "nothing is acknowledged");
  ok(answer(6, &e.key) && refuse(6, &e.key) && e.refused == 1,
     "one that is acknowledged is not refused");
}

static uint64_t beat(uint64_t epoch, int64_t now, int64_t wall) {
  const struct clocks m = {now, wall};
  struct datagram d;
  struct heartbeat h = {.seq = 0};
  if (!exchange_beat(&e, epoch, &m, &d)) return 0;
  if (d.len <= DATAGRAM_TAIL || !heartbeat_decode(span_of(d.buf, d.len - DATAGRAM_TAIL), &h))
    return 0;
  ok(h.origin.epoch == (e.origin.epoch ? e.origin.epoch : epoch) &&
         h.count[BEAT_UP] == (uint64_t)now / 1000 && h.unixtime == (uint64_t)wall / 1000,
     "epoch and times");
  return h.seq;
}

static void test_beats(void) {
  begin(0);
  ok(beat(0, 0, 1000) == 0, "no heartbeat without an epoch");
  ok(beat(9, 0, 2000) == 2000, "the number is the time");
  begin(7);
  ok(beat(9, 0, 2000) == 2000, "its own epoch is used first");
  ok(beat(0, 5000, 2000) == 2001, "it grows if the clock does not move");
  ok(beat(0, 5000, 1000) == 2002, "and if the clock was set back");
  ok(beat(0, 9000, 9000) == 9000, "then it is the time again");
}

int main(void) {
  if (!mac_init()) abort();
  test_composing();
  test_talk();
  test_refusals();
  test_beats();
  return done();
}
