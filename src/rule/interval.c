#include "rule/interval.h"
#include "rule/record.h"
#include <errno.h>
#include <stdlib.h>

#define FANOUT     16
#define HEAD_BYTES 8
#define LEVELS_MAX 8 /* 16 to the 8th is the most that a count can say */

static size_t width_of(enum addresses family) {
  return family == ADDRESSES_IPV4 ? 4 : 16;
}

static const uint8_t *bytes_of(const struct addr *a, enum addresses family) {
  return a->byte + 16 - width_of(family);
}

static size_t interval_bytes(size_t width) {
  return 2 * width + 8;
}

/* How many keys each level has, from the lowest up; returns the number of levels. */
static int level_sizes(size_t count, size_t size[LEVELS_MAX]) {
  int levels = 1;
  size[0] = (count + FANOUT - 1) / FANOUT;
  for (; size[levels - 1] > FANOUT && levels < LEVELS_MAX; levels++)
    size[levels] = (size[levels - 1] + FANOUT - 1) / FANOUT;
  return levels;
}

static size_t keys_of(size_t count) {
  size_t size[LEVELS_MAX], keys = 0;
  for (int level = level_sizes(count, size) - 1; level >= 0; level--) keys += size[level];
  return keys;
}

/* The values seen so far. Rules use few different ones; a linear search over many would be slow but
   not wrong. */
struct pool {
  unsigned char *bytes;
  size_t len, cap;
};

static bool pool_find(const struct pool *pool, struct span value, size_t *offset) {
  for (size_t at = 0; at < pool->len; at += 1 + (size_t)pool->bytes[at])
    if (span_equal(span_of((char *)pool->bytes + at + 1, pool->bytes[at]), value)) {
      *offset = at;
      return true;
    }
  return false;
}

static bool pool_add(struct pool *pool, struct span value, size_t *offset) {
  if (value.len > INTERVAL_VALUE_MAX) {
    errno = EOVERFLOW;
    return false;
  }
  if (pool_find(pool, value, offset)) return true;
  if (pool->cap - pool->len < value.len + 1) {
    size_t cap = 2 * pool->cap + 1024;
    unsigned char *bytes = realloc(pool->bytes, cap);
    if (!bytes) return false;
    pool->bytes = bytes;
    pool->cap = cap;
  }
  *offset = pool->len;
  pool->bytes[pool->len++] = (unsigned char)value.len;
  if (value.len) memcpy(pool->bytes + pool->len, value.s, value.len);
  pool->len += value.len;
  return true;
}

static unsigned char *put_levels(unsigned char *out, const struct interval *in, size_t count,
                                 enum addresses family) {
  size_t size[LEVELS_MAX], width = width_of(family);
  for (int level = level_sizes(count, size) - 1; level >= 0; level--) {
    size_t step = (size_t)FANOUT << (4 * level);
    for (size_t i = 0; i < count; i += step, out += width)
      memcpy(out, bytes_of(&in[i].first, family), width);
  }
  return out;
}

static bool put_block(unsigned char *out, const struct interval *in, size_t count,
                      enum addresses family, struct pool *pool) {
  size_t width = width_of(family);
  unsigned char *tail = out + count * width;
  for (size_t i = 0; i < count; i++, tail += width + 8) {
    size_t offset;
    if (!pool_add(pool, in[i].value, &offset)) return false;
    memcpy(out + i * width, bytes_of(&in[i].first, family), width);
    memcpy(tail, bytes_of(&in[i].last, family), width);
    store32(tail + width, in[i].line);
    store32(tail + width + 4, (uint32_t)offset);
  }
  return true;
}

/* Everything behind the head but the pool; the pool is filled on the way. */
static bool put_intervals(unsigned char *out, const struct interval *in, size_t count,
                          enum addresses family, struct pool *pool) {
  unsigned char *block = put_levels(out, in, count, family);
  for (size_t i = 0; i < count; i += FANOUT) {
    size_t size = count - i < FANOUT ? count - i : FANOUT;
    if (!put_block(block, in + i, size, family, pool)) return false;
    block += size * interval_bytes(width_of(family));
  }
  return true;
}

static unsigned char *append_pool(unsigned char *out, size_t fixed, const struct pool *pool) {
  unsigned char *whole = realloc(out, fixed + pool->len);
  if (!whole) {
    free(out);
    return NULL;
  }
  if (pool->len) memcpy(whole + fixed, pool->bytes, pool->len);
  return whole;
}

unsigned char *interval_encode(const struct interval *intervals, size_t count,
                               enum addresses family, size_t *len) {
  size_t width = width_of(family);
  struct pool pool = {NULL, 0, 0};
  if (count > INT32_MAX / (interval_bytes(width) + width)) {
    errno = EOVERFLOW;
    return NULL;
  }
  size_t fixed = HEAD_BYTES + keys_of(count) * width + count * interval_bytes(width);
  unsigned char *out = malloc(fixed);
  if (!out) return NULL;
  if (put_intervals(out + HEAD_BYTES, intervals, count, family, &pool)) {
    store32(out, (uint32_t)count);
    store32(out + 4, (uint32_t)pool.len);
    *len = fixed + pool.len;
    out = append_pool(out, fixed, &pool);
  } else {
    free(out);
    out = NULL;
  }
  free(pool.bytes);
  return out;
}

/* A record taken apart; every pointer lies within it. */
struct view {
  const unsigned char *keys, *blocks, *values;
  size_t width, count, pool;
};

static bool view_open(struct span record, enum addresses family, struct view *v) {
  const unsigned char *bytes = (const unsigned char *)record.s;
  if (record.len < HEAD_BYTES) return false;
  v->width = width_of(family);
  v->count = load32(bytes);
  v->pool = load32(bytes + 4);
  if (v->count == 0 || v->count > record.len / interval_bytes(v->width)) return false;
  size_t keys = keys_of(v->count) * v->width, blocks = v->count * interval_bytes(v->width);
  size_t rest = record.len - HEAD_BYTES;
  if (keys > rest || blocks > rest - keys || v->pool != rest - keys - blocks) return false;
  v->keys = bytes + HEAD_BYTES;
  v->blocks = v->keys + keys;
  v->values = v->blocks + blocks;
  return true;
}

/* Big-endian bytes as a number that compares the same. */
static inline uint64_t load64(const unsigned char *from) {
  return (uint64_t)load32(from) << 32 | load32(from + 4);
}

static inline bool not_above(const unsigned char *a, const unsigned char *b, size_t width) {
  if (width == 4) return load32(a) <= load32(b);
  uint64_t high_a = load64(a), high_b = load64(b);
  return high_a < high_b || (high_a == high_b && load64(a + 8) <= load64(b + 8));
}

/* Binary search. The compiler makes the choice a conditional move, as a branch would be guessed
   wrong half the time; it does so for each of the two widths apart. */
static inline size_t search(const unsigned char *keys, size_t count, size_t width,
                            const unsigned char *want) {
  size_t low = 0;
  while (count > 1) {
    size_t half = count / 2;
    low += not_above(keys + (low + half) * width, want, width) ? half : 0;
    count -= half;
  }
  return low + not_above(keys + low * width, want, width);
}

/* How many of the ascending keys, of which there is at least one, are not above the wanted one. */
static size_t count_not_above(const unsigned char *keys, size_t count, size_t width,
                              const unsigned char *want) {
  return width == 4 ? search(keys, count, 4, want) : search(keys, count, 16, want);
}

/* The 16 of `count` things that stand below the nth of the level above, or fewer at the end. */
static inline size_t group_size(size_t count, size_t nth) {
  size_t left = count - nth * FANOUT;
  return left < FANOUT ? left : FANOUT;
}

/* The index of the block that may hold the wanted address: the last that does not begin above it.
   False where all do. */
static bool find_block(const struct view *v, const unsigned char *want, size_t *block) {
  size_t size[LEVELS_MAX], at = 0;
  const unsigned char *keys = v->keys;
  for (int level = level_sizes(v->count, size) - 1; level >= 0; level--) {
    const unsigned char *group = keys + at * FANOUT * v->width;
    size_t nth = count_not_above(group, group_size(size[level], at), v->width, want);
    if (nth == 0) return false;
    at = at * FANOUT + nth - 1;
    keys += size[level] * v->width;
  }
  *block = at;
  return true;
}

static bool hit_decode(const struct view *v, const unsigned char *tail, struct interval_hit *hit) {
  size_t offset = load32(tail + v->width + 4);
  if (offset >= v->pool || v->values[offset] > v->pool - offset - 1) return false;
  hit->line = load32(tail + v->width);
  hit->value = span_of((const char *)v->values + offset + 1, v->values[offset]);
  return true;
}

int interval_find(struct span record, enum addresses family, const struct addr *a,
                  struct interval_hit *hit) {
  const uint8_t *want = bytes_of(a, family);
  struct view v;
  size_t nth;
  if (!view_open(record, family, &v)) return -1;
  if (!find_block(&v, want, &nth)) return 0;
  const unsigned char *block = v.blocks + nth * FANOUT * interval_bytes(v.width);
  size_t size = group_size(v.count, nth), before = count_not_above(block, size, v.width, want);
  if (before == 0) return -1; /* the level above says otherwise */
  const unsigned char *tail = block + size * v.width + (before - 1) * (v.width + 8);
  if (!not_above(want, tail, v.width)) return 0;
  return hit_decode(&v, tail, hit) ? 1 : -1;
}
