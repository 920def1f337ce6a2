#include "resolve/dnscache.h"
#include <sodium.h>
#include <stddef.h>
#include <stdlib.h>

#define BYTES_A_BUCKET  512
#define BUCKETS_MIN     1024
#define ALLOCATOR_BYTES 32 /* what two blocks cost beside what they hold */

static size_t dnsresult_bytes(const struct dnsresult *f) {
  return offsetof(struct dnsresult, data) + f->len;
}

static size_t settled_bytes(const struct dnsresult *f) {
  return sizeof(struct dnscache_entry) + dnsresult_bytes(f) + ALLOCATOR_BYTES;
}

bool dnscache_init(struct dnscache *c, size_t bytes, const uint8_t *key) {
  *c = (struct dnscache){.buckets = BUCKETS_MIN, .bytes = bytes};
  while (c->buckets < bytes / BYTES_A_BUCKET) c->buckets *= 2;
  memcpy(c->key, key, sizeof c->key);
  c->bucket = calloc(c->buckets, sizeof *c->bucket);
  return c->bucket != NULL;
}

static struct dnscache_entry **bucket_of(struct dnscache *c, const struct question *q) {
  uint8_t text[QUESTION_NAME_MAX + 1];
  uint64_t hash;
  _Static_assert(sizeof hash == crypto_shorthash_BYTES, "the hash is 64 bits");
  _Static_assert(DNSCACHE_KEY_BYTES == crypto_shorthash_KEYBYTES, "its key is 128");
  text[0] = (uint8_t)q->type;
  memcpy(text + 1, q->name, q->len);
  crypto_shorthash((uint8_t *)&hash, text, (size_t)q->len + 1, c->key);
  return &c->bucket[hash & (c->buckets - 1)];
}

static void unlink_age(struct dnscache *c, struct dnscache_entry *e) {
  *(e->older ? &e->older->newer : &c->oldest) = e->newer;
  *(e->newer ? &e->newer->older : &c->newest) = e->older;
}

static void link_newest(struct dnscache *c, struct dnscache_entry *e) {
  e->newer = NULL;
  e->older = c->newest;
  *(c->newest ? &c->newest->newer : &c->oldest) = e;
  c->newest = e;
}

static void unchain(struct dnscache *c, struct dnscache_entry *e) {
  struct dnscache_entry **at = bucket_of(c, &e->question);
  while (*at != e) at = &(*at)->chained;
  *at = e->chained;
}

static void forget(struct dnscache *c, struct dnscache_entry *e) {
  if (e->result) {
    c->used -= settled_bytes(e->result);
    c->settled--;
    unlink_age(c, e);
  } else {
    c->open--;
  }
  unchain(c, e);
  free(e->result);
  free(e);
}

void dnscache_free(struct dnscache *c) {
  for (size_t i = 0; i < c->buckets; i++)
    while (c->bucket[i]) forget(c, c->bucket[i]);
  free(c->bucket);
}

struct dnscache_entry *dnscache_find(struct dnscache *c, const struct question *q, int64_t now) {
  struct dnscache_entry *e = *bucket_of(c, q);
  while (e && (e->question.type != q->type || e->question.len != q->len ||
               memcmp(e->question.name, q->name, q->len) != 0))
    e = e->chained;
  if (!e || !e->result) return e;
  if (now >= e->until) {
    forget(c, e);
    return NULL;
  }
  unlink_age(c, e);
  link_newest(c, e);
  return e;
}

struct dnscache_entry *dnscache_add(struct dnscache *c, const struct question *q) {
  struct dnscache_entry *e = calloc(1, sizeof *e), **bucket = bucket_of(c, q);
  if (!e) return NULL;
  e->question = *q;
  e->chained = *bucket;
  *bucket = e;
  c->open++;
  return e;
}

void dnscache_remove(struct dnscache *c, struct dnscache_entry *e) {
  forget(c, e);
}

void dnscache_put(struct dnscache *c, struct dnscache_entry *e, const struct dnsresult *f,
                  int64_t now) {
  size_t need = settled_bytes(f);
  struct dnsresult *copy = f->ttl && need <= c->bytes ? malloc(dnsresult_bytes(f)) : NULL;
  if (!copy) {
    forget(c, e);
    return;
  }
  memcpy(copy, f, dnsresult_bytes(f));
  while (need > c->bytes - c->used) forget(c, c->oldest);
  e->result = copy;
  e->waiters = NULL;
  e->until = now + (int64_t)f->ttl * 1000;
  c->used += need;
  c->open--;
  c->settled++;
  link_newest(c, e);
}
