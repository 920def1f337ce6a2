#include "rule/interval.h"
#include <endian.h>
#include <errno.h>
#include <stdlib.h>

#define HEAD_BYTES 8
#define SLOT_BYTES 16 /* of a value */
#define ALIGNMENT  64

/* ---- keys: addresses as numbers ---- */

struct key {
  uint64_t high, low; /* low is used for width 16 only */
};

static inline uint64_t half_of(const uint8_t *from) {
  uint64_t value;
  memcpy(&value, from, sizeof value);
  return be64toh(value);
}

static inline struct key key_of(const struct addr *a, size_t width) {
  if (width == 4) return (struct key){addr_ipv4(a), 0};
  return (struct key){half_of(a->byte), width == 8 ? 0 : half_of(a->byte + 8)};
}

static inline struct key load_key(const unsigned char *from, size_t width) {
  uint32_t word;
  uint64_t halves[2] = {0, 0};
  if (width == 4) {
    memcpy(&word, from, sizeof word);
    return (struct key){le32toh(word), 0};
  }
  memcpy(halves, from, width);
  return (struct key){le64toh(halves[0]), le64toh(halves[1])};
}

static void store_key(unsigned char *to, struct key key, size_t width) {
  uint32_t word = htole32((uint32_t)key.high);
  uint64_t halves[2] = {htole64(key.high), htole64(key.low)};
  if (width == 4) memcpy(to, &word, sizeof word);
  else memcpy(to, halves, width);
}

/* Without a branch, which would be guessed wrong half the time. */
static inline bool not_above(struct key a, struct key b, size_t width) {
  if (width < 16) return a.high <= b.high;
  return (a.high < b.high) | ((a.high == b.high) & (a.low <= b.low));
}

/* ---- positions ---- */

static inline size_t group_bytes(size_t width) {
  return width == 16 ? 128 : 64;
}

static inline size_t fan_of(size_t width) {
  return group_bytes(width) / width;
}

static inline size_t node_size(size_t width) {
  return width == 4 ? 7 : 3;
}

static inline size_t groups_of(size_t count, size_t each) {
  return (count + each - 1) / each;
}

/* Fills in levels and keys; returns the bytes of all levels. */
static size_t measure(size_t count, size_t width, struct interval_view *v) {
  size_t keys = groups_of(count, node_size(width)), bytes = 0;
  v->levels = 0;
  while (v->levels < INTERVAL_LEVELS_MAX) {
    size_t groups = groups_of(keys, fan_of(width));
    v->keys[v->levels++] = keys;
    bytes += groups * group_bytes(width);
    if (groups == 1) break;
    keys = groups;
  }
  return bytes;
}

/* Sets the pointers to levels, nodes and lines, which begin at `at`. Returns the end. */
static const unsigned char *place(struct interval_view *v, const unsigned char *at) {
  for (int i = v->levels - 1; i >= 0; i--) {
    v->level[i] = at;
    at += groups_of(v->keys[i], fan_of(v->width)) * group_bytes(v->width);
  }
  v->nodes = at;
  v->lines = at + v->keys[0] * group_bytes(v->width);
  return v->lines + 4 * v->count;
}

/* ---- writing ---- */

static bool ends_within_64(const struct interval *in) {
  return half_of(in->first.byte + 8) != 0 || half_of(in->last.byte + 8) != UINT64_MAX;
}

static size_t choose_width(const struct intervals *in) {
  if (in->family == ADDRESSES_IPV4) return 4;
  for (size_t i = 0; i < in->count; i++)
    if (ends_within_64(&in->list[i])) return 16;
  return 8;
}

struct values {
  struct span value[INTERVAL_VALUES_MAX];
  size_t count;
};

static bool number_value(struct values *values, struct span value, size_t *number) {
  for (*number = 0; *number < values->count; ++*number)
    if (span_equal(values->value[*number], value)) return true;
  if (values->count == INTERVAL_VALUES_MAX || value.len > INTERVAL_VALUE_MAX) return false;
  values->value[values->count++] = value;
  return true;
}

static bool gather_values(const struct intervals *in, struct values *values) {
  size_t ignored;
  values->count = 0;
  for (size_t i = 0; i < in->count; i++)
    if (!number_value(values, in->list[i].value, &ignored)) return false;
  return true;
}

static void put_levels(unsigned char *to, const struct intervals *in,
                       const struct interval_view *v) {
  size_t step = node_size(v->width), stride[INTERVAL_LEVELS_MAX];
  for (int level = 0; level < v->levels; level++, step *= fan_of(v->width)) stride[level] = step;
  for (int level = v->levels - 1; level >= 0; level--) {
    size_t bytes = groups_of(v->keys[level], fan_of(v->width)) * group_bytes(v->width);
    memset(to, 0xff, bytes);
    for (size_t i = 0; i < v->keys[level]; i++)
      store_key(to + i * v->width, key_of(&in->list[i * stride[level]].first, v->width), v->width);
    to += bytes;
  }
}

static void put_node(unsigned char *node, const struct intervals *in, size_t from, size_t width,
                     struct values *values) {
  size_t size = node_size(width), number;
  memset(node, 0xff, size * width);
  for (size_t i = 0; i < size && from + i < in->count; i++) {
    const struct interval *one = &in->list[from + i];
    number_value(values, one->value, &number);
    store_key(node + i * width, key_of(&one->first, width), width);
    store_key(node + (size + i) * width, key_of(&one->last, width), width);
    node[2 * size * width + i] = (unsigned char)number;
  }
}

static void put_values(unsigned char *to, const struct values *values) {
  for (size_t i = 0; i < values->count; i++, to += SLOT_BYTES) {
    struct span value = values->value[i];
    to[0] = (unsigned char)value.len;
    if (value.len) memcpy(to + 1, value.s, value.len);
  }
}

static void put_all(unsigned char *out, const struct intervals *in, struct values *values,
                    const struct interval_view *v) {
  uint32_t count = htole32((uint32_t)in->count);
  size_t front = (size_t)(v->level[v->levels - 1] - out);
  memcpy(out, &count, 4);
  out[4] = (unsigned char)v->width;
  out[5] = (unsigned char)values->count;
  out[6] = (unsigned char)(front - HEAD_BYTES - SLOT_BYTES * values->count);
  put_values(out + HEAD_BYTES, values);
  put_levels(out + front, in, v);
  for (size_t i = 0; i < v->keys[0]; i++)
    put_node(out + (v->nodes - out) + i * group_bytes(v->width), in, i * node_size(v->width),
             v->width, values);
  for (size_t i = 0; i < in->count; i++) {
    uint32_t line = htole32(in->list[i].line);
    memcpy(out + (v->lines - out) + 4 * i, &line, 4);
  }
}

unsigned char *interval_encode(const struct intervals *in, size_t position, size_t *len) {
  struct values values;
  struct interval_view v = {.width = choose_width(in), .count = in->count};
  if (in->count > INT32_MAX / group_bytes(v.width) || !gather_values(in, &values)) {
    errno = EOVERFLOW;
    return NULL;
  }
  size_t front = HEAD_BYTES + SLOT_BYTES * values.count;
  front += (ALIGNMENT - (position + front) % ALIGNMENT) % ALIGNMENT;
  size_t levels = measure(in->count, v.width, &v);
  *len = front + levels + v.keys[0] * group_bytes(v.width) + 4 * in->count;
  unsigned char *out = calloc(1, *len);
  if (!out) return NULL;
  place(&v, out + front);
  put_all(out, in, &values, &v);
  return out;
}

/* ---- reading ---- */

bool interval_parse(struct span record, enum addresses family, struct interval_view *v) {
  const unsigned char *bytes = (const unsigned char *)record.s;
  uint32_t count;
  if (record.len < HEAD_BYTES) return false;
  memcpy(&count, bytes, 4);
  *v = (struct interval_view){.count = le32toh(count), .width = bytes[4], .value_count = bytes[5]};
  if (family == ADDRESSES_IPV4 ? v->width != 4 : v->width != 8 && v->width != 16) return false;
  if (v->count == 0 || v->count > record.len / 4) return false;
  size_t front = HEAD_BYTES + SLOT_BYTES * v->value_count + bytes[6];
  size_t rest = measure(v->count, v->width, v) + v->keys[0] * group_bytes(v->width) + 4 * v->count;
  if (record.len < front || record.len - front != rest) return false;
  v->values = bytes + HEAD_BYTES;
  place(v, bytes + front);
  return true;
}

/* How many of the keys are not above the wanted key. */
static inline __attribute__((always_inline)) size_t count_not_above(const unsigned char *keys,
                                                                    size_t count, size_t width,
                                                                    struct key want) {
  size_t n = 0;
  for (size_t i = 0; i < count; i++) n += not_above(load_key(keys + i * width, width), want, width);
  return n;
}

/* The node that may hold the wanted key: the last that does not begin above it. If the wanted key
   is all ones, unused keys count, too, so the index is limited. Returns 1, 0 or -1. */
static inline __attribute__((always_inline)) int find_node(const struct interval_view *v,
                                                           size_t width, struct key want,
                                                           size_t *node) {
  size_t at = 0;
  for (int i = v->levels - 1; i >= 0; i--) {
    const unsigned char *group = v->level[i] + at * group_bytes(width);
    size_t n = count_not_above(group, fan_of(width), width, want);
    if (n == 0) return i == v->levels - 1 ? 0 : -1; /* the level above says otherwise */
    at = at * fan_of(width) + n - 1;
    if (at >= v->keys[i]) at = v->keys[i] - 1;
  }
  *node = at;
  return 1;
}

static inline __attribute__((always_inline)) int find(const struct interval_view *v, size_t width,
                                                      const struct addr *a,
                                                      struct interval_hit *hit) {
  size_t size = node_size(width), nth;
  struct key want = key_of(a, width);
  int found = find_node(v, width, want, &nth);
  if (found != 1) return found;
  const unsigned char *node = v->nodes + nth * group_bytes(width);
  size_t n = count_not_above(node, size, width, want), left = v->count - nth * size;
  if (n == 0) return -1;
  if (n > left) n = left;
  if (!not_above(want, load_key(node + (size + n - 1) * width, width), width)) return 0;
  size_t number = node[2 * size * width + n - 1];
  if (number >= v->value_count) return -1;
  const unsigned char *slot = v->values + number * SLOT_BYTES;
  if (slot[0] > INTERVAL_VALUE_MAX) return -1;
  hit->index = nth * size + n - 1;
  hit->value = span_of((const char *)slot + 1, slot[0]);
  return 1;
}

int interval_find(const struct interval_view *v, const struct addr *a, struct interval_hit *hit) {
  if (v->width == 4) return find(v, 4, a, hit);
  return v->width == 8 ? find(v, 8, a, hit) : find(v, 16, a, hit);
}

static struct addr addr_of(struct key key, size_t width, bool last) {
  struct addr a;
  if (width == 4) return addr_from_ipv4((uint32_t)key.high);
  uint64_t halves[2] = {htobe64(key.high), width == 16 ? htobe64(key.low) : last ? UINT64_MAX : 0};
  memcpy(a.byte, halves, sizeof halves);
  return a;
}

bool interval_at(const struct interval_view *v, size_t nth, struct interval *out) {
  size_t size = node_size(v->width), at = nth % size;
  if (nth >= v->count) return false;
  const unsigned char *node = v->nodes + nth / size * group_bytes(v->width);
  size_t number = node[2 * size * v->width + at];
  if (number >= v->value_count) return false;
  const unsigned char *slot = v->values + number * SLOT_BYTES;
  struct interval_hit hit = {.index = nth};
  if (slot[0] > INTERVAL_VALUE_MAX) return false;
  out->first = addr_of(load_key(node + at * v->width, v->width), v->width, false);
  out->last = addr_of(load_key(node + (size + at) * v->width, v->width), v->width, true);
  out->value = span_of((const char *)slot + 1, slot[0]);
  out->line = interval_line(v, &hit);
  return addr_compare(&out->first, &out->last) <= 0;
}

uint32_t interval_line(const struct interval_view *v, const struct interval_hit *hit) {
  uint32_t line;
  memcpy(&line, v->lines + 4 * hit->index, 4);
  return le32toh(line);
}
