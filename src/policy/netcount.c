#include "policy/netcount.h"
#include <stdlib.h>

#define FIRST_ROOM 256

/* The last byte of the base of a network is 0, so it can hold the size. */
static uint64_t hash_of(const struct netcount *n, const struct network *network) {
  struct addr sized = network->base;
  sized.byte[15] = (uint8_t)(1 + network->size);
  uint64_t hash = siphash_addr(&n->key, &sized);
  return hash ? hash : 1;
}

/* The slot of the hash, or the empty slot for it. */
static size_t slot_of(const struct netcount *n, uint64_t hash) {
  size_t mask = n->room - 1, at = hash & mask;
  while (n->slots[at].hash && n->slots[at].hash != hash) at = (at + 1) & mask;
  return at;
}

static bool grow(struct netcount *n) {
  struct netcount old = *n;
  size_t room = n->room ? 2 * n->room : FIRST_ROOM;
  struct netcount_slot *slots = calloc(room, sizeof *slots);
  if (!slots) return false;
  n->slots = slots;
  n->room = room;
  for (size_t i = 0; i < old.room; i++)
    if (old.slots[i].hash) n->slots[slot_of(n, old.slots[i].hash)] = old.slots[i];
  free(old.slots);
  return true;
}

static bool has_room(struct netcount *n) {
  if (n->used + NETWORK_SIZES > n->max) return false;
  return 2 * (n->used + NETWORK_SIZES) <= n->room || grow(n);
}

bool netcount_add(struct netcount *n, const struct addr *a) {
  if (!has_room(n)) return false;
  for (int size = NETWORK_SMALL; size < NETWORK_SIZES; size++) {
    struct network network = network_of(a, (enum network_size)size);
    uint64_t hash = hash_of(n, &network);
    struct netcount_slot *slot = &n->slots[slot_of(n, hash)];
    if (slot->hash == 0) n->used++;
    slot->hash = hash;
    slot->count++;
  }
  return true;
}

/* Later slots that were displaced by it move up. */
static void empty_slot(struct netcount *n, size_t hole) {
  size_t mask = n->room - 1;
  n->used--;
  for (size_t at = (hole + 1) & mask; n->slots[at].hash; at = (at + 1) & mask) {
    size_t home = n->slots[at].hash & mask;
    if (((at - home) & mask) < ((at - hole) & mask)) continue;
    n->slots[hole] = n->slots[at];
    hole = at;
  }
  n->slots[hole] = (struct netcount_slot){.hash = 0};
}

void netcount_remove(struct netcount *n, const struct addr *a) {
  for (int size = NETWORK_SMALL; n->room && size < NETWORK_SIZES; size++) {
    struct network network = network_of(a, (enum network_size)size);
    size_t at = slot_of(n, hash_of(n, &network));
    if (n->slots[at].hash && --n->slots[at].count == 0) empty_slot(n, at);
  }
}

uint64_t netcount_get(const struct netcount *n, const struct network *network) {
  return n->room ? n->slots[slot_of(n, hash_of(n, network))].count : 0;
}

void netcount_clear(struct netcount *n) {
  free(n->slots);
  n->slots = NULL;
  n->used = n->room = 0;
}
