/* What taken reports decide: canaries, a list that grows too fast, a detector that reports too
   much, learning and revocation; also after the store was opened anew. The clock is given. */
#include "collect/intake.h"
#include "rule/tablewrite.h"
#include "sqlnumber.h"
#include "tap.h"
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define T0  INT64_C(1764000000)
#define DAY (24 * 3600)

static char dir[] = "/tmp/sinbin-ruling-XXXXXX";
static char path[64];
static struct registry registry;
static struct intake in;
static struct table rules;
static struct datagram answer;
static uint64_t next_seq = 1;

static struct mac_key key_of(uint8_t seed) {
  struct mac_key key;
  memset(key.byte, seed, sizeof key.byte);
  return key;
}

/* A table of one address each, as sinbin-rules would make it. */
static void make_rules(const char *never, const char *canary) {
  struct rows tables[] = {{.name = "neverlist", .file = "neverlist", .shape = SHAPE_ADDRESSES},
                          {.name = "canaries", .file = "canaries", .shape = SHAPE_ADDRESSES}};
  const char *const words[] = {never, canary};
  char version[TABLE_VERSION_LEN + 1];
  int fd = memfd_create("rules", MFD_CLOEXEC);
  for (int i = 0; i < 2; i++) {
    struct prefix p = {.line = 1, .value = span_of("", 0)};
    const char *reason;
    if (!prefix_parse(span_str(words[i]), &p, &reason) || !rows_add_prefix(&tables[i], &p)) abort();
  }
  if (!table_write(fd, tables, 2, version) || !table_open(&rules, fd)) abort();
  for (int i = 0; i < 2; i++) rows_free(&tables[i]);
  close(fd);
}

static void open_store(void) {
  const struct store_options options = {.cache = 1000, .at_once = 64, .sweep_ms = 5000};
  if (store_open(path, &options, &in.store) != STORE_OPEN) abort();
  for (size_t i = 0; i < registry.count; i++)
    if (!store_load_detector(in.store, &registry.detectors[i]) ||
        !store_load_standing(in.store, &registry.detectors[i]))
      abort();
}

static struct detector *detector(const char *name) {
  return registry_find(&registry, span_str(name));
}

static void start(void) {
  static const char *const names[] = {"half", "half2", "one", "two"};
  if (!mkdtemp(dir) || !mac_start() || !registry_create(&registry)) abort();
  snprintf(path, sizeof path, "%s/store.db", dir);
  for (uint8_t i = 0; i < 4; i++) {
    struct detector_key key = {.keygen = 1, .key = key_of(1)};
    if (!detector_add_key(registry_add(&registry, span_str(names[i])), &key)) abort();
  }
  registry_sort(&registry);
  detector_set_weight(detector("half"), span_str("0.5"));
  detector_set_weight(detector("half2"), span_str("0.5"));
  in = (struct intake){.registry = &registry, .rules = &rules, .nobody = key_of(99)};
  in.witnesses = calloc(DETECTORS_MAX, sizeof *in.witnesses);
  open_store();
}

static void reopen(int64_t now) {
  int64_t least = in.breaker.least, percent = in.breaker.percent;
  if (!store_settle(in.store)) abort();
  store_close(in.store);
  memset(&in.breaker, 0, sizeof in.breaker);
  in.breaker.least = least;
  in.breaker.percent = percent;
  open_store();
  if (!intake_obey(&in, 0, now)) abort();
}

static int64_t ask(const char *sql) {
  if (!store_settle(in.store)) abort();
  return sql_number(path, NULL, sql);
}

static bool is_listed(const char *ip, int64_t now) {
  struct listing l = {.exists = false};
  struct addr a;
  if (!addr_parse(span_str(ip), &a)) abort();
  a = addr_evidence_key(&a);
  return store_get_listing(in.store, &a, &l) == 1 && listing_runs(&l, now);
}

struct told {
  const char *who, *ip, *verdict;
  int64_t at, now;
};

/* True where it was answered. */
static bool tell(const struct told *t) {
  struct mac_key key = key_of(1);
  struct datagram d = {.len = 0};
  char tag[TAG_HEX], line[256];
  snprintf(line, sizeof line, "SB1 %s 1 5 %llu %lld %s %s 28 fin no-quit -", t->who,
           (unsigned long long)next_seq++, (long long)t->at, t->ip, t->verdict);
  if (!datagram_add(&d, span_str(line))) abort();
  mac_tag(&key, datagram_covered(&d), tag);
  if (!intake_datagram(&in, datagram_close(&d, tag), t->now, &answer) ||
      !intake_commit(&in, t->now, 0))
    abort();
  return answer.len > 0;
}

static bool report(const char *who, const char *ip, const char *verdict, int64_t now) {
  const struct told t = {who, ip, verdict, now, now};
  return tell(&t);
}

static bool report_of(const char *who, const char *ip, int64_t at, int64_t now) {
  const struct told t = {who, ip, "bot", at, now};
  return tell(&t);
}

/* Bots at net.0, net.1 and so on, in 10.0.0.0/8. */
static int many(const char *who, int net, int count, int64_t now) {
  int listed = 0;
  for (int i = 0; i < count; i++) {
    char ip[32];
    snprintf(ip, sizeof ip, "10.%d.%d.%d", net, i >> 8, i & 255);
    report(who, ip, "bot", now);
    listed += is_listed(ip, now);
  }
  return listed;
}

static bool alarms(enum alarm which, const char *want) {
  char text[INTAKE_TEXT];
  bool raised = in.alarms[which].count > 0;
  intake_alarm(&in, which, text);
  in.alarms[which].count = 0;
  if (strstr(text, want) == NULL) printf("# %s\n", text);
  return raised && strstr(text, want);
}

static void test_never(void) {
  make_rules("192.0.2.0/24", "2001:db8:7:7::/64");
  ok(report("one", "192.0.2.9", "bot", T0) && !is_listed("192.0.2.9", T0), "never-listed");
  ok(alarms(ALARM_NEVER, "192.0.2.9 by one") && in.alarms[ALARM_CANARY].count == 0, "an alarm");
  ok(report("one", "192.0.2.9", "clean", T0) && in.alarms[ALARM_NEVER].count == 0,
     "that it was clean is none");
  for (const char *const *verdict = (const char *const[]){"bot", "suspect", "clean", NULL};
       *verdict; verdict++) {
    ok(report("two", "2001:db8:7:7::1", *verdict, T0) && !is_listed("2001:db8:7:7::1", T0),
       "a canary that is %s", *verdict);
    ok(alarms(ALARM_CANARY, "canaries, the last about 2001:db8:7:7::1 by two"), "is an alarm");
  }
  ok(in.counts[COUNT_NEVER] == 4, "they are counted");
  ok(ask("SELECT count(*) FROM evidence") == 2 && ask("SELECT count(*) FROM listing") == 0,
     "and kept as evidence");
}

static void test_breaker(void) {
  int64_t now = T0 + 10;
  char text[INTAKE_TEXT];
  in.breaker.least = 20;
  in.breaker.percent = 5;
  breaker_clear(&in.breaker, now);
  ok(many("one", 1, 30, now) == 20, "as many are listed as may be");
  ok(in.counts[COUNT_REFUSED] == 10 && in.breaker.refused == 10, "the others are counted");
  ok(ask("SELECT count(*) FROM listing WHERE colour = 'brown'") == 10, "and brown");
  ok(ask("SELECT count(*) FROM evidence WHERE hex(ip) LIKE '%0A01____'") == 30, "all is evidence");
  intake_watch(&in, now);
  ok(alarms(ALARM_FROZEN, "from 2025-11-24T16:00:10Z, 10 were refused"), "an alarm");
  intake_watch(&in, now + 3599);
  ok(in.alarms[ALARM_FROZEN].count == 1, "as long as it lasts");
  intake_counts(&in, text);
  ok(strstr(text, "refused 10") && strstr(text, "frozen 1"), "counters: %s", text);
  report("one", "10.1.0.3", "bot", now + 60);
  ok(ask("SELECT until FROM listing WHERE hex(ip) LIKE '%0A010003'") == now + 60 + DAY,
     "listings are prolonged");
  ok(in.breaker.endings[(now + 60 + DAY + 59) / 60 % BREAKER_SLOTS] == 1, "and end later");
  reopen(now + 100);
  ok(many("two", 2, 5, now + 100) == 0 &&
         ask("SELECT value FROM meta WHERE name = 'frozen'") == now,
     "a new start changes nothing");
  ok(many("two", 2, 5, now + 3600) == 5, "an hour later what is reported again is listed");
  intake_watch(&in, now + 3600);
  ok(in.alarms[ALARM_FROZEN].count == 0, "and all is quiet");
  ok(ask("SELECT value FROM meta WHERE name = 'frozen'") == 0, "also in the store");
  ok(many("two", 3, 30, now + 3700) == 15, "those of the hour count");
  ok(intake_obey(&in, now + 3700, now + 3701) && many("two", 3, 30, now + 3702) == 30,
     "the operator's word thaws");
  reopen(now + 3800);
  ok(in.breaker.running == 55 && in.breaker.added == 35, "counted from the table: %lld, %lld",
     (long long)in.breaker.running, (long long)in.breaker.added);
  in.breaker.least = 0;
  ok(many("two", 4, 100, now + 3900) == 100, "0 is off");
}

static void test_rate(void) {
  int64_t now = T0 + DAY;
  struct detector *half = detector("half");
  half->cap = (struct ratecap){.rate = 2, .span = 10};
  ok(many("half", 5, 20, now) == 0 && !detector_is_quarantined(half), "within its budget");
  ok(report("half", "10.5.1.1", "bot", now) && detector_is_quarantined(half), "over it");
  ok(alarms(ALARM_QUARANTINE, "the last half:"), "an alarm");
  ok(report("half", "10.5.1.2", "bot", now + 5000) && in.alarms[ALARM_QUARANTINE].count == 0 &&
         in.counts[COUNT_QUARANTINED] == 2,
     "it stays so, and is answered");
  report("half2", "10.5.0.1", "bot", now + 1);
  ok(!is_listed("10.5.0.1", now + 1), "it is no witness of before, either");
  ok(report("half", "10.1.0.3", "clean", now + 2) &&
         ask("SELECT cleans FROM evidence WHERE detector = 'half' AND hex(ip) LIKE '%0A010003'") ==
             1,
     "what it says is kept");
  reopen(now + 10);
  ok(detector_is_quarantined(half) && half->standing.quarantined == now, "a new start keeps it");
  half->orders.released = now + 20;
  report("half2", "10.5.0.1", "bot", now + 20);
  ok(!detector_is_quarantined(half) && report("half", "10.5.0.1", "bot", now + 20) &&
         is_listed("10.5.0.1", now + 20),
     "released, it is heard again");
  half->cap = (struct ratecap){.rate = 1, .span = 1};
  half->cap.spent = 1;
  half->cap.at = now + 20;
  report("half", "10.5.1.3", "bot", now + 20);
  ok(detector_is_quarantined(half), "and over its rate in that very second put back");
  half->orders.released = half->standing.quarantined;
  half->cap.rate = 0;
}

static void test_learning(void) {
  int64_t now = T0 + 2 * DAY;
  struct detector *one = detector("one");
  registry.learning = 3 * DAY;
  one->standing.first = 0;
  report("one", "10.6.0.1", "bot", now);
  ok(one->standing.first == now && !is_listed("10.6.0.1", now), "a new one lists nothing");
  report("one", "10.6.0.1", "bot", now + 3 * DAY - 1);
  ok(!is_listed("10.6.0.1", now + 3 * DAY - 1), "for its days");
  reopen(now + 3 * DAY - 1);
  ok(one->standing.first == now, "which a new start does not begin anew");
  report("one", "10.6.0.1", "bot", now + 3 * DAY);
  ok(is_listed("10.6.0.1", now + 3 * DAY), "and then it does");
  registry.learning = 0;
}

/* Whoever has the key says when a session was, but not when the report comes. */
static void test_backdated(void) {
  int64_t now = T0 + 15 * DAY;
  struct detector *one = detector("one");
  struct orders none = one->orders;
  report_of("one", "10.7.1.1", now - 20 * 3600, now - 10);
  report_of("one", "10.7.1.2", now - 20 * 3600, now - 3601);
  report_of("one", "10.7.1.3", now - 20 * 3600, now - 10);
  ok(is_listed("10.7.1.1", now) && is_listed("10.7.1.2", now), "sessions of long ago list");
  ok(store_settle(in.store) && ask("UPDATE evidence SET received = 0"
                                   " WHERE hex(ip) LIKE '%0A070103' RETURNING 1") == 1,
     "of one it is not known when the report came");
  one->orders.revoked_since = now - 3600;
  one->orders.revoked_at = now;
  ok(intake_obey(&in, 0, now) && !is_listed("10.7.1.1", now), "what was told since is revoked");
  ok(is_listed("10.7.1.2", now), "what was told before is not");
  ok(is_listed("10.7.1.3", now), "nor what is not known to be");
  one->orders = none;
}

/* one and half say the same of some; half alone of others; two has weight 1 as well. */
static void test_revocation(void) {
  int64_t now = T0 + 10 * DAY;
  struct detector *half = detector("half"), *two = detector("two");
  struct {
    const char *ip, *who[3];
    bool stays;
    const char *name;
  } told[] = {
      {"10.7.0.1", {"two"}, false, "its own"},
      {"10.7.0.2", {"two", "one"}, true, "one of weight 1 said the same"},
      {"10.7.0.3", {"half", "half2", "two"}, true, "two halves did"},
      {"10.7.0.4", {"half", "two"}, false, "a half did"},
      {"10.7.0.5", {"one"}, true, "what it never spoke of"},
      {"2001:db8:99::5", {"two"}, false, "IPv6"},
  };
  enum { TOLD = sizeof told / sizeof *told };
  report("two", "10.7.0.9", "bot", now - 51);
  report("two", "10.7.0.8", "bot", now - 50);
  for (int i = 0; i < TOLD; i++)
    for (int j = 0; j < 3 && told[i].who[j]; j++) report(told[i].who[j], told[i].ip, "bot", now);
  for (int i = 0; i < TOLD; i++) ok(is_listed(told[i].ip, now), "listed: %s", told[i].ip);
  two->orders.revoked_since = now - 50;
  two->orders.revoked_at = now + 1;
  two->orders.quarantine = true;
  ok(intake_obey(&in, 0, now + 1) && in.counts[COUNT_REVOKED] == 6, "six rows went");
  for (int i = 0; i < TOLD; i++)
    ok(is_listed(told[i].ip, now + 1) == told[i].stays, "%s: %s", told[i].name,
       told[i].stays ? "stays" : "ends");
  ok(is_listed("10.7.0.9", now + 1) && ask("SELECT count(*) FROM evidence WHERE detector = 'two'"
                                           " AND hex(ip) LIKE '%0A0700__'") == 1,
     "what it said before that stays");
  ok(ask("SELECT count(*) FROM listing WHERE hex(ip) LIKE '%0A070003' AND detectors = 2") == 1,
     "the others still speak for theirs");
  ok(ask("SELECT count(*) FROM listing WHERE hex(ip) LIKE '%0A070004' AND colour = 'brown'") == 1,
     "half a reason is brown");
  two->orders.quarantine = false;
  report("two", "10.7.0.1", "bot", now + 2);
  reopen(now + 3);
  ok(is_listed("10.7.0.1", now + 3) && in.counts[COUNT_REVOKED] == 6,
     "an order is carried out once");
  two->orders.revoked_at = now + 4;
  two->orders.revoked_since = 0;
  ok(intake_obey(&in, 0, now + 4) && !is_listed("10.7.0.1", now + 4) &&
         !is_listed("10.7.0.9", now + 4),
     "another one anew, now for all");
  ok(ask("SELECT count(*) FROM evidence WHERE detector = 'two'") == 0, "nothing is left of it");
  ok(ask("SELECT count(*) FROM evidence WHERE detector = 'half'") > 20 && half->believed == 500,
     "of others all");
}

/* More rows than one transaction takes, the all-zero key among them. */
static void test_many_rows(void) {
  int64_t now = T0 + 20 * DAY;
  struct detector *two = detector("two");
  in.rules = NULL;
  many("two", 8, 2500, now);
  report("two", "::2", "bot", now);
  two->orders.revoked_at = now + 1;
  uint64_t before = in.counts[COUNT_REVOKED];
  ok(intake_obey(&in, 0, now + 1) && in.counts[COUNT_REVOKED] - before == 2501,
     "2,501 rows went: %llu", (unsigned long long)(in.counts[COUNT_REVOKED] - before));
  ok(ask("SELECT count(*) FROM evidence WHERE detector = 'two'") == 0 &&
         !is_listed("10.8.9.9", now + 1),
     "and what rested on them");
}

/* What is nobody's is never listed where no rules say so; with rules, theirs is the word. */
static const struct {
  const char *ip;
  bool never;
} built_in[] = {
    {"0.0.0.0", true},
    {"0.255.255.255", true},
    {"1.0.0.0", false},
    {"9.255.255.255", false},
    {"10.0.0.0", true},
    {"10.255.255.255", true},
    {"11.0.0.0", false},
    {"126.255.255.255", false},
    {"127.0.0.66", true},
    {"127.255.255.255", true},
    {"128.0.0.0", false},
    {"169.253.255.255", false},
    {"169.254.0.0", true},
    {"169.254.255.255", true},
    {"169.255.0.0", false},
    {"172.15.255.255", false},
    {"172.16.0.0", true},
    {"172.31.255.255", true},
    {"172.32.0.0", false},
    {"192.167.255.255", false},
    {"192.168.1.1", true},
    {"192.169.0.0", false},
    {"223.255.255.255", false},
    {"224.0.0.0", true},
    {"255.255.255.255", true},
    {"::", true},
    {"::1", true},
    {"0:0:0:1::", false},
    {"fbff::1", false},
    {"fc00::1", true},
    {"fdff:ffff::1", true},
    {"fe00::1", false},
    {"fe7f::1", false},
    {"fe80::1", true},
    {"febf:ffff::1", true},
    {"fec0::1", false},
    {"feff::1", false},
    {"ff00::", true},
    {"ffff::1", true},
};

static void test_built_in(void) {
  int64_t now = T0 + 30 * DAY;
  for (size_t i = 0; i < sizeof built_in / sizeof *built_in; i++) {
    const char *ip = built_in[i].ip;
    report("one", ip, "bot", now);
    ok(is_listed(ip, now) == !built_in[i].never, "without rules: %s", ip);
  }
  in.rules = &rules;
  report("one", "127.0.0.66", "bot", now);
  ok(is_listed("127.0.0.66", now), "rules that leave it out have the last word");
  report("one", "127.0.0.1", "bot", now);
  ok(!is_listed("127.0.0.1", now), "but for loopback itself");
}

int main(void) {
  start();
  test_never();
  test_breaker();
  test_rate();
  test_learning();
  test_revocation();
  test_backdated();
  test_many_rows();
  test_built_in();
  store_close(in.store);
  table_close(&rules);
  registry_destroy(&registry);
  free(in.witnesses);
  char command[64];
  snprintf(command, sizeof command, "rm -rf %s", dir);
  return system(command) == 0 ? done() : 111;
}
