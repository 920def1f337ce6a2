#include "accept/crowd.h"
#include <stdlib.h>

#define NONE UINT32_MAX

struct crowd_seat {
  struct addr key;
  uint32_t next;         /* in the bucket, or in the list of free seats */
  uint32_t older, newer; /* in the queue of idle seats, where held == 0 */
  uint32_t held;
  uint32_t stamps;                  /* how many were ever written */
  uint32_t stamp[CROWD_RECENT_MAX]; /* a ring of arrivals, in tenths of a second: 13 years */
};

static uint32_t power_of_two(uint32_t at_least) {
  uint32_t n = 64;
  while (n < at_least) n *= 2;
  return n;
}

bool crowd_open(struct crowd *c, const struct crowd_limits *limits, const struct siphash_key *key) {
  uint32_t seats = 2 * limits->total + CROWD_SPARE, buckets = power_of_two(seats);
  *c = (struct crowd){.limits = *limits, .key = *key, .bucket_mask = buckets - 1, .second = -1};
  pthread_mutex_init(&c->lock, NULL);
  c->seats = calloc(seats, sizeof *c->seats);
  c->buckets = malloc(buckets * sizeof *c->buckets);
  struct nettable_limits networks = {limits->per_network, limits->total, limits->per_network_minute,
                                     limits->per_minute};
  if (!nettable_init(&c->networks, &networks, key) || !c->seats || !c->buckets) {
    crowd_close(c);
    return false;
  }
  for (uint32_t i = 0; i < buckets; i++) c->buckets[i] = NONE;
  for (uint32_t i = 0; i < seats; i++) c->seats[i].next = i + 1 < seats ? i + 1 : NONE;
  c->oldest = c->newest = NONE;
  return true;
}

void crowd_close(struct crowd *c) {
  free(c->seats);
  free(c->buckets);
  nettable_free(&c->networks);
  c->seats = NULL;
  c->buckets = NULL;
}

static uint32_t *bucket_of(struct crowd *c, const struct addr *key) {
  return &c->buckets[siphash_addr(&c->key, key) & c->bucket_mask];
}

static void idle_remove(struct crowd *c, uint32_t number) {
  struct crowd_seat *s = &c->seats[number];
  if (s->older == NONE) c->oldest = s->newer;
  else c->seats[s->older].newer = s->newer;
  if (s->newer == NONE) c->newest = s->older;
  else c->seats[s->newer].older = s->older;
}

static void idle_append(struct crowd *c, uint32_t number) {
  struct crowd_seat *s = &c->seats[number];
  s->newer = NONE;
  s->older = c->newest;
  if (c->newest == NONE) c->oldest = number;
  else c->seats[c->newest].newer = number;
  c->newest = number;
}

/* A seat that nobody is remembered by. There always is one: held seats are fewer than half of all.
 */
static uint32_t take_seat(struct crowd *c) {
  uint32_t number = c->free;
  if (number != NONE) {
    c->free = c->seats[number].next;
    return number;
  }
  number = c->oldest;
  uint32_t *link = bucket_of(c, &c->seats[number].key);
  while (*link != number) link = &c->seats[*link].next;
  *link = c->seats[number].next;
  idle_remove(c, number);
  return number;
}

static uint32_t find_seat(struct crowd *c, const struct addr *key) {
  uint32_t *bucket = bucket_of(c, key);
  for (uint32_t i = *bucket; i != NONE; i = c->seats[i].next)
    if (addr_compare(&c->seats[i].key, key) == 0) return i;
  uint32_t number = take_seat(c);
  bucket = bucket_of(c, key);
  c->seats[number] = (struct crowd_seat){.key = *key, .next = *bucket};
  *bucket = number;
  idle_append(c, number);
  return number;
}

static uint32_t stamp(struct crowd_seat *s, int64_t now_ms) {
  uint32_t now = (uint32_t)(now_ms / 100), recent = 0;
  s->stamp[s->stamps++ % CROWD_RECENT_MAX] = now;
  for (uint32_t i = 0; i < CROWD_RECENT_MAX && i < s->stamps; i++)
    if (now - s->stamp[i] < CROWD_RECENT_MS / 100) recent++;
  return recent;
}

static bool is_full(uint32_t count, uint32_t limit) {
  return limit && count >= limit;
}

static enum crowd_answer judge_network(struct crowd *c, const struct addr *peer, int64_t now_ms) {
  switch (nettable_ask(&c->networks, peer, c->state.live, now_ms)) {
  case NETTABLE_HELD: return CROWD_NETWORK;
  case NETTABLE_MINUTE: return CROWD_NETWORK_MINUTE;
  case NETTABLE_MINUTE_TOTAL: return CROWD_MINUTE;
  case NETTABLE_ADMIT: break;
  }
  return CROWD_WELCOME;
}

static enum crowd_answer judge(struct crowd *c, const struct crowd_seat *s, int64_t now_ms) {
  bool ipv4 = addr_is_ipv4(&s->key);
  if (c->second != now_ms / 1000) {
    c->second = now_ms / 1000;
    c->second_count = 0;
  }
  if (ipv4 && is_full(s->held, c->limits.per_ipv4)) return CROWD_IPV4;
  if (!ipv4 && is_full(s->held, c->limits.per_net64)) return CROWD_NET64;
  if (c->state.live >= c->limits.total) return CROWD_TOTAL;
  if (is_full(c->second_count, c->limits.per_second)) return CROWD_RATE;
  return judge_network(c, &s->key, now_ms);
}

static void admit(struct crowd *c, uint32_t number) {
  c->seats[number].held++;
  c->second_count++;
  nettable_add(&c->networks, &c->seats[number].key, c->now);
  if (++c->state.live > c->state.peak) c->state.peak = c->state.live;
  if ((uint64_t)c->state.live * 10 >= (uint64_t)c->limits.total * 9) c->state.stress = true;
}

static void arrive(struct crowd *c, const struct addr *key, int64_t now_ms,
                   struct crowd_arrival *out) {
  if (now_ms > c->now) c->now = now_ms;
  uint32_t number = find_seat(c, key);
  struct crowd_seat *s = &c->seats[number];
  uint32_t recent = stamp(s, c->now);
  if (s->held == 0) idle_remove(c, number);
  enum crowd_answer answer = judge(c, s, c->now);
  if (answer == CROWD_WELCOME) admit(c, number);
  else if (s->held == 0) idle_append(c, number);
  *out = (struct crowd_arrival){answer, number, s->held, recent, c->state.stress};
}

void crowd_arrive(struct crowd *c, const struct addr *peer, int64_t now_ms,
                  struct crowd_arrival *out) {
  struct addr key = addr_evidence_key(peer);
  pthread_mutex_lock(&c->lock);
  arrive(c, &key, now_ms, out);
  pthread_mutex_unlock(&c->lock);
}

void crowd_leave(struct crowd *c, uint32_t number) {
  pthread_mutex_lock(&c->lock);
  struct crowd_seat *s = &c->seats[number];
  if (--s->held == 0) idle_append(c, number);
  nettable_remove(&c->networks, &s->key);
  c->state.live--;
  if ((uint64_t)c->state.live * 10 <= (uint64_t)c->limits.total * 7) c->state.stress = false;
  pthread_mutex_unlock(&c->lock);
}

struct crowd_state crowd_look(struct crowd *c) {
  pthread_mutex_lock(&c->lock);
  struct crowd_state state = c->state;
  pthread_mutex_unlock(&c->lock);
  return state;
}
