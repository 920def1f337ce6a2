/* The listing policy, with a clock of the test. */
#include "policy/policy.h"
#include "line/sessionline.h"
#include "tap.h"

#define H   3600
#define DAY (24 * H)
#define T0  (INT64_C(490000) * H) /* a full hour */

enum { BOT = VERDICT_BOT, SUSPECT = VERDICT_SUSPECT, CLEAN = VERDICT_CLEAN };

/* ---- stories: reports in the order of arrival, and the listing after the last ---- */

struct step {
  char who; /* a detector below; 0 ends the story */
  int verdict;
  int64_t time, now; /* after T0; now 0: the report arrives as the session ends */
};

#define STEPS 14
struct story {
  const char *name;
  struct step steps[STEPS];
  int want;                    /* a colour; -1: no listing */
  int64_t since, until, times; /* since and until after T0 */
};

/* name, weight, group; capital letters have weight 1. */
static const struct {
  char who;
  uint32_t weight;
  const char *group;
} detectors[] = {
    {'A', 1000, "a"}, {'B', 1000, "b"}, {'m', 500, "m"}, {'n', 500, "n"},
    {'o', 500, "m"},  {'l', 400, "l"},  {'z', 0, "z"},   {'y', 999, "y"},
    {'p', 700, "p"},  {'q', 200, "q"},  {'r', 100, "r"}, {'t', 1, "t"},
};
#define DETECTORS (sizeof detectors / sizeof *detectors)

/* clang-format off */
static const struct story stories[] = {
    {"a detector of weight 1 lists at once",
     {{'A', BOT, 0, 0}}, COLOUR_BLACK, 0, DAY, 1},
    {"a listing begins at the end of the session, not at the arrival of the report",
     {{'A', BOT, 0, 5 * H}}, COLOUR_BLACK, 0, DAY, 1},
    {"a bot session that ended 24 h ago lists nothing",
     {{'A', BOT, 0, DAY}}, -1, 0, 0, 0},
    {"a bot session that ended a second less than 24 h ago lists",
     {{'A', BOT, 0, DAY - 1}}, COLOUR_BLACK, 0, DAY, 1},
    {"a bot report of weight 0 has no effect",
     {{'z', BOT, 0, 0}}, -1, 0, 0, 0},
    {"a suspect report of weight 0 has no effect",
     {{'z', SUSPECT, 0, 0}}, -1, 0, 0, 0},
    {"a bot report of weight 0.5 alone makes brown",
     {{'m', BOT, 0, 0}}, COLOUR_BROWN, 0, DAY, 0},
    {"many bot reports of one detector of weight 0.5 make brown",
     {{'m', BOT, 0, 0}, {'m', BOT, 1, 0}, {'m', BOT, 2, 0}, {'m', BOT, 3, 0}},
     COLOUR_BROWN, 0, DAY + 3, 0},
    {"weight 0.999 alone does not list",
     {{'y', BOT, 0, 0}, {'y', BOT, 60, 0}}, COLOUR_BROWN, 0, DAY + 60, 0},
    {"weights 0.999 and 0.001 list",
     {{'y', BOT, 0, 0}, {'t', BOT, 0, 0}}, COLOUR_BLACK, 0, DAY, 1},
    {"two detectors of weight 0.5 in two groups list",
     {{'m', BOT, 0, 0}, {'n', BOT, 0, 0}}, COLOUR_BLACK, 0, DAY, 1},
    {"two detectors of weight 0.5 in two groups list although their reports are late",
     {{'m', BOT, 0, 8 * H}, {'n', BOT, 0, 9 * H}}, COLOUR_BLACK, 0, DAY, 1},
    {"two detectors of weight 0.5 in one group do not list",
     {{'m', BOT, 0, 0}, {'o', BOT, 0, 0}}, COLOUR_BROWN, 0, DAY, 0},
    {"two detectors of weight 0.5 do not list if their sessions are a second apart",
     {{'m', BOT, 0, 0}, {'n', BOT, 1, 0}}, COLOUR_BROWN, 0, DAY + 1, 0},
    {"weights 0.7, 0.2 and 0.1 list",
     {{'p', BOT, 0, 0}, {'q', BOT, 0, 0}, {'r', BOT, 0, 0}}, COLOUR_BLACK, 0, DAY, 1},
    {"weights 0.5 and 0.4 do not list",
     {{'m', BOT, 0, 0}, {'l', BOT, 0, 0}}, COLOUR_BROWN, 0, DAY, 0},
    {"weights 0.5 and 0.4 list with a third report",
     {{'m', BOT, 0, 0}, {'l', BOT, 0, 0}, {'n', BOT, 60, 0}}, COLOUR_BLACK, 60, DAY + 60, 1},
    {"weight 0.7 and weight 0.5 of 12 h before do not list",
     {{'m', BOT, 0, 0}, {'p', BOT, 12 * H, 0}}, COLOUR_BROWN, 0, 36 * H, 0},
    {"weight 0.7 and two of 0.5 in one group, of 12 h before, do not list",
     {{'m', BOT, 0, 0}, {'o', BOT, 0, 0}, {'p', BOT, 12 * H, 0}}, COLOUR_BROWN, 0, 36 * H, 0},
    {"weights 0.7, 0.2 and 0.5 of 12 h before list",
     {{'m', BOT, 0, 0}, {'q', BOT, 12 * H, 0}, {'p', BOT, 12 * H, 0}},
     COLOUR_BLACK, 12 * H, 36 * H, 1},
    {"a suspect report of weight 0.5 adds nothing to a bot report of 0.5",
     {{'m', BOT, 0, 0}, {'n', SUSPECT, 0, 0}}, COLOUR_BROWN, 0, DAY, 0},
    {"weight 0 adds nothing to a bot report of weight 0.5",
     {{'m', BOT, 0, 0}, {'z', BOT, 0, 0}}, COLOUR_BROWN, 0, DAY, 0},

    {"a bot report during a listing moves its end",
     {{'A', BOT, 0, 0}, {'A', BOT, 10 * H, 0}}, COLOUR_BLACK, 0, 34 * H, 1},
    {"a bot report of another detector during a listing moves its end",
     {{'A', BOT, 0, 0}, {'B', BOT, 10 * H, 0}}, COLOUR_BLACK, 0, 34 * H, 1},
    {"a bot report of weight 0.4 during a listing does not move its end",
     {{'A', BOT, 0, 0}, {'l', BOT, 10 * H, 0}}, COLOUR_BLACK, 0, DAY, 1},
    {"a late report of an older bot session moves the beginning only",
     {{'A', BOT, 10 * H, 0}, {'A', BOT, 0, 11 * H}}, COLOUR_BLACK, 0, 34 * H, 1},
    {"a suspect report during a listing changes neither colour nor end",
     {{'A', BOT, 0, 0}, {'A', SUSPECT, 10 * H, 0}}, COLOUR_BLACK, 0, DAY, 1},
    {"a relisting is twice as long",
     {{'A', BOT, 0, 0}, {'A', BOT, DAY, 0}}, COLOUR_BLACK, DAY, 3 * DAY, 2},
    {"a bot session in the last second of a listing is not a relisting",
     {{'A', BOT, 0, 0}, {'A', BOT, DAY - 1, 0}}, COLOUR_BLACK, 0, 2 * DAY - 1, 1},
    {"a bot report during a relisting moves its end by the relisting's length",
     {{'A', BOT, 0, 0}, {'A', BOT, DAY, 0}, {'A', BOT, 2 * DAY, 0}}, COLOUR_BLACK, DAY, 4 * DAY, 2},
    {"a late report of a bot session during the first listing is not a relisting",
     {{'A', BOT, 0, 0}, {'A', BOT, 20 * H, 30 * H}}, COLOUR_BLACK, 0, 44 * H, 1},
    {"a late report of a bot session during the first listing is not a relisting after brown",
     {{'A', BOT, 0, 0}, {'A', SUSPECT, 30 * H, 0}, {'A', BOT, 20 * H, 31 * H}},
     COLOUR_BLACK, 20 * H, 44 * H, 1},
    {"a bot session after brown is a relisting",
     {{'A', BOT, 0, 0}, {'A', SUSPECT, 30 * H, 0}, {'A', BOT, 31 * H, 0}},
     COLOUR_BLACK, 31 * H, 79 * H, 2},
    {"a listing is 8 days at most",
     {{'A', BOT, 0, 0}, {'A', BOT, DAY, 0}, {'A', BOT, 3 * DAY, 0}, {'A', BOT, 7 * DAY, 0},
      {'A', BOT, 15 * DAY, 0}, {'A', BOT, 23 * DAY, 0}}, COLOUR_BLACK, 23 * DAY, 31 * DAY, 6},
    {"a report of a session during the first listing has no effect on the second",
     {{'A', BOT, 0, 0}, {'A', BOT, DAY, 0}, {'A', BOT, 2 * H, 2 * DAY}},
     COLOUR_BLACK, DAY, 3 * DAY, 2},

    {"a late report of a session a day before the listing moves nothing",
     {{'A', BOT, 30 * H, 0}, {'A', BOT, 6 * H, 30 * H}}, COLOUR_BLACK, 30 * H, 54 * H, 1},
    {"a late suspect report moves the beginning of brown",
     {{'A', SUSPECT, 10 * H, 0}, {'A', SUSPECT, H, 11 * H}}, COLOUR_BROWN, H, 34 * H, 0},
    {"a late clean report does not move the beginning of brown",
     {{'A', SUSPECT, 10 * H, 0}, {'A', CLEAN, H, 11 * H}}, COLOUR_BROWN, 10 * H, 34 * H, 0},

    {"two clean sessions leave a listing black",
     {{'A', BOT, 0, 0}, {'A', CLEAN, 60, 0}, {'A', CLEAN, 61, 0}}, COLOUR_BLACK, 0, DAY, 1},
    {"three clean sessions make a listing yellow, with the same end",
     {{'A', BOT, 0, 0}, {'A', CLEAN, 60, 0}, {'B', CLEAN, 61, 0}, {'A', CLEAN, 62, 0}},
     COLOUR_YELLOW, 0, DAY, 1},
    {"three clean sessions and four bot sessions are black",
     {{'A', BOT, 0, 0}, {'A', BOT, 0, 0}, {'A', BOT, 0, 0}, {'A', BOT, 0, 0}, {'A', CLEAN, 60, 0},
      {'A', CLEAN, 61, 0}, {'A', CLEAN, 62, 0}}, COLOUR_BLACK, 0, DAY, 1},
    {"three clean sessions and three bot sessions are yellow",
     {{'A', BOT, 0, 0}, {'A', BOT, 0, 0}, {'A', BOT, 0, 0}, {'A', CLEAN, 60, 0},
      {'A', CLEAN, 61, 0}, {'A', CLEAN, 62, 0}}, COLOUR_YELLOW, 0, DAY, 1},
    {"a fourth bot session turns yellow to black again",
     {{'A', BOT, 0, 0}, {'A', BOT, 0, 0}, {'A', BOT, 0, 0}, {'A', CLEAN, 60, 0},
      {'A', CLEAN, 61, 0}, {'A', CLEAN, 62, 0}, {'A', BOT, 70, 0}}, COLOUR_BLACK, 0, DAY + 70, 1},
    {"clean sessions before the first bot session count, too",
     {{'A', CLEAN, 0, 0}, {'A', CLEAN, 1, 0}, {'A', CLEAN, 2, 0}, {'A', BOT, H, 0}},
     COLOUR_YELLOW, H, 25 * H, 1},
    {"clean sessions a day before the bot session do not count",
     {{'A', CLEAN, 0, 0}, {'A', CLEAN, 1, 0}, {'A', CLEAN, 2, 0}, {'A', BOT, DAY, 0}},
     COLOUR_BLACK, DAY, 2 * DAY, 1},
    {"clean sessions of weight 0 clear nothing",
     {{'A', BOT, 0, 0}, {'z', CLEAN, 60, 0}, {'z', CLEAN, 61, 0}, {'z', CLEAN, 62, 0},
      {'A', SUSPECT, 63, 0}}, COLOUR_BLACK, 0, DAY, 1},
    {"many clean sessions of weight 0.001 clear nothing",
     {{'A', BOT, 0, 0}, {'t', CLEAN, 60, 0}, {'t', CLEAN, 61, 0}, {'t', CLEAN, 62, 0},
      {'t', CLEAN, 63, 0}}, COLOUR_BLACK, 0, DAY, 1},
    {"three clean sessions of weight 0.999 do not clear",
     {{'A', BOT, 0, 0}, {'y', CLEAN, 60, 0}, {'y', CLEAN, 61, 0}, {'y', CLEAN, 62, 0}},
     COLOUR_BLACK, 0, DAY, 1},
    {"weights 0.999 and 0.001, with three clean sessions each, clear",
     {{'A', BOT, 0, 0}, {'y', CLEAN, 60, 0}, {'y', CLEAN, 61, 0}, {'y', CLEAN, 62, 0},
      {'t', CLEAN, 63, 0}, {'t', CLEAN, 64, 0}, {'t', CLEAN, 65, 0}}, COLOUR_YELLOW, 0, DAY, 1},
    {"two detectors of weight 0.5 with three clean sessions each clear",
     {{'A', BOT, 0, 0}, {'m', CLEAN, 60, 0}, {'m', CLEAN, 61, 0}, {'m', CLEAN, 62, 0},
      {'n', CLEAN, 60, 0}, {'n', CLEAN, 61, 0}, {'n', CLEAN, 62, 0}}, COLOUR_YELLOW, 0, DAY, 1},
    {"two detectors of weight 0.5 with four and two clean sessions do not clear",
     {{'A', BOT, 0, 0}, {'m', CLEAN, 60, 0}, {'m', CLEAN, 61, 0}, {'m', CLEAN, 62, 0},
      {'m', CLEAN, 63, 0}, {'n', CLEAN, 60, 0}, {'n', CLEAN, 61, 0}}, COLOUR_BLACK, 0, DAY, 1},
    {"two detectors of weight 0.5 in one group do not clear",
     {{'A', BOT, 0, 0}, {'m', CLEAN, 60, 0}, {'m', CLEAN, 61, 0}, {'m', CLEAN, 62, 0},
      {'o', CLEAN, 60, 0}, {'o', CLEAN, 61, 0}, {'o', CLEAN, 62, 0}}, COLOUR_BLACK, 0, DAY, 1},
    {"one and two clean sessions of two detectors of weight 1 clear",
     {{'A', BOT, 0, 0}, {'B', CLEAN, 60, 0}, {'A', CLEAN, 61, 0}, {'B', CLEAN, 62, 0}},
     COLOUR_YELLOW, 0, DAY, 1},
    {"four bot sessions of weight 0.001 do not undo yellow",
     {{'A', BOT, 0, 0}, {'A', CLEAN, 60, 0}, {'A', CLEAN, 61, 0}, {'A', CLEAN, 62, 0},
      {'t', BOT, 63, 0}, {'t', BOT, 64, 0}, {'t', BOT, 65, 0}, {'t', BOT, 66, 0}},
     COLOUR_YELLOW, 0, DAY, 1},
    {"four clean sessions of weight 0.001 do not help three against four bot sessions",
     {{'A', BOT, 0, 0}, {'A', BOT, 0, 0}, {'A', BOT, 0, 0}, {'A', BOT, 0, 0}, {'A', CLEAN, 60, 0},
      {'A', CLEAN, 61, 0}, {'A', CLEAN, 62, 0}, {'t', CLEAN, 63, 0}, {'t', CLEAN, 64, 0},
      {'t', CLEAN, 65, 0}, {'t', CLEAN, 66, 0}}, COLOUR_BLACK, 0, DAY, 1},
    {"a bot report moves the end of a yellow listing",
     {{'A', BOT, 0, 0}, {'A', CLEAN, 60, 0}, {'A', CLEAN, 61, 0}, {'A', CLEAN, 62, 0},
      {'A', BOT, 2 * H, 0}}, COLOUR_YELLOW, 0, 26 * H, 1},

    {"a suspect session is brown",
     {{'A', SUSPECT, 0, 0}}, COLOUR_BROWN, 0, DAY, 0},
    {"a clean session is none",
     {{'A', CLEAN, 0, 0}}, COLOUR_NONE, 0, DAY, 0},
    {"a suspect session after a clean one is brown",
     {{'A', CLEAN, 0, 0}, {'A', SUSPECT, H, 0}}, COLOUR_BROWN, H, 25 * H, 0},
    {"a clean session after a suspect one extends brown",
     {{'A', SUSPECT, 0, 0}, {'A', CLEAN, H, 0}}, COLOUR_BROWN, 0, 25 * H, 0},
    {"a clean session a day after the suspect one is none",
     {{'A', SUSPECT, 0, 0}, {'A', CLEAN, 12 * H, 0}, {'A', CLEAN, DAY, 0}},
     COLOUR_NONE, DAY, 2 * DAY, 0},
    {"brown begins again after its end",
     {{'A', SUSPECT, 0, 0}, {'A', SUSPECT, 2 * DAY, 0}}, COLOUR_BROWN, 2 * DAY, 3 * DAY, 0},
    {"a suspect session a day ago has no effect",
     {{'A', SUSPECT, 0, DAY}}, -1, 0, 0, 0},
    {"a clean session after a listing is none, and the listing is still counted",
     {{'A', BOT, 0, 0}, {'A', CLEAN, 2 * DAY, 0}}, COLOUR_NONE, 2 * DAY, 3 * DAY, 1},
    {"a bot session after a listing and none is a relisting",
     {{'A', BOT, 0, 0}, {'A', CLEAN, 2 * DAY, 0}, {'A', BOT, 50 * H, 0}},
     COLOUR_BLACK, 50 * H, 98 * H, 2},
    {"a bot session turns brown to black",
     {{'A', SUSPECT, 0, 0}, {'A', BOT, H, 0}}, COLOUR_BLACK, H, 25 * H, 1},

    {"a session 120 s ahead of the clock counts",
     {{'A', BOT, H + 120, H}}, COLOUR_BLACK, H + 120, 25 * H + 120, 1},
    {"a session 121 s ahead of the clock has no effect",
     {{'A', BOT, H + 121, H}}, -1, 0, 0, 0},
    {"a listing made by a clock 40 days ahead ends with the next report",
     {{'A', BOT, 40 * DAY, 40 * DAY}, {'A', BOT, 0, 0}}, COLOUR_BLACK, 0, DAY, 1},
    {"a listing made by a clock 40 days ahead ends with the next report, also a late one",
     {{'A', BOT, 40 * DAY, 40 * DAY}, {'A', BOT, -H, 0}}, COLOUR_BLACK, -H, DAY - H, 1},
    {"clean sessions made by a clock 40 days ahead clear nothing",
     {{'A', CLEAN, 40 * DAY, 40 * DAY}, {'A', CLEAN, 40 * DAY, 40 * DAY},
      {'A', CLEAN, 40 * DAY, 40 * DAY}, {'A', BOT, 0, 0}}, COLOUR_BLACK, 0, DAY, 1},
    {"a listing made by a clock an hour ahead is an hour longer",
     {{'A', BOT, H, H}, {'A', BOT, 0, 0}}, COLOUR_BLACK, 0, DAY + H, 1},
    {"a session 121 s ahead of the clock has no effect later either",
     {{'m', BOT, H + 121, H}, {'n', BOT, H + 121, H + 200}},
     COLOUR_BROWN, H + 121, 25 * H + 121, 0},
};
/* clang-format on */

static uint32_t weight_of(char who) {
  for (size_t i = 0; i < DETECTORS; i++)
    if (detectors[i].who == who) return detectors[i].weight;
  return 0;
}

static void play(const struct story *s, struct listing *l) {
  struct testimony testimonies[DETECTORS];
  for (size_t i = 0; i < DETECTORS; i++)
    testimonies[i] =
        (struct testimony){.weight = detectors[i].weight, .group = span_str(detectors[i].group)};
  for (const struct step *step = s->steps; step < s->steps + STEPS && step->who; step++) {
    int64_t now = T0 + (step->now ? step->now : step->time);
    struct report r = {
        .verdict = step->verdict, .unixtime = (uint64_t)(T0 + step->time), .end = END_FIN};
    for (size_t i = 0; i < DETECTORS; i++)
      if (detectors[i].who == step->who) evidence_add(&testimonies[i].evidence, &r, now);
    struct policy_case c = {testimonies, DETECTORS, &r, weight_of(step->who), now, false};
    policy_decide(&c, l);
  }
}

static void test_stories(void) {
  for (size_t i = 0; i < sizeof stories / sizeof *stories; i++) {
    const struct story *s = &stories[i];
    struct listing l = {.exists = false};
    play(s, &l);
    bool right = s->want < 0 ? !l.exists
                             : l.exists && (int)l.colour == s->want && l.since == T0 + s->since &&
                                   l.until == T0 + s->until && l.times == s->times;
    ok(right, "%s", s->name);
    if (!right && l.exists)
      printf("# got %s from %lld to %lld, times %lld\n", colour_name(l.colour),
             (long long)(l.since - T0), (long long)(l.until - T0), (long long)l.times);
  }
}

static const struct {
  const char *name;
  int64_t until, now;
  bool plausible;
} ends[] = {
    {"it is over", T0 - 1, T0, true},
    {"in a day", T0 + DAY, T0, true},
    {"the longest listing", T0 + LISTING_MAX, T0, true},
    {"the longest listing of a session 120 s ahead", T0 + LISTING_MAX + 120, T0, true},
    {"a second more than that", T0 + LISTING_MAX + 121, T0, false},
    {"in the year 9999", INT64_C(253402300799), T0, false},
    {"the largest number", INT64_MAX, T0, false},
    {"the smallest number, by the latest clock", INT64_MIN, INT64_MAX, true},
    {"the largest number, by the earliest clock", INT64_MAX, INT64_MIN, false},
    {"by a clock in 1970", T0 + DAY, 600, false},
    {"by a clock in 9999", T0 + DAY, INT64_C(253402300799), true},
};

static void test_ends(void) {
  for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
    struct listing l = {.exists = true, .colour = COLOUR_BLACK, .until = ends[i].until};
    ok(policy_listing_is_plausible(ends[i].until, ends[i].now) == ends[i].plausible, "an end: %s",
       ends[i].name);
    ok(policy_listing_runs(&l, ends[i].now) == (ends[i].plausible && ends[i].until > ends[i].now),
       "whether the listing runs: %s", ends[i].name);
  }
}

int main(void) {
  test_ends();
  test_stories();
  return done();
}
