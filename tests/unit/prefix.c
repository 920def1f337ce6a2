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
    {"192.0.2.1/24", NULL, "host bits are set", false},
    {"2001:db8::1/32", NULL, "host bits are set", false},
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

/* Moved to the upper half of an IPv6 address, so that no entry begins or ends within a /64. */
static void widen(struct prefix *p) {
  memcpy(p->first.byte, p->first.byte + 8, 8);
  memcpy(p->last.byte, p->last.byte + 8, 8);
  memset(p->first.byte + 8, 0, 8);
  memset(p->last.byte + 8, 0xff, 8);
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

/* The line of what a record holds for an address; 0 for nothing, -1 for damage. */
static long line_in(struct span record, enum addresses family, const struct addr *a,
                    struct span *value) {
  struct interval_view view;
  struct interval_hit hit;
  if (!interval_parse(record, family, &view)) return -1;
  int found = interval_find(&view, a, &hit);
  if (found == 1) *value = hit.value;
  return found == 1 ? (long)interval_line(&view, &hit) : found;
}

static bool agrees(const struct prefix *p, size_t count, struct span record, const struct addr *a) {
  struct span value;
  const struct prefix *want = reference(p, count, a);
  long line = record.len ? line_in(record, prefix_family(p), a, &value) : 0;
  if (!want) return line == 0;
  return line == (long)want->line && span_equal(value, want->value);
}

/* In a block of its own size, so that the sanitizer sees its end; position: where in a file. */
static struct span encode(const struct interval *list, size_t count, enum addresses family,
                          size_t position) {
  struct intervals in = {list, count, family};
  size_t len = 0;
  unsigned char *record = count ? interval_encode(&in, position, &len) : NULL;
  return span_of((char *)record, record ? len : 0);
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
        a.byte[7] = (uint8_t)(a.byte[7] + step); /* the same in the upper half */
        if (prefix_family(p) == ADDRESSES_IPV6) wrong += !agrees(p, count, record, &a);
      }
  for (int i = 0; i < 300; i++) {
    struct addr a = random_address(prefix_family(p));
    wrong += !agrees(p, count, record, &a);
    memcpy(a.byte, a.byte + 8, 8);
    if (prefix_family(p) == ADDRESSES_IPV6) wrong += !agrees(p, count, record, &a);
  }
  return wrong;
}

static void test_random(enum addresses family, size_t count, bool sites) {
  struct prefix p[300];
  size_t wrong = 0, unsorted = 0, intervals;
  struct interval *resolved;
  for (int round = 0; round < 40; round++) {
    for (size_t i = 0; i < count; i++) {
      p[i] = random_prefix(family, (uint32_t)i + 1);
      if (sites) widen(&p[i]);
    }
    prefix_sort(p, count);
    if (!prefix_resolve(p, count, &resolved, &intervals)) return;
    unsorted += !disjoint(resolved, intervals);
    struct span record = encode(resolved, intervals, family, random_below(64));
    wrong += disagreements(p, count, record);
    free((char *)(uintptr_t)record.s);
    free(resolved);
  }
  const char *kind = sites ? " of /64s" : "";
  ok(unsorted == 0, "%zu IPv%d entries%s: disjoint and ascending", count, (int)family, kind);
  ok(wrong == 0, "%zu IPv%d entries%s: as one by one (%zu differ)", count, (int)family, kind,
     wrong);
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

/* The nth of every second key, from far below the middle of the space on; odd ones are in a table.
 */
static struct addr nth_key(size_t nth, size_t width) {
  struct addr a = {{0}};
  if (width == 4) return addr_from_ipv4(0x0a000000 + (uint32_t)nth);
  a.byte[0] = 0x20;
  for (size_t i = 0; i < 4; i++) a.byte[width - 1 - i] = (uint8_t)(nth >> 8 * i);
  return a;
}

/* As many intervals as need several levels; all of one key. */
static void test_levels(size_t count, size_t width) {
  enum addresses family = width == 4 ? ADDRESSES_IPV4 : ADDRESSES_IPV6;
  struct interval *in = calloc(count, sizeof *in);
  struct span value;
  size_t wrong = 0, aligned = 0;
  for (size_t i = 0; i < count; i++) {
    struct addr a = nth_key(2 * i + 1, width), last = width == 8 ? prefix_last(&a, 64) : a;
    in[i] = (struct interval){a, last, (uint32_t)i + 1, span_of("", 0)};
  }
  struct span record = encode(in, count, family, 1000 + count);
  struct interval_view view = {.width = 0};
  if (interval_parse(record, family, &view))
    aligned = (1000 + count + (size_t)(view.nodes - (const unsigned char *)record.s)) % 64 == 0;
  for (size_t i = 0; i <= 2 * count; i++) {
    struct addr a = nth_key(i, width);
    wrong += line_in(record, family, &a, &value) != (i % 2 ? (long)(i / 2 + 1) : 0);
  }
  struct addr top = {{0}};
  memset(top.byte, 0xff, 16);
  if (width == 4) top = addr_from_ipv4(UINT32_MAX);
  ok(wrong == 0 && view.width == width, "%zu intervals of width %zu: all found, nothing between",
     count, width);
  ok(aligned, "and the nodes begin where a line of the cache does");
  ok(line_in(record, family, &top, &value) == 0, "nor behind the last");
  free((char *)(uintptr_t)record.s);
  free(in);
}

static struct span copy_of(struct span record) {
  char *copy = malloc(record.len);
  memcpy(copy, record.s, record.len);
  return span_of(copy, record.len);
}

/* Each byte wrong in some ways: any answer, but nothing read outside, and a head that says another
   size refused. */
static void test_every_byte(struct span record, enum addresses family) {
  struct span copy = copy_of(record), value;
  char *bytes = (char *)(uintptr_t)copy.s;
  size_t strange = 0, refused = 0;
  struct addr probes[] = {address("10.0.1.5"), address("255.255.255.255"), address("0.0.0.0")};
  struct addr probes6[] = {address("2001:db8::5"), address("ffff:ffff::"), address("::")};
  for (size_t i = 0; i < copy.len; i++)
    for (int way = 0; way < 3; way++) {
      bytes[i] = way == 0 ? (char)~bytes[i] : way == 1 ? (char)(bytes[i] + 1) : (char)0xff;
      for (size_t k = 0; k < 3; k++) {
        const struct addr *a = family == ADDRESSES_IPV4 ? &probes[k] : &probes6[k];
        long line = line_in(copy, family, a, &value);
        strange += line < -1;
        refused += i < 7 && way == 1 && line == -1;
      }
      bytes[i] = record.s[i];
    }
  ok(strange == 0, "IPv%d: each of %zu bytes wrong", (int)family, copy.len);
  ok(refused == 21, "a wrong head is damage (%zu of 21)", refused);
  free(bytes);
}

static void test_damage(void) {
  struct interval in[3] = {
      {address("10.0.0.0"), address("10.0.0.9"), 1, span_of("4", 1)},
      {address("10.0.1.0"), address("10.0.1.9"), 2, span_of("8 sure", 6)},
      {address("255.255.255.255"), address("255.255.255.255"), 3, span_of("", 0)},
  };
  struct interval in6[2] = {
      {address("2001:db8::"), address("2001:db8::9"), 1, span_of("4", 1)},
      {address("ffff::"), address("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"), 2, span_of("", 0)},
  };
  struct addr a = address("10.0.1.5"), top = address("255.255.255.255");
  size_t bad = 0;
  struct span record = encode(in, 3, ADDRESSES_IPV4, 0), value = span_of("", 0);
  struct span record6 = encode(in6, 2, ADDRESSES_IPV6, 0);
  ok(line_in(record, ADDRESSES_IPV4, &a, &value) == 2, "found in the middle");
  is_text(value, "8 sure", "with its value");
  ok(line_in(record, ADDRESSES_IPV4, &top, &value) == 3 && value.len == 0, "the last address");
  ok(line_in(record, ADDRESSES_IPV6, &a, &value) == -1, "a record of the other family is refused");
  for (size_t cut = 0; cut < record.len; cut++)
    bad += line_in(span_head(record, cut), ADDRESSES_IPV4, &a, &value) != -1;
  ok(bad == 0, "a record cut anywhere is damaged");
  char *longer = calloc(1, record.len + 1);
  memcpy(longer, record.s, record.len);
  ok(line_in(span_of(longer, record.len + 1), ADDRESSES_IPV4, &a, &value) == -1,
     "so is one with a byte behind it");
  free(longer);
  test_every_byte(record, ADDRESSES_IPV4);
  test_every_byte(record6, ADDRESSES_IPV6);
  char *bytes = (char *)(uintptr_t)record.s;
  size_t number = record.len - 3 * 4 - 64 + 2 * 7 * 4 + 1; /* lines, node, keys, the first value */
  bytes[number] = 3;
  ok(line_in(record, ADDRESSES_IPV4, &a, &value) == -1, "a value that there is not is damage");
  bytes[number] = 1;
  bytes[8 + 16] = 16;
  ok(line_in(record, ADDRESSES_IPV4, &a, &value) == -1, "so is one that is too long");
  bytes[8 + 16] = 15;
  ok(line_in(record, ADDRESSES_IPV4, &a, &value) == 2, "but not one of full length");
  free(bytes);
  free((char *)(uintptr_t)record6.s);
}

static void test_values(void) {
  static struct interval in[INTERVAL_VALUES_MAX + 1];
  static char text[INTERVAL_VALUES_MAX + 1][4];
  struct span value = span_of("", 0);
  for (int i = 0; i <= INTERVAL_VALUES_MAX; i++) {
    int len = snprintf(text[i], sizeof text[i], "%d", i);
    struct addr a = addr_from_ipv4(0x0a000000 + (uint32_t)i);
    in[i] = (struct interval){a, a, (uint32_t)i + 1, span_of(text[i], (size_t)len)};
  }
  struct span record = encode(in, INTERVAL_VALUES_MAX, ADDRESSES_IPV4, 0);
  line_in(record, ADDRESSES_IPV4, &in[254].first, &value);
  is_text(value, "254", "255 different values");
  free((char *)(uintptr_t)record.s);
  ok(!encode(in, INTERVAL_VALUES_MAX + 1, ADDRESSES_IPV4, 0).s, "and no more");
  in[0].value = span_str("0123456789abcdef");
  ok(!encode(in, 1, ADDRESSES_IPV4, 0).s, "nor a value of 16 bytes");
}

int main(void) {
  test_words();
  test_joining();
  test_random(ADDRESSES_IPV4, 8, false);
  test_random(ADDRESSES_IPV4, 300, false);
  test_random(ADDRESSES_IPV6, 8, false);
  test_random(ADDRESSES_IPV6, 300, false);
  test_random(ADDRESSES_IPV6, 8, true);
  test_random(ADDRESSES_IPV6, 300, true);
  static const size_t counts[] = {1, 3, 4, 7, 8, 111, 112, 113, 1792, 1793, 70000};
  for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
    test_levels(counts[i], 4);
    test_levels(counts[i], 8);
    test_levels(counts[i], 16);
  }
  test_damage();
  test_values();
  return done();
}
