#include "store/keycache.h"
#include <stdlib.h>

#define FIRST_ROOM 64

/* A record: a byte of flags, a byte with the length of the name, two bytes with the length of the
   body (the lower byte first), name, body. */
#define HEAD 4

/* ---- records ---- */

bool keycache_entry_next(const struct keycache_entry *e, size_t *at, struct keycache_record *out) {
  if (*at >= e->len) return false;
  const uint8_t *head = (const uint8_t *)e->records + *at;
  const char *text = e->records + *at + HEAD;
  out->dirty = head[0];
  out->name = span_of(text, head[1]);
  out->body = span_of(text + head[1], (size_t)(head[2] | head[3] << 8));
  *at += HEAD + out->name.len + out->body.len;
  return true;
}

bool keycache_entry_get(const struct keycache_entry *e, struct span name,
                        struct keycache_record *out) {
  for (size_t at = 0; keycache_entry_next(e, &at, out);)
    if (span_equal(out->name, name)) return true;
  return false;
}

static char *head_of(const struct keycache_entry *e, const struct keycache_record *r) {
  return e->records + (r->name.s - e->records) - HEAD;
}

void keycache_entry_clean(struct keycache_entry *e, const struct keycache_record *r) {
  *head_of(e, r) = 0;
}

static bool make_space(struct keycache_entry *e, size_t len) {
  if (len <= e->cap) return true;
  size_t cap = (len + 31) & ~(size_t)31;
  char *grown = realloc(e->records, cap);
  if (!grown) return false;
  e->records = grown;
  e->cap = (uint32_t)cap;
  return true;
}

static void write_record(char *at, const struct keycache_record *r) {
  at[0] = r->dirty;
  at[1] = (char)r->name.len;
  at[2] = (char)(r->body.len & 0xff);
  at[3] = (char)(r->body.len >> 8);
  if (r->name.len) memcpy(at + HEAD, r->name.s, r->name.len);
  memcpy(at + HEAD + r->name.len, r->body.s, r->body.len);
}

static int compare_names(struct span a, struct span b) {
  size_t common = a.len < b.len ? a.len : b.len;
  int order = common ? memcmp(a.s, b.s, common) : 0;
  return order ? order : (a.len > b.len) - (a.len < b.len);
}

/* The offset at which the record of that name is, or must be inserted. *was: its length, or 0. */
static size_t offset_of(const struct keycache_entry *e, struct span name, size_t *was) {
  struct keycache_record old;
  size_t at = 0, next = 0;
  *was = 0;
  for (; keycache_entry_next(e, &next, &old); at = next) {
    int order = compare_names(old.name, name);
    if (order < 0) continue;
    if (order == 0) *was = next - at;
    return at;
  }
  return at;
}

bool keycache_entry_put(struct keycache_entry *e, const struct keycache_record *r) {
  size_t was, start = offset_of(e, r->name, &was), size = HEAD + r->name.len + r->body.len;
  size_t after = e->len - start - was;
  if (!make_space(e, start + size + after)) return false;
  if (after) memmove(e->records + start + size, e->records + start + was, after);
  write_record(e->records + start, r);
  e->len = (uint32_t)(start + size + after);
  return true;
}

/* ---- the table ---- */

bool keycache_init(struct keycache *c, size_t max, struct siphash_key hash) {
  *c =
      (struct keycache){.max = max, .room = FIRST_ROOM, .slot_count = 2 * FIRST_ROOM, .hash = hash};
  c->entries = calloc(c->room, sizeof *c->entries);
  c->slots = calloc(c->slot_count, sizeof *c->slots);
  return c->entries && c->slots;
}

void keycache_free(struct keycache *c) {
  for (size_t i = 0; i < c->count; i++) free(c->entries[i].records);
  free(c->entries);
  free(c->slots);
  *c = (struct keycache){.max = 0};
}

/* The slot of the key, or the empty slot for it. */
static size_t slot_of(const struct keycache *c, const struct addr *key, uint64_t hash) {
  size_t mask = c->slot_count - 1, at = hash & mask;
  for (;; at = (at + 1) & mask) {
    const struct keycache_slot *slot = &c->slots[at];
    if (slot->entry == 0) return at;
    if (slot->hash == (uint32_t)(hash >> 32) &&
        addr_compare(&c->entries[slot->entry - 1].key, key) == 0)
      return at;
  }
}

static size_t find_slot(const struct keycache *c, const struct addr *key) {
  return slot_of(c, key, siphash_addr(&c->hash, key));
}

static void fill_slot(struct keycache *c, size_t index) {
  const struct addr *key = &c->entries[index].key;
  uint64_t hash = siphash_addr(&c->hash, key);
  c->slots[slot_of(c, key, hash)] =
      (struct keycache_slot){(uint32_t)index + 1, (uint32_t)(hash >> 32)};
}

struct keycache_entry *keycache_find(struct keycache *c, const struct addr *key) {
  if (c->last < c->count && addr_compare(&c->entries[c->last].key, key) == 0)
    return &c->entries[c->last];
  uint32_t found = c->slots[find_slot(c, key)].entry;
  if (!found) return NULL;
  c->last = found - 1;
  return &c->entries[c->last];
}

void keycache_find_many(const struct keycache *c, const struct addr *keys, size_t count,
                        struct keycache_entry **found) {
  uint64_t hashes[KEYCACHE_MANY];
  size_t mask = c->slot_count - 1;
  for (size_t i = 0; i < count; i++) {
    hashes[i] = siphash_addr(&c->hash, &keys[i]);
    __builtin_prefetch(&c->slots[hashes[i] & mask]);
  }
  for (size_t i = 0; i < count; i++) {
    uint32_t likely = c->slots[hashes[i] & mask].entry;
    if (likely) __builtin_prefetch(&c->entries[likely - 1]);
  }
  for (size_t i = 0; i < count; i++) {
    uint32_t entry = c->slots[slot_of(c, &keys[i], hashes[i])].entry;
    found[i] = entry ? &c->entries[entry - 1] : NULL;
    if (entry) __builtin_prefetch(found[i]->records);
  }
}

static bool grow(struct keycache *c) {
  size_t room = 2 * c->room, slots = 2 * room;
  struct keycache_entry *entries = realloc(c->entries, room * sizeof *entries);
  if (!entries) return false;
  c->entries = entries;
  struct keycache_slot *fresh = calloc(slots, sizeof *fresh);
  if (!fresh) return false;
  free(c->slots);
  c->slots = fresh;
  c->slot_count = slots;
  c->room = room;
  for (size_t i = 0; i < c->count; i++) fill_slot(c, i);
  return true;
}

bool keycache_is_full(const struct keycache *c) {
  return c->count == c->max;
}

struct keycache_entry *keycache_add(struct keycache *c, const struct addr *key) {
  if (keycache_is_full(c) || (c->count == c->room && !grow(c))) return NULL;
  struct keycache_entry *e = &c->entries[c->count++];
  *e = (struct keycache_entry){.key = *key, .referenced = true};
  c->last = c->count - 1;
  fill_slot(c, c->last);
  return e;
}

/* Empties a slot. Later slots that were displaced by it move up. */
static void empty_slot(struct keycache *c, size_t hole) {
  size_t mask = c->slot_count - 1;
  for (size_t at = (hole + 1) & mask; c->slots[at].entry; at = (at + 1) & mask) {
    size_t home = siphash_addr(&c->hash, &c->entries[c->slots[at].entry - 1].key) & mask;
    if (((at - home) & mask) < ((at - hole) & mask)) continue;
    c->slots[hole] = c->slots[at];
    hole = at;
  }
  c->slots[hole].entry = 0;
}

static void drop_entry(struct keycache *c, size_t index) {
  size_t last = c->count - 1;
  empty_slot(c, find_slot(c, &c->entries[index].key));
  free(c->entries[index].records);
  if (index != last) {
    c->slots[find_slot(c, &c->entries[last].key)].entry = (uint32_t)index + 1;
    c->entries[index] = c->entries[last];
  }
  c->count--;
}

void keycache_drop(struct keycache *c, const struct addr *key) {
  uint32_t found = c->slots[find_slot(c, key)].entry;
  if (found) drop_entry(c, found - 1);
}

bool keycache_make_room(struct keycache *c) {
  for (size_t steps = 2 * c->count; steps > 0; steps--) {
    if (c->clock_hand >= c->count) c->clock_hand = 0;
    struct keycache_entry *e = &c->entries[c->clock_hand];
    if (!e->dirty && !e->referenced) {
      drop_entry(c, c->clock_hand);
      return true;
    }
    e->referenced = false;
    c->clock_hand++;
  }
  return false;
}
