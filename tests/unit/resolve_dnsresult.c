/* DNS responses: what is accepted as the answer of a question, and what is not. */
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

static void expect(const struct question *q, enum dnsstatus want, int count, const char *name) {
  struct dnsresult f = packet_read(&packet, q);
  ok(f.status == want, "%s: status %d", name, (int)f.status);
  if (want == DNS_DATA) ok(f.count == count, "%s: %d records", name, f.count);
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
  ok(addr_compare(&a, &want) == 0, "the second address");
  ok(f.ttl == 200 && !f.partial, "the least TTL");
  begin(&q, TYPE_AAAA, 0);
  packet_record(&packet, SECTION_ANSWER, "www.example.org", TYPE_AAAA, 0x80000001);
  packet_data(&packet, v6, 16);
  f = packet_read(&packet, &q);
  a = dnsresult_address(&f, 0);
  ok(f.status == DNS_DATA && memcmp(a.byte, v6, 16) == 0, "an IPv6 address");
  ok(f.ttl == 0, "a TTL with its highest bit set is 0");
  begin(&q, TYPE_A, 0);
  for (uint32_t i = 0; i < 70; i++) packet_a(&packet, "www.example.org", 300000, i);
  f = packet_read(&packet, &q);
  ok(f.count == DNSRESULT_ADDRESSES_MAX && f.partial, "more addresses than are kept");
  ok(f.ttl == 86400, "a TTL of more than a day");
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
  ok(packet.len == 0, "a message that ends too early");
  begin(&q, TYPE_A, 3);
  expect(&q, DNS_NXDOMAIN, 0, "NXDOMAIN with only the question");
  begin(&q, TYPE_A, 3);
  for (int cut = 1; cut <= 4; cut++) {
    packet.len--;
    expect(&q, DNS_UNKNOWN, 0, "a message that ends within the question");
  }
  begin(&q, TYPE_A, 0);
  packet_a(&packet, "www.example.org", 300, 1);
  packet.data[7] = 2;
  expect(&q, DNS_UNKNOWN, 0, "fewer records than the header says");
  begin(&q, TYPE_PTR, 0);
  packet_record(&packet, SECTION_ANSWER, "www.example.org", TYPE_PTR, 300);
  packet_data(&packet, "\1a\0x", 4);
  expect(&q, DNS_UNKNOWN, 0, "a byte after the name");
  begin(&q, TYPE_PTR, 0);
  packet_record(&packet, SECTION_ANSWER, "www.example.org", TYPE_PTR, 300);
  packet_data(&packet, "\xff\xff", 2);
  expect(&q, DNS_UNKNOWN, 0, "a compression pointer past the end");
}

static void wrong_headers(void) {
  static const struct {
    const char *name;
    size_t at;
    uint8_t flip;
  } rows[] = {
      {"a query", 2, 0x80},       {"another opcode", 2, 0x08}, {"a truncated message", 2, 0x02},
      {"two questions", 5, 0x03}, {"no question", 5, 0x01},    {"another name", 14, 0x01},
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
  ok(f.status == DNS_DATA && f.ttl == 60, "a CNAME after the record that it leads to");
  begin(&q, TYPE_A, 0);
  packet_target(&packet, "www.example.org", 5, 60, "c1.example.org");
  packet_target(&packet, "c1.example.org", 5, 60, "www.example.org");
  expect(&q, DNS_UNKNOWN, 0, "a loop of CNAMEs");
  begin(&q, TYPE_A, 0);
  packet_target(&packet, "www.example.org", 5, 60, "c1.example.org");
  expect(&q, DNS_UNKNOWN, 0, "a CNAME without the record that it leads to");
  begin(&q, TYPE_A, 3);
  packet_target(&packet, "www.example.org", 5, 60, "c1.example.org");
  packet_soa(&packet, "example.org", 300, 60);
  expect(&q, DNS_NODATA, 0, "NXDOMAIN after a CNAME");
}

static void negatives(void) {
  struct question q;
  struct dnsresult f;
  begin(&q, TYPE_A, 3);
  packet_soa(&packet, "Example.org", 300, 60);
  f = packet_read(&packet, &q);
  ok(f.status == DNS_NXDOMAIN && f.ttl == 60, "NXDOMAIN: the MINIMUM of the SOA record");
  begin(&q, TYPE_A, 3);
  packet_soa(&packet, "example.org", 30, 60);
  f = packet_read(&packet, &q);
  ok(f.status == DNS_NXDOMAIN && f.ttl == 30, "NXDOMAIN: the TTL of the SOA record, if it is less");
  begin(&q, TYPE_A, 3);
  packet_soa(&packet, "", 900000, 900000);
  ok(packet_read(&packet, &q).ttl == 10800, "a negative TTL of more than three hours");
  begin(&q, TYPE_A, 3);
  packet_soa(&packet, "example.com", 300, 60);
  f = packet_read(&packet, &q);
  ok(f.status == DNS_NXDOMAIN && f.ttl == 0, "NXDOMAIN with the SOA record of another zone");
  begin(&q, TYPE_A, 0);
  packet_soa(&packet, "example.org", 300, 60);
  f = packet_read(&packet, &q);
  ok(f.status == DNS_NODATA && f.ttl == 60, "NODATA");
  begin(&q, TYPE_A, 0);
  expect(&q, DNS_UNKNOWN, 0, "an empty answer without a SOA record");
  begin(&q, TYPE_A, 0);
  packet_soa(&packet, "example.com", 300, 60);
  expect(&q, DNS_UNKNOWN, 0, "an empty answer with the SOA record of another zone");
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
  expect(&q, DNS_UNKNOWN, 0, "an empty answer with a SOA record of another class");
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
  ok(dnsresult_next_name(&rest, &name), "the first name");
  is_text(name, "Mail.example.org", "as in the packet");
  ok(dnsresult_next_name(&rest, &name), "the second name");
  is_text(name, ".", "the root");
  ok(dnsresult_next_name(&rest, &name), "the third name");
  ok(span_find(name, '\n') == name.len && span_find(name, (char)0xff) == name.len,
     "unusual bytes are escaped");
  ok(!dnsresult_next_name(&rest, &name), "no fourth name");
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
  ok(f.status == DNS_DATA && f.count == 1, "a null MX and another one");
}

static void many(void) {
  struct question q;
  begin(&q, TYPE_A, 0);
  for (int i = 0; i < 300; i++) packet_target(&packet, "x.example.org", 5, 60, "y.example.org");
  packet_a(&packet, "www.example.org", 300, 1);
  expect(&q, DNS_UNKNOWN, 0, "a record after the 256th");
}

int main(void) {
  addresses();
  malformed();
  wrong_headers();
  chains();
  negatives();
  names();
  many();
  return done();
}
