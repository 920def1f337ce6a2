/* Host names that providers make for pools, and those of mail servers and of anybody else. */
#include "score/generic.h"
#include "score_rules.h"
#include "tap.h"

static const struct {
  const char *ip, *name;
  enum generic want;
} rows[] = {
    /* octets, in every order and with every separator */
    {"84.112.34.5", "dsl-84-112-34-5.isp.example", GENERIC_POOL},
    {"84.112.34.5", "5.34.112.84.dyn.isp.example", GENERIC_POOL},
    {"84.112.34.5", "pool.112.34.5.84.isp.example", GENERIC_POOL},
    {"84.112.34.5", "84x112x34x5.dhcp.isp.example", GENERIC_POOL},
    {"84.112.34.5", "cable_84_112_34_5.isp.example", GENERIC_POOL},
    {"84.112.34.5", "host84-112.dsl34-5.isp.example", GENERIC_POOL},
    {"84.112.34.5", "084-112-034-005.dyn.isp.example", GENERIC_POOL},
    {"84.112.34.5", "p084112034005.dyn.isp.example", GENERIC_POOL},
    {"84.112.34.5", "dsl84112345.isp.example", GENERIC_POOL},
    {"84.112.34.5", "dsl53411284.isp.example", GENERIC_POOL},
    {"84.112.34.5", "p54702205.dyn0.isp.example", GENERIC_POOL},
    {"84.112.34.5", "ool-05227054.dyn.isp.example", GENERIC_POOL},
    {"84.112.34.5", "54-70-22-05.dyn.isp.example", GENERIC_POOL},
    {"84.112.34.5", "dyn1416634885.isp.example", GENERIC_POOL},
    {"84.112.34.5", "host-34-5.pool.isp.example", GENERIC_POOL},
    {"84.112.34.5", "5-34.adsl.isp.example", GENERIC_POOL},
    {"84.112.34.5", "lfb-1-112-5.w84-7.abo.isp.example", GENERIC_POOL},
    {"84.112.34.5", "xdsl-84-112-34-5.isp.example", GENERIC_POOL},
    {"84.112.34.5", "dynamicip-84-112-34-5.isp.example", GENERIC_POOL},
    {"84.112.34.5", "84-112-34-5.dyn.isp.co.uk", GENERIC_POOL},
    {"84.112.34.5", "84-112-34-5.pool.com.br", GENERIC_ADDRESS},
    /* without a word of pools */
    {"84.112.34.5", "84-112-34-5.isp.example", GENERIC_ADDRESS},
    {"84.112.34.5", "vps-34-112-84.isp.example", GENERIC_NOT},
    {"84.112.34.5", "vps-112-34-5.isp.example", GENERIC_ADDRESS},
    {"84.112.34.5", "vps-34-5.isp.example", GENERIC_NOT},
    {"84.112.34.5", "ec2-84-112-34-5.compute-1.example.com", GENERIC_ADDRESS},
    /* cleared */
    {"84.112.34.5", "static-84-112-34-5.isp.example", GENERIC_NOT},
    {"84.112.34.5", "84-112-34-5.static.pool.isp.example", GENERIC_NOT},
    {"84.112.34.5", "mail-84-112-34-5.isp.example", GENERIC_NOT},
    {"84.112.34.5", "mx1.84-112-34-5.dsl.isp.example", GENERIC_NOT},
    {"84.112.34.5", "84-112-34-5.business.isp.example", GENERIC_NOT},
    /* a registered domain proves nothing, in either direction */
    {"84.112.34.5", "a.84-112-34-5.example", GENERIC_NOT},
    {"84.112.34.5", "84-112-34-5.static.example", GENERIC_ADDRESS},
    {"84.112.34.5", "84-112-34-5.dsl.example", GENERIC_ADDRESS},
    {"84.112.34.5", "84-112-34-5.example", GENERIC_NOT},
    /* other people's numbers */
    {"84.112.34.5", "dsl-84-112-34-6.isp.example", GENERIC_POOL}, /* three of the four beside dsl */
    {"84.112.34.5", "dsl-84-112-35-6.isp.example", GENERIC_NOT},
    {"84.112.34.5", "pool-5.isp.example", GENERIC_NOT},
    {"84.112.34.5", "pool.isp.example", GENERIC_NOT},
    {"84.112.34.5", "mta34.example.com", GENERIC_NOT},
    {"84.112.34.5", "dsl841123450.isp.example", GENERIC_NOT},
    {"1.1.1.1", "dsl1111.isp.example", GENERIC_NOT},
    {"84.112.34.5", "deadbeef.dyn.isp.example", GENERIC_NOT},
    {"84.112.34.5", "example", GENERIC_NOT},
    {"84.112.34.5", "", GENERIC_NOT},
    {"84.112.34.5", ".", GENERIC_NOT},
    {"84.112.34.5", "..84-112-34-5..", GENERIC_ADDRESS},
    /* IPv6 */
    {"2001:db8:12:34::abcd", "2001-db8-12-34--abcd.dyn.isp.example", GENERIC_POOL},
    {"2001:db8:12:34::abcd", "2001-db8-12-34-0-0-0-abcd.isp.example", GENERIC_ADDRESS},
    {"2001:db8:12:34::abcd", "20010db800120034000000000000abcd.dyn.isp.example", GENERIC_POOL},
    {"2001:db8:12:34::abcd", "2001-0db8-0012-0034-0000-0000-0000-abcd.isp.example",
     GENERIC_ADDRESS},
    {"2001:db8:12:34::abcd",
     "d.c.b.a.0.0.0.0.0.0.0.0.0.0.0.0.4.3.0.0.2.1.0.0.8.b.d.0.1.0.0.2.isp.example",
     GENERIC_ADDRESS},
    {"2001:db8:12:34:211:22ff:fe33:4455", "0211-22ff-fe33-4455.dyn.isp.example", GENERIC_POOL},
    {"2001:db8:12:34:211:22ff:fe33:4455", "0211-22ff-fe33-4455.isp.example", GENERIC_NOT},
    {"2001:db8:12:34::abcd", "mail-2001-db8-12-34--abcd.isp.example", GENERIC_NOT},
    {"2001:db8::1", "dyn1.isp.example", GENERIC_NOT},
    {"2001:db8::1", "2001-db8--2.dyn.isp.example", GENERIC_NOT},
};

static const struct {
  const char *name, *want;
} parts[] = {
    {"a.b.isp.example", "a.b"}, {"a.isp.co.uk", "a"},  {"a.isp.com.br", "a"}, {"isp.example", ""},
    {"isp.co.uk", ""},          {"a.co.example", "a"}, {"example", ""},       {"", ""},
    {"a.b.telekom.de", "a.b"},  {"a.b.ne.jp", "a"},    {"co.uk", ""},         {"a..example", "a"},
};

static const char *const kinds[] = {"not", "address", "pool"};

/* The words as shipped: what these tests say is true of what is installed. */
static const char *shipped(const char *path, char *text, size_t cap) {
  FILE *file = fopen(path, "r");
  size_t len = file ? fread(text, 1, cap - 1, file) : 0;
  if (!len) test_is_broken("unable to read", path);
  fclose(file);
  text[len] = '\0';
  return text;
}

int main(void) {
  static struct rules rules;
  static struct hits hits;
  static char pool[16384], host[16384];
  const struct rule_text files[] = {
      {"pool-words", shipped("rules/pool-words", pool, sizeof pool)},
      {"host-words", shipped("rules/host-words", host, sizeof host)},
      {NULL, NULL},
  };
  rules_of(&rules, files);
  hits_init(&hits, &rules);
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    struct addr peer;
    if (!addr_parse(span_str(rows[i].ip), &peer)) test_is_broken("address", rows[i].ip);
    enum generic got = generic_classify(&hits, span_str(rows[i].name), &peer);
    ok(got == rows[i].want, "%s %s: %s (%s)", rows[i].ip, rows[i].name, kinds[rows[i].want],
       kinds[got]);
  }
  ok(!hits.damaged, "the database is whole");
  for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
    is_text(host_part(span_str(parts[i].name)), parts[i].want, "host part of \"%s\"",
            parts[i].name);
  rules_close(&rules);
  return done();
}
