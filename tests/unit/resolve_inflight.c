/* Lines in progress: their order, shared queries, bounds, deadlines. The answers come from this
   test. */
#include "resolve/inflight.h"
#include "tap.h"
#include <sodium.h>
#include <stdlib.h>

#define SENT_MAX 2048
static struct dnsquery *sent[SENT_MAX];
static size_t sent_count;

static void collect(void *client, struct dnsquery *query) {
  (void)client;
  if (sent_count < SENT_MAX) sent[sent_count++] = query;
}

static struct dnslists lists;
static struct inflight f;
static char out[65536];

static void start_with(const struct inflight_options *o) {
  static const uint8_t key[DNSCACHE_KEY_BYTES];
  if (!inflight_init(&f, o, key)) abort();
  f.lists = &lists;
  f.sender = (struct dnssender){collect, NULL};
  sent_count = 0;
}

static void start(size_t pending_max) {
  start_with(&(struct inflight_options){
      .pending_max = pending_max, .cache_bytes = 100000, .deadline_ms = 5000});
}

static enum added add(const char *line, int64_t now) {
  struct span bad;
  return inflight_add(&f, span_str(line), now, &bad);
}

static struct span flush(void) {
  return span_of(out, inflight_flush(&f, out, sizeof out));
}

/* Answers query number i. address: NULL if there is none. */
static void answer_at(size_t i, enum dnsstatus status, const char *address, int64_t now) {
  struct dnsresult result = {.status = status, .ttl = 60};
  struct addr a;
  if (address && addr_parse(span_str(address), &a)) {
    memcpy(result.data, a.byte, sizeof a.byte);
    result.len = sizeof a.byte;
    result.count = 1;
  }
  sent[i]->answered(sent[i], &result, now);
}

static void answer(size_t i, enum dnsstatus status, const char *address) {
  answer_at(i, status, address, 1000);
}

#define LINE(peer, rest) "session1 at=1.000 peer=" peer " ms=1 stage=data end=fin" rest

static void order(void) {
  struct span bad;
  start(10);
  ok(add(LINE("9.1.1.7", ""), 1000) == ADDED_SESSION, "a line with one question");
  ok(add("lost1 at=1.000", 1000) == ADDED_PASSTHROUGH, "a line of another kind");
  ok(add("gibberish", 1000) == ADDED_MALFORMED, "a malformed line");
  ok(inflight_add(&f, span_str(LINE("9.1.1.7", " helo=a%2.example")), 1000, &bad) ==
         ADDED_MALFORMED,
     "a malformed value");
  is_text(bad, "helo", "the malformed piece");
  ok(add("", 1000) == ADDED_MALFORMED, "an empty line");
  ok(add(LINE("10.1.1.7", " ptr=x.example dnsbl=a:127.0.0.2"), 1000) == ADDED_SESSION,
     "a line without questions, with fields of an earlier run");
  ok(inflight_add_partial(&f, span_str("rest")), "a last line without LF");
  is_text(flush(), "", "all wait for the first line");
  ok(sent_count == 1 && f.pending == 1, "which has asked");
  answer(0, DNS_NXDOMAIN, NULL);
  is_text(flush(),
          LINE("9.1.1.7", " ptr=") "\nlost1 at=1.000\ngibberish\n" LINE(
              "9.1.1.7", " helo=a%2.example") "\n\n" LINE("10.1.1.7", "") "\nrest",
          "all lines, in their order");
  ok(f.count == 0 && f.bytes == 0 && f.pending == 0, "nothing is left");
  inflight_free(&f);
}

static void sharing(void) {
  start(10);
  add(LINE("9.1.1.7", " helo=a.example"), 1000);
  add(LINE("9.1.1.7", " helo=A.example."), 1000);
  ok(sent_count == 2 && f.counters.shared == 2, "a question of two lines is asked once");
  answer(1, DNS_DATA, "9.1.1.7");
  struct dnsresult not_kept = {.status = DNS_NXDOMAIN, .ttl = 0};
  sent[0]->answered(sent[0], &not_kept, 1000);
  is_text(flush(),
          LINE("9.1.1.7", " helo=a.example ptr= heloa=peer") "\n" LINE(
              "9.1.1.7", " helo=A.example. ptr= heloa=peer") "\n",
          "both lines have the answer");
  add(LINE("9.1.1.7", " helo=a.example"), 1000);
  ok(sent_count == 3 && f.counters.cached == 1, "after that the cache has the one with a TTL");
  answer(2, DNS_NXDOMAIN, NULL);
  flush();
  add(LINE("9.1.1.7", " helo=a.example"), 60999);
  ok(sent_count == 3, "until its TTL is over");
  is_text(flush(), LINE("9.1.1.7", " helo=a.example ptr= heloa=peer") "\n",
          "a line with cached answers is ready at once");
  add(LINE("9.1.1.7", " helo=a.example"), 61000);
  ok(sent_count == 5, "then the questions are asked again");
  ok(f.counters.queries == 5 && f.counters.sessions == 5, "queries and lines are counted");
  inflight_free(&f);
}

/* Two slots of one line with the same question. */
static void twice_in_a_line(void) {
  start(10);
  add(LINE("9.1.1.7", " helo=a.example,A.example,b.example"), 1000);
  ok(sent_count == 3 && f.counters.shared == 1, "two equal names in HELO are asked once");
  answer(0, DNS_NXDOMAIN, NULL);
  answer(2, DNS_DATA, "9.9.9.9");
  answer(1, DNS_DATA, "9.9.9.9");
  is_text(flush(), LINE("9.1.1.7", " helo=a.example,A.example,b.example ptr= heloa=other") "\n",
          "both slots have the answer");
  add(LINE("9.1.1.8", " helo=c.example,C.example"), 1000);
  inflight_expire(&f, 6000);
  is_text(flush(), LINE("9.1.1.8", " helo=c.example,C.example ptr=? fcrdns=? heloa=?") "\n",
          "a line whose deadline passes waits for neither");
  answer(4, DNS_DATA, "9.1.1.8");
  ok(f.cache.pending == 1 && f.cache.answered == 4, "the answer is kept all the same");
  inflight_free(&f);
}

/* An answer makes another question due. */
static void follow_up(void) {
  start(10);
  add(LINE("9.1.1.7", " helo=a.example"), 1000);
  answer(1, DNS_NXDOMAIN, NULL);
  ok(sent_count == 3 && sent[2]->question->type == TYPE_AAAA, "NXDOMAIN of A: AAAA is asked");
  answer(0, DNS_NXDOMAIN, NULL);
  is_text(flush(), "", "the line waits for it");
  answer(2, DNS_NXDOMAIN, NULL);
  is_text(flush(), LINE("9.1.1.7", " helo=a.example ptr= heloa=none") "\n", "and then is ready");
  inflight_free(&f);
}

static void deadlines(void) {
  start(10);
  ok(inflight_next(&f) == INT64_MAX, "without lines there is no deadline");
  add(LINE("9.1.1.7", " helo=a.example"), 1000);
  add(LINE("9.1.1.8", ""), 3000);
  answer(1, DNS_DATA, "9.1.1.7");
  ok(inflight_next(&f) == 6000, "the first deadline");
  inflight_expire(&f, 5999);
  is_text(flush(), "", "it has not passed yet");
  inflight_expire(&f, 6000);
  is_text(flush(), LINE("9.1.1.7", " helo=a.example ptr=? fcrdns=? heloa=peer") "\n",
          "what is not known by then is `?`");
  answer(0, DNS_NXDOMAIN, NULL);
  is_text(flush(), "", "a late answer makes no other line ready");
  add(LINE("9.1.1.7", ""), 6000);
  ok(f.counters.expired == 1 && f.counters.late == 0 && sent_count == 3, "but it is in the cache");
  f.stop_at = 11500;
  add(LINE("9.1.1.9", ""), 7000);
  inflight_expire(&f, 7999);
  is_text(flush(), "", "the order is kept");
  inflight_expire(&f, 11500);
  is_text(flush(),
          LINE("9.1.1.8", " ptr=? fcrdns=?") "\n" LINE("9.1.1.7", " ptr=") "\n" LINE(
              "9.1.1.9", " ptr=? fcrdns=?") "\n",
          "no line waits longer than stop_at");
  inflight_free(&f);
}

/* The second line uses the memory of the first one. */
static void late_answers(void) {
  start(1);
  add(LINE("9.1.1.7", ""), 1000);
  inflight_expire(&f, 6000);
  flush();
  add(LINE("9.1.1.8", ""), 6000);
  answer(0, DNS_NXDOMAIN, NULL);
  inflight_expire(&f, 11000);
  is_text(flush(), LINE("9.1.1.8", " ptr=? fcrdns=?") "\n",
          "a late answer is not given to another line");
  inflight_free(&f);
}

/* ---- bounds ---- */

/* A session line whose length is `len`, with something to strip or not. */
static const char *long_line(const char *fields, size_t len) {
  static char text[LINE_BYTES_MAX + 2];
  int used = snprintf(text, sizeof text, LINE("9.1.1.7", "%s x="), fields);
  memset(text + used, 'x', sizeof text - 1 - (size_t)used);
  text[len] = '\0';
  return text;
}

static void long_lines(void) {
  static const size_t max = LINE_BYTES_MAX - DNSFIELDS_TEXT_MAX - 1, old = sizeof " ptr=old" - 1;
  const struct {
    const char *name, *fields;
    size_t len;
    enum added want;
  } rows[] = {
      {"a line that leaves room for fields", "", max, ADDED_SESSION},
      {"one byte more", "", max + 1, ADDED_LONG},
      {"the same after its old fields are removed", " ptr=old", max + old, ADDED_SESSION},
      {"one byte more after that", " ptr=old", max + old + 1, ADDED_LONG},
      {"the longest line", "", LINE_BYTES_MAX - 1, ADDED_LONG},
      {"a longer one", "", LINE_BYTES_MAX, ADDED_LONG},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    const char *text = long_line(rows[i].fields, rows[i].len);
    start(10);
    ok(add(text, 1000) == rows[i].want, "%s", rows[i].name);
    struct span got = flush();
    bool same = got.len == rows[i].len + 1 && span_is(span_head(got, rows[i].len), text);
    ok(same == (rows[i].want == ADDED_LONG), "it is passed on unchanged only if it is too long");
    inflight_free(&f);
  }
}

static void room(void) {
  start(2);
  add(LINE("9.1.1.7", ""), 1000);
  ok(inflight_has_room(&f), "one of two lines: there is room");
  add("lost1", 1000);
  ok(!inflight_has_room(&f), "two of two: there is no room");
  inflight_expire(&f, 6000);
  ok(inflight_flush(&f, out, 30) == 0, "an output that is too small for a line");
  size_t len = strlen(LINE("9.1.1.7", " ptr=? fcrdns=?")) + 1;
  ok(inflight_flush(&f, out, len - 1) == 0, "even by one byte");
  ok(inflight_flush(&f, out, len) == len, "one that just fits");
  is_text(flush(), "lost1\n", "then the second line");
  ok(inflight_has_room(&f), "there is room again");
  for (int i = 0; i < 5; i++) {
    add("lost1", 6000);
    add("lost2", 6000);
    is_text(flush(), "lost1\nlost2\n", "the ring is used again and again");
  }
  inflight_free(&f);
  start_with(&(struct inflight_options){
      .pending_max = 2, .lines_max = 9, .cache_bytes = 100000, .deadline_ms = 5000});
  add(LINE("9.1.1.7", ""), 1000);
  add("lost1", 1000);
  ok(inflight_has_room(&f), "lines that do not wait have a bound of their own");
  add(LINE("9.1.1.8", ""), 1000);
  ok(!inflight_has_room(&f), "two pending lines: there is no room");
  inflight_free(&f);
}

/* Long lines of another kind, until `used` bytes are used. */
static void fill_bytes(size_t used) {
  static char text[65536];
  memset(text, 'x', sizeof text);
  memcpy(text, "lost1 x=", 8);
  struct span bad;
  while (f.bytes < used) {
    size_t left = used - f.bytes;
    inflight_add(&f, span_of(text, left < sizeof text ? left : sizeof text), 1000, &bad);
  }
}

static void bytes(void) {
  start_with(&(struct inflight_options){.pending_max = 10,
                                        .lines_max = 2000,
                                        .cache_bytes = 100000,
                                        .deadline_ms = 5000,
                                        .late_deadline_ms = 2000});
  add(LINE("9.1.1.7", ""), 1000);
  fill_bytes(INFLIGHT_BYTES_MAX / 4 * 3 - 1);
  ok(inflight_next(&f) == 6000, "less than three quarters of the bytes: not late");
  fill_bytes(INFLIGHT_BYTES_MAX / 4 * 3);
  ok(inflight_next(&f) == 3000, "three quarters: late");
  fill_bytes(INFLIGHT_BYTES_MAX - 1);
  ok(inflight_has_room(&f), "one byte less than the bound: there is room");
  fill_bytes(INFLIGHT_BYTES_MAX);
  ok(!inflight_has_room(&f), "at the bound there is none");
  inflight_free(&f);
}

static void late(void) {
  const struct inflight_options o = {.pending_max = 8,
                                     .lines_max = 16,
                                     .cache_bytes = 100000,
                                     .deadline_ms = 5000,
                                     .late_deadline_ms = 2000};
  char line[128];
  start_with(&o);
  for (int i = 0; i < 6; i++) {
    ok(i == 0 || inflight_next(&f) == 6000, "%d of 8 pending lines: not late", i);
    snprintf(line, sizeof line, LINE("9.1.1.%d", ""), i);
    add(line, 1000);
  }
  ok(inflight_next(&f) == 3000, "6 of 8: late");
  inflight_expire(&f, 2999);
  ok(f.pending == 6, "the deadline of late lines has not passed");
  inflight_expire(&f, 3000);
  ok(f.pending == 5 && f.counters.late == 1 && f.counters.expired == 0,
     "lines are given up until it is late no more");
  inflight_expire(&f, 6000);
  ok(f.pending == 0 && f.counters.late == 1 && f.counters.expired == 5, "the others at their own");
  inflight_free(&f);
  start_with(&o);
  add(LINE("9.1.1.7", ""), 1000);
  for (int i = 0; i < 10; i++) add("lost1", 1000);
  ok(inflight_next(&f) == 6000, "11 of 16 lines: not late");
  add("lost1", 1000);
  ok(inflight_next(&f) == 3000, "12 of 16: late");
  f.oldest->deadline = 2500;
  ok(inflight_next(&f) == 2500, "an earlier deadline stays");
  inflight_free(&f);
}

/* pending_max 1: 16 queries and SLOTS in progress, then no more. */
static void too_many_queries(void) {
  char line[256];
  int lines = 0;
  start(1);
  while (f.counters.refused[BUDGET_ALLOWED] == 0 && lines < 100) {
    snprintf(line, sizeof line, LINE("9.1.1.%d", ""), lines++);
    add(line, 1000);
    inflight_expire(&f, 6000);
    flush();
  }
  ok(f.cache.pending == INFLIGHT_QUERIES_PER_LINE + SLOTS && sent_count == f.cache.pending,
     "%zu queries in progress", f.cache.pending);
  ok(lines == INFLIGHT_QUERIES_PER_LINE + SLOTS + 1, "the next question is refused");
  add(LINE("9.9.1.1", ""), 1000);
  is_text(flush(), LINE("9.9.1.1", " ptr=? fcrdns=?") "\n",
          "a refused question is unknown at once");
  answer(0, DNS_NXDOMAIN, NULL);
  add(LINE("9.9.1.1", ""), 1000);
  ok(sent_count == f.cache.pending + 1 && f.pending == 1, "after an answer there is room for one");
  inflight_free(&f);
}

static void slow_questions(void) {
  start_with(&(struct inflight_options){
      .pending_max = 100, .cache_bytes = 100000, .deadline_ms = 5000, .network_budget = 1});
  f.budget.last_answer = 1000;
  add(LINE("9.1.1.7", " helo=a.example"), 1000);
  ok(sent_count == 2, "a network within its budget");
  f.budget.last_answer = 1000 + BUDGET_SLOW_MS;
  add(LINE("9.1.1.8", ""), 1000 + BUDGET_SLOW_MS);
  ok(sent_count == 2 && f.counters.refused[BUDGET_NETWORK] == 1,
     "a network with a slow question: another is refused");
  ok(f.cache.pending == 2, "and leaves no entry in the cache");
  add(LINE("9.1.1.7", ""), 1000 + BUDGET_SLOW_MS);
  ok(f.counters.refused[BUDGET_NETWORK] == 2 && f.counters.shared == 0,
     "a slow PTR question is not waited for");
  add(LINE("10.1.1.7", " from=x@a.example"), 1000 + BUDGET_SLOW_MS);
  ok(sent_count == 3, "another question about a zone with one slow question is asked");
  answer_at(2, DNS_NODATA, NULL, 1000 + BUDGET_SLOW_MS);
  ok(f.counters.refused[BUDGET_ZONE] == 1 && f.counters.shared == 0,
     "a slow question about a name is not waited for");
  inflight_expire(&f, 6000);
  is_text(
      flush(),
      LINE("9.1.1.7", " helo=a.example ptr=? fcrdns=? heloa=?") "\n" LINE(
          "9.1.1.8", " ptr=? fcrdns=?") "\n" LINE("9.1.1.7",
                                                  " ptr=? fcrdns=?") "\n" LINE("10.1.1.7",
                                                                               " from=x@a.example "
                                                                               "sendermx=?") "\n",
      "what is refused is unknown");
  answer(0, DNS_NXDOMAIN, NULL);
  add(LINE("9.1.1.9", ""), 6000);
  ok(sent_count == 4, "after its answer the network has a budget again");
  inflight_free(&f);
}

/* ---- lists ---- */

static void refusal(void) {
  start(10);
  dnslists_add(&lists, LIST_BLACK, span_str("bl.example v6"));
  lists.list[0].passing[LIST_IPV4] = lists.list[0].passing[LIST_IPV6] = true;
  add(LINE("9.1.1.6", ""), 1000);
  ok(sent_count == 2, "a list is asked");
  answer(1, DNS_UNKNOWN, NULL);
  answer(0, DNS_NXDOMAIN, NULL);
  ok(lists.list[0].passing[LIST_IPV4], "a list that does not answer is not muted");
  add(LINE("9.1.1.7", ""), 1000);
  answer(3, DNS_DATA, "127.255.255.254");
  ok(!lists.list[0].passing[LIST_IPV4] && lists.list[0].passing[LIST_IPV6],
     "a list that refuses is muted for that address family");
  add(LINE("9.1.1.8", ""), 1000);
  ok(sent_count == 5, "and not asked again");
  lists.count = 0;
  inflight_free(&f);
}

int main(void) {
  if (sodium_init() < 0) return 111;
  order();
  sharing();
  twice_in_a_line();
  follow_up();
  deadlines();
  late_answers();
  long_lines();
  room();
  bytes();
  late();
  too_many_queries();
  slow_questions();
  refusal();
  return done();
}
