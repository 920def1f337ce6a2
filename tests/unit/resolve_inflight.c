/* Lines at the desk: order, sharing, bounds, deadlines. Answers come when the test says so. */
#include "resolve/inflight.h"
#include "tap.h"
#include <sodium.h>
#include <stdlib.h>

#define SENT_MAX 64
static struct dnsquery *sent[SENT_MAX];
static size_t sent_count;

static void collect(void *client, struct dnsquery *a) {
  (void)client;
  if (sent_count < SENT_MAX) sent[sent_count++] = a;
}

static struct dnslists lists;
static char out[65536];

static struct inflight make(size_t rows) {
  static const uint8_t key[DNSCACHE_KEY_BYTES];
  const struct inflight_options options = {
      .pending_max = rows, .cache_bytes = 100000, .deadline_ms = 5000};
  struct inflight d;
  ok(inflight_init(&d, &options, key), "a desk of %zu rows", rows);
  d.lists = &lists;
  d.sender = (struct dnssender){collect, NULL};
  sent_count = 0;
  return d;
}

static enum added take(struct inflight *d, const char *line, int64_t now) {
  struct span bad;
  return inflight_add(d, span_str(line), now, &bad);
}

static struct span give(struct inflight *d) {
  return span_of(out, inflight_flush(d, out, sizeof out));
}

/* Answers the question that was sent as number i: with addresses, or DNS_NXDOMAIN. */
static void answer(size_t i, enum dnsstatus found, uint32_t ttl, const char *address) {
  struct dnsresult f = {.status = found, .ttl = ttl};
  struct addr a;
  if (address && addr_parse(span_str(address), &a)) {
    memcpy(f.data, a.byte, sizeof a.byte);
    f.len = sizeof a.byte;
    f.count = 1;
  }
  sent[i]->answered(sent[i], &f, 1000);
}

#define LINE(peer, rest) "session1 at=1.000 peer=" peer " ms=1 stage=data end=fin" rest

static void order(void) {
  struct inflight d = make(10);
  ok(take(&d, LINE("9.1.1.7", ""), 1000) == ADDED_SESSION, "a line with one question");
  ok(take(&d, "lost1 at=1.000", 1000) == ADDED_PASSTHROUGH, "a line of another kind");
  ok(take(&d, "gibberish", 1000) == ADDED_MALFORMED, "no line");
  ok(take(&d, LINE("9.1.1.7", " helo=a%2.example"), 1000) == ADDED_MALFORMED, "a malformed code");
  ok(take(&d, LINE("10.1.1.7", " ptr=x.example dnsbl=a:127.0.0.2"), 1000) == ADDED_SESSION,
     "one that asks nothing, with old facts");
  ok(inflight_add_partial(&d, span_str("rest")), "a rest");
  is_text(give(&d), "", "all wait for the first");
  ok(sent_count == 1, "which has asked");
  answer(0, DNS_NXDOMAIN, 60, NULL);
  is_text(give(&d),
          LINE("9.1.1.7", " ptr=") "\nlost1 at=1.000\ngibberish\n" LINE(
              "9.1.1.7", " helo=a%2.example") "\n" LINE("10.1.1.7", "") "\nrest",
          "then all go out in order");
  ok(d.count == 0 && d.bytes == 0, "and nothing is left");
  inflight_free(&d);
}

static void sharing(void) {
  struct inflight d = make(10);
  take(&d, LINE("9.1.1.7", " helo=a.example"), 1000);
  take(&d, LINE("9.1.1.7", " helo=A.example."), 1000);
  ok(sent_count == 2 && d.counters.shared == 2, "what is under way is asked once");
  answer(1, DNS_DATA, 60, "9.1.1.7");
  answer(0, DNS_NXDOMAIN, 0, NULL);
  is_text(give(&d),
          LINE("9.1.1.7", " helo=a.example ptr= heloa=peer") "\n" LINE(
              "9.1.1.7", " helo=A.example. ptr= heloa=peer") "\n",
          "and all who wait hear of it");
  take(&d, LINE("9.1.1.7", " helo=a.example"), 1000);
  ok(sent_count == 3 && d.counters.cached == 1, "then the cache answers what it may keep");
  answer(2, DNS_NXDOMAIN, 60, NULL);
  give(&d);
  take(&d, LINE("9.1.1.7", " helo=a.example"), 60999);
  ok(sent_count == 3, "as long as it may");
  is_text(give(&d), LINE("9.1.1.7", " helo=a.example ptr= heloa=peer") "\n", "at once");
  take(&d, LINE("9.1.1.7", " helo=a.example"), 61000);
  ok(sent_count == 5, "and no longer");
  inflight_free(&d);
}

static void deadlines(void) {
  struct inflight d = make(10);
  take(&d, LINE("9.1.1.7", " helo=a.example"), 1000);
  take(&d, LINE("9.1.1.8", ""), 3000);
  answer(1, DNS_DATA, 60, "9.1.1.7");
  ok(inflight_next(&d) == 6000, "the first deadline");
  inflight_expire(&d, 5999);
  is_text(give(&d), "", "nothing is over yet");
  inflight_expire(&d, 6000);
  is_text(give(&d), LINE("9.1.1.7", " helo=a.example ptr=? fcrdns=? heloa=peer") "\n",
          "what is not known is told");
  answer(0, DNS_NXDOMAIN, 60, NULL);
  is_text(give(&d), "", "an answer that comes too late moves nobody");
  take(&d, LINE("9.1.1.7", ""), 6000);
  ok(d.counters.expired == 1 && sent_count == 3, "but is kept");
  d.stop_at = 11500;
  take(&d, LINE("9.1.1.9", ""), 7000);
  inflight_expire(&d, 7999);
  is_text(give(&d), "", "the order is kept");
  inflight_expire(&d, 11500);
  is_text(give(&d),
          LINE("9.1.1.8", " ptr=? fcrdns=?") "\n" LINE("9.1.1.7", " ptr=") "\n" LINE(
              "9.1.1.9", " ptr=? fcrdns=?") "\n",
          "nothing waits beyond the limit of all");
  inflight_free(&d);
}

/* The second line stands where the first one stood. */
static void late_answers(void) {
  struct inflight d = make(1);
  take(&d, LINE("9.1.1.7", ""), 1000);
  inflight_expire(&d, 6000);
  give(&d);
  take(&d, LINE("9.1.1.8", ""), 6000);
  answer(0, DNS_NXDOMAIN, 60, NULL);
  inflight_expire(&d, 11000);
  is_text(give(&d), LINE("9.1.1.8", " ptr=? fcrdns=?") "\n", "a late answer is no other line's");
  inflight_free(&d);
}

static void bounds(void) {
  static char text[LINE_BYTES_MAX + 2];
  struct inflight d = make(2);
  take(&d, LINE("9.1.1.7", ""), 1000);
  ok(inflight_has_room(&d), "room for one more");
  take(&d, "lost1", 1000);
  ok(!inflight_has_room(&d), "and then none");
  inflight_expire(&d, 6000);
  ok(inflight_flush(&d, out, 30) == 0, "an splicesend too small for a line");
  give(&d);
  ok(inflight_has_room(&d), "room again");
  int len = snprintf(text, sizeof text, LINE("9.1.1.7", " ptr=old x="));
  memset(text + len, 'x', sizeof text - 1 - (size_t)len);
  text[LINE_BYTES_MAX - DNSFIELDS_TEXT_MAX + 8] = '\0'; /* what " ptr=old" takes */
  ok(take(&d, text, 6000) == ADDED_LONG, "a session line with no room for facts");
  is_text(span_head(give(&d), strlen(text)), text, "goes out as it was");
  text[LINE_BYTES_MAX - DNSFIELDS_TEXT_MAX + 7] = '\0';
  ok(take(&d, text, 6000) == ADDED_SESSION, "one that has room without its old facts");
  inflight_free(&d);
}

static void refusal(void) {
  struct inflight d = make(10);
  dnslists_add(&lists, LIST_BLACK, span_str("bl.example"));
  lists.list[0].passing[LIST_IPV4] = true;
  take(&d, LINE("9.1.1.7", ""), 1000);
  ok(sent_count == 2, "a list is asked");
  answer(1, DNS_DATA, 60, "127.255.255.254");
  ok(!lists.list[0].passing[LIST_IPV4], "one that refuses is muted");
  take(&d, LINE("9.1.1.8", ""), 1000);
  ok(sent_count == 3, "and not asked again");
  inflight_free(&d);
}

int main(void) {
  if (sodium_init() < 0) return 111;
  order();
  sharing();
  deadlines();
  late_answers();
  bounds();
  refusal();
  return done();
}
