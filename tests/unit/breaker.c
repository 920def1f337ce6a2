/* The breaker, with a given clock: T0 is the beginning of a minute. */
#include "policy/breaker.h"
#include "tap.h"
#include <stdlib.h>

#define T0  INT64_C(1764000000)
#define DAY (24 * 3600)

static struct breaker b;
static uint32_t next;

static void begin(int64_t least, int64_t percent) {
  breaker_free(&b);
  memset(&b, 0, sizeof b);
  b.least = least;
  b.percent = percent;
  breaker_clear(&b, T0);
}

static struct addition of(const char *ip, uint32_t detector) {
  struct addition a = {.detector = detector};
  if (!addr_parse(span_str(ip), &a.key)) abort();
  a.key = addr_evidence_key(&a.key);
  return a;
}

/* In no network with another, and by many detectors. */
static struct addition anywhere(void) {
  uint32_t n = next++;
  return (struct addition){
      addr_from_ipv4((n * 37 % 251 + 1) << 24 | (n / 251 % 256) << 16 | n % 256), n % 97};
}

static bool admit(struct addition a, int64_t now) {
  return breaker_admit(&b, &a, now + DAY, now);
}

/* How many of `wanted` are let in, all for a day. */
static int64_t add(int64_t wanted, int64_t now) {
  int64_t added = 0;
  for (int64_t i = 0; i < wanted; i++) added += admit(anywhere(), now);
  return added;
}

/* The same in one network: format has the number as its only %x or %d. */
static int64_t add_in(const char *format, int from, int to, int64_t now) {
  int64_t added = 0;
  char ip[64];
  struct span before = span_head(span_str(format), span_find(span_str(format), '%'));
  const char *after = format + before.len + 2;
  for (int i = from; i < to; i++) {
    char number[16];
    snprintf(number, sizeof number, format[before.len + 1] == 'x' ? "%x" : "%d", (unsigned int)i);
    snprintf(ip, sizeof ip, "%.*s%s%s", (int)before.len, before.s, number, after);
    added += admit(of(ip, 0), now);
  }
  return added;
}

static uint64_t refused(void) {
  uint64_t sum = 0;
  for (size_t i = 0; i < b.freeze_count; i++) sum += b.freezes[i].refused;
  return sum;
}

static bool is_frozen(int64_t now) {
  breaker_tick(&b, now);
  return b.freeze_count > 0;
}

/* What is frozen, as text. */
static const char *frozen(void) {
  static char text[4096];
  size_t len = 0;
  text[0] = '\0';
  for (size_t i = 0; i < b.freeze_count; i++) {
    char name[NETWORK_TEXT_MAX + 1] = "all";
    const struct freeze *f = &b.freezes[i];
    if (f->kind == FREEZE_NETWORK) name[network_format(name, &f->network)] = '\0';
    if (f->kind == FREEZE_DETECTOR) snprintf(name, sizeof name, "detector %u", f->detector);
    len += (size_t)snprintf(text + len, sizeof text - len, "%s%s", i ? " " : "", name);
  }
  return text;
}

/* Lists that run at T0, begun long ago and ending in `ends` seconds. */
static void fill(int64_t count, int64_t ends) {
  for (int64_t i = 0; i < count; i++) breaker_count(&b, T0 + ends);
}

static const struct {
  const char *name;
  int64_t least, percent, listed, wanted, admitted;
} trips[] = {
    {"an empty list: the least", 10, 5, 0, 20, 10},
    {"a least of one", 1, 5, 0, 3, 1},
    {"below the limit all begin", 10, 5, 0, 10, 10},
    {"a long list: the share", 10, 5, 1000, 100, 50},
    {"the share is of what ran before", 10, 50, 100, 100, 50},
    {"the least if the share is less", 10, 5, 100, 100, 10},
    {"a share of nothing leaves the least", 10, 0, 1000, 100, 10},
    {"a share of 200 per cent", 10, 200, 20, 100, 40},
    {"no limit", 0, 5, 0, 5000, 5000},
};

static void test_trips(void) {
  for (size_t i = 0; i < sizeof trips / sizeof *trips; i++) {
    begin(trips[i].least, trips[i].percent);
    fill(trips[i].listed, 3 * DAY);
    int64_t admitted = add(trips[i].wanted, T0 + 5);
    ok(admitted == trips[i].admitted, "%s: %lld", trips[i].name, (long long)admitted);
    ok(is_frozen(T0 + 5) == (trips[i].admitted < trips[i].wanted), "frozen or not");
    ok((int64_t)refused() == trips[i].wanted - trips[i].admitted, "what was refused is counted");
  }
}

/* On top of 10 that were admitted, and an 11th that was not, at T0. */
static const struct {
  const char *name;
  int64_t at;
  bool frozen;
  int64_t admitted; /* of 20, one after the other */
} later[] = {
    {"at once", 1, true, 0},
    {"within the hour", 1800, true, 0},
    {"a second before the hour is over", 3599, true, 0},
    {"an hour later", 3600, false, 10},
    {"a second later it is frozen again", 3601, true, 0},
    {"a second before the second hour is over", 7199, true, 0},
    {"two hours later", 7200, false, 10},
    {"40 days later", 40 * DAY, false, 10},
};

static void test_freeze(void) {
  begin(10, 5);
  add(11, T0);
  for (size_t i = 0; i < sizeof later / sizeof *later; i++) {
    ok(is_frozen(T0 + later[i].at) == later[i].frozen, "%s", later[i].name);
    ok(add(20, T0 + later[i].at) == later[i].admitted, "%s: as many begin", later[i].name);
  }
}

static void test_slow(void) {
  int64_t added = 0;
  begin(60, 5);
  for (int64_t minute = 0; minute < 600; minute++) added += add(1, T0 + 60 * minute);
  ok(added == 600 && breaker_additions(&b) == 60, "a list that grows slowly grows");
  ok(add(1, T0 + 60 * 599) == 0, "it is at its limit all the time");
}

static void test_net(void) {
  begin(10, 0);
  fill(7, 600);
  ok(add(10, T0) == 10 && b.running == 17, "ten begin");
  ok(!admit(anywhere(), T0 + 599), "the eleventh does not");
  begin(10, 0);
  fill(7, 600);
  add(10, T0);
  ok(add(20, T0 + 600) == 7 && b.running == 17, "seven ended, so seven more begin");
  begin(10, 0);
  for (int i = 0; i < 7; i++) breaker_count(&b, T0 - 1800);
  for (int i = 0; i < 50; i++) breaker_count(&b, T0 - 3700);
  ok(b.running == 0 && b.ended == 7 && add(40, T0) == 17, "what ended in the last hour counts");
  begin(10, 0);
  breaker_count(&b, T0 - 3600);
  ok(b.ended == 0, "what ended an hour ago does not count");
  breaker_count(&b, T0 - 3600 + 1);
  ok(b.ended == 1, "a second later it does");
}

static void test_moves(void) {
  begin(10, 0);
  fill(7, 600);
  for (int i = 0; i < 7; i++) breaker_move(&b, T0 + 600, T0 + DAY, T0 + 30);
  ok(add(10, T0 + 700) == 10 && add(1, T0 + 700) == 0 && b.running == 17,
     "a listing that is extended neither begins nor ends");
  begin(10, 0);
  add(10, T0);
  ok(add(1, T0 + 5) == 0, "frozen");
  for (int i = 0; i < 500; i++) breaker_move(&b, T0 + DAY, T0 + 2 * DAY, T0 + 10);
  ok(breaker_additions(&b) == 10 && refused() == 1, "during a freeze listings are extended");
}

/* As from a store. */
static void restore_added(int count, int64_t at) {
  for (int i = 0; i < count; i++) {
    struct addition a = anywhere();
    breaker_added(&b, &a, at);
    breaker_count(&b, T0 + DAY);
  }
}

static void test_restart(void) {
  begin(10, 5);
  restore_added(6, T0 - 3700);
  restore_added(6, T0 - 600);
  ok(b.running == 12 && breaker_additions(&b) == 6 && add(20, T0) == 4,
     "after a restart the last hour is counted");
  begin(10, 5);
  restore_added(6, T0 + 40 * DAY);
  ok(breaker_additions(&b) == 6 && add(20, T0) == 4 && add(20, T0 + 3600) == 10,
     "an addition from the future is counted as of now");
  begin(10, 5);
  struct freeze f = {.kind = FREEZE_ALL, .since = T0 - 1000};
  breaker_freeze(&b, &f);
  ok(is_frozen(T0) && add(1, T0) == 0, "a freeze is kept over a restart");
  ok(!is_frozen(T0 + 2600) && add(1, T0 + 2600) == 1, "it ends in time");
  f.since = T0 + 40 * DAY;
  breaker_freeze(&b, &f);
  ok(is_frozen(T0 + 2600) && !is_frozen(T0 + 2600 + 3600),
     "a freeze from the future lasts an hour");
}

static void test_thaw(void) {
  begin(10, 5);
  add(11, T0);
  breaker_thaw(&b, T0 - 60, T0 + 1);
  ok(is_frozen(T0 + 1), "an approval of before the freeze does not end it");
  breaker_thaw(&b, T0 + 2, T0 + 1);
  ok(is_frozen(T0 + 1), "an approval of the future does not end it");
  breaker_thaw(&b, T0 + 1, T0 + 2);
  ok(!is_frozen(T0 + 2) && b.running == 10, "an approval of now ends it");
  ok(add(20, T0 + 2) == 10, "what was added before it is no longer counted");
  breaker_thaw(&b, T0 + 1, T0 + 120);
  ok(is_frozen(T0 + 120), "the same approval does not end the next freeze");
}

/* ---- networks and detectors ---- */

static const struct {
  const char *name;
  int64_t least, network;
  const char *wave; /* with a number in it */
  int from, to;
  int64_t added;
  const char *frozen, *other; /* other: of another network, which is let in */
} waves[] = {
    {"a /48", 10000, 100, "2001:db8:1:%x::1", 0, 10020, 100, "2001:db8:1::/48", "2001:db8:2::1"},
    {"a /32 that uses each /48 once", 10000, 100, "2001:db8:%x::1", 0, 10020, 800, "2001:db8::/32",
     "2001:db9::1"},
    {"a /32 that uses each /48 once, and IPv4", 10000, 100, "2001:db8:%x::1", 0, 10020, 800,
     "2001:db8::/32", "192.0.2.1"},
    {"a /20 that uses each /32 once", 10000, 10, "2001:%x::1", 0x1000, 0x1fff, 200,
     "2001:1000::/20", "2001:2000::1"},
    {"a /24", 10000, 100, "192.0.2.%d", 0, 256, 100, "192.0.2.0/24", "192.0.3.1"},
    {"a /16 that uses each /24 once", 10000, 10, "192.0.%d.1", 0, 256, 80, "192.0.0.0/16",
     "192.1.0.1"},
    {"a /8 that uses each /16 once", 10000, 4, "192.%d.0.1", 0, 256, 80, "192.0.0.0/8",
     "193.0.0.1"},
    {"a /48 if the list has the lower limit", 50, 100, "2001:db8:1:%x::1", 0, 100, 50,
     "2001:db8:1::/48", "2001:db8:2::1"},
    {"a /32 if the list has the lower limit", 50, 100, "2001:db8:%x::1", 0, 100, 50,
     "2001:db8::/32", "2001:db9::1"},
    {"a /8 if the list has the lower limit", 50, 100, "192.%d.0.1", 0, 100, 50, "192.0.0.0/8",
     "193.0.0.1"},
    {"a /48, if networks have no limit", 500, 0, "2001:db8:1:%x::1", 0, 1000, 500,
     "2001:db8:1::/48", "2001:db8:2::1"},
    {"a /48 if nothing has a limit", 0, 100, "2001:db8:1:%x::1", 0, 5000, 5000, "", "192.0.2.1"},
};

static void test_waves(void) {
  for (size_t i = 0; i < sizeof waves / sizeof *waves; i++) {
    begin(waves[i].least, 5);
    b.network = waves[i].network;
    int64_t added = add_in(waves[i].wave, waves[i].from, waves[i].to, T0);
    ok(added == waves[i].added, "%s: %lld are added", waves[i].name, (long long)added);
    is_text(span_str(frozen()), waves[i].frozen, "%s: is frozen", waves[i].name);
    ok(admit(of(waves[i].other, 0), T0 + 1), "%s: and nothing else", waves[i].name);
    ok(!is_frozen(T0 + 3600), "%s: for an hour", waves[i].name);
  }
}

/* 65,536 /48s and 2,000 IPv4 addresses in as many /24s do not fill the list. */
static void test_attackers(void) {
  begin(10000, 5);
  b.network = 256;
  add_in("2a0b:dead:%x::9", 0, 0xffff, T0);
  ok(admit(of("11.9.9.9", 0), T0) && admit(of("2a0b:beef::1", 0), T0), "a /32");
  begin(10000, 5);
  b.network = 256;
  int64_t added = 0;
  for (uint32_t n = 0; n < 2000; n++)
    added += admit((struct addition){addr_from_ipv4((11u << 24) + (n << 8) + 7), 0}, T0);
  ok(added == 2000 && b.freeze_count == 0 && admit(of("11.200.1.1", 0), T0),
     "2,000 addresses in one /8");
  begin(10000, 5);
  b.network = 256;
  for (uint32_t n = 0; n < 8; n++) {
    char wave[64];
    snprintf(wave, sizeof wave, "2a0b:dea%u:%%x::9", n);
    add_in(wave, 0, 2000, T0);
  }
  ok(admit(of("2a0b:beef::1", 0), T0) && admit(of("11.9.9.9", 0), T0), "a /29");
}

static void test_detectors(void) {
  begin(50, 5);
  for (int i = 0; i < 60; i++) {
    struct addition a = anywhere();
    a.detector = 5;
    admit(a, T0);
  }
  is_text(span_str(frozen()), "detector 5", "a detector that lists all over is frozen");
  ok(admit((struct addition){anywhere().key, 6}, T0) &&
         !admit((struct addition){anywhere().key, 5}, T0),
     "another detector is not");
  ok(breaker_additions(&b) == 1, "what the frozen detector added is no longer counted");
  begin(50, 5);
  for (int i = 0; i < 100; i++) {
    struct addition a = anywhere();
    a.detector = (uint32_t)i % 4;
    admit(a, T0);
  }
  is_text(span_str(frozen()), "all",
          "if many networks and detectors add, the whole list is frozen");
  begin(50, 5);
  for (int i = 0; i < 49; i++) {
    struct addition a = anywhere();
    a.detector = i < 30 ? 5 : 6;
    admit(a, T0);
  }
  ok(admit((struct addition){anywhere().key, 6}, T0) &&
         admit((struct addition){anywhere().key, 6}, T0),
     "the additions of the largest detector are no longer counted");
  is_text(span_str(frozen()), "detector 5", "the largest detector is frozen");
}

/* Additions of one /48, by a detector each, amid others; then the list is full, and one more comes from
   elsewhere. */
static const struct {
  const char *name;
  int64_t least, before, inside, after;
  const char *frozen;
  bool admitted;
} causes[] = {
    {"half of all additions", 50, 13, 25, 12, "2001:db8:1::/48", true},
    {"less than half", 50, 13, 24, 13, "all", false},
    {"half of them, and none before", 50, 0, 25, 25, "2001:db8:1::/48", true},
    {"half of them, and none after", 50, 25, 25, 0, "2001:db8:1::/48", true},
    {"four are a cause", 8, 2, 4, 2, "2001:db8:1::/48", true},
    {"three are no cause", 6, 2, 3, 1, "all", false},
};

static void test_causes(void) {
  for (size_t i = 0; i < sizeof causes / sizeof *causes; i++) {
    char ip[64];
    begin(causes[i].least, 0);
    add(causes[i].before, T0);
    for (int n = 0; n < causes[i].inside; n++) {
      snprintf(ip, sizeof ip, "2001:db8:1:%d::1", n);
      admit(of(ip, 1000 + (uint32_t)n), T0);
    }
    add(causes[i].after, T0);
    ok(admit(anywhere(), T0) == causes[i].admitted, "%s", causes[i].name);
    is_text(span_str(frozen()), causes[i].frozen, "%s: the cause", causes[i].name);
  }
}

/* The freezes are restored in this order. */
static const struct {
  const char *name;
  size_t count;
  enum freeze_kind kinds[4];
  size_t worst;
} freezes[] = {
    {"a network", 1, {FREEZE_NETWORK}, 0},
    {"the newer of two networks", 2, {FREEZE_NETWORK, FREEZE_NETWORK}, 1},
    {"a detector, not a newer network", 2, {FREEZE_DETECTOR, FREEZE_NETWORK}, 0},
    {"a detector, not an older network", 2, {FREEZE_NETWORK, FREEZE_DETECTOR}, 1},
    {"the newer of two detectors", 2, {FREEZE_DETECTOR, FREEZE_DETECTOR}, 1},
    {"the whole list, the newest but for networks",
     4,
     {FREEZE_NETWORK, FREEZE_DETECTOR, FREEZE_ALL, FREEZE_NETWORK},
     2},
};

static void test_worst(void) {
  begin(10, 5);
  ok(!breaker_worst(&b), "nothing is frozen");
  for (size_t i = 0; i < sizeof freezes / sizeof *freezes; i++) {
    begin(10, 5);
    for (size_t n = 0; n < freezes[i].count; n++) {
      struct addr a = anywhere().key;
      struct freeze f = {.kind = freezes[i].kinds[n],
                         .network = network_of(&a, NETWORK_SMALL),
                         .detector = (uint32_t)n,
                         .since = T0 + (int64_t)n};
      breaker_freeze(&b, &f);
    }
    const struct freeze *worst = breaker_worst(&b);
    ok(worst && worst->since == T0 + (int64_t)freezes[i].worst, "the worst: %s", freezes[i].name);
  }
}

/* What a frozen network has added makes room where it is less than half, too. */
static void test_explained(void) {
  begin(50, 5);
  b.network = 20;
  ok(add_in("2001:db8:1:%x::1", 0, 30, T0) == 20 && add(30, T0) == 30, "twenty and thirty");
  ok(add(20, T0) == 20, "and twenty more");
  is_text(span_str(frozen()), "2001:db8:1::/48", "nothing else is frozen");
  ok(add(1, T0) == 0, "the whole list is at its limit");
}

/* The limits of networks grow with that of the list. */
static void test_growth(void) {
  begin(10000, 5);
  b.network = 100;
  ok(breaker_network_limit(&b, NETWORK_SMALL) == 100 &&
         breaker_network_limit(&b, NETWORK_MIDDLE) == 800 &&
         breaker_network_limit(&b, NETWORK_LARGE) == 2000,
     "the limits of networks of a small list");
  fill(1000000, DAY);
  ok(breaker_limit(&b) == 50000 && breaker_network_limit(&b, NETWORK_SMALL) == 500 &&
         breaker_network_limit(&b, NETWORK_LARGE) == 10000,
     "the limits of networks of a list of a million");
}

/* More freezes than are kept: what is over its limit stays out. */
static void test_many_freezes(void) {
  begin(1000000, 5);
  b.network = 1;
  char wave[64];
  for (int i = 0; i < 1000; i++) {
    snprintf(wave, sizeof wave, "2001:%x::%%x", i * 8 + 0x1000);
    add_in(wave, 0, 2, T0);
    snprintf(wave, sizeof wave, "%d.%d.0.%%d", i % 200 + 1, i / 200);
    add_in(wave, 0, 2, T0);
  }
  ok(b.freeze_count == FREEZES_MAX && add_in("1.0.0.%d", 0, 9, T0) == 0,
     "of too many freezes the oldest ends");
}

/* ---- clocks ---- */

static const int64_t starts[] = {0,
                                 59,
                                 60,
                                 300,
                                 600,
                                 2400,
                                 2700,
                                 3599,
                                 3600,
                                 -1,
                                 -86400,
                                 INT64_C(4294967296),
                                 INT64_C(253402300799),
                                 INT64_C(1) << 61,
                                 -(INT64_C(1) << 61)};

static void test_clocks(void) {
  for (size_t i = 0; i < sizeof starts / sizeof *starts; i++) {
    int64_t now = starts[i];
    begin(3, 5);
    breaker_clear(&b, now);
    breaker_thaw(&b, 0, now);
    ok(add(4, now) == 3 && !is_frozen(now + 3600) && add(4, now + 3600) == 3, "started at %lld",
       (long long)now);
  }
  begin(10, 5);
  add(11, T0 + 40 * DAY);
  ok(breaker_is_lost(&b, T0) && !breaker_is_lost(&b, T0 + 40 * DAY - 3600),
     "a clock that was set back by weeks is noticed");
  breaker_clear(&b, T0);
  ok(!breaker_is_lost(&b, T0) && is_frozen(T0) && !is_frozen(T0 + 3600) && add(20, T0 + 3600) == 10,
     "after an hour it works as before");
}

/* Ends of every length, hours and clocks that jump: the counts must come out even. */
static void test_long_run(void) {
  int64_t now = T0, sum = 0;
  begin(1000000, 0);
  for (int i = 0; i < 20000; i++) {
    now += i % 97 == 0 ? -50 : i % 13 * 7;
    struct addition a = anywhere();
    breaker_admit(&b, &a, now + 60 + (int64_t)i * 7919 % (8 * DAY), now);
  }
  for (int i = 0; i < BREAKER_SLOTS; i++) sum += b.endings[i];
  ok(sum == b.running + b.ended && breaker_additions(&b) > 0,
     "every end is ahead or in the last hour: %lld, %lld", (long long)b.running,
     (long long)b.ended);
  for (int hour = 1; hour <= 240; hour++)
    breaker_move(&b, 0, now + hour * 3600 + 60, now + hour * 3600);
  sum = 0;
  for (int i = 0; i < BREAKER_SLOTS; i++) sum += b.endings[i];
  ok(breaker_additions(&b) == 0 && sum == b.running + b.ended && b.running == 1,
     "all listings end: %lld run, %lld ended", (long long)b.running, (long long)b.ended);
  struct addition a = anywhere();
  breaker_admit(&b, &a, INT64_MAX - 100, now + 240 * 3600);
  ok(b.running == 2, "an end beyond the last slot");
  breaker_admit(&b, &a, now, now + INT64_C(100) * 365 * DAY);
  ok(b.running == 1 && breaker_additions(&b) == 1, "a clock that jumps a century");
}

/* A cause that is frozen already is not frozen a second time. */
static void test_same_freezes(void) {
  struct addr one, other;
  addr_parse(span_str("11.1.0.0"), &one);
  addr_parse(span_str("11.2.0.0"), &other);
  const struct freeze wanted[] = {
      {.kind = FREEZE_NETWORK, .network = {one, NETWORK_SMALL}},
      {.kind = FREEZE_NETWORK, .network = {other, NETWORK_SMALL}},
      {.kind = FREEZE_NETWORK, .network = {one, NETWORK_LARGE}},
      {.kind = FREEZE_DETECTOR, .detector = 1},
      {.kind = FREEZE_DETECTOR, .detector = 2},
      {.kind = FREEZE_ALL},
  };
  const size_t count = sizeof wanted / sizeof *wanted;
  breaker_free(&b);
  begin(10, 5);
  for (size_t i = 0; i < count; i++) breaker_freeze(&b, &wanted[i]);
  ok(b.freeze_count == count, "six causes");
  for (size_t i = 0; i < count; i++) {
    breaker_freeze(&b, &wanted[i]);
    ok(b.freeze_count == count, "cause %zu is frozen already", i);
  }
}

int main(void) {
  test_trips();
  test_freeze();
  test_slow();
  test_net();
  test_moves();
  test_restart();
  test_thaw();
  test_long_run();
  test_waves();
  test_attackers();
  test_detectors();
  test_causes();
  test_worst();
  test_explained();
  test_growth();
  test_many_freezes();
  test_clocks();
  test_same_freezes();
  breaker_free(&b);
  return done();
}
