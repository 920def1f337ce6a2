/* The tests of DNS lists: what is asked, when, and which changes are reported. The answers come
   from this test. */
#include "resolve/listtest.h"
#include "tap.h"

#define HOUR_MS   3600000
#define MINUTE_MS 60000

static struct dnslists lists;
static struct listtests tests;
static struct dnsquery *sent[2 * LISTTESTS_MAX];
static int sent_count;
static char reported[512]; /* all reports since clear_reports, each followed by ';' */

static void collect(void *client, struct dnsquery *query) {
  (void)client;
  sent[sent_count++] = query;
}

static void report(const struct dnslist *l, enum list_family family, const char *wrong) {
  size_t used = strlen(reported);
  snprintf(reported + used, sizeof reported - used, "%.*s %s: %s;", (int)l->zone.len, l->zone.s,
           family == LIST_IPV4 ? "IPv4" : "IPv6", wrong ? wrong : "passes");
}

static void start(const char *line, int64_t every_ms) {
  struct span rest = span_str(line);
  memset(&lists, 0, sizeof lists);
  while (rest.len) dnslists_add(&lists, LIST_BLACK, span_cut(&rest, '\n'));
  tests = (struct listtests){.sender = {collect, NULL}, .every_ms = every_ms, .report = report};
  listtests_init(&tests, &lists);
  sent_count = 0;
  reported[0] = '\0';
}

static void answer(int i, enum dnsstatus status, uint32_t address, int64_t now) {
  struct dnsresult result = {.status = status};
  if (status == DNS_DATA) {
    struct addr a = addr_from_ipv4(address);
    memcpy(result.data, a.byte, sizeof a.byte);
    result.len = sizeof a.byte;
    result.count = 1;
  }
  sent[i]->answered(sent[i], &result, now);
}

/* Runs the tests, and answers those that start: every list passes, or fails. */
static void run_tests(bool pass, int64_t now) {
  sent_count = 0;
  reported[0] = '\0';
  listtests_run(&tests, now);
  for (int i = 0; i < sent_count; i++)
    answer(i, i % 2 || !pass ? DNS_NXDOMAIN : DNS_DATA, 0x7f000002, now);
}

static void questions(void) {
  start("a.example\nb.example v6\nc.example v6only", HOUR_MS);
  ok(tests.count == 4, "a test for each list and address family");
  ok(!listtests_done(&tests) && listtests_next(&tests) == 0, "they are due at once");
  listtests_run(&tests, 1000);
  ok(sent_count == 8, "two queries for each test");
  is_text(span_str(sent[0]->question->name), "2.0.0.127.a.example", "the listed address");
  is_text(span_str(sent[1]->question->name), "1.0.0.127.a.example", "the other address");
  is_text(span_head(span_str(sent[6]->question->name), 20), "2.0.0.0.0.0.f.7.f.f.", "in IPv6");
  ok(sent[0]->since == 1000, "asked now");
  ok(listtests_next(&tests) == INT64_MAX, "while all wait for answers none is due");
  listtests_run(&tests, 1000 + 2 * HOUR_MS);
  ok(sent_count == 8, "and none is started a second time");
  for (int i = 7; i > 0; i--) answer(i, i % 2 ? DNS_NXDOMAIN : DNS_DATA, 0x7f000002, 2000);
  ok(!lists.list[0].passing[LIST_IPV4] && lists.list[1].passing[LIST_IPV4] &&
         lists.list[1].passing[LIST_IPV6] && lists.list[2].passing[LIST_IPV6],
     "a list passes after both answers");
  ok(!listtests_done(&tests), "one list is not tested yet");
  answer(0, DNS_DATA, 0x7f000002, 3000);
  ok(lists.list[0].passing[LIST_IPV4] && listtests_done(&tests), "then all are tested");
  is_text(span_str(reported), "", "a list that passes its first test is not reported");
  ok(listtests_next(&tests) == 2000 + HOUR_MS, "the next test is an hour later");
  ok(!lists.list[2].passing[LIST_IPV4],
     "an address family that a list does not have is not tested");
  start("a.example\nb.example", HOUR_MS);
  listtests_run(&tests, 1000);
  answer(0, DNS_DATA, 0x7f000002, 2000);
  answer(1, DNS_NXDOMAIN, 0, 2000);
  ok(!listtests_done(&tests), "only the first list is tested");
  answer(2, DNS_DATA, 0x7f000002, 1500);
  answer(3, DNS_NXDOMAIN, 0, 1500);
  ok(listtests_done(&tests), "both are");
  ok(listtests_next(&tests) == 1500 + HOUR_MS, "the second one is due first");
  start("", HOUR_MS);
  ok(listtests_done(&tests) && listtests_next(&tests) == INT64_MAX, "without lists nothing is due");
}

static void changes(void) {
  start("a.example", HOUR_MS);
  run_tests(false, 1000);
  is_text(span_str(reported), "a.example IPv4: it does not list 127.0.0.2, which every list does;",
          "a list that fails its first test is reported");
  ok(!lists.list[0].passing[LIST_IPV4], "and muted");
  ok(listtests_next(&tests) == 1000 + MINUTE_MS, "a muted list is tested after a minute");
  run_tests(false, 1000 + MINUTE_MS - 1);
  ok(sent_count == 0, "not before");
  run_tests(false, 1000 + MINUTE_MS);
  ok(sent_count == 2 && !*reported, "a second failure is not reported");
  run_tests(true, 1000 + 2 * MINUTE_MS);
  is_text(span_str(reported), "a.example IPv4: passes;", "a list that passes again is reported");
  ok(lists.list[0].passing[LIST_IPV4] && listtests_next(&tests) == 1000 + 2 * MINUTE_MS + HOUR_MS,
     "and is tested after an hour");
  run_tests(true, listtests_next(&tests));
  ok(sent_count == 2 && !*reported, "a second success is not reported");
  run_tests(false, listtests_next(&tests));
  is_text(span_str(reported), "a.example IPv4: it does not list 127.0.0.2, which every list does;",
          "a list that fails later is reported");
  start("a.example", 5000);
  run_tests(false, 1000);
  ok(listtests_next(&tests) == 6000, "tests every 5 seconds: a muted list, too");
}

/* inflight.c clears `passing` if a list refuses to answer. */
static void refusals(void) {
  start("a.example", HOUR_MS);
  run_tests(true, 1000);
  lists.list[0].passing[LIST_IPV4] = false;
  run_tests(true, 2000);
  is_text(span_str(reported), "a.example IPv4: it refuses to answer;", "a refusal is reported");
  ok(sent_count == 0 && listtests_next(&tests) == 2000 + MINUTE_MS,
     "the list is tested in a minute");
  run_tests(true, 3000);
  ok(sent_count == 0 && !*reported && listtests_next(&tests) == 2000 + MINUTE_MS,
     "it is reported once, and the time stays");
  run_tests(true, 2000 + MINUTE_MS);
  is_text(span_str(reported), "a.example IPv4: passes;", "it passes again");
  lists.list[0].passing[LIST_IPV4] = false;
  int64_t due = listtests_next(&tests);
  listtests_run(&tests, due - 10);
  ok(listtests_next(&tests) == due, "a test that is due sooner than in a minute is not put off");
  sent_count = 0;
  start("a.example", HOUR_MS);
  run_tests(true, 1000);
  sent_count = 0;
  listtests_run(&tests, 1000 + HOUR_MS);
  lists.list[0].passing[LIST_IPV4] = false;
  listtests_run(&tests, 1001 + HOUR_MS);
  is_text(span_str(reported), "", "during a test a refusal is not reported");
  answer(1, DNS_NXDOMAIN, 0, 1002 + HOUR_MS);
  answer(0, DNS_DATA, 0x7f000002, 1002 + HOUR_MS);
  ok(lists.list[0].passing[LIST_IPV4] && !*reported, "the test decides");
}

static void families(void) {
  start("a.example v6", HOUR_MS);
  listtests_run(&tests, 1000);
  for (int i = 0; i < 4; i++)
    answer(i, i == 0 || i == 2 || i == 3 ? DNS_DATA : DNS_NXDOMAIN, 0x7f000002, 1000);
  ok(lists.list[0].passing[LIST_IPV4] && !lists.list[0].passing[LIST_IPV6],
     "a list can fail for one address family only");
  is_text(span_str(reported), "a.example IPv6: it lists 127.0.0.1, which no list may;",
          "which is reported");
}

int main(void) {
  questions();
  changes();
  refusals();
  families();
  return done();
}
