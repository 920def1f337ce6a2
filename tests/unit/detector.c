/* Who is believed, with a given clock: rate cap, quarantine, days of learning, and the files'
   values. */
#include "collect/detector.h"
#include "collect/policy.h"
#include "tap.h"

#define T0  INT64_C(1764000000)
#define DAY (24 * 3600)

/* ---- the rate cap ---- */

static int64_t take(struct ratecap *r, int64_t wanted, int64_t now) {
  int64_t taken = 0;
  for (int64_t i = 0; i < wanted; i++) taken += ratecap_take(r, now);
  return taken;
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
  ok(ratecap_take(&most, INT64_MAX / 2), "the greatest numbers");
  struct ratecap steady = {.rate = 5, .span = 10};
  int64_t taken = 0;
  for (int64_t second = 0; second < 3600; second++) taken += take(&steady, 5, T0 + second);
  ok(taken == 5 * 3600, "whoever keeps to the rate is never over it");
}

/* ---- quarantine and learning ---- */

static const struct {
  const char *name;
  struct orders orders;
  struct standing standing;
  int64_t learning, now;
  bool believed;
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
    {"over its rate", {.released = 0}, {.quarantined = T0 - DAY}, 0, T0, false},
    {"released since", {.released = T0}, {.quarantined = T0 - DAY}, 0, T0, true},
    {"released in that second", {.released = T0}, {.quarantined = T0}, 0, T0, true},
    {"released before that", {.released = T0 - 2 * DAY}, {.quarantined = T0 - DAY}, 0, T0, false},
    {"it has never reported: it learns", {.released = 0}, {.first = 0}, 3 * DAY, T0, false},
    {"it begins to", {.released = 0}, {.first = T0}, 3 * DAY, T0, false},
    {"its last second", {.released = 0}, {.first = T0}, 3 * DAY, T0 + 3 * DAY - 1, false},
    {"it has learnt", {.released = 0}, {.first = T0}, 3 * DAY, T0 + 3 * DAY, true},
    {"learnt and over its rate",
     {.released = 0},
     {.first = T0, .quarantined = T0},
     DAY,
     T0 + DAY,
     false},
};

static void test_belief(void) {
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    struct detector d = {
        .weight = 600, .believed = 7, .orders = rows[i].orders, .standing = rows[i].standing};
    struct registry r = {.detectors = &d, .count = 1, .learning = rows[i].learning};
    registry_believe(&r, rows[i].now);
    ok(d.believed == (rows[i].believed ? 600 : 0) && r.believed_at == rows[i].now, "%s",
       rows[i].name);
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
  test_belief();
  test_values();
  return done();
}
