/* Option values, the choice of the total cap, slots, status and lost lines. */
#include "accept/options.h"
#include "accept/slots.h"
#include "accept/counters.h"
#include "accept/lostline.h"
#include "tap.h"

static const struct {
  int letter;
  const char *text;
  bool want;
} values[] = {
    {'b', "127.0.0.1/25", true},
    {'b', "::/25", true},
    {'b', "0.0.0.0/0", true},
    {'b', "127.0.0.1", false},
    {'b', "127.0.0.1/", false},
    {'b', "/25", false},
    {'b', "127.0.0.1/025", false},
    {'b', "127.0.0.1/65536", false},
    {'b', "[::1]/25", false},
    {'b', "::ffff:1.2.3.4/25", false},
    {'b', "1.2.3.4/25/26", false},
    {'b', "mx/25", false},
    {'c', "1", true},
    {'c', "1000000", true},
    {'c', "0", false},
    {'c', "1000001", false},
    {'c', " 1", false},
    {'c', "", false},
    {'4', "0", true},
    {'4', "x", false},
    {'6', "0", true},
    {'6', "-1", false},
    {'n', "0", true},
    {'n', "1000000", true},
    {'n', "1000001", false},
    {'m', "0", true},
    {'m', "-1", false},
    {'M', "5400", true},
    {'M', "1m", false},
    {'r', "0", true},
    {'r', "1k", false},
    {'q', "1", true},
    {'q', "0", false},
    {'q', "65536", false},
    {'g', "0", true},
    {'g', "3601", false},
    {'i', "86400", true},
    {'i', "86401", false},
    {'p', "1", true},
    {'p', "10001", false},
    {'t', "0.1", true},
    {'t', "60", true},
    {'t', "0.099", false},
    {'t', "60.001", false},
    {'t', "5s", false},
    {'j', "1", true},
    {'j', "16", true},
    {'j', "0", false},
    {'j', "17", false},
    {'j', "two", false},
    {'d', "3", true},
    {'d', "2", false},
    {'d', "1023", true},
    {'d', "1024", false},
    {'u', "1000:1000", true},
    {'u', "1000:", false},
    {'u', "0:1", false},
    {'u', "1:0", false},
    {'u', "sinbin:sinbin", false},
    {'u', "4294967295:1", false},
    {'x', "rules.cdb", true},
    {'x', "", false},
    {'z', "", false},
};

static void test_values(void) {
  for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
    struct options o = options_default;
    const char *want = NULL;
    ok(options_set(&o, values[i].letter, values[i].text, &want) == values[i].want, "-%c %s",
       values[i].letter, values[i].text);
    ok(want != NULL, "says what it wants");
  }
  struct options o = options_default;
  const char *want;
  bool all = true;
  for (int i = 0; i < OPTIONS_BINDS_MAX; i++) all = all && options_set(&o, 'b', "::1/25", &want);
  ok(all && o.binds[63].ipv6 && o.binds[63].port == 25, "sixty-four sockets");
  ok(!options_set(&o, 'b', "::1/25", &want), "and no more");
  ok(options_set(&o, 't', "2.5", &want) && o.proxy_ms == 2500, "seconds with decimals");
}

/* Each letter sets its own member. */
static void test_members(void) {
  static const char letters[] = "c46rnmMjqgipdu";
  struct options o = options_default;
  const char *want;
  bool set = true;
  for (int i = 0; letters[i]; i++) {
    char text[20];
    snprintf(text, sizeof text, letters[i] == 'u' ? "24:25" : "%d", 3 + i);
    set = set && options_set(&o, letters[i], text, &want);
  }
  ok(set && options_set(&o, 'x', "a.cdb", &want) && options_set(&o, 'R', "/empty", &want), "all");
  const uint64_t got[] = {o.limits.total,
                          o.limits.per_ipv4,
                          o.limits.per_net64,
                          o.limits.per_second,
                          o.limits.per_network,
                          o.limits.per_network_minute,
                          o.limits.per_minute,
                          o.threads,
                          o.backlog,
                          o.grace,
                          o.interval,
                          o.waiting,
                          (uint64_t)o.notify_fd};
  for (size_t i = 0; i < sizeof got / sizeof *got; i++)
    ok(got[i] == 3 + i, "-%c: %d", letters[i], (int)got[i]);
  ok(o.drop && o.uid == 24 && o.gid == 25, "-u");
  is_text(span_str(o.rules ? o.rules : ""), "a.cdb", "-x");
  is_text(span_str(o.root ? o.root : ""), "/empty", "-R");
  ok(options_set(&o, 'b', "127.0.0.2/2525", &want) && o.bind_count == 1 &&
         addr_ipv4(&o.binds[0].address) == 0x7f000002 && o.binds[0].port == 2525 &&
         !o.binds[0].ipv6,
     "-b");
  options_finish(&o, &(struct options_system){UINT64_MAX, UINT64_MAX, UINT64_MAX, 2});
  uint64_t before = options_files(&o);
  o.limits.total += 5;
  o.waiting += 6;
  o.bind_count += 7;
  ok(options_files(&o) == before + 18, "each connection and socket needs a descriptor");
}

/* As sinbin-listen(8) has them. */
static void test_defaults(void) {
  const struct options *o = &options_default;
  ok(o->limits.per_ipv4 == 20 && o->limits.per_net64 == 20 && o->limits.per_network == 50 &&
         o->limits.per_network_minute == 30 && o->limits.per_minute == 5400 &&
         o->limits.per_second == 0,
     "the limits of peers");
  ok(o->backlog == 4096 && o->grace == 20 && o->interval == 0, "backlog, grace, interval");
  ok(o->waiting == 256 && o->proxy_ms == 5000 && o->notify_fd == -1, "proxies, and no descriptor");
}

static void test_total(void) {
  static const struct {
    const char *name;
    uint32_t given;
    struct options_system system;
    uint32_t want;
    int changed;
  } rows[] = {
      {"the default", 0, {32768, 20000, UINT64_MAX, 2}, 4000, 0},
      {"a small machine", 0, {4096, 20000, UINT64_MAX, 2}, 1024, 0},
      {"nothing is known", 0, {UINT64_MAX, UINT64_MAX, UINT64_MAX, 2}, 4000, 0},
      {"half of all processes", 16384, {32768, 20000, UINT64_MAX, 2}, 16384, 0},
      {"more than half", 16385, {32768, 20000, UINT64_MAX, 2}, 16385, OPTIONS_OVER_PIDS},
      {"few descriptors", 0, {32768, 1024, UINT64_MAX, 2}, 672, OPTIONS_OVER_FILES},
      {"exactly enough", 672, {32768, 1024, UINT64_MAX, 2}, 672, 0},
      {"hardly any", 10, {32768, 20, UINT64_MAX, 2}, 1, OPTIONS_OVER_FILES},
      {"few processes", 500, {32768, 20000, 132, 2}, 100, OPTIONS_OVER_PROCESSES},
      {"few of both",
       5000,
       {32768, 1024, 132, 2},
       100,
       OPTIONS_OVER_FILES | OPTIONS_OVER_PROCESSES},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    struct options o = options_default;
    o.limits.total = rows[i].given;
    int changed = options_finish(&o, &rows[i].system);
    ok(o.limits.total == rows[i].want, "%s: %u", rows[i].name, o.limits.total);
    ok(changed == rows[i].changed, "%s: %d", rows[i].name, changed);
  }
}

static void test_threads(void) {
  static const struct {
    uint64_t given, processors, want;
  } rows[] = {{0, 1, 1}, {0, 2, 2}, {0, 4, 4}, {0, 64, 4}, {1, 64, 1}, {16, 1, 16}};
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    struct options o = options_default;
    o.threads = rows[i].given;
    options_finish(&o, &(struct options_system){32768, 20000, UINT64_MAX, rows[i].processors});
    ok(o.threads == rows[i].want, "%d of %d processors: %d", (int)rows[i].given,
       (int)rows[i].processors, (int)o.threads);
  }
}

static void test_slots(void) {
  struct slots s;
  uint32_t a, b, c;
  ok(slots_init(&s, 2) && slots_get(&s, &a) && slots_get(&s, &b), "two of two");
  ok(a == 0 && b == 1 && !slots_get(&s, &c) && slots_used(&s) == 2, "no third");
  slots_put(&s, a);
  ok(slots_get(&s, &c) && c == a, "given back and lent again");
  slots_free(&s);
}

static void test_lines(void) {
  static const struct {
    int status;
    const char *want;
  } rows[] = {
      {111, "lost1 at=1764000000.123 peer=192.0.2.7 pport=40112 ms=14023 status=exit:111"},
      {-9, "lost1 at=1764000000.123 peer=192.0.2.7 pport=40112 ms=14023 status=signal:9"},
  };
  static const struct peertable_state some = {.live = 3, .peak = 41, .stress = true};
  static char buf[COUNTERS_TEXT_MAX];
  for (size_t i = 0; i < 2; i++) {
    struct lostline lost = {addr_from_ipv4(0xc0000207), 40112, 1764000000123, 14023,
                            rows[i].status};
    is_text(span_of(buf, lostline_format(&lost, buf)), rows[i].want, "lost, %d", rows[i].status);
  }
  struct counters sheet;
  for (int i = 0; i < COUNTERS; i++) sheet.count[i] = (uint64_t)i + 100;
  is_text(
      span_of(buf, counters_format(&sheet, &some, buf)),
      "status1 held=3 peak=41 stress=1 accepted=100 started=101 total=102 ipv4=103 net64=104 "
      "rate=105 network=106 netminute=107 minute=108 queue=109 waiting=110 denied=111 proxy=112 "
      "rules=113 fork=114 gone=115 pause=116 stalled=117 lost=118 unlogged=119",
      "the status");
  struct peertable_state peertable = {.live = UINT32_MAX, .peak = UINT32_MAX, .stress = true};
  for (int i = 0; i < COUNTERS; i++) sheet.count[i] = UINT64_MAX;
  size_t len = counters_format(&sheet, &peertable, buf);
  struct span end = span_from(span_of(buf, len), len - 30);
  is_text(end, " unlogged=18446744073709551615", "the longest status fits");
  for (int i = 0; i < COUNTERS; i++) {
    struct span line = counters_reply((enum counter)i);
    ok(line.len == 0 ||
           (span_starts_nocase(line, "421 4.7.0 ") && span_ends_nocase(line, span_str("\r\n"))),
       "refusal %d is a reply or nothing", i);
  }
}

static void test_admissions(void) {
  static const struct {
    enum admission admission;
    enum counter counter;
    const char *reply; /* a word of it; NULL: none */
  } rows[] = {
      {ADMITTED, COUNTER_STARTED, NULL},
      {REFUSED_TOTAL, COUNTER_TOTAL, "connections, try"},
      {REFUSED_RATE, COUNTER_RATE, "connections, try"},
      {REFUSED_MINUTE, COUNTER_MINUTE, "connections, try"},
      {REFUSED_IPV4, COUNTER_IPV4, "your address"},
      {REFUSED_NET64, COUNTER_NET64, "your address"},
      {REFUSED_NETWORK, COUNTER_NETWORK, "your network"},
      {REFUSED_NETWORK_MINUTE, COUNTER_NETWORK_MINUTE, "your network"},
  };
  static const enum counter others[] = {COUNTER_WAITING, COUNTER_QUEUE, COUNTER_RULES,
                                        COUNTER_FORK};
  static const enum counter silent[] = {COUNTER_ACCEPTED, COUNTER_DENIED, COUNTER_PROXY,
                                        COUNTER_GONE, COUNTER_LOST};
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    enum counter counter = counters_of_admission(rows[i].admission);
    struct span reply = counters_reply(counter);
    ok(counter == rows[i].counter, "admission %d is counted", rows[i].admission);
    ok(rows[i].reply ? strstr(reply.s, rows[i].reply) != NULL : reply.len == 0, "its reply");
  }
  for (size_t i = 0; i < sizeof others / sizeof *others; i++)
    ok(strstr(counters_reply(others[i]).s, i ? "not available" : "connections, try"),
       "counter %d has a reply", others[i]);
  for (size_t i = 0; i < sizeof silent / sizeof *silent; i++)
    ok(counters_reply(silent[i]).len == 0, "counter %d has none", silent[i]);
}

int main(void) {
  test_values();
  test_defaults();
  test_members();
  test_admissions();
  test_total();
  test_threads();
  test_slots();
  test_lines();
  return done();
}
