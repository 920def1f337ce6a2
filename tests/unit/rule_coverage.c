/* How many addresses a table covers, when that is too many, and which of them no list should name.
 */
#include "rule/coverage.h"
#include "rule/listname.h"
#include "rule/ruletext.h"
#include "tap.h"
#include <stdlib.h>

struct read {
  struct rulefile_tables tables;
  struct listname list;
  struct rule_errors errors;
  char *text;
};

/* The rows of a text, as in the file named. */
static struct read *read_rows(const char *name, const char *text) {
  struct read *r = calloc(1, sizeof *r);
  const char *reason;
  bool listed = listname_init(&r->list, name, &reason);
  const struct rulefile *file = listed ? &r->list.rule : rulefile_find(span_str(name));
  r->text = strdup(text);
  rulefile_tables_init(&r->tables, file);
  ruletext_read(file, r->text, strlen(text), &r->tables, &r->errors);
  return r;
}

static void forget(struct read *r) {
  rulefile_tables_free(&r->tables);
  free(r->text);
  free(r);
}

static const struct {
  const char *text;
  uint64_t ipv4, nets, global;
} covers[] = {
    {"192.0.2.1\n", 1, 0, 0},
    {"192.0.2.0/24\n192.0.2.7\n", 256, 0, 0},
    {"192.0.2.0/24\n!192.0.2.7\n", 255, 0, 0},
    {"!192.0.2.0/24\n", 0, 0, 0},
    {"192.0.2.0-192.0.2.9\n192.0.2.5-192.0.2.14\n", 15, 0, 0},
    {"0.0.0.0/0\n", UINT64_C(1) << 32, 0, 0},
    {"2001:db8::/64\n", 0, 1, 1},
    {"2001:db8::1\n2001:db8::5\n2001:db8:0:1::1\n", 0, 2, 2},
    {"2001:db8::ffff-2001:db8:0:2::1\n2001:db8:0:2::5\n", 0, 3, 3},
    {"2001:db8::5-2001:db8::6\n2001:db8::9-2001:db8:0:1::9\n", 0, 2, 2},
    {"fe80::/10\n2001:db8::/48\n", 0, (UINT64_C(1) << 54) + 65536, 65536},
    {"::/0\n", 0, UINT64_MAX, UINT64_C(1) << 61},
    {"1fff:ffff:ffff:ffff::-2000::\n", 0, 2, 1},
    {"3fff:ffff:ffff:ffff::-4000::\n", 0, 2, 1},
    {"192.0.2.1\n::1\n", 1, 1, 0},
};

static void test_covers(void) {
  for (size_t i = 0; i < sizeof covers / sizeof covers[0]; i++) {
    struct read *r = read_rows("highmx", covers[i].text);
    struct coverage got;
    ok(coverage_of(&r->tables.addresses, &got) && got.ipv4 == covers[i].ipv4 &&
           got.nets == covers[i].nets && got.global == covers[i].global,
       "row %zu covers %llu, %llu and %llu", i, (unsigned long long)got.ipv4,
       (unsigned long long)got.nets, (unsigned long long)got.global);
    forget(r);
  }
}

/* From 1.0.0.0/8 on so many /8s, and from 2000::/19 on so many /19s. */
static char *many(unsigned int ipv4, unsigned int ipv6, const char *more) {
  char *text = malloc(32 * (ipv4 + ipv6) + strlen(more) + 1);
  size_t n = 0;
  for (unsigned int i = 0; i < ipv4; i++) n += (size_t)sprintf(text + n, "%u.0.0.0/8\n", i + 1);
  for (unsigned int i = 0; i < ipv6; i++)
    n += (size_t)sprintf(text + n, "%x:%x::/19\n", 0x2000 + (i >> 3), (i & 7) << 13);
  strcpy(text + n, more);
  return text;
}

static const struct {
  const char *name, *file;
  unsigned int ipv4, ipv6;
  const char *more;
  const char *want; /* a part of the complaint; NULL: none */
} limits[] = {
    {"an eighth of IPv4", "x.4", 32, 0, "", NULL},
    {"an eighth, written twice", "x.4", 32, 0, "1.0.0.0/9\n32.0.0.0/10\n", NULL},
    {"one address more", "x.4", 32, 0, "77.0.0.1\n", "more than an eighth"},
    {"one more, and one less", "x.4", 32, 0, "77.0.0.1\n!1.2.3.4\n", NULL},
    {"in blacklist", "blacklist", 33, 0, "", "more than an eighth"},
    {"an eighth of IPv6", "x.4", 0, 8192, "", NULL},
    {"one /64 more", "x.4", 0, 8192, "3000::1\n", "more than an eighth"},
    {"IPv6 that is no global unicast", "x.4", 0, 8192, "4000::/19\nfe80::/19\n", NULL},
    {"half of IPv4 in dynamic", "dynamic", 128, 0, "", NULL},
    {"more than half", "dynamic", 128, 0, "200.0.0.1\n", "more than half"},
    {"40 %, as Spamhaus' PBL", "dynamic", 102, 0, "", NULL},
    {"half of IPv6 in dynamic", "dynamic", 0, 32768, "", NULL},
    {"more than half of IPv6", "dynamic", 0, 32769, "", "more than half"},
    {"own has no limit", "own", 200, 0, "0.0.0.0/0\n", NULL},
    {"nor has neverlist", "neverlist", 200, 0, "::/0\n", NULL},
    {"nor highmx", "highmx", 200, 0, "0.0.0.0/0\n", NULL},
    {"nor whitelist", "whitelist", 200, 0, "0.0.0.0/0\n", NULL},
};

static void test_limits(void) {
  for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++) {
    char *text = many(limits[i].ipv4, limits[i].ipv6, limits[i].more);
    struct read *r = read_rows(limits[i].file, text);
    const char *got = r->errors.count ? r->errors.kept[0].reason : "";
    ok(limits[i].want ? r->errors.count == 1 && strstr(got, limits[i].want) != NULL
                      : r->errors.count == 0,
       "%s: %s", limits[i].name, got);
    forget(r);
    free(text);
  }
}

static const struct {
  const char *list, *never;
  const char *want; /* the warning, or "" */
} named[] = {
    {"8.8.8.8\n", "", ""},
    {"8.8.8.8\n10.0.0.1\n", "",
     "2 entries that hold special-purpose addresses: 1, addresses in neverlist: 0; the first: "
     "10.0.0.1"},
    {"8.8.8.8\n74.125.0.1\n8.0.0.0/16\n", "74.125.0.0/16\n8.0.9.0/24\n",
     "2 entries that hold special-purpose addresses: 0, addresses in neverlist: 2; the first: "
     "74.125.0.1"},
    {"8.8.8.8\n74.125.0.1\n", "74.125.0.0/16\n!74.125.0.1\n", ""},
    {"fe80::1\n9.0.0.0/8\n2600::1\n", "2600::/64\n",
     "1 entries that hold special-purpose addresses: 1, addresses in neverlist: 1; the first: "
     "fe80::1"},
    {"!10.0.0.1\n8.8.8.8\n", "", ""},
    {"11.0.0.0/8\n2600::/32\n", "::/0\n",
     "2 entries that hold special-purpose addresses: 0, addresses in neverlist: 1; the first: "
     "2600::/32"},
    {"9.255.255.255\n11.0.0.0\n", "", ""},
};

static void test_named(void) {
  for (size_t i = 0; i < sizeof named / sizeof named[0]; i++) {
    struct read *list = read_rows("x.4", named[i].list),
                *never = read_rows("neverlist", named[i].never);
    static struct rule_errors c;
    char got[500] = "";
    c.warnings = 0;
    ok(coverage_warn(&list->tables.addresses, &never->tables.addresses, &c), "looked through");
    if (c.warnings) snprintf(got, sizeof got, "%u %s", c.warned[0].line, c.warned[0].reason);
    is_text(span_str(got), named[i].want, "warnings of row %zu", i);
    forget(list);
    forget(never);
  }
}

static void test_special(void) {
  static const struct {
    const char *entry;
    bool want;
  } entries[] = {{"10.0.0.0/8", true},     {"10.1.2.3", true},        {"10.0.0.0/7", false},
                 {"172.32.0.0", false},    {"172.31.0.0", true},      {"2001:db8::/32", true},
                 {"2001:db8::/31", false}, {"255.255.255.255", true}, {"64.233.160.0/19", false}};
  for (size_t i = 0; i < sizeof entries / sizeof entries[0]; i++) {
    struct prefix p;
    const char *reason;
    ok(prefix_parse(span_str(entries[i].entry), &p, &reason)
           ? coverage_is_special(&p) == entries[i].want
           : !entries[i].want,
       "%s is %s special purpose", entries[i].entry, entries[i].want ? "of a" : "of no");
  }
}

int main(void) {
  test_covers();
  test_limits();
  test_named();
  test_special();
  return done();
}
