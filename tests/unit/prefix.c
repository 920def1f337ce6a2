/* Sets of addresses: how they are written, which entry wins, and the record that answers. */
#include "rule/prefix.h"
#include "rule/record.h"
#include "tap.h"
#include <stdlib.h>

static const struct {
  const char *word;
  const char *first, *last; /* or NULL and the reason */
  bool excluded;
} words[] = {
    {"192.0.2.7", "192.0.2.7", "192.0.2.7", false},
    {"!192.0.2.7", "192.0.2.7", "192.0.2.7", true},
    {"192.0.2.0/24", "192.0.2.0", "192.0.2.255", false},
    {"0.0.0.0/0", "0.0.0.0", "255.255.255.255", false},
    {"192.0.2.8/32", "192.0.2.8", "192.0.2.8", false},
    {"192.0.2.0-192.0.2.99", "192.0.2.0", "192.0.2.99", false},
    {"192.0.2.10-99", "192.0.2.10", "192.0.2.99", false},
    {"!10.0.0.0-10.0.255.255", "10.0.0.0", "10.0.255.255", true},
    {"2001:db8::/32", "2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", false},
    {"2001:db8::1-2001:db8::ff", "2001:db8::1", "2001:db8::ff", false},
    {"!2001:db8::1", "2001:db8::1", "2001:db8::1", true},
    {"::/0", "::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", false},
    {"::ffff:192.0.2.0/120", "192.0.2.0", "192.0.2.255", false},
    {"2001:db8::/128", "2001:db8::", "2001:db8::", false},
    {"192.0.2.1/24", NULL, "bits are set behind the prefix", false},
    {"2001:db8::1/32", NULL, "bits are set behind the prefix", false},
    {"192.0.2.0/33", NULL, "the prefix length is not 0 to 32", false},
    {"192.0.2.0/", NULL, "the prefix length is not 0 to 32", false},
    {"192.0.2.0/024", NULL, "the prefix length is not 0 to 32", false},
    {"2001:db8::/129", NULL, "the prefix length is not 0 to 128", false},
    {"192.0.2.0/24/24", NULL, "the prefix length is not 0 to 32", false},
    {"192.0.2.300", NULL, "the address is malformed", false},
    {"192.0.2", NULL, "the address is malformed", false},
    {"192.0.2/24", NULL, "the address is malformed", false},
    {"192.0.2.01", NULL, "the address is malformed", false},
    {"!!192.0.2.1", NULL, "the address is malformed", false},
    {"! 192.0.2.1", NULL, "the address is malformed", false},
    {"!", NULL, "the address is malformed", false},
    {"", NULL, "the address is malformed", false},
    {"2001:db8:::1", NULL, "the address is malformed", false},
    {"192.0.2.9-192.0.2.1", NULL, "the range ends before it begins", false},
    {"192.0.2.9-1", NULL, "the range ends before it begins", false},
    {"192.0.2.9-", NULL, "the last address of the range is malformed", false},
    {"192.0.2.9-256", NULL, "the last address of the range is malformed", false},
    {"-192.0.2.9", NULL, "the first address of the range is malformed", false},
    {"192.0.2.9-2001:db8::1", NULL, "the range mixes IPv4 and IPv6", false},
    {"::1-192.0.2.9", NULL, "the range mixes IPv4 and IPv6", false},
    {"2001:db8::9-99", NULL, "the last address of the range is malformed", false},
};

static struct addr address(const char *text) {
  struct addr a = {{0}};
  addr_parse(span_str(text), &a);
  return a;
}

static void test_words(void) {
  for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
    struct prefix p;
    const char *reason = "";
    bool parsed = prefix_parse(span_str(words[i].word), &p, &reason);
    if (!words[i].first) {
      ok(!parsed && strcmp(reason, words[i].last) == 0, "\"%s\": %s", words[i].word, reason);
      continue;
    }
    struct addr first = address(words[i].first), last = address(words[i].last);
    ok(parsed && addr_compare(&p.first, &first) == 0 && addr_compare(&p.last, &last) == 0 &&
           p.excluded == words[i].excluded,
       "%s", words[i].word);
  }
}

/* A small generator of our own, so that every run and every machine tests the same. */
static uint64_t seed = 20251124;
static uint32_t random_below(uint32_t limit) {
  seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
  return (uint32_t)((seed >> 33) % limit);
}

/* Addresses from a corner so small that entries overlap, with both ends of the space in it. */
static struct addr random_address(enum addresses family) {
  struct addr a = family == ADDRESSES_IPV4 ? addr_from_ipv4(0) : address("::");
  int from = family == ADDRESSES_IPV4 ? 12 : 0;
  static const uint8_t tops[] = {0, 10, 255};
  memset(a.byte + from, tops[random_below(3)], (size_t)(16 - from));
  a.byte[15] = (uint8_t)random_below(256);
  a.byte[14] = (uint8_t)(random_below(2) ? random_below(4) : a.byte[14]);
  return a;
}

static struct prefix random_prefix(enum addresses family, uint32_t line) {
  static const struct span values[] = {SPAN_LITERAL("1"), SPAN_LITERAL("4"),
                                       SPAN_LITERAL("8 sure")};
  struct prefix p = {.first = random_address(family), .line = line};
  if (random_below(3) == 0) {
    p.last = random_address(family);
    if (addr_compare(&p.last, &p.first) < 0) {
      struct addr swap = p.first;
      p.first = p.last;
      p.last = swap;
    }
  } else {
    unsigned int host = random_below(20) ? random_below(12) : 32;
    p.first = addr_mask(&p.first, 128 - host);
    p.last = p.first;
    for (unsigned int bit = 0; bit < host; bit++)
      p.last.byte[15 - bit / 8] |= (uint8_t)(1u << bit % 8);
  }
  p.excluded = random_below(4) == 0;
  p.value = p.excluded ? span_of("", 0) : values[random_below(3)];
  return p;
}

/* a - b of 16-byte numbers compared with c - d. */
static int compare_widths(const struct prefix *a, const struct prefix *b) {
  int carry_a = 0, carry_b = 0, order = 0;
  for (int i = 15; i >= 0; i--) {
    int x = a->last.byte[i] - a->first.byte[i] - carry_a;
    int y = b->last.byte[i] - b->first.byte[i] - carry_b;
    carry_a = x < 0;
    carry_b = y < 0;
    if ((x & 255) != (y & 255)) order = (x & 255) < (y & 255) ? -1 : 1;
  }
  return order;
}

/* The definition, one entry after the other. */
static const struct prefix *reference(const struct prefix *p, size_t count, const struct addr *a) {
  const struct prefix *best = NULL;
  for (size_t i = 0; i < count; i++) {
    if (addr_compare(&p[i].first, a) > 0 || addr_compare(&p[i].last, a) < 0) continue;
    int order = best ? compare_widths(&p[i], best) : -1;
    if (order < 0 || (order == 0 && p[i].line > best->line)) best = &p[i];
  }
  return best && !best->excluded ? best : NULL;
}

static bool agrees(const struct prefix *p, size_t count, struct span record, const struct addr *a) {
  struct interval_hit hit;
  enum addresses family = prefix_family(p);
  const struct prefix *want = reference(p, count, a);
  int found = record.len ? interval_find(record, family, a, &hit) : 0;
  if (!want) return found == 0;
  return found == 1 && hit.line == want->line && span_equal(hit.value, want->value);
}

static bool disjoint(const struct interval *in, size_t count) {
  for (size_t i = 0; i < count; i++) {
    if (addr_compare(&in[i].first, &in[i].last) > 0) return false;
    if (i && addr_compare(&in[i - 1].last, &in[i].first) >= 0) return false;
  }
  return true;
}

/* Every edge of every entry, the addresses beside it, and others. */
static size_t disagreements(const struct prefix *p, size_t count, struct span record) {
  size_t wrong = 0;
  for (size_t i = 0; i < count; i++)
    for (int edge = 0; edge < 2; edge++)
      for (int step = -1; step <= 1; step++) {
        struct addr a = edge ? p[i].last : p[i].first;
        if (step < 0 && a.byte[15] == 0) continue;
        if (step > 0 && a.byte[15] == 255) continue;
        a.byte[15] = (uint8_t)(a.byte[15] + step);
        wrong += !agrees(p, count, record, &a);
      }
  for (int i = 0; i < 300; i++) {
    struct addr a = random_address(prefix_family(p));
    wrong += !agrees(p, count, record, &a);
  }
  return wrong;
}

static void test_random(enum addresses family, size_t count) {
  struct prefix p[300];
  size_t wrong = 0, unsorted = 0, intervals, len;
  struct interval *resolved;
  for (int round = 0; round < 40; round++) {
    for (size_t i = 0; i < count; i++) p[i] = random_prefix(family, (uint32_t)i + 1);
    prefix_sort(p, count);
    if (!prefix_resolve(p, count, &resolved, &intervals)) return;
    unsorted += !disjoint(resolved, intervals);
    unsigned char *record = intervals ? interval_encode(resolved, intervals, family, &len) : NULL;
    wrong += disagreements(p, count, span_of((char *)record, record ? len : 0));
    free(record);
    free(resolved);
  }
  ok(unsorted == 0, "%zu IPv%d entries: disjoint and ascending", count, (int)family);
  ok(wrong == 0, "%zu IPv%d entries: as one by one (%zu differ)", count, (int)family, wrong);
}

static void test_joining(void) {
  static const char *const text[] = {"10.0.0.0/8", "10.0.0.0/9", "!10.1.0.0/16", "10.1.2.0/24"};
  struct prefix p[4];
  struct interval *out;
  size_t count;
  const char *reason;
  for (uint32_t i = 0; i < 4; i++) {
    p[i] = (struct prefix){.line = i + 1, .value = span_of("", 0)};
    prefix_parse(span_str(text[i]), &p[i], &reason);
  }
  prefix_sort(p, 4);
  ok(prefix_resolve(p, 4, &out, &count) && count == 4, "nested entries: %zu intervals", count);
  ok(out[0].line == 2 && out[1].line == 4 && out[2].line == 2 && out[3].line == 1,
     "the hole keeps what is in it");
  free(out);
  ok(prefix_resolve(p, 0, &out, &count) && count == 0 && !out, "no entries, no intervals");
}

/* As many as need several levels: every second address, from 10.0.0.1 on. */
static void test_levels(size_t count) {
  struct interval *in = calloc(count, sizeof *in);
  size_t len, wrong = 0;
  for (size_t i = 0; i < count; i++) {
    struct addr a = addr_from_ipv4(0x0a000001 + 2 * (uint32_t)i);
    in[i] = (struct interval){a, a, (uint32_t)i + 1, span_of("", 0)};
  }
  unsigned char *record = interval_encode(in, count, ADDRESSES_IPV4, &len);
  for (uint32_t i = 0; i <= 2 * count; i++) {
    struct addr a = addr_from_ipv4(0x0a000000 + i);
    struct interval_hit hit = {.line = 0};
    int found = interval_find(span_of((char *)record, len), ADDRESSES_IPV4, &a, &hit);
    wrong += i % 2 ? found != 1 || hit.line != i / 2 + 1 : found != 0;
  }
  ok(wrong == 0, "%zu intervals: all found, and nothing between them", count);
  free(record);
  free(in);
}

static void test_damage(void) {
  struct interval in[3] = {
      {address("10.0.0.0"), address("10.0.0.9"), 1, span_of("4", 1)},
      {address("10.0.1.0"), address("10.0.1.9"), 2, span_of("8 sure", 6)},
      {address("255.255.255.255"), address("255.255.255.255"), 3, span_of("", 0)},
  };
  size_t len, bad = 0, refused = 0;
  struct addr a = address("10.0.1.5"), top = address("255.255.255.255");
  struct interval_hit hit;
  unsigned char *record = interval_encode(in, 3, ADDRESSES_IPV4, &len);
  struct span whole = span_of((char *)record, len);
  ok(interval_find(whole, ADDRESSES_IPV4, &a, &hit) == 1 && hit.line == 2, "found in the middle");
  is_text(hit.value, "8 sure", "with its value");
  ok(interval_find(whole, ADDRESSES_IPV4, &top, &hit) == 1 && hit.value.len == 0,
     "the last address");
  for (size_t cut = 0; cut < len; cut++)
    bad += interval_find(span_head(whole, cut), ADDRESSES_IPV4, &a, &hit) != -1;
  ok(bad == 0, "a record cut anywhere is damaged");
  for (size_t i = 0; i < 8; i++)
    for (int bit = 0; bit < 8; bit++) {
      record[i] ^= (unsigned char)(1 << bit);
      refused += interval_find(whole, ADDRESSES_IPV4, &a, &hit) == -1;
      record[i] ^= (unsigned char)(1 << bit);
    }
  ok(refused == 64, "a wrong count or pool size is damage (%zu of 64)", refused);
  store32(record + 8 + 4 + 12 + 12 + 4 + 4, 8000); /* head, level, firsts, one tail, last, line */
  ok(interval_find(whole, ADDRESSES_IPV4, &a, &hit) == -1, "a value outside the pool is damage");
  store32(record + 8 + 4 + 12 + 12 + 4 + 4, 2);
  record[len - 10 + 2] = 8;
  ok(interval_find(whole, ADDRESSES_IPV4, &a, &hit) == -1, "so is one that reaches out of it");
  record[len - 10 + 2] = 7;
  ok(interval_find(whole, ADDRESSES_IPV4, &a, &hit) == 1, "but not one that reaches its end");
  free(record);
}

int main(void) {
  test_words();
  test_joining();
  test_random(ADDRESSES_IPV4, 8);
  test_random(ADDRESSES_IPV4, 300);
  test_random(ADDRESSES_IPV6, 8);
  test_random(ADDRESSES_IPV6, 300);
  static const size_t counts[] = {1, 15, 16, 17, 255, 256, 257, 4096, 4097, 70000};
  for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) test_levels(counts[i]);
  test_damage();
  return done();
}
