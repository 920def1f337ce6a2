#include "accept/peertable.h"
#include <stdlib.h>

#define NONE UINT32_MAX

struct peer_entry {
  struct addr key;
  uint32_t next;         /* in the bucket, or in the list of free entries */
  uint32_t older, newer; /* in the queue of idle entries, if held == 0 */
  uint32_t held;
  uint32_t stamps;                      /* how many were written in all */
  uint32_t stamp[PEERTABLE_RECENT_MAX]; /* a ring of arrivals, in tenths of a second: 13 years */
};

static uint32_t power_of_two(uint32_t at_least) {
  uint32_t n = 64;
  while (n < at_least) n *= 2;
  return n;
}

bool peertable_init(struct peertable *t, const struct peertable_limits *limits,
                    const struct siphash_key *key) {
  uint32_t entries = 2 * limits->total + PEERTABLE_SPARE, buckets = power_of_two(entries);
  *t = (struct peertable){.limits = *limits, .key = *key, .bucket_mask = buckets - 1, .second = -1};
  pthread_mutex_init(&t->lock, NULL);
  t->entries = calloc(entries, sizeof *t->entries);
  t->buckets = malloc(buckets * sizeof *t->buckets);
  struct nettable_limits networks = {limits->per_network, limits->total, limits->per_network_minute,
                                     limits->per_minute};
  if (!nettable_init(&t->networks, &networks, key) || !t->entries || !t->buckets) {
    peertable_free(t);
    return false;
  }
  for (uint32_t i = 0; i < buckets; i++) t->buckets[i] = NONE;
  for (uint32_t i = 0; i < entries; i++) t->entries[i].next = i + 1 < entries ? i + 1 : NONE;
  t->oldest = t->newest = NONE;
  return true;
}

void peertable_free(struct peertable *t) {
  free(t->entries);
  free(t->buckets);
  nettable_free(&t->networks);
  t->entries = NULL;
  t->buckets = NULL;
}

static uint32_t *bucket_of(struct peertable *t, const struct addr *key) {
  return &t->buckets[siphash_addr(&t->key, key) & t->bucket_mask];
}

static void idle_remove(struct peertable *t, uint32_t number) {
  struct peer_entry *e = &t->entries[number];
  if (e->older == NONE) t->oldest = e->newer;
  else t->entries[e->older].newer = e->newer;
  if (e->newer == NONE) t->newest = e->older;
  else t->entries[e->newer].older = e->older;
}

static void idle_append(struct peertable *t, uint32_t number) {
  struct peer_entry *e = &t->entries[number];
  e->newer = NONE;
  e->older = t->newest;
  if (t->newest == NONE) t->oldest = number;
  else t->entries[t->newest].newer = number;
  t->newest = number;
}

/* An entry that is free or idle. There is always one: fewer than half of all are held. */
static uint32_t get_free_entry(struct peertable *t) {
  uint32_t number = t->free;
  if (number != NONE) {
    t->free = t->entries[number].next;
    return number;
  }
  number = t->oldest;
  uint32_t *link = bucket_of(t, &t->entries[number].key);
  while (*link != number) link = &t->entries[*link].next;
  *link = t->entries[number].next;
  idle_remove(t, number);
  return number;
}

static uint32_t find_entry(struct peertable *t, const struct addr *key) {
  uint32_t *bucket = bucket_of(t, key);
  for (uint32_t i = *bucket; i != NONE; i = t->entries[i].next)
    if (addr_compare(&t->entries[i].key, key) == 0) return i;
  uint32_t number = get_free_entry(t);
  bucket = bucket_of(t, key);
  t->entries[number] = (struct peer_entry){.key = *key, .next = *bucket};
  *bucket = number;
  idle_append(t, number);
  return number;
}

static uint32_t add_stamp(struct peer_entry *e, int64_t now_ms) {
  uint32_t now = (uint32_t)(now_ms / 100), recent = 0;
  e->stamp[e->stamps++ % PEERTABLE_RECENT_MAX] = now;
  for (uint32_t i = 0; i < PEERTABLE_RECENT_MAX && i < e->stamps; i++)
    if (now - e->stamp[i] < PEERTABLE_RECENT_MS / 100) recent++;
  return recent;
}

static bool is_full(uint32_t count, uint32_t limit) {
  return limit && count >= limit;
}

static enum admission check_network(struct peertable *t, const struct addr *peer, int64_t now_ms) {
  switch (nettable_check(&t->networks, peer, t->state.live, now_ms)) {
  case NETTABLE_HELD: return REFUSED_NETWORK;
  case NETTABLE_MINUTE: return REFUSED_NETWORK_MINUTE;
  case NETTABLE_MINUTE_TOTAL: return REFUSED_MINUTE;
  case NETTABLE_ADMIT: break;
  }
  return ADMITTED;
}

static enum admission check_limits(struct peertable *t, const struct peer_entry *e,
                                   int64_t now_ms) {
  bool ipv4 = addr_is_ipv4(&e->key);
  if (t->second != now_ms / 1000) {
    t->second = now_ms / 1000;
    t->second_count = 0;
  }
  if (ipv4 && is_full(e->held, t->limits.per_ipv4)) return REFUSED_IPV4;
  if (!ipv4 && is_full(e->held, t->limits.per_net64)) return REFUSED_NET64;
  if (t->state.live >= t->limits.total) return REFUSED_TOTAL;
  if (is_full(t->second_count, t->limits.per_second)) return REFUSED_RATE;
  return check_network(t, &e->key, now_ms);
}

static void admit(struct peertable *t, uint32_t number) {
  t->entries[number].held++;
  t->second_count++;
  nettable_add(&t->networks, &t->entries[number].key, t->now);
  if (++t->state.live > t->state.peak) t->state.peak = t->state.live;
  if ((uint64_t)t->state.live * 10 >= (uint64_t)t->limits.total * 9) t->state.stress = true;
}

static void arrive(struct peertable *t, const struct addr *key, int64_t now_ms,
                   struct admission_result *out) {
  if (now_ms > t->now) t->now = now_ms;
  uint32_t number = find_entry(t, key);
  struct peer_entry *e = &t->entries[number];
  uint32_t recent = add_stamp(e, t->now);
  if (e->held == 0) idle_remove(t, number);
  enum admission admission = check_limits(t, e, t->now);
  if (admission == ADMITTED) admit(t, number);
  else if (e->held == 0) idle_append(t, number);
  *out = (struct admission_result){admission, number, e->held, recent, t->state.stress};
}

void peertable_admit(struct peertable *t, const struct addr *peer, int64_t now_ms,
                     struct admission_result *out) {
  struct addr key = addr_evidence_key(peer);
  pthread_mutex_lock(&t->lock);
  arrive(t, &key, now_ms, out);
  pthread_mutex_unlock(&t->lock);
}

void peertable_release(struct peertable *t, uint32_t number) {
  pthread_mutex_lock(&t->lock);
  struct peer_entry *e = &t->entries[number];
  if (--e->held == 0) idle_append(t, number);
  nettable_remove(&t->networks, &e->key);
  t->state.live--;
  if ((uint64_t)t->state.live * 10 <= (uint64_t)t->limits.total * 7) t->state.stress = false;
  pthread_mutex_unlock(&t->lock);
}

struct peertable_state peertable_state(struct peertable *t) {
  pthread_mutex_lock(&t->lock);
  struct peertable_state state = t->state;
  pthread_mutex_unlock(&t->lock);
  return state;
}
