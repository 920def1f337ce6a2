/* Evidence, what one detector has reported about one address, and its counts of hours. */
#include "policy/evidence.h"
#include "line/sessionline.h"
#include "tap.h"

#define H  3600
#define T0 (INT64_C(490000) * H) /* a full hour */

enum { BOT = VERDICT_BOT, SUSPECT = VERDICT_SUSPECT, CLEAN = VERDICT_CLEAN };

static struct report report_at(int verdict, int64_t time, const char *sins, int end) {
  return (struct report){
      .verdict = verdict, .unixtime = (uint64_t)time, .sins = span_str(sins), .end = end};
}

/* ---- evidence ---- */

static const struct {
  const char *name, *sins;
  int end;
  int64_t quits, noquits;
} leavings[] = {
    {"quit", "", END_QUIT, 1, 0},
    {"fin with the sin", "auth,no-quit", END_FIN, 0, 1},
    {"rst with the sin", "reset", END_RST, 0, 1},
    {"idle with the sin", "abandoned,auth", END_IDLE, 0, 1},
    {"fin before the 451", "hasty-exit", END_FIN, 0, 0},
    {"a polite fin", "polite", END_FIN, 0, 0},
    {"a sin that only begins alike", "no-quitter", END_FIN, 0, 0},
    {"cap says nothing", "no-quit", END_CAP, 0, 0},
};

/* What a clock that was ahead has left. */
static void test_clamp(void) {
  struct evidence e = {.first = 0};
  struct report far = report_at(BOT, T0 + 40 * 24 * H, "b", END_FIN),
                now = report_at(BOT, T0, "c", END_FIN);
  evidence_add(&e, &far, T0 + 40 * 24 * H);
  struct evidence clamped = e;
  evidence_clamp(&clamped, T0);
  ok(clamped.first == T0 && clamped.last == T0 && clamped.last_bot == T0 &&
         clamped.received == T0 && clamped.bots == 1 &&
         hourcounts_recent(&clamped.recent_bots, T0) == 0,
     "is of now, and of no hour");
  evidence_add(&e, &now, T0);
  ok(e.last == T0 && e.bots == 2 && hourcounts_recent(&e.recent_bots, T0) == 1 && e.received == T0,
     "the next report makes it right");
  struct evidence near = {.first = 0};
  far = report_at(BOT, T0 + 24 * H, "b", END_FIN);
  evidence_add(&near, &far, T0 + 24 * H);
  clamped = near;
  evidence_clamp(&clamped, T0);
  ok(memcmp(&clamped, &near, sizeof near) == 0, "a day ahead stays as it is");
  evidence_add(&e, &far, T0 + 100);
  ok(e.last == T0 && e.future == 1, "a report from the future changes nothing");
}

static void test_evidence(void) {
  for (size_t i = 0; i < sizeof leavings / sizeof *leavings; i++) {
    struct evidence e = {.first = 0};
    struct report r = report_at(SUSPECT, T0, leavings[i].sins, leavings[i].end);
    evidence_add(&e, &r, T0);
    ok(e.quits == leavings[i].quits && e.noquits == leavings[i].noquits, "leaving: %s",
       leavings[i].name);
  }
  struct evidence e = {.first = 0};
  struct report r = report_at(CLEAN, T0, "c", END_QUIT);
  r.score = -6;
  evidence_add(&e, &r, T0);
  ok(e.first == T0 && e.last == T0 && e.cleans == 1 && e.score == -6, "one clean session");
  is_text(evidence_sins(&e), "c", "its sins");
  r = report_at(BOT, T0 - 10, "b", END_FIN);
  r.score = 12;
  evidence_add(&e, &r, T0);
  ok(e.first == T0 - 10 && e.last == T0 && e.last_bot == T0 - 10 && e.score == 12, "an older bot");
  is_text(evidence_sins(&e), "b", "a bot's sins go before");
  r = report_at(BOT, T0 - 20, "older", END_FIN);
  evidence_add(&e, &r, T0);
  is_text(evidence_sins(&e), "b", "an older bot's do not");
  r = report_at(SUSPECT, T0 + 10, "s", END_FIN);
  evidence_add(&e, &r, T0);
  is_text(evidence_sins(&e), "b", "nor a later suspect's");
  ok(e.bots == 2 && e.suspects == 1 && e.cleans == 1 && e.future == 0, "the counts");
  r = report_at(BOT, T0 + 121, "f", END_FIN);
  evidence_add(&e, &r, T0);
  ok(e.bots == 2 && e.future == 1 && e.last == T0 + 10, "the future is only counted");
}

/* ---- counts of hours ---- */

static const struct {
  const char *name;
  int64_t times[4]; /* hours before T0; 99 ends */
  int64_t now;
  uint32_t want;
  const char *text;
} counted[] = {
    {"nothing", {99}, 0, 0, ""},
    {"one", {0, 99}, 0, 1, "490000:1"},
    {"two in an hour", {0, 0, 99}, 0, 2, "490000:2"},
    {"upwards", {0, 2, 99}, 2, 2, "490002:1,0,1"},
    {"downwards", {2, 0, 99}, 2, 2, "490002:1,0,1"},
    {"the 24th hour", {0, 23, 99}, 23, 2, "490023:1,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,1"},
    {"the 25th pushes the first out", {0, 24, 99}, 24, 1, "490024:1"},
    {"too old to count", {24, 0, 99}, 24, 1, "490024:1"},
    {"counted once, recent no more", {0, 1, 99}, 24, 1, "490001:1,1"},
    {"long ago", {0, 99}, 1000, 0, "490000:1"},
};

static const char *const bad_texts[] = {
    "490000",       "490000:",       "490000:0",
    "490000:1,0",   "490000:01",     "0490000:1",
    ":1",           "490000:1,",     "490000:1,,1",
    "490000:65536", "490000:-1",     "x:1",
    "490000:1 ",    "99999999999:1", "490023:1,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,1",
};

static void test_tallies(void) {
  char text[HOURCOUNTS_TEXT_MAX];
  struct hourcounts t, back;
  for (size_t i = 0; i < sizeof counted / sizeof *counted; i++) {
    t = (struct hourcounts){.hour = 0};
    for (int n = 0; n < 4 && counted[i].times[n] != 99; n++)
      hourcounts_add(&t, T0 + counted[i].times[n] * H);
    ok(hourcounts_recent(&t, T0 + counted[i].now * H) == counted[i].want, "counts of hours: %s",
       counted[i].name);
    struct span made = span_of(text, hourcounts_format(&t, text));
    is_text(made, counted[i].text, "as text: %s", counted[i].name);
    ok(hourcounts_parse(made, &back) &&
           hourcounts_recent(&back, T0 + counted[i].now * H) == counted[i].want,
       "and back: %s", counted[i].name);
  }
  for (size_t i = 0; i < sizeof bad_texts / sizeof *bad_texts; i++)
    ok(!hourcounts_parse(span_str(bad_texts[i]), &back), "refused: \"%s\"", bad_texts[i]);
  t = (struct hourcounts){.hour = 0};
  for (int i = 0; i < 70000; i++) hourcounts_add(&t, T0);
  ok(hourcounts_recent(&t, T0) == 65535, "a count stops at 65,535");
  for (int i = 0; i < HOURCOUNTS_HOURS; i++) t.count[i] = 65535;
  t.hour = INT64_C(9999999999);
  ok(hourcounts_format(&t, text) <= HOURCOUNTS_TEXT_MAX, "the longest text fits");
}

int main(void) {
  test_evidence();
  test_clamp();
  test_tallies();
  return done();
}
