/* What sinbin-detector explain prints about an address. */
#include "collect/explain.h"
#include "line/sessionline.h"
#include "tap.h"
#include <stdlib.h>

#define T0   INT64_C(1764000000) /* 2025-11-24T16:00:00Z */
#define HOUR 3600

static struct registry registry;
static struct store *store;

/* Sessions of one verdict that a detector reported, all of them at one time, in hours before T0. */
struct reported {
  const char *who;
  enum verdict verdict;
  int count;
  int64_t hours;
};

static const struct row {
  const char *name, *ip;
  struct reported reported[3];
  const char *colour; /* of the listing; NULL: there is none */
  int64_t until;      /* hours after T0 */
  const char *want[4];
} rows[] = {
    {"an address without reports",
     "11.0.0.1",
     {{0}},
     NULL,
     0,
     {"address 11.0.0.1 key=11.0.0.1", "listing none", "why: not listed",
      "rule a: no, no detector of weight 1 reported a bot"}},
    {"an IPv6 address is a part of its /64",
     "2001:db8::7",
     {{0}},
     NULL,
     0,
     {"address 2001:db8::7 key=2001:db8::/64", "never: unknown, there are no rules", "frozen: no"}},
    {"a bot of a detector of weight 1",
     "11.0.0.2",
     {{"one", VERDICT_BOT, 2, 1}},
     "black",
     23,
     {"why: listed until 2025-11-25T15:00:00Z, and would be listed now",
      "rule a: yes, one has weight 1 and reported a bot, last at 2025-11-24T15:00:00Z",
      "rule b: no, the weights make 1.000 of 1, from 1 of 2 groups",
      "evidence detector=one state=heard weight=1 group=one age=0 share=1.000 bots=2 suspects=0"
      " cleans=0 future=0 bots24=2 cleans24=0 first=2025-11-24T15:00:00Z"
      " last=2025-11-24T15:00:00Z lastbot=2025-11-24T15:00:00Z score=9 quits=0 noquits=2"
      " sins=no-quit"}},
    {"two halves, one of them 12 hours older",
     "11.0.0.3",
     {{"half", VERDICT_BOT, 1, 13}, {"half2", VERDICT_BOT, 1, 1}},
     "brown",
     23,
     {"rule a: no, no detector of weight 1 reported a bot",
      "rule b: no, the weights make 0.750 of 1, from 2 of 2 groups",
      "why: not listed, brown until 2025-11-25T15:00:00Z by a suspect session or a bot session that"
      " did not list it"}},
    {"two halves at the same time",
     "11.0.0.4",
     {{"half", VERDICT_BOT, 1, 1}, {"half2", VERDICT_BOT, 1, 1}},
     "brown",
     23,
     {"rule b: yes, the weights make 1.000 of 1, from 2 of 2 groups",
      "why: not listed, brown until 2025-11-25T15:00:00Z by a suspect session or a bot session that"
      " did not list it, but listed by its next report as a bot"}},
    {"a listing by a detector that is in quarantine now",
     "11.0.0.5",
     {{"jail", VERDICT_BOT, 1, 1}, {"gone", VERDICT_BOT, 1, 1}, {"zero", VERDICT_BOT, 1, 1}},
     "black",
     23,
     {"why: listed until 2025-11-25T15:00:00Z, by evidence that would not list it now: gone, which"
      " reported a bot, has no directory; jail, which reported a bot, is in quarantine; zero, which"
      " reported a bot, has weight 0"}},
    {"only those that reported a bot and are not believed are named",
     "11.0.0.12",
     {{"half", VERDICT_BOT, 1, 1}, {"jail", VERDICT_BOT, 1, 1}, {"zero", VERDICT_SUSPECT, 1, 1}},
     "black",
     23,
     {"why: listed until 2025-11-25T15:00:00Z, by evidence that would not list it now: jail, which"
      " reported a bot, is in quarantine"}},
    {"clean sessions only",
     "11.0.0.6",
     {{"one", VERDICT_CLEAN, 2, 1}},
     "none",
     23,
     {"why: not listed, clean sessions only, until 2025-11-25T15:00:00Z",
      "yellow: no, the clean sessions of 24 h make 0.667 of 1: 3.000 wanted, against 0.000 of"
      " bots"}},
    {"black, and clean sessions suffice by now",
     "11.0.0.7",
     {{"one", VERDICT_BOT, 1, 2}, {"one", VERDICT_CLEAN, 3, 1}},
     "black",
     23,
     {"why: listed until 2025-11-25T15:00:00Z, and would be listed now; yellow at the next report",
      "yellow: yes, the clean sessions of 24 h make 1.000 of 1: 3.000 wanted, against 1.000 of"
      " bots"}},
    {"yellow by clean sessions",
     "11.0.0.8",
     {{"one", VERDICT_BOT, 1, 2}, {"one", VERDICT_CLEAN, 3, 1}},
     "yellow",
     23,
     {"why: listed until 2025-11-25T15:00:00Z, and would be listed now; yellow by clean sessions"}},
    {"yellow by clean sessions that are a day old",
     "11.0.0.9",
     {{"one", VERDICT_BOT, 1, 2}, {"one", VERDICT_CLEAN, 3, 30}},
     "yellow",
     23,
     {"why: listed until 2025-11-25T15:00:00Z, and would be listed now; yellow by earlier clean"
      " sessions"}},
    {"a listing that is over",
     "11.0.0.10",
     {{"one", VERDICT_BOT, 1, 30}},
     "black",
     0,
     {"why: not listed, but listed by its next report as a bot"}},
    {"a listing made while a clock was ahead",
     "11.0.0.11",
     {{"one", VERDICT_BOT, 1, 1}},
     "black",
     24 * 9,
     {"why: not listed, it ends later than any listing can: a clock was wrong"}},
    {"loopback", "127.0.0.1", {{0}}, NULL, 0, {"never: yes, loopback"}},
    {"an address of special purpose that would be listed",
     "10.0.0.1",
     {{"one", VERDICT_BOT, 1, 1}},
     "black",
     0,
     {"never: yes, of special purpose", "why: not listed"}},
};

static void put(const struct row *row, const struct addr *key) {
  for (int i = 0; i < 3 && row->reported[i].who; i++) {
    const struct reported *g = &row->reported[i];
    struct evidence e = {.first = 0};
    struct report r = {.verdict = g->verdict,
                       .unixtime = (uint64_t)(T0 - g->hours * HOUR),
                       .score = 9,
                       .end = g->verdict == VERDICT_CLEAN ? END_QUIT : END_FIN,
                       .sins = span_str(g->verdict == VERDICT_CLEAN ? "" : "no-quit")};
    if (store_get_evidence(store, key, span_str(g->who), &e) < 0) abort();
    for (int n = 0; n < g->count; n++) evidence_add(&e, &r, T0);
    if (!store_put_evidence(store, key, span_str(g->who), &e)) abort();
  }
  struct listing l = {.exists = true, .since = T0 - HOUR, .until = T0 + row->until * HOUR};
  if (!row->colour) return;
  if (!colour_parse(span_str(row->colour), &l.colour) || !store_put_listing(store, key, &l))
    abort();
}

/* The text, which is valid until the next call. */
static const char *explain(const char *ip) {
  static struct explanation e;
  static stralloc out;
  memset(&e, 0, sizeof e);
  e.registry = &registry;
  e.now = T0;
  out.len = 0;
  if (!addr_parse(span_str(ip), &e.ip) || !explain_load_rules(NULL, &e) ||
      !explain_load_store(store, &e) || !explain_format(&e, &out) || !stralloc_catb(&out, "", 1))
    abort();
  return out.s;
}

/* True if it is a whole line of the text. */
static bool has_line(const char *text, const char *line) {
  struct span rest = span_str(text);
  while (rest.len)
    if (span_is(span_cut(&rest, '\n'), line)) return true;
  return false;
}

static void test_rows(void) {
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    struct addr key;
    if (!addr_parse(span_str(rows[i].ip), &key)) abort();
    key = addr_evidence_key(&key);
    put(&rows[i], &key);
    const char *text = explain(rows[i].ip);
    for (int n = 0; n < 4 && rows[i].want[n]; n++) {
      bool has = has_line(text, rows[i].want[n]);
      ok(has, "%s: %s", rows[i].name, rows[i].want[n]);
      if (!has) printf("# %s\n", text);
    }
  }
}

static void test_freezes(void) {
  static const struct {
    const char *what;
    int64_t since; /* minutes before T0 */
  } freezes[] = {{"11.1.0.0/24", 10}, {"11.2.0.0/16", 10}, {"detector:half", 10}, {"all", 60}};
  for (size_t i = 0; i < sizeof freezes / sizeof *freezes; i++)
    if (!store_add_freeze(store, span_str(freezes[i].what), T0 - freezes[i].since * 60)) abort();
  const char *text = explain("11.1.0.7");
  ok(has_line(text, "frozen: no listing begins from 2025-11-24T15:50:00Z to 2025-11-24T16:50:00Z"),
     "a freeze of its network");
  ok(has_line(text, "only: 11.1.0.0/24") && has_line(text, "only: detector:half"),
     "the network, and the detector");
  ok(!strstr(text, "11.2.0.0") && !strstr(text, "frozen: no\n"), "not another network");
  ok(!strstr(text, "from 2025-11-24T15:00:00Z"), "not a freeze that is over");
  text = explain("11.9.0.7");
  ok(has_line(text, "only: detector:half") && !strstr(text, "11.1.0.0/24"),
     "of another address only the detector");
}

int main(void) {
  static const struct {
    const char *name, *weight;
  } detectors[] = {{"half", "0.5"}, {"half2", "0.5"}, {"jail", "1"}, {"one", "1"}, {"zero", "0"}};
  static const struct store_options options = {
      .cache = 100, .at_once = 100, .sweep_ms = 10, .slice = 10};
  if (!mac_init() || !registry_init(&registry)) return 111;
  for (size_t i = 0; i < sizeof detectors / sizeof *detectors; i++) {
    struct detector *d = registry_add(&registry, span_str(detectors[i].name));
    if (!d || !detector_set_weight(d, span_str(detectors[i].weight))) return 111;
    if (strcmp(d->name, "jail") == 0) d->orders.quarantine = true;
  }
  registry_update_weights(&registry, T0);
  if (store_open(NULL, &options, &store) != STORE_OPEN) return 111;
  test_rows();
  test_freezes();
  store_close(store);
  registry_free(&registry);
  return done();
}
