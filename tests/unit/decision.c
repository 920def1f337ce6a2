/* What taken reports decide: canaries, a list that grows too fast, a detector that reports too
   much, learning and revocation; also after the store was opened again. The clock is given. */
#include "collect/decision.h"
#include "rule/tablewriter.h"
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
  struct tabletext tables[] = {{.name = "neverlist", .file = "neverlist", .shape = SHAPE_ADDRESSES},
                               {.name = "canaries", .file = "canaries", .shape = SHAPE_ADDRESSES}};
  const char *const words[] = {never, canary};
  char version[TABLE_VERSION_LEN + 1];
  int fd = memfd_create("rules", MFD_CLOEXEC);
  for (int i = 0; i < 2; i++) {
    struct prefix p = {.line = 1, .value = span_of("", 0)};
    const char *reason;
    if (!prefix_parse(span_str(words[i]), &p, &reason) || !tabletext_add_prefix(&tables[i], &p))
      abort();
  }
  if (!tablewriter_write(fd, tables, 2, version) || !table_open(&rules, fd)) abort();
  for (int i = 0; i < 2; i++) tabletext_free(&tables[i]);
  close(fd);
}

static void open_store(void) {
  const struct store_options options = {.cache = 1000, .at_once = 64, .sweep_ms = 5000};
  if (store_open(path, &options, &in.store) != STORE_OPEN) abort();
  for (size_t i = 0; i < registry.count; i++)
    if (!store_load_detector(in.store, &registry.detectors[i]) ||
        !store_load_detector_state(in.store, &registry.detectors[i]))
      abort();
}

static struct detector *detector(const char *name) {
  return registry_find(&registry, span_str(name));
}

static void start(void) {
  static const char *const names[] = {"half", "half2", "one", "two"};
  if (!mkdtemp(dir) || !mac_init() || !registry_init(&registry)) abort();
  snprintf(path, sizeof path, "%s/store.db", dir);
  for (uint8_t i = 0; i < 4; i++) {
    struct detector_key key = {.keygen = 1, .key = key_of(1)};
    if (!detector_add_key(registry_add(&registry, span_str(names[i])), &key)) abort();
  }
  registry_sort(&registry);
  detector_set_weight(detector("half"), span_str("0.5"));
  detector_set_weight(detector("half2"), span_str("0.5"));
  in = (struct intake){.registry = &registry, .rules = &rules, .dummy_key = key_of(99)};
  in.testimonies = calloc(DETECTORS_MAX, sizeof *in.testimonies);
  open_store();
}

static void reopen(int64_t now) {
  int64_t least = in.breaker.least, percent = in.breaker.percent;
  if (!store_flush(in.store)) abort();
  store_close(in.store);
  int64_t network = in.breaker.network;
  breaker_free(&in.breaker);
  memset(&in.breaker, 0, sizeof in.breaker);
  in.breaker.network = network;
  in.breaker.least = least;
  in.breaker.percent = percent;
  open_store();
  if (!decision_apply_orders(&in, 0, now)) abort();
}

static int64_t ask(const char *sql) {
  if (!store_flush(in.store)) abort();
  return sql_number(path, NULL, sql);
}

static bool is_listed(const char *ip, int64_t now) {
  struct listing l = {.exists = false};
  struct addr a;
  if (!addr_parse(span_str(ip), &a)) abort();
  a = addr_evidence_key(&a);
  return store_get_listing(in.store, &a, &l) == 1 && policy_listing_runs(&l, now);
}

struct sent {
  const char *who, *ip, *verdict;
  int64_t at, now;
};

/* True if it was answered. */
static bool send_report(const struct sent *t) {
  struct mac_key key = key_of(1);
  struct datagram d = {.len = 0};
  char tag[TAG_HEX], line[256];
  snprintf(line, sizeof line, "SB1 %s 1 5 %llu %lld %s %s 28 fin no-quit -", t->who,
           (unsigned long long)next_seq++, (long long)t->at, t->ip, t->verdict);
  if (!datagram_add(&d, span_str(line))) abort();
  mac_tag(&key, datagram_covered(&d), tag);
  if (!intake_datagram(&in, &(struct arrival){.datagram = datagram_close(&d, tag), .now = t->now},
                       &answer) ||
      !intake_commit(&in, t->now, 0))
    abort();
  return answer.len > 0;
}

static bool report(const char *who, const char *ip, const char *verdict, int64_t now) {
  const struct sent t = {who, ip, verdict, now, now};
  return send_report(&t);
}

static bool report_of(const char *who, const char *ip, int64_t at, int64_t now) {
  const struct sent t = {who, ip, "bot", at, now};
  return send_report(&t);
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

/* Bots all over the world, from the n-th on. */
static int spread(const char *who, int from, int count, int64_t at, int64_t now) {
  int listed = 0;
  for (int i = from; i < from + count; i++) {
    char ip[32];
    snprintf(ip, sizeof ip, "%d.%d.9.9", 11 + i * 37 % 89, i / 89);
    report_of(who, ip, at, now);
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
  in.alarms[ALARM_FROZEN].count = 1;
  ok(alarms(ALARM_FROZEN, "the freeze has ended"), "an alarm of a freeze that is over");
  ok(report("one", "192.0.2.9", "clean", T0) && in.alarms[ALARM_NEVER].count == 0,
     "a clean session is not an alarm");
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

/* So many black listings, by what the tables say. */
static int64_t black(int64_t now) {
  char sql[128];
  snprintf(sql, sizeof sql, "SELECT count(*) FROM listing WHERE colour = 'black' AND until > %lld",
           (long long)now);
  return ask(sql);
}

static void test_breaker(void) {
  int64_t now = T0 + 10;
  char text[INTAKE_TEXT];
  in.breaker.least = 20;
  in.breaker.percent = 5;
  breaker_clear(&in.breaker, now);
  ok(spread("one", 0, 30, now, now) == 20, "as many are listed as may be");
  ok(in.counts[COUNT_REFUSED] == 10, "the others are counted");
  ok(ask("SELECT count(*) FROM listing WHERE colour = 'brown'") == 10, "and brown");
  ok(decision_refresh_freeze(&in, now), "watched");
  ok(alarms(ALARM_FROZEN, "too many new listings in an hour: no listing begins for an hour from"
                          " 2025-11-24T16:00:10Z, 10 refused so far, by one only;"),
     "an alarm");
  ok(decision_refresh_freeze(&in, now + 3599) && in.alarms[ALARM_FROZEN].count == 1,
     "as long as it lasts");
  intake_counts(&in, text);
  ok(strstr(text, "refused 10") && strstr(text, "frozen 1"), "counters: %s", text);
  report("one", "11.0.9.9", "bot", now + 60);
  ok(ask("SELECT until FROM listing WHERE hex(ip) LIKE '%0B000909'") == now + 60 + DAY,
     "listings are prolonged");
  ok(in.breaker.endings[(now + 60 + DAY + 59) / 60 % BREAKER_SLOTS] == 1, "and end later");
  ok(spread("two", 100, 5, now, now + 60) == 5, "what another reports is listed");
  reopen(now + 100);
  ok(spread("one", 20, 5, now, now + 100) == 0 &&
         ask("SELECT since FROM frozen WHERE what = 'detector:one'") == now,
     "a new start changes nothing");
  ok(decision_apply_orders(&in, now - 60, now + 200) && spread("one", 20, 5, now, now + 200) == 0,
     "SIGHUP does not end it");
  ok(decision_apply_orders(&in, now + 200, now + 201) && spread("one", 20, 5, now, now + 202) == 5,
     "the order of the operator thaws");
  ok(ask("SELECT count(*) FROM frozen") == 0, "also in the store");
  now += 7200;
  in.breaker.least = 0;
  ok(spread("one", 200, 100, now, now) == 100, "0 is off");
}

/* Old sessions count at the time when they were reported. */
static void test_receipt(void) {
  int64_t now = T0 + 5 * 3600;
  ask("DELETE FROM listing");
  ask("DELETE FROM evidence");
  reopen(now);
  in.breaker.least = 100;
  breaker_clear(&in.breaker, now);
  ok(spread("one", 1000, 99, now - 7200, now) == 99 && black(now) == 99, "99 of two hours ago");
  ok(decision_apply_orders(&in, 0, now + 1) && spread("one", 1200, 99, now - 7200, now + 2) == 1,
     "SIGHUP does not raise the limit");
  reopen(now + 3);
  ok(spread("one", 1400, 99, now - 7200, now + 3) == 0 && black(now) == 100,
     "a new start does not raise the limit");
  reopen(now + 3700);
  ok(spread("one", 1400, 99, now - 7200, now + 3700) == 99, "an hour later they may");
  ok(ask("SELECT count(*) FROM addition") >= 99, "the additions are remembered");
  ok(spread("one", 1600, 1, now, now + 4 * 3600) == 1 && ask("SELECT count(*) FROM addition") == 1,
     "and forgotten");
  in.breaker.least = 0;
}

static int flood(const char *format, int count, int64_t now) {
  struct sent t = {"one", NULL, "bot", now, now};
  int listed = 0;
  char ip[64];
  for (int i = 0; i < count; i++) {
    snprintf(ip, sizeof ip, "%s%x::7", format, (unsigned int)i + 1);
    t.ip = ip;
    send_report(&t);
    listed += is_listed(ip, now);
  }
  return listed;
}

static void test_flood(void) {
  int64_t now = T0 + 9 * 3600;
  in.breaker.least = 1000;
  in.breaker.network = 10;
  breaker_clear(&in.breaker, now);
  ok(flood("2400:1:1:", 50, now) == 10, "a /48 lists ten");
  ok(alarms(ALARM_FROZEN, "40 refused so far, in 2400:1:1::/48 only; freezes in force: 1;"),
     "an alarm names it");
  ok(decision_refresh_freeze(&in, now) && in.alarms[ALARM_FROZEN].count == 0, "once");
  ok(report("one", "2400:1:2::1", "bot", now) && is_listed("2400:1:2::1", now), "its neighbour");
  ok(flood("2400:1:", 500, now) == 80 - 10, "a /32 lists eighty");
  ok(!is_listed("2400:1:499::7", now) && report("one", "2400:2:1::1", "bot", now) &&
         is_listed("2400:2:1::1", now),
     "its neighbour");
  reopen(now + 1);
  report("one", "2400:1:fff::1", "bot", now + 1);
  ok(!is_listed("2400:1:fff::1", now + 1), "a new start remembers");
  report("one", "2400:1:fff::1", "bot", now + 3601);
  ok(is_listed("2400:1:fff::1", now + 3601), "for an hour");
  in.breaker.least = in.breaker.network = 0;
}

/* A clock that was ahead by weeks, and is set right. */
static void test_clock(void) {
  int64_t now = T0 + 12 * 3600, wrong = now + 40 * DAY;
  in.breaker.least = 10;
  breaker_clear(&in.breaker, now);
  ok(spread("one", 2000, 12, wrong, wrong) == 10, "listed by it");
  report("half", "11.200.5.5", "bot", wrong);
  ok(decision_refresh_freeze(&in, now) && !breaker_is_lost(&in.breaker, now),
     "counted again when it is right");
  ok(!is_listed("11.22.9.9", now) && spread("one", 2000, 12, now, now) == 0,
     "they run no more, and are frozen for an hour");
  now += 3601;
  ok(spread("one", 2000, 10, now, now) == 10, "then they are listed again");
  ok(ask("SELECT count(*) FROM listing WHERE until BETWEEN 1 AND 1764000000 + 3 * 86400"
         " AND colour = 'black'") >= 10,
     "with an end that is right");
  in.breaker.least = 0;
  report("half2", "11.200.5.5", "bot", now);
  ok(is_listed("11.200.5.5", now), "a testimony of the time before is no older than a new one");
}

/* A flood from one network is capped; the other reports of the trap count. */
static void test_rate(void) {
  int64_t now = T0 + DAY;
  struct detector *one = detector("one");
  one->cap = (struct ratecap){.rate = 8, .span = 10};
  uint64_t capped = in.counts[COUNT_CAPPED];
  ok(many("one", 5, 200, now) == 20, "a /24 lists what its part of the budget is");
  ok(in.counts[COUNT_CAPPED] - capped == 180, "the rest is counted");
  ok(alarms(ALARM_CAPPED, "180 reports above the rate of their detector decide nothing, the last"
                          " about 10.5.0.199 by one"),
     "an alarm");
  ok(!detector_is_quarantined(one) && report("one", "10.6.9.9", "bot", now) &&
         is_listed("10.6.9.9", now),
     "another network is listed");
  ok(ask("SELECT count(*) FROM evidence WHERE hex(ip) LIKE '%0A0500__'") == 20, "no more rows");
  report("one", "10.5.0.3", "clean", now);
  ok(ask("SELECT cleans FROM evidence WHERE hex(ip) LIKE '%0A050003'") == 1,
     "reports about known addresses are kept");
  report("one", "10.5.0.150", "bot", now + 11);
  ok(is_listed("10.5.0.150", now + 11), "and the limit ends automatically");
  reopen(now + 12);
  ok(one->state.surplus == 180, "what was left out is counted: %lld",
     (long long)one->state.surplus);
  ratecap_free(&one->cap);
  one->cap = (struct ratecap){.rate = 0};
}

static void test_learning(void) {
  int64_t now = T0 + 2 * DAY;
  struct detector *one = detector("one");
  registry.learning = 3 * DAY;
  one->state.first = 0;
  report("one", "10.6.0.1", "bot", now);
  ok(one->state.first == now && !is_listed("10.6.0.1", now), "a new one lists nothing");
  report("one", "10.6.0.1", "bot", now + 3 * DAY - 1);
  ok(!is_listed("10.6.0.1", now + 3 * DAY - 1), "for its days");
  reopen(now + 3 * DAY - 1);
  ok(one->state.first == now, "which a new start does not begin again");
  report("one", "10.6.0.1", "bot", now + 3 * DAY);
  ok(is_listed("10.6.0.1", now + 3 * DAY), "and then it does");
  registry.learning = 0;
}

/* Whoever has the key says when a session was, but not when the report comes. */
static void test_backdated(void) {
  int64_t now = T0 + 15 * DAY;
  struct detector *one = detector("one");
  struct detector_orders none = one->orders;
  report_of("one", "10.7.1.1", now - 20 * 3600, now - 10);
  report_of("one", "10.7.1.2", now - 20 * 3600, now - 3601);
  report_of("one", "10.7.1.3", now - 20 * 3600, now - 10);
  ok(is_listed("10.7.1.1", now) && is_listed("10.7.1.2", now), "sessions of long ago list");
  ok(store_flush(in.store) && ask("UPDATE evidence SET received = 0"
                                  " WHERE hex(ip) LIKE '%0A070103' RETURNING 1") == 1,
     "of one it is not known when the report came");
  one->orders.revoked_since = now - 3600;
  one->orders.revoked_at = now;
  ok(decision_apply_orders(&in, 0, now) && !is_listed("10.7.1.1", now),
     "what was reported since is revoked");
  ok(is_listed("10.7.1.2", now), "what was reported before is not");
  ok(is_listed("10.7.1.3", now), "what is not known to be is not revoked");
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
  } cases[] = {
      {"10.7.0.1", {"two"}, false, "its own"},
      {"10.7.0.2", {"two", "one"}, true, "one of weight 1 reported it, too"},
      {"10.7.0.3", {"half", "half2", "two"}, true, "two of weight 0.5 did"},
      {"10.7.0.4", {"half", "two"}, false, "one of weight 0.5 did"},
      {"10.7.0.5", {"one"}, true, "what it never reported"},
      {"2001:db8:99::5", {"two"}, false, "IPv6"},
  };
  enum { CASES = sizeof cases / sizeof *cases };
  report("two", "10.7.0.9", "bot", now - 51);
  report("two", "10.7.0.8", "bot", now - 50);
  for (int i = 0; i < CASES; i++)
    for (int j = 0; j < 3 && cases[i].who[j]; j++) report(cases[i].who[j], cases[i].ip, "bot", now);
  for (int i = 0; i < CASES; i++) ok(is_listed(cases[i].ip, now), "listed: %s", cases[i].ip);
  two->orders.revoked_since = now - 50;
  two->orders.revoked_at = now + 1;
  two->orders.quarantine = true;
  ok(decision_apply_orders(&in, 0, now + 1) && in.counts[COUNT_REVOKED] == 6, "six rows went");
  for (int i = 0; i < CASES; i++)
    ok(is_listed(cases[i].ip, now + 1) == cases[i].stays, "%s: %s", cases[i].name,
       cases[i].stays ? "stays" : "ends");
  ok(is_listed("10.7.0.9", now + 1) && ask("SELECT count(*) FROM evidence WHERE detector = 'two'"
                                           " AND hex(ip) LIKE '%0A0700__'") == 1,
     "what it reported before that stays");
  ok(ask("SELECT count(*) FROM listing WHERE hex(ip) LIKE '%0A070003' AND detectors = 2") == 1,
     "the reports of the others still count");
  ok(ask("SELECT count(*) FROM listing WHERE hex(ip) LIKE '%0A070004' AND colour = 'brown'") == 1,
     "not enough evidence is brown");
  two->orders.quarantine = false;
  report("two", "10.7.0.1", "bot", now + 2);
  reopen(now + 3);
  ok(is_listed("10.7.0.1", now + 3) && in.counts[COUNT_REVOKED] == 6,
     "an order is carried out once");
  two->orders.revoked_at = now + 4;
  two->orders.revoked_since = 0;
  ok(decision_apply_orders(&in, 0, now + 4) && !is_listed("10.7.0.1", now + 4) &&
         !is_listed("10.7.0.9", now + 4),
     "another one again, now for all");
  ok(ask("SELECT count(*) FROM evidence WHERE detector = 'two'") == 0, "nothing is left of it");
  ok(ask("SELECT count(*) FROM evidence WHERE detector = 'half'") == 3 &&
         half->effective_weight == 500,
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
  ok(decision_apply_orders(&in, 0, now + 1) && in.counts[COUNT_REVOKED] - before == 2501,
     "2,501 rows went: %llu", (unsigned long long)(in.counts[COUNT_REVOKED] - before));
  ok(ask("SELECT count(*) FROM evidence WHERE detector = 'two'") == 0 &&
         !is_listed("10.8.9.9", now + 1),
     "and what rested on them");
}

/* Addresses of special purpose are never listed without rules. With rules, only the rules count. */
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
  ok(is_listed("127.0.0.66", now), "rules that leave it out allow a listing");
  report("one", "127.0.0.1", "bot", now);
  ok(!is_listed("127.0.0.1", now), "but for loopback itself");
}

int main(void) {
  start();
  test_never();
  test_breaker();
  test_receipt();
  test_flood();
  test_clock();
  test_rate();
  test_learning();
  test_revocation();
  test_backdated();
  test_many_rows();
  test_built_in();
  store_close(in.store);
  table_close(&rules);
  registry_free(&registry);
  free(in.testimonies);
  char command[64];
  snprintf(command, sizeof command, "rm -rf %s", dir);
  return system(command) == 0 ? done() : 111;
}
