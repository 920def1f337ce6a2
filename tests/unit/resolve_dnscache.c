/* The cache: results are kept for their TTL, in bounded memory. */
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

static struct dnsresult result(uint32_t ttl, uint8_t addresses) {
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
  struct dnsresult f = result(60, 2), none = result(0, 1);
  ok(dnscache_init(&c, 100000, key), "a cache");
  ok(memcmp(c.key, key, sizeof c.key) == 0, "its hash has the key");
  struct question q = ask(1), other = q;
  other.type = TYPE_AAAA;
  ok(!dnscache_find(&c, &q, 1000), "an empty cache has no entry");
  struct dnscache_entry *e = dnscache_add(&c, &q);
  ok(dnscache_find(&c, &q, 1000) == e && !e->result, "a pending entry is found, without a result");
  ok(!dnscache_find(&c, &other, 1000), "not by a question of another type");
  ok(dnscache_find(&c, &q, INT64_MAX) == e, "a pending entry does not expire");
  dnscache_put(&c, e, &f, 1000);
  ok(c.pending == 0 && c.answered == 1, "the entry is answered");
  ok(knows(&c, 1, 1000) && knows(&c, 1, 60999), "a result is kept for its TTL");
  e = dnscache_find(&c, &q, 2000);
  ok(e->result->count == 2 && e->result->len == f.len, "the result is the one that was put");
  ok(!knows(&c, 1, 61000), "a result is not kept longer than its TTL");
  ok(c.answered == 0 && c.bytes == 0, "an expired entry is removed");
  keep(&c, 2, &none, 1000);
  ok(!knows(&c, 2, 1000) && c.pending == 0, "a TTL of 0 is not kept");
  dnscache_free(&c);
}

static void exactly(void) {
  struct dnscache one, two;
  struct dnsresult f = result(60, 1);
  dnscache_init(&one, 100000, key);
  keep(&one, 1, &f, 1000);
  dnscache_init(&two, 2 * one.bytes, key);
  keep(&two, 1, &f, 1000);
  keep(&two, 2, &f, 1000);
  ok(two.bytes == two.max_bytes && knows(&two, 1, 1000) && knows(&two, 2, 1000),
     "two entries that just fit are kept");
  keep(&two, 3, &f, 1000);
  ok(!knows(&two, 1, 1000) && knows(&two, 3, 1000), "a third replaces the oldest");
  dnscache_free(&one);
  dnscache_init(&one, two.max_bytes / 2, key);
  keep(&one, 1, &f, 1000);
  ok(knows(&one, 1, 1000), "a cache with room for one entry keeps it");
  struct question q = ask(9);
  dnscache_remove(&one, dnscache_add(&one, &q));
  ok(one.pending == 0 && !dnscache_find(&one, &q, 1000), "a removed entry is not found");
  dnscache_free(&one);
  dnscache_free(&two);
}

static void bounded(void) {
  struct dnscache c;
  struct dnsresult small = result(60, 1), large = result(60, 60);
  ok(dnscache_init(&c, 20000, key), "a small cache");
  bool within = true;
  for (int i = 0; i < 1000; i++) {
    keep(&c, i, i % 7 ? &small : &large, 1000);
    knows(&c, 0, 1000);
    within = within && c.bytes <= 20000;
  }
  ok(within, "the cache stays within its size");
  ok(c.answered > 10, "and uses it");
  ok(knows(&c, 999, 1000) && !knows(&c, 1, 1000), "new entries are kept, old ones dropped");
  ok(knows(&c, 0, 1000), "an old entry that is used often is kept");
  struct question q = ask(5000);
  struct dnscache_entry *e = dnscache_add(&c, &q);
  for (int i = 2000; i < 2200; i++) keep(&c, i, &small, 1000);
  ok(dnscache_find(&c, &q, 1000) == e, "a pending entry is never dropped");
  dnscache_free(&c);
  ok(dnscache_init(&c, 100, key), "a cache that is too small for one entry");
  keep(&c, 1, &small, 1000);
  ok(!knows(&c, 1, 1000) && c.bytes == 0, "keeps none");
  dnscache_free(&c);
}

/* The number of answered entries in the list by last use; -1 if the list is damaged. */
static int count_used(const struct dnscache *c) {
  int forward = 0, backward = 0;
  for (struct dnscache_entry *e = c->oldest; e && forward <= 100; e = e->newer) forward++;
  for (struct dnscache_entry *e = c->newest; e && backward <= 100; e = e->older) backward++;
  return forward == backward ? forward : -1;
}

static void last_use(void) {
  struct dnscache c;
  struct dnsresult r = result(60, 1);
  if (!dnscache_init(&c, 100000, key)) abort();
  for (int i = 0; i < 3; i++) keep(&c, i, &r, 1000);
  ok(count_used(&c) == 3, "three entries");
  for (int i = 0; i < 3; i++) {
    knows(&c, i, 1000);
    ok(count_used(&c) == 3 && c.newest->question.name[1] == '0' + i, "entry %d is used", i);
  }
  knows(&c, 1, 61000);
  ok(count_used(&c) == 2, "an expired entry is removed");
  dnscache_free(&c);
}

int main(void) {
  if (sodium_init() < 0) return 111;
  time_to_live();
  exactly();
  bounded();
  last_use();
  return done();
}
