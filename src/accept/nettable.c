#include "accept/nettable.h"
#include <stdlib.h>

#define NONE      UINT32_MAX
#define MINUTE_MS 60000
#define FEW       4 /* connections, for one narrow network, when a quarter of the total is used */

enum { NARROW, WIDE, LEVELS };

struct nettable_entry {
  struct addr network;
  uint32_t next;         /* in the bucket */
  uint32_t older, newer; /* in the queue of idle entries, if held == 0 */
  uint32_t held;
  uint32_t admitted; /* since `minute` began */
  int64_t minute;
};

/* What a narrow and a wide network may have. */
struct share {
  uint32_t level[LEVELS];
};

static uint32_t power_of_two(uint32_t at_least) {
  uint32_t n = 64;
  while (n < at_least) n *= 2;
  return n;
}

static bool has_entries(const struct nettable *t) {
  return t->size > 0;
}

bool nettable_init(struct nettable *t, const struct nettable_limits *limits,
                   const struct siphash_key *key) {
  *t = (struct nettable){.limits = *limits, .key = *key, .minute = -1};
  t->oldest = t->newest = NONE;
  if (!limits->held && !limits->minute) return true;
  t->size = LEVELS * limits->held_total + NETTABLE_SPARE;
  uint32_t buckets = power_of_two(t->size);
  t->bucket_mask = buckets - 1;
  t->entries = calloc(t->size, sizeof *t->entries);
  t->buckets = malloc(buckets * sizeof *t->buckets);
  if (!t->entries || !t->buckets) {
    nettable_free(t);
    return false;
  }
  for (uint32_t i = 0; i < buckets; i++) t->buckets[i] = NONE;
  return true;
}

void nettable_free(struct nettable *t) {
  free(t->entries);
  free(t->buckets);
  t->entries = NULL;
  t->buckets = NULL;
  t->size = 0;
}

/* The keys of two networks that begin alike must differ. The last byte of a network is 0, so there
   is room for its length. An address that is a network by itself has its level in the first byte,
   which is 0 in an IPv4 address. */
static struct addr network_of(const struct addr *peer, int level) {
  static const unsigned int bits4[LEVELS] = {96 + 24, 96 + 16}, bits6[LEVELS] = {48, 32};
  if (addr_is_ipv4(peer) && addr_ipv4(peer) >> 24 == 127) {
    struct addr address = *peer;
    address.byte[0] = (uint8_t)(1 + level);
    return address;
  }
  unsigned int bits = addr_is_ipv4(peer) ? bits4[level] : bits6[level];
  struct addr network = addr_mask(peer, bits);
  network.byte[15] = (uint8_t)bits;
  return network;
}

static uint32_t *bucket_of(const struct nettable *t, const struct addr *network) {
  return &t->buckets[siphash_addr(&t->key, network) & t->bucket_mask];
}

static uint32_t find(const struct nettable *t, const struct addr *network) {
  uint32_t i = *bucket_of(t, network);
  while (i != NONE && addr_compare(&t->entries[i].network, network) != 0) i = t->entries[i].next;
  return i;
}

static void idle_remove(struct nettable *t, uint32_t number) {
  struct nettable_entry *e = &t->entries[number];
  if (e->older == NONE) t->oldest = e->newer;
  else t->entries[e->older].newer = e->newer;
  if (e->newer == NONE) t->newest = e->older;
  else t->entries[e->newer].older = e->older;
}

static void idle_append(struct nettable *t, uint32_t number) {
  struct nettable_entry *e = &t->entries[number];
  e->newer = NONE;
  e->older = t->newest;
  if (t->newest == NONE) t->oldest = number;
  else t->entries[t->newest].newer = number;
  t->newest = number;
}

/* There always is an idle one when all have been used: fewer than held_total connections have at
   most two entries each. */
static uint32_t free_entry(struct nettable *t) {
  if (t->unused < t->size) return t->unused++;
  uint32_t number = t->oldest, *link = bucket_of(t, &t->entries[number].network);
  while (*link != number) link = &t->entries[*link].next;
  *link = t->entries[number].next;
  idle_remove(t, number);
  return number;
}

static uint32_t make(struct nettable *t, const struct addr *network) {
  uint32_t number = free_entry(t), *bucket = bucket_of(t, network);
  t->entries[number] = (struct nettable_entry){.network = *network, .next = *bucket};
  *bucket = number;
  idle_append(t, number);
  return number;
}

static void begin_minute(struct nettable *t, int64_t now_ms) {
  if (t->minute == now_ms / MINUTE_MS) return;
  t->minute = now_ms / MINUTE_MS;
  t->minute_count = 0;
}

static uint32_t least(uint32_t a, uint32_t b) {
  return a < b ? a : b;
}

static struct share share_of(uint32_t limit, uint32_t used, uint32_t total) {
  if (total == 0 || used < total / 4) return (struct share){{limit, NETTABLE_WIDE * limit}};
  if (used < total / 2)
    return (struct share){{least(limit, FEW), NETTABLE_WIDE * least(limit, FEW)}};
  if (used < total - total / 8) return (struct share){{1, NETTABLE_WIDE}};
  return (struct share){{1, 1}};
}

static uint32_t admitted(const struct nettable *t, const struct nettable_entry *e) {
  return e->minute == t->minute ? e->admitted : 0;
}

enum nettable_answer nettable_ask(struct nettable *t, const struct addr *peer, uint32_t held,
                                  int64_t now_ms) {
  const struct nettable_limits *l = &t->limits;
  if (addr_is_localhost(peer)) return NETTABLE_ADMIT;
  begin_minute(t, now_ms);
  if (l->minute_total && t->minute_count >= l->minute_total) return NETTABLE_MINUTE_TOTAL;
  if (!has_entries(t)) return NETTABLE_ADMIT;
  struct share places = share_of(l->held, held, l->held_total);
  struct share minute = share_of(l->minute, t->minute_count, l->minute_total);
  for (int level = 0; level < LEVELS; level++) {
    struct addr network = network_of(peer, level);
    uint32_t number = find(t, &network);
    if (number == NONE) continue;
    const struct nettable_entry *e = &t->entries[number];
    if (l->held && e->held >= places.level[level]) return NETTABLE_HELD;
    if (l->minute && admitted(t, e) >= minute.level[level]) return NETTABLE_MINUTE;
  }
  return NETTABLE_ADMIT;
}

static void add_to(struct nettable *t, const struct addr *network) {
  uint32_t number = find(t, network);
  if (number == NONE) number = make(t, network);
  struct nettable_entry *e = &t->entries[number];
  if (e->held++ == 0) idle_remove(t, number);
  e->admitted = admitted(t, e) + 1;
  e->minute = t->minute;
}

void nettable_add(struct nettable *t, const struct addr *peer, int64_t now_ms) {
  if (addr_is_localhost(peer)) return;
  begin_minute(t, now_ms);
  t->minute_count++;
  for (int level = 0; has_entries(t) && level < LEVELS; level++) {
    struct addr network = network_of(peer, level);
    add_to(t, &network);
  }
}

void nettable_remove(struct nettable *t, const struct addr *peer) {
  if (addr_is_localhost(peer)) return;
  for (int level = 0; has_entries(t) && level < LEVELS; level++) {
    struct addr network = network_of(peer, level);
    uint32_t number = find(t, &network);
    if (--t->entries[number].held == 0) idle_append(t, number);
  }
}
