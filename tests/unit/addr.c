/* Addresses: strict reading, RFC 5952 writing, masks. */
#include "base/addr.h"
#include "tap.h"
#include <arpa/inet.h>
#include <netinet/in.h>

struct row {
  const char *input, *want; /* NULL: refused */
};

static const struct row rows[] = {
    {"192.0.2.7", "192.0.2.7"},
    {"0.0.0.0", "0.0.0.0"},
    {"255.255.255.255", "255.255.255.255"},
    {"256.0.0.1", NULL},
    {"192.0.2", NULL},
    {"192.0.2.7.", NULL},
    {"192.0.2.7.8", NULL},
    {"192.0.2.07", NULL},
    {"192.0.2.", NULL},
    {".0.2.7", NULL},
    {" 192.0.2.7", NULL},
    {"192.0.2.7 ", NULL},
    {"0xc0.0.2.7", NULL},
    {"3221225991", NULL},
    {"", NULL},
    {"::", "::"},
    {"::1", "::1"},
    {"2001:DB8::1", "2001:db8::1"},
    {"2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"},
    {"2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"},
    {"2001:0db8:0000:0000:0000:0000:0000:0000", "2001:db8::"},
    {"0:0:0:1:0:0:0:0", "0:0:0:1::"},
    {"1:0:0:2::", "1:0:0:2::"},
    {"::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"},
    {"fe80:10::", "fe80:10::"},
    {"::ffff:192.0.2.7", "192.0.2.7"},
    {"::ffff:c000:207", "192.0.2.7"},
    {"fe80::1%eth0", NULL},
    {"2001:db8::1::2", NULL},
    {"2001:db8:::1", NULL},
    {"12345::", NULL},
    {"1:2:3:4:5:6:7", NULL},
    {"1:2:3:4:5:6:7:8:9", NULL},
    {"::ffff:192.0.2", NULL},
    {"[::1]", NULL},
    {":", NULL},
    {"0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0001", NULL},
};

struct mask_row {
  const char *input;
  unsigned int bits;
  const char *want;
};

static const struct mask_row masks[] = {
    {"192.0.2.255", 96 + 24, "192.0.2.0"},
    {"192.0.2.255", 96 + 31, "192.0.2.254"},
    {"192.0.2.255", 128, "192.0.2.255"},
    {"2001:db8:1:2:3:4:5:6", 64, "2001:db8:1:2::"},
    {"2001:db8:1:2:3:4:5:6", 33, "2001:db8::"},
    {"2001:db8:ffff::", 33, "2001:db8:8000::"},
    {"ffff::", 0, "::"},
};

static const struct {
  const char *address;
  enum addr_purpose want;
} purposes[] = {
    {"0.0.0.0", ADDR_UNSPECIFIED},
    {"0.255.255.255", ADDR_UNSPECIFIED},
    {"1.0.0.0", ADDR_PUBLIC},
    {"10.255.255.255", ADDR_PRIVATE},
    {"11.0.0.0", ADDR_PUBLIC},
    {"100.63.255.255", ADDR_PUBLIC},
    {"100.64.0.0", ADDR_SHARED},
    {"100.127.255.255", ADDR_SHARED},
    {"100.128.0.0", ADDR_PUBLIC},
    {"127.0.0.1", ADDR_LOOPBACK},
    {"127.255.255.255", ADDR_LOOPBACK},
    {"169.254.0.1", ADDR_LINK_LOCAL},
    {"169.255.0.1", ADDR_PUBLIC},
    {"172.15.255.255", ADDR_PUBLIC},
    {"172.16.0.0", ADDR_PRIVATE},
    {"172.31.255.255", ADDR_PRIVATE},
    {"172.32.0.0", ADDR_PUBLIC},
    {"192.0.0.7", ADDR_464XLAT},
    {"192.0.0.8", ADDR_PROTOCOL},
    {"192.0.1.0", ADDR_PUBLIC},
    {"192.0.2.255", ADDR_DOCUMENTATION},
    {"192.168.0.1", ADDR_PRIVATE},
    {"198.19.255.255", ADDR_BENCHMARK},
    {"198.51.100.1", ADDR_DOCUMENTATION},
    {"203.0.113.1", ADDR_DOCUMENTATION},
    {"223.255.255.255", ADDR_PUBLIC},
    {"224.0.0.0", ADDR_MULTICAST},
    {"255.255.255.255", ADDR_MULTICAST},
    {"::", ADDR_UNSPECIFIED},
    {"::1", ADDR_LOOPBACK},
    {"::2", ADDR_UNASSIGNED},
    {"::ffff:10.0.0.1", ADDR_PRIVATE},
    {"1fff::", ADDR_UNASSIGNED},
    {"2000::", ADDR_PUBLIC},
    {"2001:1ff::", ADDR_PROTOCOL},
    {"2001:200::", ADDR_PUBLIC},
    {"2001:db8::1", ADDR_DOCUMENTATION},
    {"2001:db9::1", ADDR_PUBLIC},
    {"3fff:fff::", ADDR_DOCUMENTATION},
    {"3fff:1000::", ADDR_PUBLIC},
    {"4000::", ADDR_UNASSIGNED},
    {"fbff::", ADDR_UNASSIGNED},
    {"fc00::", ADDR_PRIVATE},
    {"fdff::", ADDR_PRIVATE},
    {"fe80::1", ADDR_LINK_LOCAL},
    {"febf::1", ADDR_LINK_LOCAL},
    {"fec0::1", ADDR_UNASSIGNED},
    {"ff02::1", ADDR_MULTICAST},
};

static const struct {
  const char *address;
  bool loopback, localhost, is_private;
} tests[] = {
    {"127.0.0.1", true, true, true},    {"127.0.0.2", true, false, true},
    {"128.0.0.1", false, false, false}, {"::1", true, true, true},
    {"::2", false, true, false},        {"::", false, true, true},
    {"0:0:0:1::", false, false, false}, {"192.0.0.1", false, false, true},
    {"192.0.2.1", false, false, false}, {"224.0.0.1", false, false, false},
};

static void test_purposes(void) {
  struct addr a;
  for (size_t i = 0; i < sizeof purposes / sizeof *purposes; i++) {
    addr_parse(span_str(purposes[i].address), &a);
    ok(addr_purpose(&a) == purposes[i].want, "the purpose of %s", purposes[i].address);
  }
  for (size_t i = 0; i < sizeof tests / sizeof *tests; i++) {
    addr_parse(span_str(tests[i].address), &a);
    ok(addr_is_loopback(&a) == tests[i].loopback, "%s: loopback", tests[i].address);
    ok(addr_is_localhost(&a) == tests[i].localhost, "%s: localhost", tests[i].address);
    ok(addr_is_private(&a) == tests[i].is_private, "%s: private", tests[i].address);
  }
}

static void test_sockaddr(void) {
  struct sockaddr_in6 in6 = {.sin6_family = AF_INET6, .sin6_port = htons(40112)};
  struct sockaddr other = {.sa_family = AF_UNIX};
  char text[ADDR_TEXT_MAX];
  struct addr a;
  uint16_t port;
  inet_pton(AF_INET6, "::ffff:192.0.2.7", &in6.sin6_addr);
  ok(addr_from_sockaddr((const struct sockaddr *)&in6, &a, &port) && port == 40112, "sockaddr_in6");
  is_text(span_of(text, addr_format(text, &a)), "192.0.2.7", "a mapped peer is an IPv4 peer");
  ok(!addr_from_sockaddr(&other, &a, &port), "a local socket has no address");
}

int main(void) {
  char text[ADDR_TEXT_MAX];
  struct addr a, again;
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    bool fine = addr_parse(span_str(rows[i].input), &a);
    ok(fine == (rows[i].want != NULL), "\"%s\" is %s", rows[i].input,
       rows[i].want ? "read" : "refused");
    if (!fine) continue;
    struct span got = span_of(text, addr_format(text, &a));
    is_text(got, rows[i].want, "\"%s\" is written", rows[i].input);
    ok(addr_parse(got, &again) && addr_compare(&a, &again) == 0, "\"%s\" and back", rows[i].want);
  }
  ok(!addr_parse(span_of("::1\0::1", 7), &a), "a NUL within is refused");
  for (size_t i = 0; i < sizeof masks / sizeof *masks; i++) {
    addr_parse(span_str(masks[i].input), &a);
    a = addr_mask(&a, masks[i].bits);
    is_text(span_of(text, addr_format(text, &a)), masks[i].want, "%s/%u", masks[i].input,
            masks[i].bits);
  }
  addr_parse(span_str("192.0.2.7"), &a);
  a = addr_evidence_key(&a);
  is_text(span_of(text, addr_format(text, &a)), "192.0.2.7", "IPv4 evidence is kept by address");
  addr_parse(span_str("2001:db8::5:6:7:8"), &a);
  a = addr_evidence_key(&a);
  is_text(span_of(text, addr_format(text, &a)), "2001:db8::", "IPv6 evidence is kept by /64");
  test_purposes();
  test_sockaddr();
  return done();
}
