/* The window of lines that wait for their acknowledgement: what it holds, what it sends when, and
   that nothing is lost, sent too soon or too much at once, whatever the network does. */
#include "report/outstanding.h"
#include "report/answer.h"
#include "tap.h"
#include <stdlib.h>

static struct outstanding window;

static void start(uint64_t first) {
  const struct checkpoint at = {.epoch = 7, .seq = first};
  outstanding_init(&window, &at);
}

static void add(bool reported, int64_t now) {
  struct checkpoint resume = {.epoch = 7, .seq = window.next + 1, .offset = 100 * window.next};
  char text[64];
  int len = snprintf(text, sizeof text, "SB1 a 1 7 %llu", (unsigned long long)window.next);
  outstanding_add(&window, span_of(text, reported ? (size_t)len : 0), &resume, now);
}

static size_t fill(const struct backoff *p, int64_t now, struct datagram *d) {
  d->len = 0;
  return outstanding_next_lines(&window, p, now, 0, d);
}

static void test_checkpoint(void) {
  start(5);
  ok(window.resume.seq == 5 && window.resume.offset == 0, "it starts at the given checkpoint");
  add(false, 0);
  ok(window.resume.seq == 6 && window.resume.offset == 500, "a line without a report is over");
  add(true, 0);
  add(false, 0);
  add(true, 0);
  ok(window.resume.seq == 6, "a line to be reported holds what follows");
  ok(outstanding_acknowledge(&window, 8) && window.resume.seq == 6, "a later one moves nothing");
  ok(!outstanding_acknowledge(&window, 8), "twice is no news");
  ok(!outstanding_acknowledge(&window, 7), "a line that was not reported does not wait");
  ok(!outstanding_acknowledge(&window, 9) && !outstanding_acknowledge(&window, 5) &&
         !outstanding_acknowledge(&window, 0) && !outstanding_acknowledge(&window, UINT64_MAX),
     "a number outside does not wait");
  ok(outstanding_acknowledge(&window, 6) && window.resume.seq == 9 && window.resume.offset == 800,
     "the gap filled, it moves over all");
  ok(window.pending == 0 && window.reports == 2 && window.acked == 2, "counts");
}

static void test_bound(void) {
  size_t count = 0;
  start(1);
  add(false, 0);
  while (outstanding_has_room(&window)) {
    add(count % 3 == 0, 0);
    count++;
  }
  ok(count == OUTSTANDING_MAX, "the most lines are held (%zu)", count);
  outstanding_acknowledge(&window, 5);
  ok(!outstanding_has_room(&window), "also if a later one is acknowledged");
  outstanding_acknowledge(&window, 2);
  ok(outstanding_has_room(&window) && window.base == 8, "the oldest makes room up to the next");
}

static void test_order(void) {
  struct backoff p = backoff_make(500, 60000, 0);
  struct datagram d;
  int64_t sent = 0;
  start(1);
  ok(fill(&p, 0, &d) == 0, "nothing to send");
  add(true, 0);
  ok(fill(&p, 0, &d) == 1, "a lone line goes at once");
  is_text(datagram_covered(&d), "SB1 a 1 7 1", "alone");
  ok(fill(&p, 0, &d) == 0, "once");
  add(false, 10);
  add(true, 10);
  add(true, 10);
  ok(fill(&p, 10, &d) == 2, "two lines go together");
  is_text(datagram_covered(&d), "SB1 a 1 7 3\nSB1 a 1 7 4", "in order");
  ok(window.next_due == 375, "the first is due after three quarters of the delay");
  ok(!outstanding_expire(&window, 374, &sent) && fill(&p, 374, &d) == 0, "not a moment earlier");
  add(true, 380);
  ok(outstanding_expire(&window, 380, &sent) && sent == 0 && fill(&p, 380, &d) == 2, "then again");
  is_text(datagram_covered(&d), "SB1 a 1 7 1\nSB1 a 1 7 5", "followed by what is new");
  ok(window.resent == 1, "one was sent again");
  outstanding_acknowledge(&window, 1);
  outstanding_acknowledge(&window, 3);
  ok(outstanding_expire(&window, 385, &sent) && sent == 10 && fill(&p, 385, &d) == 1,
     "what was acknowledged is not sent again");
  is_text(datagram_covered(&d), "SB1 a 1 7 4", "the other is");
  ok(outstanding_age(&window, 1010) == 1000, "the oldest has waited for a second");
  ok(outstanding_acknowledge(&window, 4) && outstanding_acknowledge(&window, 5), "all over");
  ok(outstanding_age(&window, 1010) == 0, "no line waits");
  ok(!outstanding_expire(&window, 1000000, &sent), "nothing is due any more");
}

static void test_delays(void) {
  static const int64_t want[] = {375, 750, 1500, 3000, 6000, 6000};
  struct backoff p = backoff_make(500, 60000, 0);
  struct datagram d;
  int64_t now = 0, sent;
  start(1);
  add(true, 0);
  for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
    fill(&p, now, &d);
    ok(window.next_due == now + want[i], "delay %zu", i + 1);
    now = window.next_due;
    outstanding_expire(&window, now, &sent);
  }
  outstanding_reset_attempts(&window);
  fill(&p, now, &d);
  ok(window.next_due == now + want[0], "after a silence from the beginning");
}

/* Numbers that are over before they were sent: a late answer to a run before this one. */
static void test_over_unsent(void) {
  struct backoff p = backoff_make(500, 60000, 0);
  struct datagram d;
  start(1);
  add(true, 0);
  add(true, 0);
  ok(outstanding_acknowledge(&window, 1) && outstanding_acknowledge(&window, 2), "over, unsent");
  while (outstanding_has_room(&window)) add(true, 0);
  fill(&p, 0, &d);
  struct span rest = datagram_covered(&d), line;
  datagram_line(&rest, &line);
  is_text(line, "SB1 a 1 7 3", "the next one is sent first");
}

static void test_limit(void) {
  struct backoff p = backoff_make(500, 60000, 0);
  struct datagram d;
  start(1);
  for (int i = 0; i < 2000; i++) add(true, 0);
  size_t lines = 0, datagrams = 0, count;
  while ((count = fill(&p, 0, &d))) {
    lines += count;
    datagrams++;
  }
  ok(lines >= BACKOFF_START && lines < BACKOFF_START + count + 120 && datagrams < 4,
     "not more under way than the pace allows (%zu)", lines);
  p.limit = 1;
  ok(fill(&p, 0, &d) == 0, "and nothing while more are");
  outstanding_acknowledge(&window, 2000);
  start(1);
  add(true, 0);
  outstanding_acknowledge(&window, 1);
  add(true, 0);
  ok(fill(&p, 0, &d) == 1 && datagram_covered(&d).len == 11, "what is over before it was sent");
}

/* ---- a network between it and a collector ---- */

static uint64_t random_state = 1;

static uint32_t next_random(void) {
  random_state = random_state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
  return (uint32_t)(random_state >> 33);
}

#define LINES   20000
#define PENDING 8192

struct flight {
  int64_t due;
  uint64_t seqs[128];
  size_t count;
};

struct world {
  uint32_t loss; /* percent, either way */
  bool dead;     /* the collector */
  uint8_t counted[LINES + 1];
  struct flight flights[PENDING]; /* answers on their way */
  size_t flying, datagrams;
  int64_t now;
  size_t wrong, too_many, too_soon;
  int64_t last_sent[LINES + 1];
};

static struct world world;

static bool is_lost(void) {
  return next_random() % 100 < world.loss;
}

/* A datagram as the collector takes it: every line once, an answer for all of them. */
static void deliver(struct span covered) {
  struct flight f = {.due = world.now + 1 + next_random() % 300};
  struct span line;
  struct origin origin;
  uint64_t seq;
  while (datagram_line(&covered, &line)) {
    if (!report_identify(line, &origin, &seq) || seq > LINES) abort();
    if (world.last_sent[seq] && world.now - world.last_sent[seq] < 375) world.too_soon++;
    world.last_sent[seq] = world.now;
    f.seqs[f.count++] = seq;
  }
  world.datagrams++;
  if (world.dead || is_lost()) return;
  for (size_t i = 0; i < f.count; i++) world.counted[f.seqs[i]] = 1;
  for (int copies = next_random() % 5 ? 1 : 2; copies; copies--)
    if (!is_lost() && world.flying < PENDING) world.flights[world.flying++] = f;
}

static void send_all(struct backoff *p) {
  struct datagram d;
  int64_t sent;
  if (outstanding_expire(&window, world.now, &sent)) backoff_timed_out(p, world.now, sent);
  for (;;) {
    uint32_t before = window.in_flight;
    d.len = 0;
    size_t count = outstanding_next_lines(&window, p, world.now, next_random(), &d);
    if (count == 0) return;
    if (before >= p->limit || window.in_flight != before + count) world.too_many++;
    deliver(datagram_covered(&d));
  }
}

/* Answers whose time has come, in no order. */
static void answer_all(struct backoff *p) {
  for (size_t i = 0; i < world.flying;) {
    struct flight *f = &world.flights[i];
    uint32_t news = 0;
    if (f->due > world.now) {
      i++;
      continue;
    }
    for (size_t n = 0; n < f->count; n++) news += outstanding_acknowledge(&window, f->seqs[n]);
    if (news && backoff_acked(p, world.now, news)) outstanding_reset_attempts(&window);
    *f = world.flights[--world.flying];
  }
}

static bool counts_are_right(void) {
  size_t count[4] = {0};
  for (uint64_t seq = window.base; seq < window.next; seq++)
    count[window.lines[seq % OUTSTANDING_MAX].state]++;
  return count[OUTSTANDING_SENT] == window.in_flight &&
         count[OUTSTANDING_EXPIRED] == window.expired &&
         count[OUTSTANDING_FRESH] + count[OUTSTANDING_SENT] + count[OUTSTANDING_EXPIRED] ==
             window.pending;
}

/* Milliseconds until all is acknowledged, at most `limit`. */
static int64_t run(struct backoff *p, int64_t limit, uint64_t lines) {
  int64_t from = world.now;
  for (; world.now - from < limit; world.now++) {
    for (int i = 0; i < 40 && window.next <= lines && outstanding_has_room(&window); i++)
      add(next_random() % 4 > 0, world.now);
    send_all(p);
    answer_all(p);
    world.wrong += window.next - window.base > OUTSTANDING_MAX || window.resume.seq != window.base;
    if (window.base > lines) break;
  }
  world.wrong += !counts_are_right();
  return world.now - from;
}

static bool all_counted(uint64_t lines) {
  for (uint64_t seq = 1; seq <= lines; seq++)
    if (!world.counted[seq] && world.last_sent[seq]) return false;
  return window.reports == window.acked;
}

static void test_network(void) {
  static const uint32_t losses[] = {0, 5, 30, 45};
  for (size_t i = 0; i < sizeof losses / sizeof *losses; i++) {
    struct backoff p = backoff_make(500, 60000, 0);
    memset(&world, 0, sizeof world);
    world.loss = losses[i];
    start(1);
    int64_t took = run(&p, 3600000, LINES);
    ok(window.base == LINES + 1 && all_counted(LINES), "loss %u %%: all arrived, in %lld s",
       losses[i], (long long)took / 1000);
    ok(world.too_soon == 0, "and no line was sent again too soon");
    ok(world.wrong == 0 && world.too_many == 0, "the bounds were kept at every moment");
  }
}

static void test_dead_and_back(void) {
  struct backoff p = backoff_make(500, 60000, 0);
  memset(&world, 0, sizeof world);
  start(1);
  world.dead = true;
  run(&p, 600000, LINES);
  ok(window.next == OUTSTANDING_MAX + 1 || !outstanding_has_room(&window), "reading has stopped");
  ok(world.datagrams < 60, "a dead collector got %zu datagrams in ten minutes", world.datagrams);
  size_t before = world.datagrams;
  world.dead = false;
  while (p.silences && world.now < 800000) run(&p, 1, LINES);
  ok(p.silences == 0, "one that comes back is found");
  before = world.datagrams;
  run(&p, 2, LINES);
  ok(world.datagrams - before <= 2, "and is not flooded");
  int64_t took = run(&p, 3600000, LINES);
  ok(world.wrong == 0 && world.too_many == 0, "the bounds were kept at every moment");
  ok(window.base == LINES + 1 && all_counted(LINES) && took < 60000, "all arrived, in %lld s",
     (long long)took / 1000);
}

int main(void) {
  test_checkpoint();
  test_bound();
  test_order();
  test_delays();
  test_over_unsent();
  test_limit();
  test_network();
  test_dead_and_back();
  return done();
}
