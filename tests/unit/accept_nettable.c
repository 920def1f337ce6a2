/* The table of networks: shares, minutes, networks in networks, forgetting, and a recount. */
#include "accept/nettable.h"
#include "tap.h"
#include <malloc.h>
#include <stdlib.h>

static const struct siphash_key key = {{1, 2}};

static struct addr address(const char *text) {
  struct addr a = {{0}};
  addr_parse(span_str(text), &a);
  return a;
}

static void init(struct nettable *t, struct nettable_limits limits) {
  ok(nettable_init(t, &limits, &key), "init");
}

/* Adds as many from this peer as the table lets in, at most `most`. */
static uint32_t fill(struct nettable *t, const struct addr *peer, uint32_t *held, uint32_t most) {
  uint32_t n = 0;
  while (n < most && nettable_check(t, peer, *held, 0) == NETTABLE_ADMIT) {
    nettable_add(t, peer, 0);
    ++*held;
    n++;
  }
  return n;
}

static void test_networks(void) {
  static const struct {
    const char *name, *first, *second;
    bool same;
  } rows[] = {
      {"one /24", "192.0.2.1", "192.0.2.255", true},
      {"two /24s", "192.0.2.1", "192.0.3.1", false},
      {"one /48", "2001:db8:7:1::1", "2001:db8:7:ffff::1", true},
      {"two /48s", "2001:db8:7::1", "2001:db8:8::1", false},
      {"IPv4 and IPv6", "0.1.2.3", "1:203::1", false},
      {"a /32 is not its first /48", "2001:db8::1", "2001:db8:1::1", false},
      {"two addresses of the loopback network", "127.0.2.1", "127.0.2.2", false},
      {"one address of the loopback network", "127.0.2.1", "127.0.2.1", true},
      {"a loopback address and an IPv6 network", "127.0.2.1", "100::ffff:7f00:201", false},
      {"a /16 is not its first /24", "192.1.0.1", "192.1.1.1", false},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    struct nettable t;
    struct addr first = address(rows[i].first), second = address(rows[i].second);
    init(&t, (struct nettable_limits){.held = 1, .held_total = 1000});
    nettable_add(&t, &first, 0);
    ok((nettable_check(&t, &second, 1, 0) == NETTABLE_HELD) == rows[i].same, "%s", rows[i].name);
    nettable_remove(&t, &first);
    ok(nettable_check(&t, &second, 0, 0) == NETTABLE_ADMIT, "%s: it has left", rows[i].name);
    nettable_free(&t);
  }
}

/* What a network may hold that holds nothing yet, by what is held in all; 10.0.0.0/16 is wide. */
static void test_shares(void) {
  static const struct {
    uint32_t held, narrow, wide;
  } rows[] = {{0, 50, 200}, {199, 50, 200}, {200, 4, 16}, {399, 4, 16},
              {400, 1, 4},  {699, 1, 4},    {700, 1, 1},  {799, 1, 1}};
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    struct nettable t;
    uint32_t narrow = 0, wide = 0;
    struct addr a = address("10.0.0.1");
    init(&t, (struct nettable_limits){.held = 50, .held_total = 800});
    while (narrow < 1000 && nettable_check(&t, &a, rows[i].held, 0) == NETTABLE_ADMIT) {
      nettable_add(&t, &a, 0);
      narrow++;
    }
    wide = narrow;
    for (uint32_t n = 0; n < 256000; n++) {
      struct addr b = addr_from_ipv4(0x0a000000 + (n % 256) * 256 + 1);
      if (nettable_check(&t, &b, rows[i].held, 0) != NETTABLE_ADMIT) continue;
      nettable_add(&t, &b, 0);
      wide++;
    }
    ok(narrow == rows[i].narrow, "%u of 800 held: a /24 has %u", rows[i].held, narrow);
    ok(wide == rows[i].wide, "%u of 800 held: a /16 has %u", rows[i].held, wide);
    struct addr other = address("10.1.0.1");
    ok(nettable_check(&t, &other, rows[i].held, 0) == NETTABLE_ADMIT, "and another one comes in");
    nettable_add(&t, &other, 0);
    nettable_remove(&t, &other);
    ok(nettable_check(&t, &other, rows[i].held, 0) == NETTABLE_ADMIT, "again, when it has left");
    nettable_free(&t);
  }
}

static void test_small_totals(void) {
  for (uint32_t total = 1; total < 20; total++) {
    struct nettable t;
    uint32_t held = 0;
    init(&t, (struct nettable_limits){.held = 50, .held_total = total});
    while (held < total) {
      struct addr a = addr_from_ipv4(0x0a000001 + (held << 16));
      if (fill(&t, &a, &held, 1) != 1) break;
    }
    ok(held == total, "strangers fill all of %u places", total);
    nettable_free(&t);
  }
}

static void test_minutes(void) {
  static const struct {
    const char *name, *peer;
    int64_t now;
    enum nettable_result want;
  } rows[] = {
      {"first", "192.0.2.1", 60000, NETTABLE_ADMIT},
      {"second", "192.0.2.2", 61000, NETTABLE_ADMIT},
      {"third of a /24", "192.0.2.3", 119999, NETTABLE_MINUTE},
      {"another /24", "192.0.3.3", 119999, NETTABLE_ADMIT},
      {"the next minute", "192.0.2.3", 120000, NETTABLE_ADMIT},
      {"another family", "2001:db8::1", 120000, NETTABLE_ADMIT},
      {"and again", "2001:db8::2", 120000, NETTABLE_ADMIT},
      {"a third", "2001:db8::2", 120000, NETTABLE_MINUTE},
      {"much later", "2001:db8::2", 12000000, NETTABLE_ADMIT},
  };
  struct nettable t;
  init(&t, (struct nettable_limits){.minute = 2, .held_total = 100});
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    struct addr a = address(rows[i].peer);
    enum nettable_result got = nettable_check(&t, &a, 0, rows[i].now);
    ok(got == rows[i].want, "%s: %d", rows[i].name, got);
    if (got != NETTABLE_ADMIT) continue;
    nettable_add(&t, &a, rows[i].now);
    nettable_remove(&t, &a);
  }
  nettable_free(&t);
}

static void test_minute_total(void) {
  struct nettable t;
  struct addr a = address("192.0.2.1"), own = address("127.0.0.1");
  init(&t, (struct nettable_limits){.minute_total = 3});
  for (int i = 0; i < 3; i++) {
    ok(nettable_check(&t, &a, 0, 0) == NETTABLE_ADMIT, "%d of 3", i + 1);
    nettable_add(&t, &a, 0);
  }
  ok(nettable_check(&t, &a, 0, 59999) == NETTABLE_MINUTE_TOTAL, "the minute is full");
  ok(nettable_check(&t, &own, 0, 59999) == NETTABLE_ADMIT, "not for this machine itself");
  ok(nettable_check(&t, &a, 0, 60000) == NETTABLE_ADMIT, "the next one is not");
  nettable_free(&t);
}

static void test_own(void) {
  static const struct {
    const char *peer;
    bool own;
  } rows[] = {{"127.0.0.1", true},  {"::1", true},   {"127.0.0.2", false},
              {"126.0.0.1", false}, {"2::1", false}, {"0.0.0.1", false}};
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    struct nettable t;
    struct addr a = address(rows[i].peer), cut = addr_evidence_key(&a);
    init(&t, (struct nettable_limits){.held = 1, .held_total = 10, .minute = 1, .minute_total = 1});
    nettable_add(&t, &a, 0);
    ok((nettable_check(&t, &a, 10, 0) == NETTABLE_ADMIT) == rows[i].own, "%s", rows[i].peer);
    ok((nettable_check(&t, &cut, 10, 0) == NETTABLE_ADMIT) == rows[i].own, "%s, cut", rows[i].peer);
    nettable_remove(&t, &cut);
    nettable_free(&t);
  }
}

/* Each network takes all that it can, one after the other: so the first ones have most, and those
   that are left get in when only newcomers do. Somebody else comes in nevertheless. */
static void test_attackers(void) {
  static const struct {
    const char *name, *from, *other;
    unsigned int shift, count, most;
  } rows[] = {
      {"a /32 of IPv6", "2001:db8::1", "2001:db9::1", 80, 65536, 20},
      {"a /29 of IPv6", "2001:db8::1", "2001:dc0::1", 80, 8 * 65536, 20},
      {"2,000 IPv4 addresses in 2,000 networks /16", "11.1.0.1", "192.0.2.1", 16, 2000, 20},
      {"2,000 loopback addresses", "127.0.1.1", "127.200.0.1", 8, 2000, 20},
      {"2,000 IPv4 addresses in 2,000 networks /24", "11.1.0.1", "11.200.0.1", 8, 2000, 20},
  };
  for (size_t i = 0; i < 2 * (sizeof rows / sizeof *rows); i++) {
    struct nettable t;
    uint32_t held = 0;
    bool patient = i % 2;
    struct addr first = address(rows[i / 2].from), other = address(rows[i / 2].other);
    init(&t, (struct nettable_limits){50, 4000, patient ? 0 : 30, patient ? 0 : 5400});
    for (unsigned int n = 0; n < rows[i / 2].count && held < 4000; n++) {
      struct addr a = first;
      unsigned int at = 15 - rows[i / 2].shift / 8;
      a.byte[at] = (uint8_t)(a.byte[at] + n);
      a.byte[at - 1] = (uint8_t)(a.byte[at - 1] + (first.byte[at] + n) / 256);
      a.byte[at - 2] = (uint8_t)(a.byte[at - 2] + n / 65536);
      fill(&t, &a, &held, rows[i / 2].most);
    }
    ok(held < 4000, "%s: hold %u of 4000, %s", rows[i / 2].name, held,
       patient ? "over many minutes" : "at once");
    ok(nettable_check(&t, &other, held, 0) == NETTABLE_ADMIT, "%s: another comes in",
       rows[i / 2].name);
    nettable_free(&t);
  }
}

/* Networks that hold nothing are forgotten in order; those that hold something never are. */
static void test_forgetting(void) {
  struct nettable t;
  struct addr holder = address("192.0.2.1"), first = address("198.51.100.1");
  init(&t, (struct nettable_limits){.held = 1, .held_total = 10, .minute = 1});
  nettable_add(&t, &holder, 0);
  nettable_add(&t, &first, 0);
  nettable_remove(&t, &first);
  for (uint32_t i = 0; i < NETTABLE_SPARE / 2; i++) {
    struct addr a = addr_from_ipv4(0x0b000001 + (i << 10));
    nettable_add(&t, &a, 0);
    nettable_remove(&t, &a);
  }
  ok(nettable_check(&t, &first, 1, 0) == NETTABLE_MINUTE, "remembered as long as there is room");
  for (uint32_t i = 0; i < NETTABLE_SPARE; i++) {
    struct addr a = addr_from_ipv4(0x1b000001 + (i << 8));
    nettable_add(&t, &a, 0);
    nettable_remove(&t, &a);
  }
  ok(nettable_check(&t, &first, 1, 0) == NETTABLE_ADMIT, "then forgotten");
  ok(nettable_check(&t, &holder, 1, 0) == NETTABLE_HELD, "but not the one that holds something");
  nettable_remove(&t, &holder);
  nettable_free(&t);
}

/* A recount of the same, by arrays. */
enum { NETS = 4000, PER_WIDE = 100, WIDES = NETS / PER_WIDE, TOTAL = 3000, ROUNDS = 1000000 };
struct model {
  uint32_t held, count, narrow[NETS], wide[WIDES], narrow_minute[NETS], wide_minute[WIDES];
  uint32_t who[TOTAL];
  int64_t minute;
};

static uint32_t share(uint32_t limit, uint32_t used, uint32_t total, bool wide) {
  uint32_t few = limit < 4 ? limit : 4;
  if (used < total / 4) return wide ? 4 * limit : limit;
  if (used < total / 2) return wide ? 4 * few : few;
  return wide && used < total - total / 8 ? 4 : 1;
}

static enum nettable_result expected(const struct model *m, uint32_t n,
                                     const struct nettable_limits *l) {
  uint32_t w = n / PER_WIDE;
  if (m->count >= l->minute_total) return NETTABLE_MINUTE_TOTAL;
  if (m->narrow[n] >= share(l->held, m->held, TOTAL, false)) return NETTABLE_HELD;
  if (m->narrow_minute[n] >= share(l->minute, m->count, l->minute_total, false))
    return NETTABLE_MINUTE;
  if (m->wide[w] >= share(l->held, m->held, TOTAL, true)) return NETTABLE_HELD;
  if (m->wide_minute[w] >= share(l->minute, m->count, l->minute_total, true))
    return NETTABLE_MINUTE;
  return NETTABLE_ADMIT;
}

static struct addr address_of(uint32_t n, bool ipv4) {
  struct addr a = address("2001:0::1");
  if (ipv4) return addr_from_ipv4(((11 * 256 + n / PER_WIDE) << 16) + (n % PER_WIDE << 8) + 1);
  a.byte[3] = (uint8_t)(n / PER_WIDE);
  a.byte[5] = (uint8_t)(n % PER_WIDE);
  return a;
}

static void leave(struct model *m, struct nettable *t, bool ipv4) {
  uint32_t at = (uint32_t)random() % m->held, n = m->who[at];
  struct addr a = address_of(n, ipv4);
  m->who[at] = m->who[--m->held];
  m->narrow[n]--;
  m->wide[n / PER_WIDE]--;
  nettable_remove(t, &a);
}

static void tick(struct model *m, int64_t now) {
  if (m->minute == now / 60000) return;
  m->minute = now / 60000;
  m->count = 0;
  memset(m->narrow_minute, 0, sizeof m->narrow_minute);
  memset(m->wide_minute, 0, sizeof m->wide_minute);
}

static void test_model(bool ipv4) {
  static struct model m;
  struct nettable t;
  struct nettable_limits limits = {12, TOTAL, 9, 6000};
  bool good = true;
  size_t admitted = 0;
  srandom(7);
  memset(&m, 0, sizeof m);
  init(&t, limits);
  size_t memory = mallinfo2().uordblks;
  for (int i = 0; i < ROUNDS && good; i++) {
    /* The number of connections grows and shrinks again and again. */
    bool shrinks = i / 20000 % 2;
    if (m.held && random() % 10 < (shrinks ? 7 : 3)) {
      leave(&m, &t, ipv4);
      continue;
    }
    int64_t now = i * 5;
    tick(&m, now);
    uint32_t n = (uint32_t)(random() % 3 ? random() % NETS : random() % 40);
    struct addr a = address_of(n, ipv4);
    enum nettable_result want = expected(&m, n, &limits);
    good = nettable_check(&t, &a, m.held, now) == want;
    if (want != NETTABLE_ADMIT || m.held == TOTAL) continue;
    nettable_add(&t, &a, now);
    admitted++;
    m.who[m.held++] = n;
    m.count++;
    m.narrow[n]++;
    m.wide[n / PER_WIDE]++;
    m.narrow_minute[n]++;
    m.wide_minute[n / PER_WIDE]++;
  }
  ok(good, "a million arrivals and departures agree with a recount, %zu were let in", admitted);
  ok(mallinfo2().uordblks == memory, "no memory was taken meanwhile");
  ok(t.unused <= t.size, "nor more entries than there are");
  nettable_free(&t);
}

int main(void) {
  test_networks();
  test_shares();
  test_small_totals();
  test_minutes();
  test_minute_total();
  test_own();
  test_attackers();
  test_forgetting();
  test_model(true);
  test_model(false);
  return done();
}
