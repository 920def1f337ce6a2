#include "publish/partition.h"
#include "publish/answers.h"
#include "tap.h"

static struct addr addr_of(const char *text) {
  struct addr a = {{0}};
  if (!addr_parse(span_str(text), &a)) printf("# malformed %s\n", text);
  return a;
}

static void test_partitions(void) {
  static const struct {
    const char *ip;
    unsigned int want;
  } rows[] = {{"1.2.3.4", 0},
              {"27.255.255.255", 0},
              {"28.0.0.0", 1},
              {"55.255.255.255", 1},
              {"192.0.2.1", 6},
              {"195.255.255.255", 6},
              {"196.0.0.0", 7},
              {"223.255.255.255", 7},
              {"255.255.255.255", 7},
              {"2001:db8::", PARTITION_IPV6},
              {"0:0:0:1::", PARTITION_IPV6}};
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    struct addr ip = addr_of(rows[i].ip), from, to;
    unsigned int partition = partition_of(&ip);
    ok(partition == rows[i].want, "%s belongs to %u", rows[i].ip, rows[i].want);
    if (!answers_are_published(&ip)) continue;
    for (unsigned int base = 0; base < BASES; base++) {
      partition_range(base, &from, &to);
      bool within = addr_compare(&from, &ip) <= 0 && addr_compare(&ip, &to) <= 0;
      ok(within == (base == partition), "%s is %sin the range of %u", rows[i].ip,
         base == partition ? "" : "not ", base);
    }
  }
}

int main(void) {
  test_partitions();
  return done();
}
