/* What a message says to a question, and what is not believed. */
#include "resolve_packet.h"
#include "tap.h"

static struct packet_out packet;

static struct question ask(enum question_type type, const char *name) {
  struct question q;
  if (!question_host(&q, type, span_str(name))) abort();
  return q;
}

static void begin(struct question *q, enum question_type type, int rcode) {
  *q = ask(type, "www.example.org");
  packet_begin(&packet, q, rcode);
}

static void expect(const struct question *q, enum dnsstatus found, int count, const char *name) {
  struct dnsresult f = packet_read(&packet, q);
  ok(f.status == found, "%s: found %d", name, (int)f.status);
  if (found == DNS_DATA) ok(f.count == count, "%s: %d of them", name, f.count);
}

static void addresses(void) {
  struct question q;
  static const uint8_t v6[16] = {0x20, 1, 0xd, 0xb8, [15] = 9};
  begin(&q, TYPE_A, 0);
  packet_a(&packet, "WWW.example.ORG", 300, 0xc0000207);
  packet_a(&packet, "www.example.org", 200, 0xc0000208);
  packet_a(&packet, "other.example.org", 100, 0xc0000209);
  struct dnsresult f = packet_read(&packet, &q);
  struct addr a = dnsresult_address(&f, 1), want = addr_from_ipv4(0xc0000208);
  ok(f.status == DNS_DATA && f.count == 2, "addresses of the name that was asked for");
  ok(addr_compare(&a, &want) == 0, "the second one");
  ok(f.ttl == 200 && !f.partial, "the least time to live");
  begin(&q, TYPE_AAAA, 0);
  packet_record(&packet, SECTION_ANSWER, "www.example.org", TYPE_AAAA, 0x80000001);
  packet_data(&packet, v6, 16);
  f = packet_read(&packet, &q);
  a = dnsresult_address(&f, 0);
  ok(f.status == DNS_DATA && memcmp(a.byte, v6, 16) == 0, "an IPv6 address");
  ok(f.ttl == 0, "a time to live with its highest bit set is none");
  begin(&q, TYPE_A, 0);
  for (uint32_t i = 0; i < 70; i++) packet_a(&packet, "www.example.org", 300000, i);
  f = packet_read(&packet, &q);
  ok(f.count == DNSRESULT_ADDRESSES_MAX && f.partial, "more than are kept");
  ok(f.ttl == 86400, "a day at most");
}

static void malformed(void) {
  struct question q;
  begin(&q, TYPE_A, 0);
  packet_record(&packet, SECTION_ANSWER, "www.example.org", TYPE_A, 300);
  packet_data(&packet, "abc", 3);
  expect(&q, DNS_UNKNOWN, 0, "an address of three bytes");
  begin(&q, TYPE_AAAA, 0);
  packet_record(&packet, SECTION_ANSWER, "www.example.org", TYPE_AAAA, 300);
  packet_data(&packet, "abcd", 4);
  expect(&q, DNS_UNKNOWN, 0, "an IPv6 address of four bytes");
  begin(&q, TYPE_A, 0);
  packet_a(&packet, "www.example.org", 300, 1);
  while (packet.len-- > 0) {
    struct dnsresult f = packet_read(&packet, &q);
    if (f.status != DNS_UNKNOWN) {
      ok(false, "cut to %zu bytes", packet.len);
      return;
    }
    if (packet.len == 0) break;
  }
  ok(packet.len == 0, "a message that ends too early, wherever");
  begin(&q, TYPE_A, 3);
  expect(&q, DNS_NXDOMAIN, 0, "NXDOMAIN of nothing but the question");
  begin(&q, TYPE_A, 3);
  for (int cut = 1; cut <= 4; cut++) {
    packet.len--;
    expect(&q, DNS_UNKNOWN, 0, "and cut within the question");
  }
  begin(&q, TYPE_A, 0);
  packet_a(&packet, "www.example.org", 300, 1);
  packet.data[7] = 2;
  expect(&q, DNS_UNKNOWN, 0, "fewer records than it says");
  begin(&q, TYPE_PTR, 0);
  packet_record(&packet, SECTION_ANSWER, "www.example.org", TYPE_PTR, 300);
  packet_data(&packet, "\1a\0x", 4);
  expect(&q, DNS_UNKNOWN, 0, "a byte behind the name");
  begin(&q, TYPE_PTR, 0);
  packet_record(&packet, SECTION_ANSWER, "www.example.org", TYPE_PTR, 300);
  packet_data(&packet, "\xff\xff", 2);
  expect(&q, DNS_UNKNOWN, 0, "a pointer out of the message");
}

static void not_ours(void) {
  static const struct {
    const char *name;
    size_t at;
    uint8_t flip;
  } rows[] = {
      {"a query", 2, 0x80},       {"another operation", 2, 0x08}, {"a truncated one", 2, 0x02},
      {"two questions", 5, 0x03}, {"no question", 5, 0x01},       {"another name", 14, 0x01},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    struct question q;
    begin(&q, TYPE_A, 0);
    packet_a(&packet, "www.example.org", 300, 1);
    packet.data[rows[i].at] ^= rows[i].flip;
    expect(&q, DNS_UNKNOWN, 0, rows[i].name);
  }
  struct question q = ask(TYPE_A, "www.example.org"), other = ask(TYPE_AAAA, "www.example.org");
  packet_begin(&packet, &other, 0);
  packet_a(&packet, "www.example.org", 300, 1);
  expect(&q, DNS_UNKNOWN, 0, "another type");
}

static void chains(void) {
  char from[32], to[32];
  struct question q;
  for (int hops = 1; hops <= 9; hops += 4) {
    begin(&q, TYPE_A, 0);
    for (int i = 0; i < hops; i++) {
      snprintf(from, sizeof from, i ? "c%d.example.org" : "www.example.org", i);
      snprintf(to, sizeof to, "c%d.example.org", i + 1);
      packet_target(&packet, from, 5, 60, to);
    }
    packet_a(&packet, to, 300, 1);
    expect(&q, hops <= DNSRESULT_CNAMES_MAX ? DNS_DATA : DNS_UNKNOWN, 1, "a chain of CNAMEs");
  }
  begin(&q, TYPE_A, 0);
  packet_a(&packet, "c1.example.org", 300, 1);
  packet_target(&packet, "www.example.org", 5, 60, "c1.example.org");
  struct dnsresult f = packet_read(&packet, &q);
  ok(f.status == DNS_DATA && f.ttl == 60, "the records in another order");
  begin(&q, TYPE_A, 0);
  packet_target(&packet, "www.example.org", 5, 60, "c1.example.org");
  packet_target(&packet, "c1.example.org", 5, 60, "www.example.org");
  expect(&q, DNS_UNKNOWN, 0, "a ring of CNAMEs");
  begin(&q, TYPE_A, 0);
  packet_target(&packet, "www.example.org", 5, 60, "c1.example.org");
  expect(&q, DNS_UNKNOWN, 0, "a chain that ends in nothing");
  begin(&q, TYPE_A, 3);
  packet_target(&packet, "www.example.org", 5, 60, "c1.example.org");
  packet_soa(&packet, "example.org", 300, 60);
  expect(&q, DNS_NODATA, 0, "NXDOMAIN of the end of a chain");
}

static void negatives(void) {
  struct question q;
  struct dnsresult f;
  begin(&q, TYPE_A, 3);
  packet_soa(&packet, "Example.org", 300, 60);
  f = packet_read(&packet, &q);
  ok(f.status == DNS_NXDOMAIN && f.ttl == 60, "NXDOMAIN for the SOA's minimum");
  begin(&q, TYPE_A, 3);
  packet_soa(&packet, "example.org", 30, 60);
  f = packet_read(&packet, &q);
  ok(f.status == DNS_NXDOMAIN && f.ttl == 30, "or for the SOA's own time");
  begin(&q, TYPE_A, 3);
  packet_soa(&packet, "", 900000, 900000);
  ok(packet_read(&packet, &q).ttl == 10800, "three hours at most");
  begin(&q, TYPE_A, 3);
  packet_soa(&packet, "example.com", 300, 60);
  f = packet_read(&packet, &q);
  ok(f.status == DNS_NXDOMAIN && f.ttl == 0, "another zone's SOA is none");
  begin(&q, TYPE_A, 0);
  packet_soa(&packet, "example.org", 300, 60);
  f = packet_read(&packet, &q);
  ok(f.status == DNS_NODATA && f.ttl == 60, "NODATA");
  begin(&q, TYPE_A, 0);
  expect(&q, DNS_UNKNOWN, 0, "nothing, and no SOA");
  begin(&q, TYPE_A, 0);
  packet_soa(&packet, "example.com", 300, 60);
  expect(&q, DNS_UNKNOWN, 0, "nothing, and another zone's SOA");
  begin(&q, TYPE_A, 0);
  packet_record(&packet, SECTION_AUTHORITY, "example.org", 2, 300);
  packet_data(&packet, "\2ns\0", 4);
  expect(&q, DNS_UNKNOWN, 0, "a referral");
  begin(&q, TYPE_A, 0);
  packet_record(&packet, SECTION_AUTHORITY, "example.org", 2, 300);
  packet_data(&packet, "\3ns1\26nameservers-of-example\3org\0", 32);
  expect(&q, DNS_UNKNOWN, 0, "a referral to a long name");
  begin(&q, TYPE_A, 0);
  packet_soa(&packet, "example.org", 300, 60);
  packet.data[12 + 17 + 4 + 13 + 3] = 3; /* the class of the SOA: CHAOS */
  expect(&q, DNS_UNKNOWN, 0, "a SOA of another class");
  begin(&q, TYPE_A, 3);
  packet_a(&packet, "www.example.org", 300, 1);
  expect(&q, DNS_UNKNOWN, 0, "NXDOMAIN with an answer");
  begin(&q, TYPE_A, 2);
  packet_a(&packet, "www.example.org", 300, 1);
  expect(&q, DNS_UNKNOWN, 0, "SERVFAIL");
  begin(&q, TYPE_A, 5);
  packet_soa(&packet, "example.org", 300, 60);
  expect(&q, DNS_UNKNOWN, 0, "REFUSED");
}

static void names(void) {
  struct question q;
  struct dnsresult f;
  struct span rest, name;
  begin(&q, TYPE_PTR, 0);
  packet_target(&packet, "www.example.org", TYPE_PTR, 300, "Mail.example.org");
  packet_target(&packet, "www.example.org", TYPE_PTR, 300, "");
  packet_target(&packet, "www.example.org", TYPE_PTR, 300, "a b\n\xff.example.org");
  f = packet_read(&packet, &q);
  ok(f.status == DNS_DATA && f.count == 3, "three names");
  rest = dnsresult_names(&f);
  ok(dnsresult_next_name(&rest, &name), "the first");
  is_text(name, "Mail.example.org", "as it stands there");
  ok(dnsresult_next_name(&rest, &name), "the second");
  is_text(name, ".", "the root");
  ok(dnsresult_next_name(&rest, &name), "the third");
  ok(span_find(name, '\n') == name.len && span_find(name, (char)0xff) == name.len,
     "its strange bytes are escaped");
  ok(!dnsresult_next_name(&rest, &name), "no fourth");
  begin(&q, TYPE_PTR, 0);
  for (int i = 0; i < 12; i++)
    packet_target(&packet, "www.example.org", TYPE_PTR, 300, "mail.example.org");
  f = packet_read(&packet, &q);
  ok(f.count == DNSRESULT_NAMES_MAX && f.partial, "more names than are kept");
  begin(&q, TYPE_MX, 0);
  packet_target(&packet, "www.example.org", TYPE_MX, 300, "");
  f = packet_read(&packet, &q);
  ok(f.status == DNS_DATA && f.count == 0, "a null MX");
  packet_target(&packet, "www.example.org", TYPE_MX, 300, "mx.example.org");
  f = packet_read(&packet, &q);
  ok(f.status == DNS_DATA && f.count == 1, "an MX beside it");
}

static void many(void) {
  struct question q;
  begin(&q, TYPE_A, 0);
  for (int i = 0; i < 300; i++) packet_target(&packet, "x.example.org", 5, 60, "y.example.org");
  packet_a(&packet, "www.example.org", 300, 1);
  expect(&q, DNS_UNKNOWN, 0, "what stands behind too many records");
}

int main(void) {
  addresses();
  malformed();
  not_ours();
  chains();
  negatives();
  names();
  many();
  return done();
}
