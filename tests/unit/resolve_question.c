/* Which names become questions, and their form. */
#include "resolve/question.h"
#include "tap.h"

static struct addr address(const char *text) {
  struct addr a;
  ok(addr_parse(span_str(text), &a), "an address: %s", text);
  return a;
}

static void hosts(void) {
  static const struct {
    const char *name, *text, *want; /* NULL: not asked */
  } rows[] = {
      {"a host", "mail.example.org", "mail.example.org"},
      {"upper case", "MAIL.Example.ORG", "mail.example.org"},
      {"a last dot", "mail.example.org.", "mail.example.org"},
      {"an underscore", "my_pc.example.org", "my_pc.example.org"},
      {"digits in the first labels", "1.2.example", "1.2.example"},
      {"one label", "ylmf-pc", NULL},
      {"one label and a dot", "ylmf-pc.", NULL},
      {"an empty name", "", NULL},
      {"a dot", ".", NULL},
      {"an empty label", "mail..org", NULL},
      {"a leading dot", ".example.org", NULL},
      {"two last dots", "mail.example.org..", NULL},
      {"an address", "192.0.2.7", NULL},
      {"an address literal", "[192.0.2.7]", NULL},
      {"IPv6", "2001:db8::1", NULL},
      {"a number at the end", "mail.example.1", NULL},
      {"a space", "mail .example.org", NULL},
      {"a slash at the beginning", "/mail.example.org", NULL},
      {"a byte above ASCII", "m\xc3\xa4il.example.org", NULL},
      {"a backslash", "a\\.b.example.org", NULL},
      {"a slash", "a/b.example.org", NULL},
      {"a name below localhost", "a.localhost", NULL},
      {"multicast DNS", "printer.LOCAL", NULL},
      {"onion", "abc.onion", NULL},
      {"invalid", "a.invalid", NULL},
      {"a label of 63", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.example",
       "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.example"},
      {"a label of 64", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.example",
       NULL},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    struct question q;
    bool asked = question_host(&q, TYPE_MX, span_str(rows[i].text));
    ok(asked == (rows[i].want != NULL), "host: %s", rows[i].name);
    if (!asked || !rows[i].want) continue;
    is_text(span_str(q.name), rows[i].want, "its name");
    ok(q.len == strlen(q.name) && q.type == TYPE_MX, "its length and type");
  }
}

static void longest(void) {
  char name[256];
  struct question q;
  for (size_t i = 0; i < sizeof name; i++) name[i] = i % 50 == 49 ? '.' : 'a';
  ok(question_host(&q, TYPE_A, span_of(name, 253)) && q.len == 253, "253 bytes");
  ok(!question_host(&q, TYPE_A, span_of(name, 254)), "254 bytes");
}

static void reversed(void) {
  static const struct {
    const char *address, *reverse, *listed;
  } rows[] = {
      {"192.0.2.7", "7.2.0.192.in-addr.arpa", "7.2.0.192.bl.example"},
      {"0.0.0.0", "0.0.0.0.in-addr.arpa", "0.0.0.0.bl.example"},
      {"::ffff:192.0.2.255", "255.2.0.192.in-addr.arpa", "255.2.0.192.bl.example"},
      {"2001:db8::567:89ab",
       "b.a.9.8.7.6.5.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa",
       "b.a.9.8.7.6.5.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.bl.example"},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    struct question q;
    struct addr a = address(rows[i].address);
    question_reverse(&q, &a);
    is_text(span_str(q.name), rows[i].reverse, "reverse of %s", rows[i].address);
    ok(q.type == TYPE_PTR, "the type PTR");
    ok(question_list(&q, &a, span_str("BL.example")), "a question for a list");
    is_text(span_str(q.name), rows[i].listed, "%s in a list", rows[i].address);
    ok(q.type == TYPE_A, "the type A");
  }
}

static void lists(void) {
  struct question q;
  struct addr v4 = address("127.0.0.2"), v6 = address("2001:db8::1");
  char zone[256];
  ok(question_list_mapped(&q, &v4, span_str("bl.example")), "an IPv4-mapped name");
  is_text(span_str(q.name),
          "2.0.0.0.0.0.f.7.f.f.f.f.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.bl.example",
          "::FFFF:7F00:2, as in RFC 5782, 5");
  for (size_t i = 0; i < sizeof zone; i++) zone[i] = i % 50 == 49 ? '.' : 'a';
  ok(question_list(&q, &v6, span_of(zone, 253 - 64)), "the longest zone");
  ok(!question_list(&q, &v6, span_of(zone, 253 - 63)), "a zone that is too long");
  ok(question_zone_is_valid(span_str("bl.example")) && question_zone_is_valid(span_str("bl")),
     "valid zones");
  ok(!question_zone_is_valid(span_str("bl..example")) && !question_zone_is_valid(span_str("")) &&
         !question_zone_is_valid(span_str("bl example")),
     "names that are not zones");
}

static void special_addresses(void) {
  static const struct {
    const char *address;
    bool want;
  } rows[] = {
      {"127.0.0.1", true},
      {"10.1.2.3", true},
      {"11.0.0.0", false},
      {"172.16.0.1", true},
      {"172.32.0.1", false},
      {"192.168.9.9", true},
      {"192.169.0.0", false},
      {"169.254.1.1", true},
      {"100.64.0.1", true},
      {"100.128.0.1", false},
      {"198.18.0.1", true},
      {"198.20.0.1", false},
      {"192.0.2.7", true},
      {"198.51.100.7", true},
      {"203.0.113.7", true},
      {"203.0.114.7", false},
      {"224.0.0.1", true},
      {"255.255.255.255", true},
      {"223.255.255.255", false},
      {"0.1.2.3", true},
      {"8.8.8.8", false},
      {"::1", true},
      {"::", true},
      {"fe80::1", true},
      {"fd00::1", true},
      {"ff02::1", true},
      {"2001:db8::1", true},
      {"2001:db9::1", false},
      {"2001::1", true},
      {"2001:200::1", false},
      {"2a00:1450::1", false},
      {"3fff:fff::1", true},
      {"3ffe::1", false},
      {"64:ff9b::1", true},
      {"::ffff:10.0.0.1", true},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    struct addr a = address(rows[i].address);
    ok(question_addr_is_special(&a) == rows[i].want, "%s is %s", rows[i].address,
       rows[i].want ? "special" : "public");
  }
}

int main(void) {
  hosts();
  longest();
  reversed();
  lists();
  special_addresses();
  return done();
}
