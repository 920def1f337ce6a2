/* Networks as values and text, and what is counted in each. */
#include "policy/netcount.h"
#include "tap.h"
#include <stdlib.h>

static struct addr address(const char *text) {
  struct addr a;
  if (!addr_parse(span_str(text), &a)) abort();
  return a;
}

static const struct {
  const char *ip;
  enum network_size size;
  const char *want, *in, *out;
} rows[] = {
    {"192.0.2.7", NETWORK_SMALL, "192.0.2.0/24", "192.0.2.255", "192.0.3.0"},
    {"192.0.2.7", NETWORK_MIDDLE, "192.0.0.0/16", "192.0.255.255", "192.1.0.0"},
    {"192.0.2.7", NETWORK_LARGE, "192.0.0.0/8", "192.255.255.255", "193.0.0.0"},
    {"2001:db8:1:2::3", NETWORK_SMALL, "2001:db8:1::/48", "2001:db8:1:ffff::", "2001:db8:2::"},
    {"2001:db8:1:2::3", NETWORK_MIDDLE, "2001:db8::/32", "2001:db8:ffff::", "2001:db9::"},
    {"2001:db8:1:2::3", NETWORK_LARGE, "2001::/20", "2001:fff::", "2001:1000::"},
    {"::1", NETWORK_SMALL, "::/48", "::ffff:0:0:1", "1::"},
    {"0.0.0.1", NETWORK_SMALL, "0.0.0.0/24", "0.0.0.255", "::1"},
};

static const char *const no_networks[] = {"",
                                          "192.0.2.0",
                                          "192.0.2.7/24",
                                          "192.0.2.0/25",
                                          "192.0.2.0/024",
                                          "192.0.2/24",
                                          "2001:db8::/47",
                                          "all",
                                          "2001:DB8::/32",
                                          "2001:db8:0::/48",
                                          "/24",
                                          "192.0.2.0/24/24",
                                          "::ffff:192.0.2.0/24",
                                          "192.0.2.0/ 24"};

static void test_networks(void) {
  char text[NETWORK_TEXT_MAX];
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    struct addr a = address(rows[i].ip), in = address(rows[i].in), out = address(rows[i].out);
    struct network n = network_of(&a, rows[i].size), back;
    is_text(span_of(text, network_format(text, &n)), rows[i].want, "%s", rows[i].want);
    ok(network_has(&n, &a) && network_has(&n, &in) && !network_has(&n, &out), "what is in it");
    ok(network_parse(span_str(rows[i].want), &back) && back.size == n.size &&
           addr_compare(&back.base, &n.base) == 0,
       "and back");
  }
  for (size_t i = 0; i < sizeof no_networks / sizeof *no_networks; i++) {
    struct network n;
    ok(!network_parse(span_str(no_networks[i]), &n), "no network: '%s'", no_networks[i]);
  }
}

static uint64_t count(const struct netcount *n, const char *ip, enum network_size size) {
  struct addr a = address(ip);
  struct network network = network_of(&a, size);
  return netcount_get(n, &network);
}

static bool add(struct netcount *n, const char *ip) {
  struct addr a = address(ip);
  return netcount_add(n, &a);
}

static void test_counts(void) {
  struct netcount n = {.max = 100};
  ok(count(&n, "192.0.2.1", NETWORK_LARGE) == 0, "nothing yet");
  ok(add(&n, "192.0.2.1") && add(&n, "192.0.2.1") && add(&n, "192.0.3.1") && add(&n, "192.9.3.1"),
     "four");
  ok(count(&n, "192.0.2.9", NETWORK_SMALL) == 2 && count(&n, "192.0.2.9", NETWORK_MIDDLE) == 3 &&
         count(&n, "192.0.2.9", NETWORK_LARGE) == 4 && count(&n, "193.0.0.0", NETWORK_LARGE) == 0,
     "each in three networks");
  ok(n.used == 3 + 2 + 1, "each network once");
  struct addr one = address("192.0.2.1");
  netcount_remove(&n, &one);
  netcount_remove(&n, &one);
  ok(count(&n, "192.0.2.9", NETWORK_SMALL) == 0 && count(&n, "192.0.2.9", NETWORK_MIDDLE) == 1 &&
         n.used == 5,
     "and back");
  netcount_clear(&n);
  ok(n.used == 0 && count(&n, "192.0.3.1", NETWORK_SMALL) == 0 && add(&n, "192.0.3.1"),
     "empty, and used again");
  netcount_clear(&n);
  struct netcount few = {.max = 7};
  ok(add(&few, "1.2.3.4") && add(&few, "2.2.3.4") && !add(&few, "3.2.3.4") && few.used == 6,
     "no more networks than may be");
  netcount_clear(&few);
}

/* Many that come and go, against a plain sum. */
static void test_many(void) {
  enum { MANY = 20000 };
  static struct addr all[MANY];
  struct netcount n = {.max = 1000000, .key = {{1, 2}}};
  uint32_t random = 7;
  uint64_t sum = 0;
  for (int i = 0; i < MANY; i++) {
    random = random * 1664525 + 1013904223;
    all[i] = addr_from_ipv4(random >> 6);
    if (!netcount_add(&n, &all[i])) abort();
  }
  for (int i = 0; i < MANY; i += 2) netcount_remove(&n, &all[i]);
  for (uint32_t net = 0; net < 256; net++) {
    struct addr a = addr_from_ipv4(net << 24);
    struct network network = network_of(&a, NETWORK_LARGE);
    sum += netcount_get(&n, &network);
  }
  ok(sum == MANY / 2, "half of them are left");
  for (int i = 1; i < MANY; i += 2) netcount_remove(&n, &all[i]);
  ok(n.used == 0, "none is left");
  netcount_clear(&n);
}

int main(void) {
  test_networks();
  test_counts();
  test_many();
  return done();
}
