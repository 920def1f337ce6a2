/* cidr.h: the prefixes of a set of values. Small sets are compared with all values that they cover. */
#include "publish/cidr.h"
#include "tap.h"

static char out[1000];
static size_t len;

static void put(struct cidr *c) {
  uint64_t value;
  unsigned int bits;
  while (cidr_next(c, &value, &bits))
    len += (size_t)snprintf(out + len, sizeof out - len, "%s%llx/%u", len ? " " : "",
                            (unsigned long long)value, bits);
}

static void add(struct cidr *c, uint64_t value) {
  if (cidr_add(c, value)) return;
  put(c);
  cidr_add(c, value);
}

#define MAX UINT64_MAX

static const struct {
  const char *name;
  unsigned int width;
  size_t count;
  uint64_t values[9];
  const char *want;
} rows[] = {
    {"nothing", 32, 0, {0}, ""},
    {"one value", 32, 1, {0xc0000201}, "c0000201/32"},
    {"two that begin at an odd value", 32, 2, {1, 2}, "1/32 2/32"},
    {"two that are a block", 32, 2, {2, 3}, "2/31"},
    {"a run that is not aligned", 32, 6, {1, 2, 3, 4, 5, 6}, "1/32 2/31 4/31 6/32"},
    {"a run of eight", 32, 8, {8, 9, 10, 11, 12, 13, 14, 15}, "8/29"},
    {"a gap of one", 32, 3, {8, 9, 11}, "8/31 b/32"},
    {"one value twice", 32, 3, {8, 8, 9}, "8/31"},
    {"the first and the last address", 32, 3, {0, 0xfffffffe, 0xffffffff}, "0/32 fffffffe/31"},
    {"the last values of 64 bits",
     64,
     4,
     {MAX - 4, MAX - 2, MAX - 1, MAX},
     "fffffffffffffffb/64 fffffffffffffffd/64 fffffffffffffffe/63"},
    {"only the last value of 64 bits", 64, 1, {MAX}, "ffffffffffffffff/64"},
    {"values that descend are not merged", 32, 2, {9, 8}, "9/32 8/32"},
};

/* Every set of ten neighbours: the blocks cover its values, each once, and no other value. */
static bool is_exact(unsigned int set) {
  struct cidr c;
  unsigned int covered = 0, blocks = 0;
  uint64_t value;
  unsigned int bits;
  cidr_init(&c, 32);
  for (unsigned int i = 0; i <= 10; i++) {
    bool in = i < 10 && (set >> i & 1);
    if (i == 10) cidr_end(&c);
    else if (!in || cidr_add(&c, i + 3)) continue;
    for (; cidr_next(&c, &value, &bits); blocks++)
      for (uint64_t v = value; v < value + (UINT64_C(1) << (32 - bits)); v++) {
        if (v < 3 || v >= 13 || (covered >> (v - 3) & 1)) return false;
        covered |= 1U << (v - 3);
      }
    if (in) cidr_add(&c, i + 3);
  }
  return covered == set;
}

int main(void) {
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    struct cidr c;
    len = 0;
    cidr_init(&c, rows[i].width);
    for (size_t j = 0; j < rows[i].count; j++) add(&c, rows[i].values[j]);
    cidr_end(&c);
    put(&c);
    is_text(span_of(out, len), rows[i].want, "%s", rows[i].name);
  }
  unsigned int wrong = 0;
  for (unsigned int set = 0; set < 1024; set++) wrong += !is_exact(set);
  ok(wrong == 0, "every set of ten neighbours is covered exactly");

  struct cidr c;
  cidr_init(&c, 32);
  for (uint64_t v = 0; v <= 0xffff; v++) add(&c, v);
  len = 0;
  cidr_end(&c);
  put(&c);
  is_text(span_of(out, len), "0/16", "65,536 values are one block");
  return done();
}
