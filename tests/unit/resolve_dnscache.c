/* Answers are kept for their time, in bounded room. */
#include "resolve/dnscache.h"
#include "tap.h"
#include <sodium.h>
#include <stdlib.h>

static const uint8_t key[DNSCACHE_KEY_BYTES];

static struct question ask(int number) {
  char name[32];
  struct question q;
  int len = snprintf(name, sizeof name, "h%d.example.org", number);
  if (!question_host(&q, TYPE_A, span_of(name, (size_t)len))) abort();
  return q;
}

static struct dnsresult finding(uint32_t ttl, uint8_t addresses) {
  return (struct dnsresult){.status = DNS_DATA,
                            .ttl = ttl,
                            .count = addresses,
                            .len = (uint16_t)(addresses * sizeof(struct addr))};
}

static void keep(struct dnscache *c, int number, const struct dnsresult *f, int64_t now) {
  struct question q = ask(number);
  dnscache_put(c, dnscache_add(c, &q), f, now);
}

static bool knows(struct dnscache *c, int number, int64_t now) {
  struct question q = ask(number);
  struct dnscache_entry *e = dnscache_find(c, &q, now);
  return e && e->result;
}

static void time_to_live(void) {
  struct dnscache c;
  struct dnsresult f = finding(60, 2), none = finding(0, 1);
  ok(dnscache_init(&c, 100000, key), "a cache");
  struct question q = ask(1), other = q;
  other.type = TYPE_AAAA;
  ok(!dnscache_find(&c, &q, 1000), "nothing is known");
  struct dnscache_entry *e = dnscache_add(&c, &q);
  ok(dnscache_find(&c, &q, 1000) == e && !e->result, "a question on its way is found");
  ok(!dnscache_find(&c, &other, 1000), "one of another type is not");
  ok(dnscache_find(&c, &q, INT64_MAX) == e, "and it does not expire");
  dnscache_put(&c, e, &f, 1000);
  ok(c.open == 0 && c.settled == 1, "it is settled");
  ok(knows(&c, 1, 1000) && knows(&c, 1, 60999), "known for its time");
  e = dnscache_find(&c, &q, 2000);
  ok(e->result->count == 2 && e->result->len == f.len, "what was found");
  ok(!knows(&c, 1, 61000), "and no longer");
  ok(c.settled == 0 && c.used == 0, "what is over is gone");
  keep(&c, 2, &none, 1000);
  ok(!knows(&c, 2, 1000) && c.open == 0, "a time of 0 is not kept");
  dnscache_free(&c);
}

static void exactly(void) {
  struct dnscache one, two;
  struct dnsresult f = finding(60, 1);
  dnscache_init(&one, 100000, key);
  keep(&one, 1, &f, 1000);
  dnscache_init(&two, 2 * one.used, key);
  keep(&two, 1, &f, 1000);
  keep(&two, 2, &f, 1000);
  ok(two.used == two.bytes && knows(&two, 1, 1000) && knows(&two, 2, 1000),
     "what just fits is kept");
  keep(&two, 3, &f, 1000);
  ok(!knows(&two, 1, 1000) && knows(&two, 3, 1000), "one more is in place of the oldest");
  dnscache_free(&one);
  dnscache_init(&one, two.used / 2, key);
  keep(&one, 1, &f, 1000);
  ok(knows(&one, 1, 1000), "one that has room for one alone");
  struct question q = ask(9);
  dnscache_remove(&one, dnscache_add(&one, &q));
  ok(one.open == 0 && !dnscache_find(&one, &q, 1000), "a question that is not asked is gone");
  dnscache_free(&one);
  dnscache_free(&two);
}

static void bounded(void) {
  struct dnscache c;
  struct dnsresult small = finding(60, 1), large = finding(60, 60);
  ok(dnscache_init(&c, 20000, key), "a small cache");
  bool within = true;
  for (int i = 0; i < 1000; i++) {
    keep(&c, i, i % 7 ? &small : &large, 1000);
    knows(&c, 0, 1000);
    within = within && c.used <= 20000;
  }
  ok(within, "it keeps to its size");
  ok(c.settled > 10, "and holds what it can");
  ok(knows(&c, 999, 1000) && !knows(&c, 1, 1000), "the new ones, not the old");
  ok(knows(&c, 0, 1000), "and what was looked at");
  struct question q = ask(5000);
  struct dnscache_entry *e = dnscache_add(&c, &q);
  for (int i = 2000; i < 2200; i++) keep(&c, i, &small, 1000);
  ok(dnscache_find(&c, &q, 1000) == e, "a question on its way is never thrown out");
  dnscache_free(&c);
  ok(dnscache_init(&c, 100, key), "a cache too small for anything");
  keep(&c, 1, &small, 1000);
  ok(!knows(&c, 1, 1000) && c.used == 0, "keeps nothing");
  dnscache_free(&c);
}

int main(void) {
  if (sodium_init() < 0) return 111;
  time_to_live();
  exactly();
  bounded();
  return done();
}
