/* What is left of a listing after evidence was removed, and the effect of a report during a freeze. */
#include "policy/policy.h"
#include "line/sessionline.h"
#include "tap.h"

#define T0   INT64_C(1764000000)
#define HOUR 3600

/* Bot sessions: when the last one was, in hours before T0; -1: none. */
struct reported {
  int32_t weight;
  const char *group;
  int64_t bot, clean;
};

static const struct {
  const char *name;
  int64_t since, until; /* in hours from T0 */
  int64_t times;
  struct reported reported[3]; /* a group NULL ends them */
  enum colour colour;
  int64_t want_until, want_times; /* until: in hours; 0 is now */
} rows[] = {
    {"no evidence is left", -2, 22, 1, {{0}}, COLOUR_BLACK, 0, 0},
    {"a bot session of weight 1 is left", -2, 22, 1, {{1000, "a", 2, -1}}, COLOUR_BLACK, 22, 1},
    {"an older bot session of weight 1 is left",
     -2,
     22,
     1,
     {{1000, "a", 5, -1}},
     COLOUR_BLACK,
     19,
     1},
    {"a bot session of weight 1 is left, too old for the listing",
     -2,
     40,
     2,
     {{1000, "a", 50, -1}},
     COLOUR_BLACK,
     0,
     2},
    {"a relisting is twice as long", -2, 40, 2, {{1000, "a", 40, -1}}, COLOUR_BLACK, 8, 2},
    {"a bot session of weight 0.6 is left: brown",
     -2,
     22,
     1,
     {{600, "a", 2, -1}},
     COLOUR_BROWN,
     22,
     1},
    {"two of weight 0.6 in one group: brown",
     -2,
     22,
     1,
     {{600, "a", 2, -1}, {600, "a", 2, -1}},
     COLOUR_BROWN,
     22,
     1},
    {"two of weight 0.6 in two groups",
     -2,
     22,
     1,
     {{600, "a", 2, -1}, {600, "b", 2, -1}},
     COLOUR_BLACK,
     22,
     1},
    {"two of weight 0.6 in two groups, 18 h apart: brown",
     -2,
     22,
     1,
     {{600, "a", 20, -1}, {600, "b", 2, -1}},
     COLOUR_BROWN,
     22,
     1},
    {"two of weight 0.6 listed it before the third report",
     -2,
     22,
     1,
     {{600, "a", 10, -1}, {600, "b", 10, -1}, {100, "c", 1, -1}},
     COLOUR_BLACK,
     14,
     1},
    {"clean sessions only", -2, 22, 1, {{1000, "a", -1, 3}}, COLOUR_NONE, 21, 0},
    {"old clean sessions only", -2, 22, 1, {{1000, "a", -1, 30}}, COLOUR_BLACK, 0, 0},
    {"a listing that is over stays over", -50, -26, 1, {{0}}, COLOUR_BLACK, -26, 0},
};

static size_t testimonies_of(const struct reported *reported, struct testimony *w) {
  size_t n = 0;
  for (; n < 3 && reported[n].group; n++) {
    struct evidence *e = &w[n].evidence;
    w[n] = (struct testimony){.weight = (uint32_t)reported[n].weight,
                              .group = span_str(reported[n].group)};
    if (reported[n].bot >= 0) {
      e->bots = 1;
      e->first = e->last = e->last_bot = T0 - reported[n].bot * HOUR;
    }
    if (reported[n].clean >= 0) {
      e->cleans = 1;
      e->last_clean = e->last = T0 - reported[n].clean * HOUR;
    }
  }
  return n;
}

static void test_recompute(void) {
  static struct testimony w[3];
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    struct listing l = {.exists = true,
                        .colour = COLOUR_BLACK,
                        .times = rows[i].times,
                        .since = T0 + rows[i].since * HOUR,
                        .until = T0 + rows[i].until * HOUR,
                        .last = T0 - HOUR,
                        .detectors = 9};
    struct policy_case c = {.testimonies = w, .now = T0};
    c.count = testimonies_of(rows[i].reported, w);
    ok(policy_recompute(&c, &l) && l.colour == rows[i].colour, "%s: %s", rows[i].name,
       colour_name(l.colour));
    ok(l.until == T0 + rows[i].want_until * HOUR, "ends %lld s from now",
       (long long)(l.until - T0));
    ok(l.times == rows[i].want_times && l.since <= T0 && l.detectors <= (int64_t)c.count,
       "times %lld, detectors %lld", (long long)l.times, (long long)l.detectors);
  }
  struct listing none = {.exists = false};
  struct policy_case c = {.testimonies = w, .now = T0};
  ok(!policy_recompute(&c, &none) && !none.exists, "no listing");
  struct listing brown = {.exists = true,
                          .colour = COLOUR_BROWN,
                          .since = T0 - HOUR,
                          .until = T0 + 23 * HOUR,
                          .last = T0 - HOUR};
  ok(policy_recompute(&c, &brown) && brown.until == T0,
     "brown that was based on removed evidence ends");
}

static void test_frozen(void) {
  static struct testimony w[1];
  const struct reported one[3] = {{1000, "a", 0, -1}};
  struct report r = {.verdict = VERDICT_BOT, .unixtime = T0};
  struct policy_case c = {
      .testimonies = w, .report = &r, .weight = 1000, .now = T0, .frozen = true};
  c.count = testimonies_of(one, w);
  struct listing new = {.exists = false}, runs = {.exists = true,
                                                  .colour = COLOUR_BLACK,
                                                  .times = 1,
                                                  .since = T0 - HOUR,
                                                  .until = T0 + HOUR};
  ok(policy_decide(&c, &new) && new.colour == COLOUR_BROWN &&new.times == 0 &&
         !policy_listing_runs(&new, T0),
     "during a freeze a bot session makes brown");
  ok(policy_decide(&c, &runs) && runs.colour == COLOUR_BLACK && runs.until == T0 + 24 * HOUR,
     "during a freeze a running listing is extended");
  runs.until = T0;
  ok(policy_decide(&c, &runs) && runs.colour == COLOUR_BROWN,
     "during a freeze a listing that is over does not begin again");
  c.frozen = false;
  ok(policy_decide(&c, &new) && new.colour == COLOUR_BLACK &&new.times == 1,
     "after the freeze a bot session lists");
}

int main(void) {
  test_recompute();
  test_frozen();
  return done();
}
