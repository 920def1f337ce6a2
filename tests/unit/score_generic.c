/* Names that providers make for pools, and names of mail servers and other hosts. */
#include "score/generic.h"
#include "score_rules.h"
#include "tap.h"

static const struct {
  const char *ip, *name;
  enum generic want;
} rows[] = {
    /* octets in every order and with every separator, and names that only look like it */
    {"84.112.34.5", "dsl-84-112-34-5.isp.example", GENERIC_POOL},
    {"84.112.34.5", "5.34.112.84.dyn.isp.example", GENERIC_POOL},
    {"84.112.34.5", "pool.112.34.5.84.isp.example", GENERIC_POOL},
    {"84.112.34.5", "pool.112.35.6.84.isp.example", GENERIC_ADDRESS},
    /* a number counts for one octet, and an octet for one number */
    {"84.112.34.5", "84-84-84-84.dyn.isp.example", GENERIC_ADDRESS},
    {"84.84.34.5", "84-84-84-6.dyn.isp.example", GENERIC_ADDRESS},
    {"84.84.34.5", "84-84-34-6.dyn.isp.example", GENERIC_POOL},
    {"84.112.34.5", "84x112x34x5.dhcp.isp.example", GENERIC_POOL},
    {"84.112.34.5", "84x112.dyn.isp.example", GENERIC_ADDRESS},
    {"84.112.34.5", "84x112.dhcp.isp.example", GENERIC_NOT},
    {"84.112.34.5", "cable_84_112_34_5.isp.example", GENERIC_POOL},
    {"84.112.34.5", "cable_84_112.isp.example", GENERIC_NOT},
    {"84.112.34.5", "host84-112.dsl34-5.isp.example", GENERIC_POOL},
    {"84.112.34.5", "084-112-034-005.dyn.isp.example", GENERIC_POOL},
    {"84.112.34.5", "p084112034005.user.isp.example", GENERIC_POOL},
    {"84.112.34.5", "084112.034005.user.isp.example", GENERIC_POOL},
    {"84.112.34.5", "p084112035006.user.isp.example", GENERIC_ADDRESS},
    {"84.112.34.5", "p084112034.user.isp.example", GENERIC_NOT},
    {"84.112.34.5", "user84112345.isp.example", GENERIC_POOL},
    {"84.112.34.5", "user53411284.isp.example", GENERIC_POOL},
    {"84.112.34.5", "user841123450.isp.example", GENERIC_NOT},
    {"84.112.34.5", "user184112345.isp.example", GENERIC_NOT},
    {"1.1.1.1", "user1111.isp.example", GENERIC_NOT},
    {"84.112.34.5", "p54702205.dip0.isp.example", GENERIC_POOL},
    {"84.112.34.5", "p54702206.user.isp.example", GENERIC_POOL}, /* three octets */
    {"84.112.34.5", "p54712306.user.isp.example", GENERIC_NOT},
    {"84.112.34.5", "ool-05227054.dyn.isp.example", GENERIC_POOL},
    {"84.112.34.5", "x05227054.isp.example", GENERIC_ADDRESS},
    {"84.112.34.5", "x0522g7054.user.isp.example", GENERIC_NOT},
    {"84.112.34.5", "54-70-22-05.dyn.isp.example", GENERIC_POOL},
    {"84.112.34.5", "lns-547022-5.user.isp.example", GENERIC_POOL},
    {"84.112.34.5", "lns-547122-6.user.isp.example", GENERIC_ADDRESS},
    {"84.112.34.5", "dyn1416634885.isp.example", GENERIC_POOL},
    {"84.112.34.5", "user1416634886.isp.example", GENERIC_NOT},
    {"84.112.34.5", "user14166348850.isp.example", GENERIC_NOT},
    /* the last two octets: companies use them in names, too, with any word but a strong one */
    {"84.112.34.5", "host-34-5.dyn.isp.example", GENERIC_POOL},
    {"84.112.34.5", "host-34-5.pool.isp.example", GENERIC_ADDRESS},
    {"84.112.34.5", "host-34.pool5.isp.example", GENERIC_NOT},
    {"84.112.34.5", "host-34-6.pool.isp.example", GENERIC_NOT},
    {"84.112.34.5", "5-34.adsl.isp.example", GENERIC_POOL},
    {"84.112.34.5", "nat-34-5.firm.example.com", GENERIC_ADDRESS},
    {"84.112.34.5", "ms-dhcp-34-5.firm.example.com", GENERIC_ADDRESS},
    {"84.112.34.5", "host34-5.home.firm.example", GENERIC_ADDRESS},
    {"84.112.34.5", "host112-34-5.home.firm.example", GENERIC_POOL},
    {"84.112.34.5", "host34-5.office.firm.example", GENERIC_NOT},
    {"84.112.34.5", "user034005.isp.example", GENERIC_POOL},
    {"84.112.34.5", "user034006.isp.example", GENERIC_NOT},
    {"84.112.34.5", "lfb-1-112-5.w84-7.abo.isp.example", GENERIC_POOL},
    {"84.112.34.5", "lfb-1-113-5.w84-7.abo.isp.example", GENERIC_NOT},
    {"84.112.34.5", "84-112-34-5.dyn.isp.co.uk", GENERIC_POOL},
    {"84.112.34.5", "84-112-34-5.pool.com.br", GENERIC_ADDRESS},
    /* words joined to each other and to digits */
    {"84.112.34.5", "xdsl-84-112-34-5.isp.example", GENERIC_POOL},
    {"84.112.34.5", "dynamicip-84-112-34-5.isp.example", GENERIC_POOL},
    {"84.112.34.5", "usuario84-112-34-5.isp.example", GENERIC_POOL},
    {"84.112.34.5", "4m5adsl84-112-34-5.isp.example", GENERIC_POOL},
    {"84.112.34.5", "adslpool.84.112.34.5.isp.example", GENERIC_POOL},
    {"84.112.34.5", "poole-84-112-34-5.isp.example", GENERIC_POOL},
    {"84.112.34.5", "apollo-84-112-34-5.isp.example", GENERIC_ADDRESS},
    /* without a pool word */
    {"84.112.34.5", "84-112-34-5.isp.example", GENERIC_ADDRESS},
    {"84.112.34.5", "vps-34-112-84.isp.example", GENERIC_NOT},
    {"84.112.34.5", "vps-112-34-5.isp.example", GENERIC_ADDRESS},
    {"84.112.34.5", "vps-34-5.isp.example", GENERIC_NOT},
    {"84.112.34.5", "ec2-84-112-34-5.compute-1.example.com", GENERIC_ADDRESS},
    {"84.112.34.5", "ip-84-112-34-5.example.eu", GENERIC_ADDRESS},
    {"84.112.34.5", "vps-5470220a.vps.example.net", GENERIC_NOT},
    /* rented servers, with names that some providers make like those of pools */
    {"80.12.3.9", "cust-80-12-3-9.hosting.provider.ch", GENERIC_ADDRESS},
    {"80.12.3.9", "server-80-12-3-9.client.datacenter.example", GENERIC_ADDRESS},
    {"80.12.3.9", "vps-80-12-3-9.cust.cloudhost.example", GENERIC_ADDRESS},
    {"80.12.3.9", "customer-80-12-3-9.dedi.provider.example", GENERIC_ADDRESS},
    {"80.12.3.9", "client-80-12-3-9.vps.provider.example", GENERIC_ADDRESS},
    {"80.12.3.9", "cust-80-12-3-9.colo.provider.example", GENERIC_ADDRESS},
    {"80.12.3.9", "80-12-3-9.client.cloud.provider.example", GENERIC_ADDRESS},
    {"80.12.3.9", "dyn-80-12-3-9.vps.provider.example", GENERIC_ADDRESS},
    {"80.12.3.9", "cust-3-9.vps.provider.example", GENERIC_NOT},
    {"80.12.3.9", "dyn-3-9.vps.provider.example", GENERIC_NOT},
    {"80.12.3.9", "dyn9.vps.provider.example", GENERIC_NOT},
    {"80.12.3.9", "cust-80-12-3-9.vps.mail.provider.example", GENERIC_NOT},
    {"80.12.3.9", "cust-80-12-3-9.hosting.example", GENERIC_POOL},
    {"80.12.3.9", "cust-80-12-3-9.colombia.isp.example", GENERIC_POOL},
    {"80.12.3.9", "cust-80-12-3-9.host.isp.example", GENERIC_POOL},
    /* cleared by host-words */
    {"84.112.34.5", "static-84-112-34-5.isp.example", GENERIC_NOT},
    {"84.112.34.5", "84-112-34-5.static.pool.isp.example", GENERIC_NOT},
    {"84.112.34.5", "dsl-static-84-112-34-5.isp.example", GENERIC_NOT},
    {"84.112.34.5", "mail-84-112-34-5.isp.example", GENERIC_NOT},
    {"84.112.34.5", "mx1.84-112-34-5.dsl.isp.example", GENERIC_NOT},
    {"84.112.34.5", "mxout34-5.dsl.isp.example", GENERIC_NOT},
    {"84.112.34.5", "84-112-34-5.business.isp.example", GENERIC_NOT},
    {"84.112.34.5", "84-112-34-5.mta-dsl.isp.example", GENERIC_NOT},
    {"84.112.34.5", "84-112-34-5.amx.dsl.isp.example", GENERIC_POOL},
    {"84.112.34.5", "sta-84-112-34-5.isp.example", GENERIC_NOT},
    {"84.112.34.5", "84-112-34-5.stat.dsl.isp.example", GENERIC_NOT},
    {"84.112.34.5", "84-112-34-5.ded.isp.example", GENERIC_NOT},
    {"84.112.34.5", "84-112-34-5.corp.dyn.isp.example", GENERIC_NOT},
    {"84.112.34.5", "84-112-34-5.commercial.isp.example", GENERIC_NOT},
    {"84.112.34.5", "84-112-34-5.b2b.dsl.isp.example", GENERIC_NOT},
    {"84.112.34.5", "84-112-34-5.b3b.dsl.isp.example", GENERIC_POOL},
    {"84.112.34.5", "wsip-84-112-34-5.isp.example", GENERIC_NOT},
    /* an mx before each address of a pool is not a mail server */
    {"84.112.34.5", "mx-84-112-34-5.dynamic.isp.example", GENERIC_POOL},
    {"84.112.34.5", "mx84.112.34.5.dynamic.isp.example", GENERIC_NOT},
    {"84.112.34.5", "mx-84-112-34-5.pool.isp.example", GENERIC_NOT},
    {"84.112.34.5", "mx-84-112-34-5.isp.example", GENERIC_NOT},
    {"84.112.34.5", "mx-84-112-34.dynamic.isp.example", GENERIC_NOT},
    {"84.112.34.5", "mail.mx-84-112-34-5.dynamic.isp.example", GENERIC_NOT},
    {"84.112.34.5", "static.mx-84-112-34-5.dynamic.isp.example", GENERIC_NOT},
    {"84.112.34.5", "mx-84-112-34-5.vps.dynamic.isp.example", GENERIC_NOT},
    {"84.112.34.5", "mail.84-112-34-5.dsl.isp.example", GENERIC_NOT},
    /* a registered domain proves nothing, in either direction */
    {"84.112.34.5", "a.84-112-34-5.example", GENERIC_NOT},
    {"84.112.34.5", "84-112-34-5.static.example", GENERIC_ADDRESS},
    {"84.112.34.5", "dsl-84-112-34-5.mail.example", GENERIC_POOL},
    {"84.112.34.5", "dsl-84-112-34-5.mail.co.uk", GENERIC_POOL},
    {"84.112.34.5", "dsl-84-112-34-5.mail.isp.co.uk", GENERIC_NOT},
    {"84.112.34.5", "84-112-34-5.dsl.example", GENERIC_ADDRESS},
    {"84.112.34.5", "84-112-34-5.example", GENERIC_NOT},
    /* addresses other than the client's */
    {"84.112.34.5", "dsl-84-112-34-6.isp.example", GENERIC_POOL}, /* three of the four */
    {"84.112.34.5", "user-198-18-35-6.isp.example", GENERIC_ADDRESS},
    {"84.112.34.5", "ip-198-18-35-6.isp.example", GENERIC_NOT},
    {"84.112.34.5", "dhcp-192-168-35-6.firm.example", GENERIC_NOT},
    {"84.112.34.5", "6.35.168.192.dhcp.firm.example", GENERIC_NOT},
    {"84.112.34.5", "user-198-18-35-256.isp.example", GENERIC_NOT},
    {"84.112.34.5", "user-198-18-35.isp.example", GENERIC_NOT},
    {"84.112.34.5", "p198018035006.customer.isp.example", GENERIC_ADDRESS},
    {"84.112.34.5", "cpe001122aabbcc.customer.isp.example", GENERIC_ADDRESS},
    {"84.112.34.5", "m001122aabbcc.customer.isp.example", GENERIC_ADDRESS},
    {"84.112.34.5", "m001122aabbc.customer.isp.example", GENERIC_NOT},
    {"84.112.34.5", "00-11-22-aa-bb-cc.customer.isp.example", GENERIC_ADDRESS},
    {"84.112.34.5", "00-11-22-aa-bb.customer.isp.example", GENERIC_NOT},
    {"84.112.34.5", "gaa-bb-cc-dd-ee.customer.isp.example", GENERIC_NOT},
    {"1.2.3.4", "p1002003004.customer.isp.example", GENERIC_NOT},
    {"84.112.34.5", "001122aabbcc.isp.example", GENERIC_NOT},
    /* no address, but a strong word and a number */
    {"84.112.34.5", "abc123.neo.adsl.isp.example", GENERIC_ADDRESS},
    {"84.112.34.5", "citydsl-57861.isp.example", GENERIC_ADDRESS},
    {"84.112.34.5", "dsl12.firm.example", GENERIC_NOT},
    {"84.112.34.5", "customer4711.hosted.example", GENERIC_NOT},
    {"84.112.34.5", "mxphxpool0815.shop.example", GENERIC_NOT},
    {"84.112.34.5", "adsl123.mail.firm.example", GENERIC_NOT},
    {"84.112.34.5", "pool-5.isp.example", GENERIC_NOT},
    /* a strong word and the last octet */
    {"84.112.34.9", "host9.dyn.isp.example", GENERIC_ADDRESS},
    {"84.112.34.9", "b3-host9.dyn.isp.example", GENERIC_ADDRESS},
    {"84.112.34.8", "host9.dyn.isp.example", GENERIC_NOT},
    {"84.112.34.40", "40.gprs.isp.example", GENERIC_ADDRESS},
    {"84.112.34.4", "40.gprs.isp.example", GENERIC_NOT},
    {"84.112.34.140", "40.gprs.isp.example", GENERIC_NOT},
    {"84.112.34.7", "7.ppp.isp.example", GENERIC_ADDRESS},
    {"84.112.34.7", "7.user.isp.example", GENERIC_NOT},
    {"84.112.34.7", "7.dhcp.isp.example", GENERIC_NOT},
    {"84.112.34.7", "mx7.dyn.isp.example", GENERIC_NOT},
    {"84.112.34.7", "7.isp.example", GENERIC_NOT},
    {"84.112.168.7", "192-168-1-7.dyn.firm.example", GENERIC_NOT},
    {"2001:db8::7", "host7.dyn.isp.example", GENERIC_NOT},
    {"84.112.34.5", "pool.isp.example", GENERIC_NOT},
    {"84.112.34.5", "dynamic.isp.example", GENERIC_NOT},
    {"84.112.34.5", "mta34.example.com", GENERIC_NOT},
    {"84.112.34.5", "mta-34-5.sender.example", GENERIC_NOT},
    {"84.112.34.5", "mail-wr1-f54.big.example", GENERIC_NOT},
    {"84.112.34.5", "a34-5.smtp-out.sender.example", GENERIC_NOT},
    {"84.112.34.5", "o1.em.example.net", GENERIC_NOT},
    {"84.112.34.5", "deadbeef.dyn.isp.example", GENERIC_NOT},
    /* not host names */
    {"84.112.34.5", "example", GENERIC_NOT},
    {"84.112.34.5", "", GENERIC_NOT},
    {"84.112.34.5", ".", GENERIC_NOT},
    {"84.112.34.5", "..84-112-34-5..", GENERIC_ADDRESS},
    {"84.112.34.5", "99999999999999999999999999.a.b", GENERIC_NOT},
    {"84.112.34.5",
     "1-1-1-1-1-1-1-1-1-1-1-1-1-1-1-1-1-1-1-1-1-1-1-1-1-1-1-1-1-1-1-1-84-112-34-5.a.b",
     GENERIC_NOT}, /* more numbers than are read */
    /* IPv6 */
    {"2001:db8:12:34::abcd", "2001-db8-12-34--abcd.dyn.isp.example", GENERIC_POOL},
    {"2001:db8:12:34::abcd", "2001-db8-12-34--abcd.isp.example", GENERIC_ADDRESS},
    {"2001:db8:12:34::abcd", "2001-db8-12-34--abce.isp.example", GENERIC_NOT},
    {"2001:db8:f:ff::fff", "2001-db8-f-ff--fff.isp.example", GENERIC_ADDRESS},
    {"2001:db8:10:100::1000", "2001-db8-10-100--1000.isp.example", GENERIC_ADDRESS},
    {"2001:db8:12:34::abcd", "2001-db8-12-34-0-0-0-abcd.isp.example", GENERIC_ADDRESS},
    {"2001:db8:12:34::abcd", "20010db800120034000000000000abcd.dyn.isp.example", GENERIC_POOL},
    {"2001:db8:12:34::abcd", "2001-0db8-0012-0034-0000-0000-0000-abcd.isp.example",
     GENERIC_ADDRESS},
    {"2001:db8:12:34::abcd",
     "d.c.b.a.0.0.0.0.0.0.0.0.0.0.0.0.4.3.0.0.2.1.0.0.8.b.d.0.1.0.0.2.isp.example",
     GENERIC_ADDRESS},
    {"2001:db8:12:34::abcd",
     "d.c.b.a.0.0.0.0.0.0.0.0.0.0.0.0.4.3.0.0.2.1.0.0.9.b.d.0.1.0.0.2.isp.example", GENERIC_NOT},
    {"2001:db8:12:34:211:22ff:fe33:4455", "0211-22ff-fe33-4455.user.isp.example", GENERIC_POOL},
    {"2001:db8:12:34:211:22ff:fe33:4455", "0211-22ff-fe33-4456.user.isp.example", GENERIC_NOT},
    {"2001:db8:12:34:211:22ff:fe33:4455", "0211-22ff-fe33-4455.isp.example", GENERIC_NOT},
    {"2001:db8:12:34:211:22ff:fe33:4455", "2001-db8-12-34.user.isp.example", GENERIC_POOL},
    {"2001:db8:12:34:211:22ff:fe33:4455", "2001-db8-12-35.user.isp.example", GENERIC_NOT},
    {"2001:db8:12:34:211:22ff:fe33:4455", "20010db80012.user.isp.example", GENERIC_POOL},
    {"2001:db8:12:34:211:22ff:fe33:4455", "2001-db8-12-34.isp.example", GENERIC_NOT},
    {"2001:db8:12:34::abcd", "mail-2001-db8-12-34--abcd.isp.example", GENERIC_NOT},
    {"2001:db8::1", "user1.isp.example", GENERIC_NOT},
    {"2001:db8::1", "2001-db8--2.user.isp.example", GENERIC_NOT},
    {"2001:db8::1", "user-198-18-35-6.isp.example", GENERIC_ADDRESS},
};

static const struct {
  const char *name, *want;
} parts[] = {
    {"a.b.isp.example", "a.b"},
    {"a.isp.co.uk", "a"},
    {"a.isp.com.br", "a"},
    {"isp.example", ""},
    {"isp.co.uk", ""},
    {"a.co.example", "a"},
    {"example", ""},
    {"", ""},
    {"a.b.telekom.de", "a.b"},
    {"a.b.ne.jp", "a"},
    {"co.uk", ""},
    {"a..example", "a"},
    {"a.isp.gen.tr", "a"},
    {"a.isp.ind.br", "a"},
    {"a.isp.gobs.mx", "a.isp"},
    {"a.isp.c.uk", "a.isp"},
};

static const char *const kinds[] = {"not", "address", "pool"};

int main(void) {
  static struct rules rules;
  static char pool[16384], host[16384];
  const struct rule_text files[] = {
      {"pool-words", shipped("rules/pool-words", pool, sizeof pool)},
      {"host-words", shipped("rules/host-words", host, sizeof host)},
      {NULL, NULL},
  };
  rules_of(&rules, files);
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    struct addr peer;
    if (!addr_parse(span_str(rows[i].ip), &peer)) test_is_broken("address", rows[i].ip);
    enum generic got = generic_classify(&rules, span_str(rows[i].name), &peer);
    ok(got == rows[i].want, "%s %s: %s (%s)", rows[i].ip, rows[i].name, kinds[rows[i].want],
       kinds[got]);
  }
  for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
    is_text(generic_host_part(span_str(parts[i].name)), parts[i].want, "host part of \"%s\"",
            parts[i].name);
  rules_close(&rules);
  return done();
}
