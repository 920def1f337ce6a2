/* The listing policy without the colours: the sum of rule (b), and what else a row holds. */
#include "policy/policy.h"
#include "line/sessionline.h"
#include "tap.h"
#include <math.h>

#define H         3600
#define DAY       (24 * H)
#define T0        (INT64_C(490000) * H) /* a full hour */
#define DETECTORS 12

enum { BOT = VERDICT_BOT, CLEAN = VERDICT_CLEAN };

/* ---- rule (b) alone ---- */

static void test_sum(void) {
  struct testimony w[3] = {{.weight = 500, .group = span_str("a")},
                           {.weight = 800, .group = span_str("a")},
                           {.weight = 400, .group = span_str("b")}};
  size_t groups;
  ok(policy_sum(w, 3, &groups) == 0 && groups == 0, "no bots, no sum");
  for (int i = 0; i < 3; i++) w[i].evidence = (struct evidence){.bots = 1, .last_bot = T0};
  ok(fabs(policy_sum(w, 3, &groups) - 1.2) < 1e-9 && groups == 2, "a group's largest counts");
  w[1].evidence.last_bot = T0 - 12 * H;
  ok(fabs(policy_sum(w, 3, &groups) - 0.9) < 1e-9, "0.8 of 12 h ago weighs 0.4: less than 0.5");
  w[0].evidence.last_bot = w[1].evidence.last_bot = T0 - DAY;
  ok(fabs(policy_sum(w, 3, &groups) - 0.6) < 1e-9, "0.8 of 24 h ago weighs 0.2");
  w[1].evidence.bots = 1000000;
  w[1].evidence.score = 999;
  ok(fabs(policy_sum(w, 3, &groups) - 0.6) < 1e-9, "counts and scores add nothing");
}

/* ---- what else a row holds ---- */

static struct report report_at(int verdict, int64_t time, const char *sins, int end) {
  return (struct report){
      .verdict = verdict, .unixtime = (uint64_t)time, .sins = span_str(sins), .end = end};
}

static void test_facts(void) {
  struct testimony w[3] = {{.weight = 1000, .group = span_str("a")},
                           {.weight = 500, .group = span_str("b")},
                           {.weight = 0, .group = span_str("c")}};
  struct listing l = {.exists = false};
  struct report r = report_at(BOT, T0, "helo-bot,no-quit", END_FIN);
  struct policy_case c = {w, 3, &r, 1000, T0 + 60, false};
  evidence_add(&w[0].evidence, &r, c.now);
  evidence_add(&w[2].evidence, &r, c.now);
  policy_decide(&c, &l);
  ok(l.detectors == 1 && l.quits == 0 && l.noquits == 1 && l.last == T0,
     "weight 0 is no testimony");
  is_text(span_of(l.sins, l.sins_len), "helo-bot,no-quit", "the sins");
  r = report_at(BOT, T0 + 30, "no-quit,auth", END_QUIT);
  evidence_add(&w[1].evidence, &r, c.now);
  c.weight = 500;
  policy_decide(&c, &l);
  ok(l.detectors == 2 && l.quits == 1 && l.noquits == 1 && l.last == T0 + 30, "a second testimony");
  is_text(span_of(l.sins, l.sins_len), "helo-bot,no-quit,auth", "the union of the sins");
  r = report_at(CLEAN, T0 + 40, "", END_QUIT);
  evidence_add(&w[0].evidence, &r, c.now);
  policy_decide(&c, &l);
  is_text(span_of(l.sins, l.sins_len), "helo-bot,no-quit,auth", "a clean session keeps them");
  ok(l.last == T0 + 40 && l.quits == 2, "and is counted");
  c.testimonies = &w[1];
  c.count = 2;
  ok(policy_recompute(&c, &l) && l.detectors == 1, "the first testimony is removed");
  is_text(span_of(l.sins, l.sins_len), "no-quit,auth", "with the sins that only it had");
}

static void test_long_union(void) {
  static char names[DETECTORS][SINS_TEXT_MAX + 1];
  struct testimony w[DETECTORS] = {{.weight = 0}};
  struct listing l = {.exists = false};
  struct report r = report_at(BOT, T0, "", END_FIN);
  for (size_t i = 0; i < DETECTORS; i++) {
    for (size_t at = 0; at + 8 <= SINS_TEXT_MAX; at += 8)
      snprintf(names[i] + at, 9, "n%02zu-%03zu,", i, at);
    names[i][SINS_TEXT_MAX / 8 * 8 - 1] = '\0';
    r.sins = span_str(names[i]);
    w[i] = (struct testimony){.weight = 1000, .group = span_str("g")};
    evidence_add(&w[i].evidence, &r, T0);
  }
  struct policy_case c = {w, DETECTORS, &r, 1000, T0, false};
  policy_decide(&c, &l);
  ok(l.sins_len > SINS_TEXT_MAX && l.sins_len <= sizeof l.sins, "a long union is cut (%zu bytes)",
     l.sins_len);
  ok(l.sins_len % 8 == 7, "to whole names");
}

/* 127 names of 7 bytes and one of 8, with commas: as much as a listing holds. */
static void test_full_union(void) {
  static char names[4][SINS_TEXT_MAX + 1];
  struct testimony t[4] = {{.weight = 0}};
  struct listing l = {.exists = false};
  struct report r = report_at(BOT, T0, "", END_FIN);
  for (size_t i = 0; i < 4; i++) {
    size_t count = i < 3 ? 35 : 23, len = 0;
    for (size_t n = 0; n < count; n++)
      len += (size_t)snprintf(names[i] + len, sizeof names[i] - len, "%sn%zu-%04zu", n ? "," : "",
                              i, n);
    if (i == 3) snprintf(names[i] + len, sizeof names[i] - len, "x");
    r.sins = span_str(names[i]);
    t[i] = (struct testimony){.weight = 1000, .group = span_str("g")};
    evidence_add(&t[i].evidence, &r, T0);
  }
  struct policy_case c = {t, 4, &r, 1000, T0, false};
  policy_decide(&c, &l);
  ok(l.sins_len == LISTING_SINS_MAX && l.sins[l.sins_len - 1] == 'x',
     "a union that just fits is whole (%zu bytes)", l.sins_len);
}

int main(void) {
  test_sum();
  test_facts();
  test_long_union();
  test_full_union();
  return done();
}
