#include "resolve/dnscache.h"
#include <sodium.h>
#include <stddef.h>
#include <stdlib.h>

#define BYTES_PER_BUCKET 512
#define BUCKETS_MIN      1024
#define ALLOCATOR_BYTES  32 /* overhead of the two blocks of an answered entry */

/* The part of a result that is in use. */
static size_t result_bytes(const struct dnsresult *r) {
  return offsetof(struct dnsresult, data) + r->len;
}

static size_t entry_bytes(const struct dnsresult *r) {
  return sizeof(struct dnscache_entry) + result_bytes(r) + ALLOCATOR_BYTES;
}

bool dnscache_init(struct dnscache *c, size_t max_bytes, const uint8_t *key) {
  *c = (struct dnscache){.buckets = BUCKETS_MIN, .max_bytes = max_bytes};
  while (c->buckets < max_bytes / BYTES_PER_BUCKET) c->buckets *= 2;
  memcpy(c->key, key, sizeof c->key);
  c->bucket = calloc(c->buckets, sizeof *c->bucket);
  return c->bucket != NULL;
}

static struct dnscache_entry **bucket_of(struct dnscache *c, const struct question *q) {
  uint8_t text[QUESTION_NAME_MAX + 1];
  uint64_t hash;
  _Static_assert(sizeof hash == crypto_shorthash_BYTES, "the hash has 64 bits");
  _Static_assert(DNSCACHE_KEY_BYTES == crypto_shorthash_KEYBYTES, "its key has 128 bits");
  text[0] = (uint8_t)q->type;
  memcpy(text + 1, q->name, q->len);
  crypto_shorthash((uint8_t *)&hash, text, (size_t)q->len + 1, c->key);
  return &c->bucket[hash & (c->buckets - 1)];
}

static void unlink_used(struct dnscache *c, struct dnscache_entry *e) {
  *(e->older ? &e->older->newer : &c->oldest) = e->newer;
  *(e->newer ? &e->newer->older : &c->newest) = e->older;
}

static void link_newest(struct dnscache *c, struct dnscache_entry *e) {
  e->newer = NULL;
  e->older = c->newest;
  *(c->newest ? &c->newest->newer : &c->oldest) = e;
  c->newest = e;
}

static void unlink_bucket(struct dnscache *c, struct dnscache_entry *e) {
  struct dnscache_entry **at = bucket_of(c, &e->question);
  while (*at != e) at = &(*at)->chained;
  *at = e->chained;
}

void dnscache_remove(struct dnscache *c, struct dnscache_entry *e) {
  if (e->result) {
    c->bytes -= entry_bytes(e->result);
    c->answered--;
    unlink_used(c, e);
  } else {
    c->pending--;
  }
  unlink_bucket(c, e);
  free(e->result);
  free(e);
}

void dnscache_free(struct dnscache *c) {
  for (size_t i = 0; i < c->buckets; i++)
    while (c->bucket[i]) dnscache_remove(c, c->bucket[i]);
  free(c->bucket);
}

static bool is_same_question(const struct question *a, const struct question *b) {
  return a->type == b->type && a->len == b->len && memcmp(a->name, b->name, a->len) == 0;
}

struct dnscache_entry *dnscache_find(struct dnscache *c, const struct question *q, int64_t now) {
  struct dnscache_entry *e = *bucket_of(c, q);
  while (e && !is_same_question(&e->question, q)) e = e->chained;
  if (!e || !e->result) return e;
  if (now >= e->expires) {
    dnscache_remove(c, e);
    return NULL;
  }
  unlink_used(c, e);
  link_newest(c, e);
  return e;
}

struct dnscache_entry *dnscache_add(struct dnscache *c, const struct question *q) {
  struct dnscache_entry *e = calloc(1, sizeof *e), **bucket = bucket_of(c, q);
  if (!e) return NULL;
  e->question = *q;
  e->chained = *bucket;
  *bucket = e;
  c->pending++;
  return e;
}

void dnscache_put(struct dnscache *c, struct dnscache_entry *e, const struct dnsresult *result,
                  int64_t now) {
  size_t need = entry_bytes(result);
  bool can_keep = result->ttl > 0 && need <= c->max_bytes;
  struct dnsresult *copy = can_keep ? malloc(result_bytes(result)) : NULL;
  if (!copy) {
    dnscache_remove(c, e);
    return;
  }
  memcpy(copy, result, result_bytes(result));
  while (need > c->max_bytes - c->bytes) dnscache_remove(c, c->oldest);
  e->result = copy;
  e->waiters = NULL;
  e->expires = now + (int64_t)result->ttl * 1000;
  c->bytes += need;
  c->pending--;
  c->answered++;
  link_newest(c, e);
}
