#include "accept/peertable.h"
#include <stdlib.h>

#define NONE UINT32_MAX

struct peer_entry {
  struct addr key;
  uint32_t next;         /* in the bucket, or in the list of free entries */
  uint32_t older, newer; /* in the queue of idle entries, where held == 0 */
  uint32_t held;
  uint32_t stamps;                      /* how many were ever written */
  uint32_t stamp[PEERTABLE_RECENT_MAX]; /* a ring of arrivals, in tenths of a second: 13 years */
};

static uint32_t power_of_two(uint32_t at_least) {
  uint32_t n = 64;
  while (n < at_least) n *= 2;
  return n;
}

bool peertable_open(struct peertable *c, const struct peertable_limits *limits,
                    const struct siphash_key *key) {
  uint32_t entries = 2 * limits->total + PEERTABLE_SPARE, buckets = power_of_two(entries);
  *c = (struct peertable){.limits = *limits, .key = *key, .bucket_mask = buckets - 1, .second = -1};
  pthread_mutex_init(&c->lock, NULL);
  c->entries = calloc(entries, sizeof *c->entries);
  c->buckets = malloc(buckets * sizeof *c->buckets);
  struct nettable_limits networks = {limits->per_network, limits->total, limits->per_network_minute,
                                     limits->per_minute};
  if (!nettable_init(&c->networks, &networks, key) || !c->entries || !c->buckets) {
    peertable_close(c);
    return false;
  }
  for (uint32_t i = 0; i < buckets; i++) c->buckets[i] = NONE;
  for (uint32_t i = 0; i < entries; i++) c->entries[i].next = i + 1 < entries ? i + 1 : NONE;
  c->oldest = c->newest = NONE;
  return true;
}

void peertable_close(struct peertable *c) {
  free(c->entries);
  free(c->buckets);
  nettable_free(&c->networks);
  c->entries = NULL;
  c->buckets = NULL;
}

static uint32_t *bucket_of(struct peertable *c, const struct addr *key) {
  return &c->buckets[siphash_addr(&c->key, key) & c->bucket_mask];
}

static void idle_remove(struct peertable *c, uint32_t number) {
  struct peer_entry *s = &c->entries[number];
  if (s->older == NONE) c->oldest = s->newer;
  else c->entries[s->older].newer = s->newer;
  if (s->newer == NONE) c->newest = s->older;
  else c->entries[s->newer].older = s->older;
}

static void idle_append(struct peertable *c, uint32_t number) {
  struct peer_entry *s = &c->entries[number];
  s->newer = NONE;
  s->older = c->newest;
  if (c->newest == NONE) c->oldest = number;
  else c->entries[c->newest].newer = number;
  c->newest = number;
}

/* A entry that nobody is remembered by. There always is one: held entries are fewer than half of all.
 */
static uint32_t take_entry(struct peertable *c) {
  uint32_t number = c->free;
  if (number != NONE) {
    c->free = c->entries[number].next;
    return number;
  }
  number = c->oldest;
  uint32_t *link = bucket_of(c, &c->entries[number].key);
  while (*link != number) link = &c->entries[*link].next;
  *link = c->entries[number].next;
  idle_remove(c, number);
  return number;
}

static uint32_t find_entry(struct peertable *c, const struct addr *key) {
  uint32_t *bucket = bucket_of(c, key);
  for (uint32_t i = *bucket; i != NONE; i = c->entries[i].next)
    if (addr_compare(&c->entries[i].key, key) == 0) return i;
  uint32_t number = take_entry(c);
  bucket = bucket_of(c, key);
  c->entries[number] = (struct peer_entry){.key = *key, .next = *bucket};
  *bucket = number;
  idle_append(c, number);
  return number;
}

static uint32_t stamp(struct peer_entry *s, int64_t now_ms) {
  uint32_t now = (uint32_t)(now_ms / 100), recent = 0;
  s->stamp[s->stamps++ % PEERTABLE_RECENT_MAX] = now;
  for (uint32_t i = 0; i < PEERTABLE_RECENT_MAX && i < s->stamps; i++)
    if (now - s->stamp[i] < PEERTABLE_RECENT_MS / 100) recent++;
  return recent;
}

static bool is_full(uint32_t count, uint32_t limit) {
  return limit && count >= limit;
}

static enum admission judge_network(struct peertable *c, const struct addr *peer, int64_t now_ms) {
  switch (nettable_ask(&c->networks, peer, c->state.live, now_ms)) {
  case NETTABLE_HELD: return PEERTABLE_NETWORK;
  case NETTABLE_MINUTE: return PEERTABLE_NETWORK_MINUTE;
  case NETTABLE_MINUTE_TOTAL: return PEERTABLE_MINUTE;
  case NETTABLE_ADMIT: break;
  }
  return ADMITTED;
}

static enum admission judge(struct peertable *c, const struct peer_entry *s, int64_t now_ms) {
  bool ipv4 = addr_is_ipv4(&s->key);
  if (c->second != now_ms / 1000) {
    c->second = now_ms / 1000;
    c->second_count = 0;
  }
  if (ipv4 && is_full(s->held, c->limits.per_ipv4)) return REFUSED_IPV4;
  if (!ipv4 && is_full(s->held, c->limits.per_net64)) return REFUSED_NET64;
  if (c->state.live >= c->limits.total) return REFUSED_TOTAL;
  if (is_full(c->second_count, c->limits.per_second)) return REFUSED_RATE;
  return judge_network(c, &s->key, now_ms);
}

static void admit(struct peertable *c, uint32_t number) {
  c->entries[number].held++;
  c->second_count++;
  nettable_add(&c->networks, &c->entries[number].key, c->now);
  if (++c->state.live > c->state.peak) c->state.peak = c->state.live;
  if ((uint64_t)c->state.live * 10 >= (uint64_t)c->limits.total * 9) c->state.stress = true;
}

static void arrive(struct peertable *c, const struct addr *key, int64_t now_ms,
                   struct admission_result *out) {
  if (now_ms > c->now) c->now = now_ms;
  uint32_t number = find_entry(c, key);
  struct peer_entry *s = &c->entries[number];
  uint32_t recent = stamp(s, c->now);
  if (s->held == 0) idle_remove(c, number);
  enum admission answer = judge(c, s, c->now);
  if (answer == ADMITTED) admit(c, number);
  else if (s->held == 0) idle_append(c, number);
  *out = (struct admission_result){answer, number, s->held, recent, c->state.stress};
}

void peertable_admit(struct peertable *c, const struct addr *peer, int64_t now_ms,
                     struct admission_result *out) {
  struct addr key = addr_evidence_key(peer);
  pthread_mutex_lock(&c->lock);
  arrive(c, &key, now_ms, out);
  pthread_mutex_unlock(&c->lock);
}

void peertable_release(struct peertable *c, uint32_t number) {
  pthread_mutex_lock(&c->lock);
  struct peer_entry *s = &c->entries[number];
  if (--s->held == 0) idle_append(c, number);
  nettable_remove(&c->networks, &s->key);
  c->state.live--;
  if ((uint64_t)c->state.live * 10 <= (uint64_t)c->limits.total * 7) c->state.stress = false;
  pthread_mutex_unlock(&c->lock);
}

struct peertable_state peertable_state(struct peertable *c) {
  pthread_mutex_lock(&c->lock);
  struct peertable_state state = c->state;
  pthread_mutex_unlock(&c->lock);
  return state;
}
