/* Who is believed, with a given clock: rate cap, quarantine, days of learning, and the files'
   values. */
#include "policy/detector.h"
#include "policy/policy.h"
#include "tap.h"
#include <stdlib.h>

#define T0  INT64_C(1764000000)
#define DAY (24 * 3600)

/* ---- the rate cap ---- */

/* In no network of any size with the last few. */
static struct addr anywhere(void) {
  static uint32_t next;
  uint32_t n = next++;
  return addr_from_ipv4((n * 37 % 251 + 1) << 24 | (n / 251 % 65536) << 8);
}

static int64_t take(struct ratecap *r, int64_t wanted, int64_t now) {
  int64_t taken = 0;
  for (int64_t i = 0; i < wanted; i++) {
    struct addr about = anywhere();
    taken += ratecap_take(r, &about, now);
  }
  return taken;
}

static bool take_of(struct ratecap *r, const char *ip) {
  struct addr about;
  if (!addr_parse(span_str(ip), &about)) abort();
  return ratecap_take(r, &about, T0);
}

/* In this order, with 5 a second over 10 seconds: a budget of 50. */
static const struct {
  const char *name;
  int64_t at, wanted, taken;
} steps[] = {
    {"a burst", 0, 40, 40},           {"the rest of the budget", 0, 20, 10},
    {"nothing is left", 0, 5, 0},     {"a second fills five", 1, 20, 5},
    {"back in time: none", -5, 5, 0}, {"and none for coming back", -5, 1, 0},
    {"two seconds on", -3, 20, 10},   {"long after: the budget, no more", 100000, 200, 50},
    {"ten seconds", 100010, 60, 50},
};

static void test_cap(void) {
  struct ratecap r = {.rate = 5, .span = 10};
  for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
    int64_t taken = take(&r, steps[i].wanted, T0 + steps[i].at);
    ok(taken == steps[i].taken, "%s: %lld", steps[i].name, (long long)taken);
  }
  struct ratecap none = {.rate = 0, .span = 10}, spanless = {.rate = 3};
  ok(take(&none, 100000, T0) == 100000, "rate 0 is no cap");
  ok(take(&spanless, 10, T0) == 3, "no span is a second");
  struct ratecap most = {.rate = RATE_MAX, .span = SPAN_MAX, .spent = INT64_MAX / 2};
  ok(ratecap_take(&most, NULL, INT64_MAX / 2), "the greatest numbers");
  struct ratecap steady = {.rate = 5, .span = 10};
  int64_t taken = 0;
  for (int64_t second = 0; second < 3600; second++) taken += take(&steady, 5, T0 + second);
  ok(taken == 5 * 3600, "a detector that keeps to the rate is never over it");
  struct ratecap held = {.rate = 5, .span = 10, .held = true};
  ok(take(&held, 60, T0) == 50 && take(&held, 60, T0 + 1000) == 0,
     "one that is held fills nothing");
  struct ratecap blind = {.rate = 5, .span = 10};
  taken = 0;
  for (int i = 0; i < 60; i++) taken += ratecap_take(&blind, NULL, T0);
  ok(taken == 38 && take(&blind, 60, T0) == 12, "the last quarter is for reports of addresses");
  ratecap_free(&r);
  ratecap_free(&spanless);
  ratecap_free(&steady);
  ratecap_free(&held);
  ratecap_free(&blind);
}

/* Of a budget of 8,000: what a flood of 100,000 gets, by how its addresses are spread. */
static const struct {
  const char *name;
  uint32_t first, step, count;
  int64_t taken;
} floods[] = {
    {"one address", 0x0b000001, 0, 1, 1000 + 1000},
    {"a /24", 0x0b000000, 1, 256, 1000 + 1000},
    {"a /16, each /24 as often", 0x0b000000, 256, 256, 1000 + 2000},
    {"a /8, each /16 as often", 0x0b000000, 65536, 256, 1000 + 4000},
    {"2,000 addresses in as many /24s of a /8", 0x0b000000, 256, 2000, 1000 + 4000},
    {"2,000 addresses all over", 0x0b000007, 0x00200100, 2000, 6000},
};

static void test_floods(void) {
  for (size_t i = 0; i < sizeof floods / sizeof *floods; i++) {
    struct ratecap r = {.rate = 8, .span = 1000};
    int64_t taken = 0;
    for (uint32_t n = 0; n < 100000; n++) {
      struct addr about = addr_from_ipv4(floods[i].first + n % floods[i].count * floods[i].step);
      taken += ratecap_take(&r, &about, T0);
    }
    ok(taken == floods[i].taken, "%s: %lld", floods[i].name, (long long)taken);
    ok(take_of(&r, "203.0.113.9") && take_of(&r, "2001:db8::9"), "%s: not another network",
       floods[i].name);
    struct addr last = addr_from_ipv4(floods[i].first);
    ok(ratecap_take(&r, &last, T0 + 1000), "%s: and later it, too", floods[i].name);
    ratecap_free(&r);
  }
  struct ratecap liar = {.rate = 8, .span = 1000};
  ok(take(&liar, 60000, T0) == 8000 && !take_of(&liar, "203.0.113.9"),
     "one that reports addresses of all networks has the budget, and no more");
  ratecap_free(&liar);
}

/* ---- quarantine and learning ---- */

static const struct {
  const char *name;
  struct detector_orders orders;
  struct detector_state state;
  int64_t learning, now;
  bool effective_weight;
} rows[] = {
    {"an old hand", {.released = 0}, {.first = T0 - DAY}, 0, T0, true},
    {"a new one", {.released = 0}, {.first = 0}, 0, T0, true},
    {"the operator's quarantine", {.quarantine = true}, {.first = T0 - DAY}, 0, T0, false},
    {"a release does not end that",
     {.quarantine = true, .released = T0},
     {.first = 1},
     0,
     T0,
     false},
    {"over its rate", {.released = 0}, {.surplus = 9, .surplus_at = T0}, 0, T0, true},
    {"released, but in quarantine",
     {.released = T0, .quarantine = true},
     {.first = 0},
     0,
     T0,
     false},
    {"it has never reported: it learns", {.released = 0}, {.first = 0}, 3 * DAY, T0, false},
    {"it begins to", {.released = 0}, {.first = T0}, 3 * DAY, T0, false},
    {"its last second", {.released = 0}, {.first = T0}, 3 * DAY, T0 + 3 * DAY - 1, false},
    {"it has learnt", {.released = 0}, {.first = T0}, 3 * DAY, T0 + 3 * DAY, true},
    {"learnt and over its rate", {.released = 0}, {.first = T0, .surplus = 1}, DAY, T0 + DAY, true},
};

static void test_belief(void) {
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    struct detector d = {
        .weight = 600, .effective_weight = 7, .orders = rows[i].orders, .state = rows[i].state};
    struct registry r = {.detectors = &d, .count = 1, .learning = rows[i].learning};
    registry_update_weights(&r, rows[i].now);
    ok(d.effective_weight == (rows[i].effective_weight ? 600 : 0) && r.updated_at == rows[i].now,
       "%s", rows[i].name);
  }
}

/* ---- what the files say ---- */

static const struct {
  const char *name;
  bool (*set)(struct detector *, struct span);
  const char *text;
  bool want;
} values[] = {
    {"a rate", detector_set_rate, "250", true},
    {"no cap", detector_set_rate, "0", true},
    {"the greatest", detector_set_rate, "1000000", true},
    {"a greater one", detector_set_rate, "1000001", false},
    {"a negative one", detector_set_rate, "-1", false},
    {"an empty one", detector_set_rate, "", false},
    {"a fraction", detector_set_rate, "0.5", false},
    {"a time", detector_set_released, "1764000000", true},
    {"a word", detector_set_released, "now", false},
    {"no time", detector_set_released, "", false},
    {"after the year 9999", detector_set_released, "253402300800", false},
    {"since and at", detector_set_revoked, "0 1764000000", true},
    {"only since", detector_set_revoked, "1764000000", false},
    {"at nothing", detector_set_revoked, "1764000000 ", false},
    {"at 0", detector_set_revoked, "1764000000 0", false},
    {"two blanks", detector_set_revoked, "1  2", false},
    {"three numbers", detector_set_revoked, "1 2 3", false},
    {"any quarantine", detector_set_quarantine, "", true},
};

static void test_values(void) {
  for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
    struct detector d = {.weight = 0};
    ok(values[i].set(&d, span_str(values[i].text)) == values[i].want, "%s", values[i].name);
  }
  struct detector d = {.weight = 0};
  ok(detector_set_revoked(&d, span_str("5 9")) && d.orders.revoked_since == 5 &&
         d.orders.revoked_at == 9,
     "since when, and when that was said");
  ok(detector_set_rate(&d, span_str("0")) && d.orders.has_rate && d.orders.rate == 0,
     "0 of its own is no cap, whatever that for all is");
}

int main(void) {
  test_cap();
  test_floods();
  test_belief();
  test_values();
  return done();
}
