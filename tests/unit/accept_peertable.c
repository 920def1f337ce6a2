/* The peertable: caps, the window of a minute, stress, forgetting. The clock is given. */
#include "accept/peertable.h"
#include "tap.h"
#include <stdatomic.h>
#include <stdlib.h>

static const struct siphash_key key = {{1, 2}};

static struct addr address(const char *text) {
  struct addr a = {{0}};
  addr_parse(span_str(text), &a);
  return a;
}

static struct admission_result arrive(struct peertable *c, const char *peer, int64_t now) {
  struct addr a = address(peer);
  struct admission_result got;
  peertable_admit(c, &a, now, &got);
  return got;
}

/* SipHash-1-3 of the bytes 0..15 under the key 00 01 .. 0f, computed independently. */
static void test_hash(void) {
  struct siphash_key k = {{UINT64_C(0x0706050403020100), UINT64_C(0x0f0e0d0c0b0a0908)}};
  struct addr a;
  for (uint8_t i = 0; i < 16; i++) a.byte[i] = i;
  uint64_t got = siphash_addr(&k, &a);
  ok(got == UINT64_C(0xcc4fdd1a7d908b66), "SipHash-1-3: %016llx", (unsigned long long)got);
  k.word[0]++;
  ok(siphash_addr(&k, &a) != got, "another key, another hash");
}

static void test_caps(void) {
  static const struct {
    const char *name, *peer;
    int64_t now;
    enum admission want;
    unsigned int peers, recent;
  } rows[] = {
      {"first", "192.0.2.1", 1000, ADMITTED, 1, 1},
      {"second", "192.0.2.1", 1000, ADMITTED, 2, 2},
      {"third of one address", "192.0.2.1", 1000, REFUSED_IPV4, 2, 3},
      {"the next address", "192.0.2.2", 1000, ADMITTED, 1, 1},
      {"IPv6", "2001:db8::1", 1000, ADMITTED, 1, 1},
      {"the same /64", "2001:db8::ffff:1", 1000, REFUSED_NET64, 1, 2},
      {"the next /64", "2001:db8:0:1::1", 1000, REFUSED_RATE, 0, 1},
      {"a second later", "2001:db8:0:1::1", 2000, ADMITTED, 1, 2},
      {"full", "192.0.2.9", 2000, REFUSED_TOTAL, 0, 1},
      {"its own share first", "192.0.2.1", 2000, REFUSED_IPV4, 2, 4},
  };
  struct peertable c;
  ok(peertable_init(
         &c, &(struct peertable_limits){.total = 5, .per_ipv4 = 2, .per_net64 = 1, .per_second = 4},
         &key),
     "open");
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    struct admission_result got = arrive(&c, rows[i].peer, rows[i].now);
    ok(got.admission == rows[i].want, "%s: answer", rows[i].name);
    ok(got.peers == rows[i].peers, "%s: peers %u", rows[i].name, got.peers);
    ok(got.recent == rows[i].recent, "%s: recent %u", rows[i].name, got.recent);
  }
  ok(c.state.live == 5 && c.state.peak == 5, "five held");
  peertable_free(&c);
}

static void test_recent(void) {
  struct peertable c;
  ok(peertable_init(&c, &(struct peertable_limits){.total = 100}, &key), "open");
  for (int i = 0; i < 10; i++) arrive(&c, "192.0.2.1", 1000 + i * 1000);
  ok(arrive(&c, "192.0.2.1", 60900).recent == 11, "all within 60 s");
  ok(arrive(&c, "192.0.2.1", 61000).recent == 11, "the one of 60 s ago is out");
  ok(arrive(&c, "192.0.2.1", 300000).recent == 1, "a long silence");
  struct admission_result got = {.recent = 0};
  for (int i = 0; i < 100; i++) got = arrive(&c, "192.0.2.2", 400000 + i);
  ok(got.recent == PEERTABLE_RECENT_MAX, "never more than %d", PEERTABLE_RECENT_MAX);
  got = arrive(&c, "192.0.2.2", 400000 + 59000);
  ok(got.recent == PEERTABLE_RECENT_MAX, "the newest ones are kept");
  got = arrive(&c, "192.0.2.2", 400000 + 61000);
  ok(got.recent == 2, "and they end: %u", got.recent);
  peertable_free(&c);
}

static void test_stress(void) {
  static const struct {
    int change;
    bool want;
  } rows[] = {{17, false}, {1, true}, {2, true}, {-5, true}, {-1, false}, {3, false}, {1, true}};
  struct peertable c;
  struct admission_result got = {.stress = false};
  uint32_t entries[20], held = 0;
  ok(peertable_init(&c, &(struct peertable_limits){.total = 20}, &key), "open");
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    for (int n = 0; n < rows[i].change; n++) {
      got = arrive(&c, "192.0.2.1", 0);
      entries[held++] = got.entry;
    }
    for (int n = 0; n > rows[i].change; n--) peertable_release(&c, entries[--held]);
    ok(c.state.stress == rows[i].want, "%u of 20 held: stress %d", held, c.state.stress);
  }
  ok(got.stress, "the arrival itself is told");
  peertable_free(&c);
}

/* The limits by network (nettable.h) come last, and end with what they count. */
static void test_networks(void) {
  static const struct {
    const char *name, *peer;
    enum admission want;
  } rows[] = {
      {"the first of a /24", "192.0.2.1", ADMITTED},
      {"the second", "192.0.2.2", ADMITTED},
      {"the third", "192.0.2.3", REFUSED_NETWORK},
      {"one that has its own share first", "192.0.2.1", REFUSED_IPV4},
      {"another /24", "192.0.3.1", ADMITTED},
      {"a /48", "2001:db8::1", ADMITTED},
      {"two more of it", "2001:db8:0:1::1", ADMITTED},
      {"a third /64 of it", "2001:db8:0:2::1", REFUSED_NETWORK},
      {"the last of this minute", "203.0.113.1", ADMITTED},
      {"more than in a minute", "198.51.100.1", REFUSED_MINUTE},
  };
  struct peertable c;
  struct admission_result got, last = {.entry = 0};
  ok(peertable_init(
         &c,
         &(struct peertable_limits){.total = 100, .per_ipv4 = 1, .per_network = 2, .per_minute = 6},
         &key),
     "open");
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    got = arrive(&c, rows[i].peer, 0);
    ok(got.admission == rows[i].want, "%s: %d", rows[i].name, got.admission);
    if (i == 6) last = got;
  }
  peertable_release(&c, last.entry);
  ok(arrive(&c, "2001:db8:0:2::1", 60000).admission == ADMITTED, "one leaves, another comes");
  ok(arrive(&c, "2001:db8:0:3::1", 60000).admission == REFUSED_NETWORK, "but one only");
  peertable_free(&c);
  ok(peertable_init(&c, &(struct peertable_limits){.total = 100, .per_network_minute = 1}, &key),
     "open");
  got = arrive(&c, "192.0.2.1", 0);
  peertable_release(&c, got.entry);
  ok(arrive(&c, "192.0.2.2", 59999).admission == REFUSED_NETWORK_MINUTE, "the second in a minute");
  ok(arrive(&c, "192.0.2.2", 60000).admission == ADMITTED, "and in the next");
  peertable_free(&c);
}

/* More strangers than there are entries: those held stay counted, the idle are forgotten in order. */
static void test_forgetting(void) {
  struct peertable c;
  struct admission_result got, held;
  const unsigned int entries = 2 * 4 + PEERTABLE_SPARE;
  ok(peertable_init(&c, &(struct peertable_limits){.total = 4}, &key), "open");
  held = arrive(&c, "192.0.2.1", 0);
  got = arrive(&c, "192.0.2.2", 0);
  peertable_release(&c, got.entry);
  for (unsigned int i = 0; i < entries - 2; i++) {
    struct addr a = addr_from_ipv4(0x0a000000 + i);
    peertable_admit(&c, &a, 0, &got);
    peertable_release(&c, got.entry);
  }
  got = arrive(&c, "192.0.2.2", 0);
  ok(got.recent == 2, "as many as there are entries are remembered");
  peertable_release(&c, got.entry);
  for (unsigned int i = 0; i < 5 * entries; i++) {
    struct addr a = addr_from_ipv4(0x0b000000 + i);
    peertable_admit(&c, &a, 0, &got);
    if (got.admission == ADMITTED) peertable_release(&c, got.entry);
  }
  struct addr late = addr_from_ipv4(0x0b000000 + 5 * entries - 500);
  peertable_admit(&c, &late, 0, &got);
  ok(got.recent == 2, "the newest are remembered");
  peertable_release(&c, got.entry);
  ok(arrive(&c, "192.0.2.2", 0).recent == 1, "then the oldest are forgotten");
  got = arrive(&c, "192.0.2.1", 0);
  ok(got.peers == 2 && got.recent == 2, "who is held is not");
  peertable_release(&c, got.entry);
  peertable_release(&c, held.entry);
  ok(c.state.live == 1, "one is left");
  peertable_free(&c);
}

/* A caller whose clock was read before another one's: there is one second, and one count of it. */
static void test_late(void) {
  struct peertable c;
  ok(peertable_init(&c, &(struct peertable_limits){.total = 100, .per_second = 2}, &key), "open");
  ok(arrive(&c, "192.0.2.1", 2000).admission == ADMITTED, "the first of this second");
  ok(arrive(&c, "192.0.2.2", 1999).admission == ADMITTED, "a late one is the second");
  ok(arrive(&c, "192.0.2.3", 2001).admission == REFUSED_RATE, "and the third is one too many");
  ok(arrive(&c, "192.0.2.3", 1000).admission == REFUSED_RATE, "also if it is late");
  ok(arrive(&c, "192.0.2.3", 3000).recent == 3, "and none of them is forgotten");
  peertable_free(&c);
}

/* Threads that come and go at once, with a recount that is counted up only after an arrival and
   down before a departure, so that it never exceeds what is held. */
enum { THREADS = 4, ROUNDS = 600000, OWN = 8, PARTITIONS = 5, TOTAL = 20, SHARE = 6 };

struct contest {
  struct peertable peertable;
  _Atomic uint32_t held, held_at[PARTITIONS], admitted;
  _Atomic bool exceeded;
  pthread_barrier_t start;
};

struct contestant {
  struct contest *contest;
  unsigned int seed;
};

static void come(struct contest *c, uint32_t place, uint32_t *entry, uint32_t *count) {
  struct admission_result got;
  struct addr a = addr_from_ipv4(0xc0000200 + place);
  peertable_admit(&c->peertable, &a, 0, &got);
  if (got.admission != ADMITTED) return;
  if (got.peers > SHARE || ++c->held > TOTAL || ++c->held_at[place] > SHARE) c->exceeded = true;
  c->admitted++;
  entry[(*count)++] = got.entry;
}

static void *contend(void *contestant) {
  struct contestant *me = contestant;
  struct contest *c = me->contest;
  uint32_t entry[OWN], place[OWN], count = 0;
  pthread_barrier_wait(&c->start);
  for (int i = 0; i < ROUNDS || count; i++) {
    if (i < ROUNDS && count < OWN && rand_r(&me->seed) % 2) {
      place[count] = (uint32_t)rand_r(&me->seed) % PARTITIONS;
      come(c, place[count], entry, &count);
    } else if (count) {
      count--;
      c->held_at[place[count]]--;
      c->held--;
      peertable_release(&c->peertable, entry[count]);
    }
  }
  return NULL;
}

static uint32_t contest(struct contest *c, uint32_t per_second) {
  struct contestant who[THREADS];
  pthread_t thread[THREADS];
  memset(c, 0, sizeof *c);
  pthread_barrier_init(&c->start, NULL, THREADS);
  ok(peertable_init(
         &c->peertable,
         &(struct peertable_limits){.total = TOTAL, .per_ipv4 = SHARE, .per_second = per_second},
         &key),
     "open");
  for (unsigned int i = 0; i < THREADS; i++) {
    who[i] = (struct contestant){c, i + 1};
    if (pthread_create(&thread[i], NULL, contend, &who[i]) != 0) exit(111);
  }
  for (int i = 0; i < THREADS; i++) pthread_join(thread[i], NULL);
  ok(!c->exceeded, "no cap was ever exceeded");
  ok(peertable_state(&c->peertable).live == 0, "all have left");
  ok(peertable_state(&c->peertable).peak <= TOTAL, "at most %u at once",
     peertable_state(&c->peertable).peak);
  for (uint32_t place = 0; place < PARTITIONS; place++) {
    struct addr a = addr_from_ipv4(0xc0000200 + place);
    struct admission_result got;
    peertable_admit(&c->peertable, &a, 5000, &got);
    ok(got.peers == 1, "no connection is left at %u", place);
  }
  peertable_free(&c->peertable);
  return c->admitted;
}

static void test_contention(void) {
  static struct contest c;
  ok(contest(&c, 0) > THREADS * OWN, "%u came in", c.admitted);
  ok(contest(&c, 777) == 777, "%u came in: as many as a second may have", c.admitted);
}

/* Against a plain recount, with a fixed sequence of random arrivals and departures. */
static void test_model(void) {
  enum { HELD = 300, PEERS = 40 };
  struct peertable c;
  uint32_t entry[HELD], who[HELD], held = 0, per[PEERS] = {0};
  bool good = true;
  srandom(7);
  ok(peertable_init(&c, &(struct peertable_limits){.total = HELD, .per_ipv4 = 12}, &key), "open");
  for (int i = 0; i < 50000; i++) {
    uint32_t n = (uint32_t)random() % PEERS;
    if (held && random() % 2) {
      uint32_t at = (uint32_t)random() % held;
      peertable_release(&c, entry[at]);
      per[who[at]]--;
      entry[at] = entry[--held];
      who[at] = who[held];
      continue;
    }
    struct addr a = addr_from_ipv4(n);
    struct admission_result got;
    peertable_admit(&c, &a, i, &got);
    enum admission want = per[n] >= 12 ? REFUSED_IPV4 : held >= HELD ? REFUSED_TOTAL : ADMITTED;
    if (want == ADMITTED) {
      entry[held] = got.entry;
      who[held++] = n;
      per[n]++;
    }
    good = good && got.admission == want && got.peers == per[n] && c.state.live == held;
  }
  ok(good, "fifty thousand arrivals and departures agree with a recount");
  peertable_free(&c);
}

int main(void) {
  test_hash();
  test_caps();
  test_recent();
  test_stress();
  test_networks();
  test_forgetting();
  test_late();
  test_contention();
  test_model();
  return done();
}
