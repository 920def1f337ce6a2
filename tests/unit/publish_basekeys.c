#include "publish/basekeys.h"
#include "tap.h"

#define COUNT 2000

static struct addr nth(uint32_t n) {
  return addr_from_ipv4(UINT32_C(0xc0000000) + n);
}

static void test_find(void) {
  struct basekeys k = {0};
  struct addr ip = nth(1);
  bool added = true, found = true, absent = true;
  ok(!basekeys_find(&k, &ip), "no keys: not found");
  for (uint32_t n = 0; n < COUNT; n++) {
    ip = nth(2 * n + 1);
    added = added && basekeys_add(&k, basekeys_key(&ip, n, (uint8_t)(n % 16)));
  }
  for (uint32_t n = 0; n < COUNT; n++) {
    ip = nth(2 * n + 1);
    const struct basekey *key = basekeys_find(&k, &ip);
    found = found && key && key->until == n && key->answers == n % 16;
    ip = nth(2 * n);
    absent = absent && !basekeys_find(&k, &ip);
  }
  ip = nth(2 * COUNT);
  absent = absent && !basekeys_find(&k, &ip);
  ok(added && k.count == COUNT && k.cap >= COUNT, "many keys are added");
  ok(found, "each key is found, with its end and its answers");
  ok(absent, "no key between them, before them or after them is found");
  basekeys_free(&k);
  ok(!k.key && k.count == 0 && k.cap == 0, "freed keys are no keys");
}

static void test_until(void) {
  static const struct {
    int64_t until;
    uint64_t want;
  } rows[] = {
      {INT64_MIN, 0},
      {-1, 0},
      {0, 0},
      {1, 1},
      {INT64_C(1795980000), 1795980000},
      {INT64_C(1) << 55, UINT64_C(1) << 55},
      {(INT64_C(1) << 55) + 1, UINT64_C(1) << 55},
      {INT64_MAX, UINT64_C(1) << 55},
  };
  struct addr ip = nth(0);
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    struct basekey key = basekeys_key(&ip, rows[i].until, 255);
    ok(key.until == rows[i].want && key.answers == 255, "until %lld", (long long)rows[i].until);
  }
}

int main(void) {
  test_find();
  test_until();
  return done();
}
