/* The listing policy, under a clock of the tests' own. */
#include "collect/policy.h"
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
  int64_t time, now; /* behind T0; now 0: arrives as the session ends */
};

#define STEPS 14
struct story {
  const char *name;
  struct step steps[STEPS];
  int want;                    /* a colour, or -1: no listing at all */
  int64_t since, until, times; /* since and until behind T0 */
};

/* name, weight, group: the capital letters trust wholly. */
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

static const struct story stories[] = {
    {"a trusted detector lists at once", {{'A', BOT, 0, 0}}, COLOUR_BLACK, 0, DAY, 1},
    {"from the session's end on, not from the arrival",
     {{'A', BOT, 0, 5 * H}},
     COLOUR_BLACK,
     0,
     DAY,
     1},
    {"a bot a second too old lists nothing", {{'A', BOT, 0, DAY}}, -1, 0, 0, 0},
    {"a bot a second younger does", {{'A', BOT, 0, DAY - 1}}, COLOUR_BLACK, 0, DAY, 1},
    {"weight 0 decides nothing", {{'z', BOT, 0, 0}}, -1, 0, 0, 0},
    {"weight 0 does not even make brown", {{'z', SUSPECT, 0, 0}}, -1, 0, 0, 0},
    {"half a weight alone makes brown", {{'m', BOT, 0, 0}}, COLOUR_BROWN, 0, DAY, 0},
    {"and so do many of its reports",
     {{'m', BOT, 0, 0}, {'m', BOT, 1, 0}, {'m', BOT, 2, 0}, {'m', BOT, 3, 0}},
     COLOUR_BROWN,
     0,
     DAY + 3,
     0},
    {"0.999 alone does not list",
     {{'y', BOT, 0, 0}, {'y', BOT, 60, 0}},
     COLOUR_BROWN,
     0,
     DAY + 60,
     0},
    {"0.999 and 0.001 do", {{'y', BOT, 0, 0}, {'t', BOT, 0, 0}}, COLOUR_BLACK, 0, DAY, 1},
    {"two halves of two groups list",
     {{'m', BOT, 0, 0}, {'n', BOT, 0, 0}},
     COLOUR_BLACK,
     0,
     DAY,
     1},
    {"also when they arrive late",
     {{'m', BOT, 0, 8 * H}, {'n', BOT, 0, 9 * H}},
     COLOUR_BLACK,
     0,
     DAY,
     1},
    {"two halves of one group do not",
     {{'m', BOT, 0, 0}, {'o', BOT, 0, 0}},
     COLOUR_BROWN,
     0,
     DAY,
     0},
    {"a second apart they fall short",
     {{'m', BOT, 0, 0}, {'n', BOT, 1, 0}},
     COLOUR_BROWN,
     0,
     DAY + 1,
     0},
    {"0.7, 0.2 and 0.1 make one",
     {{'p', BOT, 0, 0}, {'q', BOT, 0, 0}, {'r', BOT, 0, 0}},
     COLOUR_BLACK,
     0,
     DAY,
     1},
    {"0.5 and 0.4 do not", {{'m', BOT, 0, 0}, {'l', BOT, 0, 0}}, COLOUR_BROWN, 0, DAY, 0},
    {"the third one decides",
     {{'m', BOT, 0, 0}, {'l', BOT, 0, 0}, {'n', BOT, 60, 0}},
     COLOUR_BLACK,
     60,
     DAY + 60,
     1},
    {"0.7 and a half of 12 h ago list nothing",
     {{'m', BOT, 0, 0}, {'p', BOT, 12 * H, 0}},
     COLOUR_BROWN,
     0,
     36 * H,
     0},
    {"nor with another half of that age in the same group",
     {{'m', BOT, 0, 0}, {'o', BOT, 0, 0}, {'p', BOT, 12 * H, 0}},
     COLOUR_BROWN,
     0,
     36 * H,
     0},
    {"0.7, 0.2 and a half of 12 h ago list",
     {{'m', BOT, 0, 0}, {'q', BOT, 12 * H, 0}, {'p', BOT, 12 * H, 0}},
     COLOUR_BLACK,
     12 * H,
     36 * H,
     1},
    {"a suspect of a half adds nothing",
     {{'m', BOT, 0, 0}, {'n', SUSPECT, 0, 0}},
     COLOUR_BROWN,
     0,
     DAY,
     0},
    {"weight 0 adds nothing", {{'m', BOT, 0, 0}, {'z', BOT, 0, 0}}, COLOUR_BROWN, 0, DAY, 0},

    {"a bot during a listing moves its end",
     {{'A', BOT, 0, 0}, {'A', BOT, 10 * H, 0}},
     COLOUR_BLACK,
     0,
     34 * H,
     1},
    {"so does another detector's",
     {{'A', BOT, 0, 0}, {'B', BOT, 10 * H, 0}},
     COLOUR_BLACK,
     0,
     34 * H,
     1},
    {"one that alone would not list does not",
     {{'A', BOT, 0, 0}, {'l', BOT, 10 * H, 0}},
     COLOUR_BLACK,
     0,
     DAY,
     1},
    {"an older bot that comes late moves the beginning only",
     {{'A', BOT, 10 * H, 0}, {'A', BOT, 0, 11 * H}},
     COLOUR_BLACK,
     0,
     34 * H,
     1},
    {"a suspect during a listing changes neither colour nor end",
     {{'A', BOT, 0, 0}, {'A', SUSPECT, 10 * H, 0}},
     COLOUR_BLACK,
     0,
     DAY,
     1},
    {"a relisting is doubled",
     {{'A', BOT, 0, 0}, {'A', BOT, DAY, 0}},
     COLOUR_BLACK,
     DAY,
     3 * DAY,
     2},
    {"the last second of a listing is still within it",
     {{'A', BOT, 0, 0}, {'A', BOT, DAY - 1, 0}},
     COLOUR_BLACK,
     0,
     2 * DAY - 1,
     1},
    {"a relisting's own length moves its end",
     {{'A', BOT, 0, 0}, {'A', BOT, DAY, 0}, {'A', BOT, 2 * DAY, 0}},
     COLOUR_BLACK,
     DAY,
     4 * DAY,
     2},
    {"a bot of the first listing that comes after its end is no relisting",
     {{'A', BOT, 0, 0}, {'A', BOT, 20 * H, 30 * H}},
     COLOUR_BLACK,
     0,
     44 * H,
     1},
    {"also when brown has come between",
     {{'A', BOT, 0, 0}, {'A', SUSPECT, 30 * H, 0}, {'A', BOT, 20 * H, 31 * H}},
     COLOUR_BLACK,
     20 * H,
     44 * H,
     1},
    {"a bot after that brown is a relisting",
     {{'A', BOT, 0, 0}, {'A', SUSPECT, 30 * H, 0}, {'A', BOT, 31 * H, 0}},
     COLOUR_BLACK,
     31 * H,
     79 * H,
     2},
    {"8 days are the most",
     {{'A', BOT, 0, 0},
      {'A', BOT, DAY, 0},
      {'A', BOT, 3 * DAY, 0},
      {'A', BOT, 7 * DAY, 0},
      {'A', BOT, 15 * DAY, 0},
      {'A', BOT, 23 * DAY, 0}},
     COLOUR_BLACK,
     23 * DAY,
     31 * DAY,
     6},
    {"a report of the first listing, weeks late, does nothing",
     {{'A', BOT, 0, 0}, {'A', BOT, DAY, 0}, {'A', BOT, 2 * H, 2 * DAY}},
     COLOUR_BLACK,
     DAY,
     3 * DAY,
     2},

    {"one of the day before that moves nothing",
     {{'A', BOT, 30 * H, 0}, {'A', BOT, 6 * H, 30 * H}},
     COLOUR_BLACK,
     30 * H,
     54 * H,
     1},
    {"a suspect that comes late moves the beginning of brown",
     {{'A', SUSPECT, 10 * H, 0}, {'A', SUSPECT, H, 11 * H}},
     COLOUR_BROWN,
     H,
     34 * H,
     0},
    {"a clean session that comes late does not",
     {{'A', SUSPECT, 10 * H, 0}, {'A', CLEAN, H, 11 * H}},
     COLOUR_BROWN,
     10 * H,
     34 * H,
     0},

    {"two clean sessions leave it black",
     {{'A', BOT, 0, 0}, {'A', CLEAN, 60, 0}, {'A', CLEAN, 61, 0}},
     COLOUR_BLACK,
     0,
     DAY,
     1},
    {"three make it yellow, and it runs on",
     {{'A', BOT, 0, 0}, {'A', CLEAN, 60, 0}, {'B', CLEAN, 61, 0}, {'A', CLEAN, 62, 0}},
     COLOUR_YELLOW,
     0,
     DAY,
     1},
    {"three against four bots do not",
     {{'A', BOT, 0, 0},
      {'A', BOT, 0, 0},
      {'A', BOT, 0, 0},
      {'A', BOT, 0, 0},
      {'A', CLEAN, 60, 0},
      {'A', CLEAN, 61, 0},
      {'A', CLEAN, 62, 0}},
     COLOUR_BLACK,
     0,
     DAY,
     1},
    {"three against three do",
     {{'A', BOT, 0, 0},
      {'A', BOT, 0, 0},
      {'A', BOT, 0, 0},
      {'A', CLEAN, 60, 0},
      {'A', CLEAN, 61, 0},
      {'A', CLEAN, 62, 0}},
     COLOUR_YELLOW,
     0,
     DAY,
     1},
    {"a fourth bot turns it black again",
     {{'A', BOT, 0, 0},
      {'A', BOT, 0, 0},
      {'A', BOT, 0, 0},
      {'A', CLEAN, 60, 0},
      {'A', CLEAN, 61, 0},
      {'A', CLEAN, 62, 0},
      {'A', BOT, 70, 0}},
     COLOUR_BLACK,
     0,
     DAY + 70,
     1},
    {"clean sessions before the first bot count too",
     {{'A', CLEAN, 0, 0}, {'A', CLEAN, 1, 0}, {'A', CLEAN, 2, 0}, {'A', BOT, H, 0}},
     COLOUR_YELLOW,
     H,
     25 * H,
     1},
    {"but not after a day",
     {{'A', CLEAN, 0, 0}, {'A', CLEAN, 1, 0}, {'A', CLEAN, 2, 0}, {'A', BOT, DAY, 0}},
     COLOUR_BLACK,
     DAY,
     2 * DAY,
     1},
    {"clean sessions of weight 0 whitewash nobody",
     {{'A', BOT, 0, 0},
      {'z', CLEAN, 60, 0},
      {'z', CLEAN, 61, 0},
      {'z', CLEAN, 62, 0},
      {'A', SUSPECT, 63, 0}},
     COLOUR_BLACK,
     0,
     DAY,
     1},
    {"a yellow one's end moves as a black one's",
     {{'A', BOT, 0, 0},
      {'A', CLEAN, 60, 0},
      {'A', CLEAN, 61, 0},
      {'A', CLEAN, 62, 0},
      {'A', BOT, 2 * H, 0}},
     COLOUR_YELLOW,
     0,
     26 * H,
     1},

    {"a suspect is brown", {{'A', SUSPECT, 0, 0}}, COLOUR_BROWN, 0, DAY, 0},
    {"a clean session is none", {{'A', CLEAN, 0, 0}}, COLOUR_NONE, 0, DAY, 0},
    {"a suspect after clean is brown",
     {{'A', CLEAN, 0, 0}, {'A', SUSPECT, H, 0}},
     COLOUR_BROWN,
     H,
     25 * H,
     0},
    {"clean after a suspect stays brown, and longer",
     {{'A', SUSPECT, 0, 0}, {'A', CLEAN, H, 0}},
     COLOUR_BROWN,
     0,
     25 * H,
     0},
    {"until the suspect is a day back",
     {{'A', SUSPECT, 0, 0}, {'A', CLEAN, 12 * H, 0}, {'A', CLEAN, DAY, 0}},
     COLOUR_NONE,
     DAY,
     2 * DAY,
     0},
    {"brown that ended begins anew",
     {{'A', SUSPECT, 0, 0}, {'A', SUSPECT, 2 * DAY, 0}},
     COLOUR_BROWN,
     2 * DAY,
     3 * DAY,
     0},
    {"an old suspect says nothing", {{'A', SUSPECT, 0, DAY}}, -1, 0, 0, 0},
    {"clean after a listing ended is none, and remembers",
     {{'A', BOT, 0, 0}, {'A', CLEAN, 2 * DAY, 0}},
     COLOUR_NONE,
     2 * DAY,
     3 * DAY,
     1},
    {"the bot is relisted after it",
     {{'A', BOT, 0, 0}, {'A', CLEAN, 2 * DAY, 0}, {'A', BOT, 50 * H, 0}},
     COLOUR_BLACK,
     50 * H,
     98 * H,
     2},
    {"a bot becomes black out of brown",
     {{'A', SUSPECT, 0, 0}, {'A', BOT, H, 0}},
     COLOUR_BLACK,
     H,
     25 * H,
     1},

    {"120 s ahead is taken", {{'A', BOT, H + 120, H}}, COLOUR_BLACK, H + 120, 25 * H + 120, 1},
    {"121 s ahead decides nothing", {{'A', BOT, H + 121, H}}, -1, 0, 0, 0},
    {"nor does it ever after",
     {{'m', BOT, H + 121, H}, {'n', BOT, H + 121, H + 200}},
     COLOUR_BROWN,
     H + 121,
     25 * H + 121,
     0},
};

static uint32_t weight_of(char who) {
  for (size_t i = 0; i < DETECTORS; i++)
    if (detectors[i].who == who) return detectors[i].weight;
  return 0;
}

static void play(const struct story *s, struct listing *l) {
  struct witness witnesses[DETECTORS];
  for (size_t i = 0; i < DETECTORS; i++)
    witnesses[i] =
        (struct witness){.weight = detectors[i].weight, .group = span_str(detectors[i].group)};
  for (const struct step *step = s->steps; step < s->steps + STEPS && step->who; step++) {
    int64_t now = T0 + (step->now ? step->now : step->time);
    struct report r = {
        .verdict = step->verdict, .unixtime = (uint64_t)(T0 + step->time), .end = END_FIN};
    for (size_t i = 0; i < DETECTORS; i++)
      if (detectors[i].who == step->who) evidence_add(&witnesses[i].evidence, &r, now);
    struct policy_case c = {witnesses, DETECTORS, &r, weight_of(step->who), now, false};
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

int main(void) {
  test_stories();
  return done();
}
