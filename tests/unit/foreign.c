/* Lists as they are published: how a format is known, what its lines mean, and what is refused. */
#include "rule/gunzip.h"
#include "rule/listname.h"
#include "rule/ruletext.h"
#include "rule/rbldnsdaddr.h"
#include "tap.h"
#include <stdlib.h>
#include <zlib.h>

/* ---- rbldnsd's addresses ---- */

static const struct {
  const char *word;
  const char *first, *last; /* or NULL and the reason */
} words[] = {
    {"127.0.0.1", "127.0.0.1", "127.0.0.1"},
    {"127.0.0.0/24", "127.0.0.0", "127.0.0.255"},
    {"127.0.0", "127.0.0.0", "127.0.0.255"},
    {"127.0", "127.0.0.0", "127.0.255.255"},
    {"127/24", "127.0.0.0", "127.0.0.255"},
    {"127.16/12", "127.16.0.0", "127.31.255.255"},
    {"10/8", "10.0.0.0", "10.255.255.255"},
    {"0/0", "0.0.0.0", "255.255.255.255"},
    {"127.0.0.0-127.0.0.255", "127.0.0.0", "127.0.0.255"},
    {"127.0.0.1-15", "127.0.0.1", "127.0.0.15"},
    {"127.16-127.31", "127.16.0.0", "127.31.255.255"},
    {"127.16-31", "127.16.0.0", "127.31.255.255"},
    {"127.16.0-31", "127.16.0.0", "127.16.31.255"},
    {"127.16.0-127.31.255", "127.16.0.0", "127.31.255.255"},
    {"16-17", "16.0.0.0", "17.255.255.255"},
    {"255.255.255.255-255", "255.255.255.255", "255.255.255.255"},
    {"2001:db8::/32", "2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff"},
    {"2001:21ab:c000/36", "2001:21ab:c000::", "2001:21ab:cfff:ffff:ffff:ffff:ffff:ffff"},
    {"2001:21ab:def7:4242", "2001:21ab:def7:4242::", "2001:21ab:def7:4242:ffff:ffff:ffff:ffff"},
    {"2001:db8", "2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff"},
    {"1:2:3:4:5:6:7", "1:2:3:4:5:6:7:0", "1:2:3:4:5:6:7:ffff"},
    {"1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"},
    {"::1", "::1", "::1"},
    {"2a00/16", "2a00::", "2a00:ffff:ffff:ffff:ffff:ffff:ffff:ffff"},
    {"fe80/10", "fe80::", "febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff"},
    {"2001/16", "2001::", "2001:ffff:ffff:ffff:ffff:ffff:ffff:ffff"},
    {"0010/16", "10::", "10:ffff:ffff:ffff:ffff:ffff:ffff:ffff"},
    {"ab/16", "ab::", "ab:ffff:ffff:ffff:ffff:ffff:ffff:ffff"},
    {"2605:6001:42::bead", "2605:6001:42::bead", "2605:6001:42::bead"},
    {"::/0", "::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"},
    {"::ffff:192.0.2.1", "192.0.2.1", "192.0.2.1"},
    {"10", NULL, "one octet alone is not a prefix: write it with /8"},
    {"10.1.2.", NULL, "the address is malformed"},
    {".10", NULL, "the address is malformed"},
    {"", NULL, "the address is malformed"},
    {"/8", NULL, "the address is malformed"},
    {"127.0.0.256", NULL, "the address is malformed"},
    {"127.0.0.1.2", NULL, "the address is malformed"},
    {"127.0.0.01", NULL, "the address is malformed"},
    {"127..1", NULL, "the address is malformed"},
    {"127.0.0.1/24", NULL, "host bits are set"},
    {"127.1/8", NULL, "host bits are set"},
    {"127/33", NULL, "the prefix length is not 0 to 32"},
    {"127/", NULL, "the prefix length is not 0 to 32"},
    {"127/8-128", NULL, "the prefix length is not 0 to 32"},
    {"127.1-127.1.2.3", NULL, "the ends of the range differ in their number of octets"},
    {"127-127.0.0", NULL, "the ends of the range differ in their number of octets"},
    {"127.0.0.9-1", NULL, "the range ends before it begins"},
    {"127.0.0.9-", NULL, "the last address of the range is malformed"},
    {"127.0.0.9-10-11", NULL, "the last address of the range is malformed"},
    {"2001:db8:1/32", NULL, "host bits are set"},
    {"2001:db8/129", NULL, "the prefix length is not 0 to 128"},
    {"2a00", NULL, RBLDNSDADDR_GROUP},
    {"cafe", NULL, RBLDNSDADDR_GROUP},
    {"2001", NULL, RBLDNSDADDR_GROUP},
    {"256", NULL, "the address is malformed"},
    {"300/16", NULL, "the address is malformed"},
    {"255", NULL, "one octet alone is not a prefix: write it with /8"},
    {"2a01/15", NULL, "host bits are set"},
    {"2a00/129", NULL, "the prefix length is not 0 to 128"},
    {"2a000/16", NULL, "the address is malformed"},
    {"2g00/16", NULL, "the address is malformed"},
    {"2a00-2a01", NULL, "the address is malformed"},
    {"2001:db8:", NULL, "the address is malformed"},
    {"2001:db8:12345", NULL, "the address is malformed"},
    {"1:2:3:4:5:6:7:8:9", NULL, "the address is malformed"},
    {"2001:db8-2001:db9", NULL, "the address is malformed"},
    {"::1::2", NULL, "the address is malformed"},
};

static struct addr address(const char *text) {
  struct addr a = {{0}};
  addr_parse(span_str(text), &a);
  return a;
}

static void test_words(void) {
  for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
    struct prefix p;
    const char *reason = "";
    bool parsed = rbldnsdaddr_parse(span_str(words[i].word), &p, &reason);
    if (!words[i].first) {
      ok(!parsed && strcmp(reason, words[i].last) == 0, "\"%s\": %s", words[i].word, reason);
      continue;
    }
    struct addr first = address(words[i].first), last = address(words[i].last);
    ok(parsed && addr_compare(&p.first, &first) == 0 && addr_compare(&p.last, &last) == 0, "%s",
       words[i].word);
  }
}

/* ---- whole texts ---- */

/* As in the list tables.d/x.2, or in the rule file named. Wanted: entries, "PASSED/" before them
   where lines were passed over, "LINE WARNING;" behind them; or "LINE REASON". What follows a colon
   in the name of the file is the text of its NAME.conf. */
static const struct {
  const char *file, *text, *want;
} texts[] = {
    /* one entry a line */
    {"x.2", "", "0 there is no entry in this list;"},
    {"x.2", "# none today\n", "0 there is no entry in this list;"},
    {"dynamic", "# none\n", ""},
    {"x.2", "192.0.2.1\n10.0.0.0/8 # ten\n!10.0.0.1\n",
     "10.0.0.0-10.255.255.255 2;"
     "!10.0.0.1-10.0.0.1 ;192.0.2.1-192.0.2.1 2;"},
    {"x.2", "; Spamhaus style\n192.0.2.0/24 ; SBL1\n", "192.0.2.0-192.0.2.255 2;"},
    {"x.2", "2001:db8::/32\n::1\n",
     "::1-::1 2;2001:db8::-2001:db8:ffff:ffff:ffff:ffff:ffff:ffff 2;"},
    {"x.2", "192.0.2.1-9\n", "192.0.2.1-192.0.2.9 2;"},
    {"x.8.sure", "192.0.2.1\n", "192.0.2.1-192.0.2.1 8 sure;"},
    {"x.2", "192.0.2\n", "1 the address is malformed: 192.0.2"},
    {"x.2", "192.0.2.0/24;SBL1\n192.0.2.1; x\n2001:db8::1;x\n192.0.2.3-9;x, y\n",
     "192.0.2.0-192.0.2.255 2;192.0.2.1-192.0.2.1 2;192.0.2.3-192.0.2.9 2;"
     "2001:db8::1-2001:db8::1 2;"},
    {"x.2", "192.0.2.1;x;192.0.2.9\n", "192.0.2.1-192.0.2.1 2;"},
    {"x.2", "192.0.2.1#x\n", "1 the host name is malformed: 192.0.2.1#x"},
    {"x.2", "evil.example;x\n", "1 the host name is malformed: evil.example;x"},
    {"x.2", "192.0.2.300;x\n", "1 the address is malformed: 192.0.2.300"},
    {"x.2", "192.0.2.7\n192.0.2.1;1.2.3.4\n", "2 a second address in the line: write one per line"},
    {"x.2", "192.0.2.7\n192.0.2.1;192.0.2.9\n",
     "2 a second address in the line: write one per line"},
    {"dynamic", "192.0.2.1;x\n", "192.0.2.1-192.0.2.1 ;"},
    {"dynamic", "192.0.2.1; 192.0.2.0/30,x\n",
     "1 a second address in the line: write one per line"},
    {"blacklist", "192.0.2.1;8\n192.0.2.2 5\n", "192.0.2.1-192.0.2.1 4;192.0.2.2-192.0.2.2 5;"},
    {"blacklist", "192.0.2.1 8;x\n",
     "1 the weight is not a whole number from 1 to 99: 192.0.2.1 8;x"},
    {"whitelist", "192.0.2.1;x\n", "1 the host name is malformed: 192.0.2.1;x"},
    /* a range with blanks */
    {"x.2", "192.0.2.1 - 192.0.2.9\n!192.0.2.4\t-  192.0.2.5 # x\n::1 - ::9\n",
     "192.0.2.1-192.0.2.9 2;!192.0.2.4-192.0.2.5 ;::1-::9 2;"},
    {"dynamic", "192.0.2.1 - 192.0.2.9;x\n", "192.0.2.1-192.0.2.9 ;"},
    {"blacklist", "192.0.2.1 - 192.0.2.9 8 sure\n", "192.0.2.1-192.0.2.9 8 sure;"},
    {"blacklist", "192.0.2.1 - 9\n",
     "1 the weight is not a whole number from 1 to 99: 192.0.2.1 - 9"},
    {"blacklist", "192.0.2.1 -9\n",
     "1 the weight is not a whole number from 1 to 99: 192.0.2.1 -9"},
    {"x.2", "192.0.2.9 - 192.0.2.1\n", "1 the range ends before it begins: 192.0.2.9-192.0.2.1"},
    {"x.2", "192.0.2.1 - 192.0.2.9 x\n", "1 there is more than one word: x"},
    {"x.2", "192.0.2.1- 192.0.2.9\n", "1 there is more than one word: 192.0.2.9"},
    {"x.2", "a.example - b.example\n", "1 there is more than one word: - b.example"},
    {"whitelist", "192.0.2.1 - 192.0.2.9\n", "192.0.2.1-192.0.2.9 ;"},
    {"whitelist", "mx.example - 192.0.2.9\n", "1 there is more than one word: - 192.0.2.9"},
    {"own", "192.0.2.1 - 192.0.2.9\n", "192.0.2.1-192.0.2.9 ;"},
    {"x.2", "192.0.2.1 8\n", "1 there is more than one word: 8"},
    {"x.2", "192.0.2.1 192.0.2.255 24\n", "1 there is more than one word: 192.0.2.255 24"},
    /* the mark before the text */
    {"x.2",
     "\xef\xbb\xbf"
     "192.0.2.1\n",
     "192.0.2.1-192.0.2.1 2;"},
    {"x.2",
     "\xef\xbb\xbf"
     "192.0.2.1,x\n192.0.2.2,y\n",
     "192.0.2.1-192.0.2.1 2;192.0.2.2-192.0.2.2 2;"},
    {"x.2", "\xef\xbb\xbf#format zone\n10.1\n", "10.1.0.0-10.1.255.255 2;"},
    {"dynamic", "\xef\xbb\xbf\"192.0.2.1\",x\n", "192.0.2.1-192.0.2.1 ;"},
    {"x.2",
     "\xef\xbb\xbf\xef\xbb\xbf"
     "192.0.2.1,x\n",
     "1 the address is malformed: \xef\xbb\xbf"
     "192.0.2.1"},
    {"x.2", "\xef\xbb", "1 the last line has no line end: was the file cut short?"},
    {"x.2", "192.0.2.1\n192.0.2.2", "2 the last line has no line end: was the file cut short?"},
    {"x.2", "192.0.2.1\n!192.0.2.1\n", "2 contradicts an earlier line: 1"},
    {"dynamic", "192.0.2.1 ; x\n", "192.0.2.1-192.0.2.1 ;"},
    {"whitelist", "192.0.2.1 ; x\n", "1 there is more than one word: ; x"},
    /* names */
    {"x.2", "Bad.example\n.worse.example\n*.below.example\n!good.worse.example\n",
     "bad.example 1 2;below.example 2 2;good.worse.example 1 ;worse.example 3 2;"},
    {"x.2", "example.org\n*.example.org\n", "example.org 3 2;"},
    {"x.2", "example.org\n192.0.2.1\n", "2 names and addresses in one file: 192.0.2.1"},
    {"x.2", "192.0.2.1\nexample.org\n", "2 names and addresses in one file: example.org"},
    {"x.2", "exa$mple.org\n", "1 the host name is malformed: exa$mple.org"},
    {"x.2", "a*.example.org\n", "1 the host name is malformed: a*.example.org"},
    {"dynamic", "example.org\n", "1 the address is malformed: example.org"},
    /* rbldnsd */
    {"x.2", "$SOA 1w a b 0 1h 1h 1h 1h\n$NS 1w a\n:127.0.0.2:See http://x/?$\n127/8 ; loop\n",
     "3/127.0.0.0-127.255.255.255 2;"},
    {"x.2", "#$TTL 2h\n10.1\n", "1/10.1.0.0-10.1.255.255 2;"},
    {"x.2", ";$TTL 2h\n10.1\n", "1/10.1.0.0-10.1.255.255 2;"},
    {"x.2", ":$TTL 2h\n10.1\n", "1/10.1.0.0-10.1.255.255 2;"},
    {"x.2", "10.1.2.3 :127.0.0.3:text, and # more\n10.2 some text\n",
     "2 the value differs from `127.0.0.3` in line 1; choose the values that count with `value` "
     "in tables.d/x.conf: 127.0.0.2"},
    {"x.2", "10.1.2.3 :127.0.0.2:text, and # more\n10.2 some text\n",
     "10.1.2.3-10.1.2.3 2;10.2.0.0-10.2.255.255 2;"},
    {"x.2", "10.1.2.3:2:text\n10.1.2.4#x\n10.1.2.5;x\n",
     "10.1.2.3-10.1.2.3 2;10.1.2.4-10.1.2.4 2;10.1.2.5-10.1.2.5 2;"},
    {"x.2", ":2:x\n10.1-3\n! 10.2.1 :3:y\n!10.2.2.0/25\n",
     "1/10.1.0.0-10.3.255.255 2;!10.2.1.0-10.2.1.255 ;!10.2.2.0-10.2.2.127 ;"},
    {"x.2", ":2:x\n2001:db8:1\n::1 # x\n!2001:db8:1::2\n2001:db8:7:8 :2:y\n",
     "1/::1-::1 2;2001:db8:1::-2001:db8:1:ffff:ffff:ffff:ffff:ffff 2;!2001:db8:1::2-2001:db8:1::2 ;"
     "2001:db8:7:8::-2001:db8:7:8:ffff:ffff:ffff:ffff 2;"},
    {"x.2", ":2:x\n.bad.example :127.0.0.2:y\nhost.example\n!good.bad.example\n*.o.example\n",
     "1/bad.example 3 2;good.bad.example 1 ;host.example 1 2;o.example 2 2;"},
    {"x.2", "$MAXRANGE4 /24\n10.1.1\n10.2\n!10.1\n2001:db8:1\n",
     "3/10.1.1.0-10.1.1.255 2;2001:db8:1::-2001:db8:1:ffff:ffff:ffff:ffff:ffff 2;"
     "3 left out: wider than $MAXRANGE4 allows: 10.2;"
     "4 left out: wider than $MAXRANGE4 allows: 10.1;"},
    {"x.2", "$MAXRANGE4 /24\n10.1.0/23\n10.1.2.0/24\n",
     "2/10.1.2.0-10.1.2.255 2;2 left out: wider than $MAXRANGE4 allows: 10.1.0/23;"},
    {"x.2", "$MAXRANGE4 256\n10.1.1\n", "1/10.1.1.0-10.1.1.255 2;"},
    {"x.2", "$MAXRANGE4 255\n10.1.1\n",
     "2/2 left out: wider than $MAXRANGE4 allows: 10.1.1;"
     "0 there is no entry in this list;"},
    {"x.2", "$MAXRANGE4 many\n", "1 the limit of $MAXRANGE4 is malformed: many"},
    {"x.2", "$DATASET ip4set:a @\n10.1\n", "1 a combined data set: give each of its parts a file"},
    {"x.2", ":2:x\n10\n", "2 one octet alone is not a prefix: write it with /8: 10"},
    {"x.2", ":2:x\n10.1.1.1/24\n", "2 host bits are set: 10.1.1.1/24"},
    {"x.2", ":2:x\n!\n", "2 the address is malformed"},
    {"x.2", ":2:x\n10.1\nexample.org\n", "3 names and addresses in one file: example.org"},
    {"x.2", ":2:x\nbad_host$.example\n", "2 the host name is malformed: bad_host$.example"},
    {"x.2", ":2:x\n2a00/20\n2001:db8:1\n!2a00/24\n",
     "1/2001:db8:1::-2001:db8:1:ffff:ffff:ffff:ffff:ffff 2;"
     "2a00::-2a00:fff:ffff:ffff:ffff:ffff:ffff:ffff 2;"
     "!2a00::-2a00:ff:ffff:ffff:ffff:ffff:ffff:ffff ;"},
    {"x.2", ":2:x\n2001:db8:1\n2a00\n",
     "3 one group alone is not a prefix: write it with /16: 2a00"},
    {"x.2", ":2:x\n2a00\n2A01\n2001:db8:1\n",
     "3 one group alone is not a prefix: write it with /16: 2a01"},
    {"x.2", ":2:x\n2001\n", "2 one group alone is not a prefix: write it with /16: 2001"},
    {"x.2", "2001:db8::/32\n2a00\n", "2 one group alone is not a prefix: write it with /16: 2a00"},
    {"x.2", ":2:x\ncafe\nevil.example\n", "1/cafe 1 2;evil.example 1 2;"},
    {"x.2", ":2:x\ncafe\nevil.example\n10.1\n", "4 names and addresses in one file: 10.1"},
    {"dynamic", ":2:x\n2a00\n", "2 one group alone is not a prefix: write it with /16: 2a00"},
    {"dynamic", ":2:x\nexample.org\n", "2 the address is malformed: example.org"},
    {"dynamic", "$SOA 1 a b 0 0 0 0 0\n10.1\n!10.1.2\n",
     "1/10.1.0.0-10.1.255.255 ;!10.1.2.0-10.1.2.255 ;"},
    {"blacklist", ":2:x\n10.1 :3:y\n", "1/10.1.0.0-10.1.255.255 4;"},
    {"neverlist", "$TTL 1h\n10.1\n", "1/10.1.0.0-10.1.255.255 ;"},
    {"own", ":2:x\n", "1 the address is malformed: :2:x"},
    /* CSV */
    {"x.2", "ip,country\n192.0.2.1,XX\n\"192.0.2.2\",\"a, b\"\n",
     "1/192.0.2.1-192.0.2.1 2;192.0.2.2-192.0.2.2 2;"},
    {"x.2", "# comment\n\"first_seen ip\",x\r\n10.0.0.0/8 , y\r\n", "1/10.0.0.0-10.255.255.255 2;"},
    {"x.2", "192.0.2.1,1\n", "192.0.2.1-192.0.2.1 2;"},
    {"x.2", "\"2001:db8::/64\",\"say \"\"x\"\"\"\n", "2001:db8::-2001:db8::ffff:ffff:ffff:ffff 2;"},
    {"x.2", "192.0.2.1-192.0.2.9,x\n", "192.0.2.1-192.0.2.9 2;"},
    {"x.2", "ip,x\nip,x\n", "2 the address is malformed: ip"},
    {"x.2", "192.0.2.1,x\nhost.example,x\n", "2 the address is malformed: host.example"},
    {"x.2", "192.0.2.300,x\n", "1 the address is malformed: 192.0.2.300"},
    {"x.2", "192.0.2.1,x\n,x\n", "2 the address is malformed: ,x"},
    {"x.2", "192.0.2,x\n", "1 the address is malformed: 192.0.2"},
    {"x.2", "\"192.0.2.1,x\n", "1 unbalanced quotes: \"192.0.2.1,x"},
    {"x.2", "\"192.0.2.1\"2,x\n", "1 unbalanced quotes: \"192.0.2.1\"2,x"},
    {"x.2", "192.0.2.1,\"more\nthan a line\"\n", "1 unbalanced quotes: 192.0.2.1,\"more"},
    {"dynamic", "net;x,y\n10.0.0.0/8,y\n", "1/10.0.0.0-10.255.255.255 ;"},
    {"x.2", "192.0.2.1,\"say \"\"192.0.2.9, x\"\"\"\n", "192.0.2.1-192.0.2.1 2;"},
    {"x.2", "!192.0.2.1,x\n192.0.2.0/24,y\n", "192.0.2.0-192.0.2.255 2;!192.0.2.1-192.0.2.1 ;"},
    {"x.2", "192.0.2.1 - 192.0.2.9 , x\n", "192.0.2.1-192.0.2.9 2;"},
    {"x.2", "\"192.0.2.20 - 192.0.2.29\",x\n", "192.0.2.20-192.0.2.29 2;"},
    /* headings */
    {"x.2", ",ip\n192.0.2.1,x\n", "1/192.0.2.1-192.0.2.1 2;"},
    {"x.2", "ip,\"a\"\",192.0.2.9,b\"\"\"\n192.0.2.1,x\n", "1/192.0.2.1-192.0.2.1 2;"},
    {"x.2", "ip,x\n", "1/0 there is no entry in this list;"},
    {"dynamic", "ip,x\n", "1/0 there is no entry in this list;"},
    {"x.2", "192.0.2.1x,foo\n192.0.2.2,x\n", "1 the address is malformed: 192.0.2.1x"},
    {"x.2", "192.0.2.1 extra,foo\n192.0.2.2,x\n", "1 the address is malformed: 192.0.2.1 extra"},
    {"x.2", "host.example,foo\n192.0.2.2,x\n", "1 the address is malformed: host.example"},
    {"x.2", "fe80::1x,foo\n192.0.2.2,x\n", "1 the address is malformed: fe80::1x"},
    {"x.2", "1ip,foo\n192.0.2.2,x\n", "1 the address is malformed: 1ip"},
    {"x.2", "\"1ip\",foo\n192.0.2.2,x\n", "1 the address is malformed: 1ip"},
    {"x.2", "bad,192.0.2.1\n192.0.2.2,x\n", "1 the address is malformed: bad"},
    {"x.2", ",192.0.2.1\n192.0.2.2,x\n", "1 the address is malformed: ,192.0.2.1"},
    /* tabs and semicolons */
    {"x.2", "# DShield\nStart\tEnd\tNet\n192.0.2.0\t192.0.2.255\t24\n10.0.0.0\t10.0.0.255\t24\n",
     "1/10.0.0.0-10.0.0.255 2;192.0.2.0-192.0.2.255 2;"},
    {"x.2", "192.0.2.1\tAU\n192.0.2.2\t\n", "192.0.2.1-192.0.2.1 2;192.0.2.2-192.0.2.2 2;"},
    {"x.2", "192.0.2.1\n192.0.2.2\tAU\n", "2 there is more than one word: AU"},
    {"x.2", "192.0.2.1\t# AU\n192.0.2.2 # x\n", "192.0.2.1-192.0.2.1 2;192.0.2.2-192.0.2.2 2;"},
    {"x.2", "192.0.2.1 # x\ty\n192.0.2.2 # x\n", "192.0.2.1-192.0.2.1 2;192.0.2.2-192.0.2.2 2;"},
    {"x.2", "192.0.2.1\t-\t192.0.2.9\n192.0.2.20 # x\n",
     "192.0.2.1-192.0.2.9 2;192.0.2.20-192.0.2.20 2;"},
    {"x.2", "192.0.2.1 -\t192.0.2.9\n192.0.2.20 # x\n",
     "192.0.2.1-192.0.2.9 2;192.0.2.20-192.0.2.20 2;"},
    {"x.2", ":2:x\n10.1\tAU\n", "1/10.1.0.0-10.1.255.255 2;"},
    {"x.2", "#format list\n192.0.2.1\tAU\n", "2 there is more than one word: AU"},
    {"dynamic", "192.0.2.1\tAU\n", "1 there is more than one word: AU"},
    {"blacklist", "192.0.2.1\t8\n",
     "192.0.2.1-192.0.2.1 4;1 the number after the tab is not a weight: a weight is written after "
     "a "
     "space, a published list goes into tables.d;"},
    {"blacklist", "#format csv\n192.0.2.1\t10\n192.0.2.2\t1\n",
     "192.0.2.1-192.0.2.1 4;192.0.2.2-192.0.2.2 4;"},
    {"blacklist", "192.0.2.1\tAU\n", "192.0.2.1-192.0.2.1 4;"},
    {"blacklist", "192.0.2.1\t8 sure\n",
     "1 a weight is written after a space, not after a tab: 8 sure"},
    {"blacklist", "192.0.2.2 8\n192.0.2.1\t8\n",
     "2 a weight is written after a space, not after a tab: \t8"},
    {"blacklist", "192.0.2.2\t# x\n192.0.2.1 8\t# x\n",
     "192.0.2.1-192.0.2.1 8;192.0.2.2-192.0.2.2 4;"},
    {"x.2", "ip;land\n192.0.2.1;AU\n\"192.0.2.2\";\"a; b\"\n",
     "1/192.0.2.1-192.0.2.1 2;192.0.2.2-192.0.2.2 2;"},
    {"x.2", "ip;land\n192.0.2.1;AU\n", "1/192.0.2.1-192.0.2.1 2;"},
    {"x.2", "\"192.0.2.2\";\"a; b\"\n", "192.0.2.2-192.0.2.2 2;"},
    {"x.2:range", "1.0.0.0;1.0.0.255;AU\n1.0.1.0;1.0.3.255;CN\n",
     "1.0.0.0-1.0.0.255 2;1.0.1.0-1.0.3.255 2;"},
    {"x.2", "ip ;land\n192.0.2.1;AU\n", "2 names and addresses in one file: 192.0.2.1"},
    /* two addresses in a row */
    {"x.2:range", "1.0.0.0,1.0.0.255,AU\n\"2001:db8::\",\"2001:db8::ff\"\n1.0.0.0,1.0.0.255,CN\n",
     "1.0.0.0-1.0.0.255 2;2001:db8::-2001:db8::ff 2;"},
    {"x.2:range", "192.0.2.7 , 192.0.2.7\n", "192.0.2.7-192.0.2.7 2;"},
    {"x.2:range", "1.0.0.0,1.0.0.255\n1.0.2.0,AU\n",
     "2 there is one address, but an earlier row has two, for a range: 1"},
    {"x.2:range", "ip,to\n1.0.2.0,AU\n1.0.0.0,1.0.0.255\n",
     "3 there are two addresses, for a range, but an earlier row has one: 2"},
    {"x.2:range", "1.0.0.9,1.0.0.1\n",
     "1 a second address, but not the end of a range: write one per line: 1.0.0.1"},
    {"x.2:range", "1.0.0.0,::1\n",
     "1 a second address, but not the end of a range: write one per line: ::1"},
    {"x.2:range", "1.0.0.0,2001:db8::\n",
     "1 a second address, but not the end of a range: write one per line: 2001:db8::"},
    {"x.2:range", "1.0.0.0,1.0.0.9\n::1,::9\n", "1.0.0.0-1.0.0.9 2;::1-::9 2;"},
    {"x.2:range", "1.0.0.0/24,1.0.1.0\n",
     "1 a second address, but not the end of a range: write one per line: 1.0.1.0"},
    {"x.2:range", "1.0.0.0,1.0.1.0/24\n",
     "1 a second address, but not the end of a range: write one per line: 1.0.1.0/24"},
    {"x.2:range", "!1.0.0.0,1.0.1.0\n",
     "1 a second address, but not the end of a range: write one per line: 1.0.1.0"},
    {"x.2:range", "1.0.0.0,1.0.0.1,1.0.0.2\n",
     "1 a second address in the line: write one per line: 1.0.0.1"},
    {"x.2:range", "1.0.0.0,9.0.0.0\n2.0.0.0,7.0.0.0\n8.0.0.0,8.0.0.9\n",
     "2 the range of the first two columns overlaps an earlier one: are they ranges?: 1"},
    {"x.2:range", "2.0.0.0,7.0.0.0\n1.0.0.0,2.0.0.0\n",
     "2 the range of the first two columns overlaps an earlier one: are they ranges?: 1"},
    {"dynamic", "192.0.2.1, 192.0.2.9\n",
     "1 a second address in the line: write one per line: 192.0.2.9"},
    {"dynamic", "192.0.2.1,192.0.2.0/24,x\n",
     "1 a second address in the line: write one per line: 192.0.2.0/24"},
    {"blacklist", "192.0.2.1\t,192.0.2.9;x\n",
     "1 a second address in the line: write one per line: 192.0.2.9"},
    {"neverlist", "10.0.0.0/8\n\"192.0.2.1\" , \"2001:db8::1\"\n",
     "2 a second address in the line: write one per line: 2001:db8::1"},
    {"dynamic", "192.0.2.1, 192.0.2.9 # x\n",
     "1 a second address in the line: write one per line: 192.0.2.9 # x"},
    {"dynamic", "192.0.2.1, 192.0.2.9 - 192.0.2.12\n",
     "1 a second address in the line: write one per line: 192.0.2.9 - 192.0.2.12"},
    {"x.2:range", "192.0.2.1,192.0.2.9 # x\n",
     "1 a second address in the line: write one per line: 192.0.2.9 # x"},
    {"dynamic", "192.0.2.1,10:00:00 1.5\n192.0.2.2,\n",
     "192.0.2.1-192.0.2.1 ;192.0.2.2-192.0.2.2 ;"},
    {"dynamic", "192.0.2.1,192.0.2\n", "192.0.2.1-192.0.2.1 ;"},
    /* which one */
    {"x.2", "#format zone\n10.1\n", "10.1.0.0-10.1.255.255 2;"},
    {"x.2", "#format csv\n10.0.0.0/8\n", "10.0.0.0-10.255.255.255 2;"},
    {"x.2", "#format list\n10.1,x\n", "2 the host name is malformed: 10.1,x"},
    {"x.2", "#format xml\n10.0.0.0/8\n", "1 unknown format (list, rpz, csv, zone or json): xml"},
    {"x.2", "10.0.0.0/8\n#format zone\n10.1\n", "3 the address is malformed: 10.1"},
    {"x.2", "$TTL 1h\n10.0.0.0/8\n10.1.1.1,x\n",
     "3 this is a line of a CSV, but an earlier one is of an rbldnsd zone: 1"},
    {"x.2", "10.1.1.1,x\n\n:2:x\n",
     "3 this is a line of an rbldnsd zone, but an earlier one is of a CSV: 1"},
    {"x.2", "10.1.1.1\n10.1.1.2 :2:x,y\n", "10.1.1.1-10.1.1.1 2;10.1.1.2-10.1.1.2 2;"},
    /* ---- a list that says several things ---- */
    /* zones */
    {"x.2", "$SOA 1 a b 0 0 0 0 0\n:127.0.0.2:x\n10.1.1.1\n10.1.1.2 :127.0.0.1:white\n",
     "4 the value differs from `127.0.0.2` in line 3; choose the values that count with `value` "
     "in tables.d/x.conf: 127.0.0.1"},
    {"x.2", ":127.0.0.1:white\n10.1.1.1\n:127.0.0.2:black\n10.1.1.2\n",
     "4 the value differs from `127.0.0.1` in line 2; choose the values that count with `value` "
     "in tables.d/x.conf: 127.0.0.2"},
    {"x.2", ":127.0.0.3:unused\n:4:x\n10.1.1.1\n10.1.1.2 :127.0.0.4:y\n10.1.1.3:4\n",
     "2/10.1.1.1-10.1.1.1 2;10.1.1.2-10.1.1.2 2;10.1.1.3-10.1.1.3 2;"},
    {"x.2", ":127.0.0.2:x\n10.1.1.1 :127.0.0.1:a\n10.1.1.2 :127.0.0.1:white ones\n",
     "1/10.1.1.1-10.1.1.1 2;10.1.1.2-10.1.1.2 2;"},
    {"x.2:value 127.0.0.2",
     ":2:x\n10.1.1\n10.1.1.9 :127.0.0.1:white\n10.1.2.1 :4:x\n10.1.3.1 :1:x\n10.1.3.1\n",
     "1/10.1.1.0-10.1.1.255 2;!10.1.1.9-10.1.1.9 ;!10.1.2.1-10.1.2.1 ;10.1.3.1-10.1.3.1 2;"},
    {"x.2:value 127.0.0.2 127.0.0.4", ":2:x\n10.1.1\n10.1.2.1 :4:x\n!10.1.1.3 :7:x\n",
     "1/10.1.1.0-10.1.1.255 2;!10.1.1.3-10.1.1.3 ;10.1.2.1-10.1.2.1 2;"},
    {"x.2:value *", ":2:x\n10.1.1\n10.1.2.1 :1:x\n",
     "1/10.1.1.0-10.1.1.255 2;10.1.2.1-10.1.2.1 2;"},
    {"x.2", "10.1.1 :refuse:\n10.1.1.5 :pass:\n",
     "2 the value says that this entry is allowed; choose the values that count with `value` "
     "in "
     "tables.d/x.conf: pass"},
    {"x.2", "10.1.1 :refuse:\n10.1.2 :refuse\n", "10.1.1.0-10.1.1.255 2;10.1.2.0-10.1.2.255 2;"},
    {"x.2", "$TTL 1h\n10.1.1 refuse\n10.1.1.5 pass\n",
     "3 the value says that this entry is allowed; choose the values that count with `value` "
     "in "
     "tables.d/x.conf: pass"},
    {"x.2", ":2:x\n10.1.1 # OK, as it is\n10.1.2 Pass Networks\n",
     "1/10.1.1.0-10.1.1.255 2;10.1.2.0-10.1.2.255 2;"},
    {"x.2", ":2:x\nbad.example\ngood.example :1:white\n",
     "3 the value differs from `127.0.0.2` in line 2; choose the values that count with `value` "
     "in tables.d/x.conf: 127.0.0.1"},
    {"x.2:value 127.0.0.2", ":2:x\n.bad.example\ngood.bad.example :1:white\n",
     "1/bad.example 3 2;good.bad.example 1 ;"},
    {"dynamic:value 127.0.0.10 127.0.0.11", ":10:x\n10.1\n10.2 :127.0.0.11:y\n",
     "1/10.1.0.0-10.1.255.255 ;10.2.0.0-10.2.255.255 ;"},
    {"dynamic", ":10:x\n10.1\n10.2 :127.0.0.11:y\n",
     "3 the value differs from `127.0.0.10` in line 2; choose the values that count with "
     "`value` in dynamic.conf: 127.0.0.11"},
    {"x.2", "$TTL 1h\n1.2.0.192.dnsbl.example IN A 127.0.0.999\n",
     "2 this is a record of a DNS zone file, not a line of rbldnsd: IN A 127.0.0.999"},
    {"x.2", "$TTL 1h\n1.2.0.192.dnsbl.example IN A 127.0.0.2\n",
     "2 this is a record of a DNS zone file, not a line of rbldnsd: IN A 127.0.0.2"},
    {"x.2", "$TTL 1h\n1.2.0.192 A 127.0.0.2\n",
     "2 this is a record of a DNS zone file, not a line of rbldnsd: A 127.0.0.2"},
    {"x.2", "$TTL 1h\n10.1.2.3 A spammer in the south\n", "1/10.1.2.3-10.1.2.3 2;"},
    /* flags and scores */
    {"x.2", "192.0.2.0/24\t1\n192.0.3.0/24\t0\n",
     "2 the value differs from `1` in line 1; choose the values that count with `value` in "
     "tables.d/x.conf: 0"},
    {"x.2", "192.0.2.0/24,no\n192.0.3.0/24,YES\n",
     "2 the value differs from `no` in line 1; choose the values that count with `value` in "
     "tables.d/x.conf: YES"},
    {"x.2", "192.0.2.0/24,NO\n192.0.3.0/24,SE\n",
     "192.0.2.0-192.0.2.255 2;192.0.3.0-192.0.3.255 2;"},
    {"x.2", "192.0.2.1\t10\n192.0.2.2\t1\n", "192.0.2.1-192.0.2.1 2;192.0.2.2-192.0.2.2 2;"},
    {"x.2", "192.0.2.1\t5.0\n192.0.2.2\t-2.5\n",
     "2 the value says that this entry is allowed; choose the values that count with `value` in "
     "tables.d/x.conf: -2.5"},
    {"x.2", "ip,country,abuse_score\n192.0.2.1,AU,5\n192.0.2.2,AU,-2\n",
     "3 the value says that this entry is allowed; choose the values that count with `value` in "
     "tables.d/x.conf: -2"},
    {"x.2", "ip,lat,lon\n192.0.2.1,-37.7,-97.8\n", "1/192.0.2.1-192.0.2.1 2;"},
    {"x.2", "ip,active\n192.0.2.1,true\n192.0.2.2,false\n",
     "3 the value differs from `true` in line 2; choose the values that count with `value` in "
     "tables.d/x.conf: false"},
    /* the length of a prefix in a column of its own */
    {"x.2", "network,prefixlen\n192.0.2.0,24\n",
     "2 the length of the prefix is in another column: write ADDRESS/LENGTH: 192.0.2.0,24"},
    {"x.2", "Start,End,Netmask\n192.0.2.0,192.0.2.255,24\n", "1/192.0.2.0-192.0.2.255 2;"},
    {"x.2", "cidr,bits\n192.0.2.0/24,24\n", "1/192.0.2.0-192.0.2.255 2;"},
    /* lists with colons, and directives that add entries */
    {"x.2", "192.0.2.0/24 : 198.51.100.0/24\n",
     "1 a second address in the line: write one per line: 198.51.100.0/24"},
    {"x.2", "!192.0.2.9 : 192.0.2.0/24\n",
     "1 a second address in the line: write one per line: 192.0.2.0/24"},
    {"x.2", "192.0.2.0/24 :2:x\n!192.0.2.9 :2:x\n",
     "192.0.2.0-192.0.2.255 2;!192.0.2.9-192.0.2.9 ;"},
    {"x.2", "$TTL 1h\n$GENERATE 1-5 192.0.2.$\n192.0.2.9\n",
     "2 a directive that adds entries: list the entries themselves: GENERATE"},
    /* addresses that look like names */
    {"x.2", "7.2.0.192.in-addr.arpa\n",
     "1 an address in place of a host name: write it as an address: 7.2.0.192.in-addr.arpa"},
    {"x.2", "*.2.0.192\n",
     "1 an address in place of a host name: write it as an address: *.2.0.192"},
    {"x.2", "printer.home.arpa\n", "printer.home.arpa 1 2;"},
    /* members of JSON */
    {"x.2", "{\"prefixes\":[\"192.0.2.0/24\"],\"exceptions\":[\"192.0.2.9\"]}",
     "1 the value says that this entry is allowed; choose the values that count with `value` in "
     "tables.d/x.conf: exceptions"},
    {"x.2", "{\"blocked_ips\":[\"192.0.2.7\"],\"allowed_ips\":[\"192.0.2.9\"]}",
     "1 the value says that this entry is allowed; choose the values that count with `value` in "
     "tables.d/x.conf: whitelisted"},
    {"x.2", "[{\"ip\":\"192.0.2.7\",\"score\":5},{\"ip\":\"192.0.2.9\",\"score\":-5}]",
     "1 the value says that this entry is allowed; choose the values that count with `value` in "
     "tables.d/x.conf: whitelisted"},
    {"x.2", "[{\"ip\":\"192.0.2.7\",\"lon\":-5}]", "192.0.2.7-192.0.2.7 2;"},
    {"x.2", "{\"network\":\"192.0.2.0\",\"mask\":\"255.255.255.0\"}",
     "1 the length of the prefix is in another member: 192.0.2.0"},
    {"x.2", "{\"network\":\"192.0.2.0\",\"mask_len\":24,\"cidr\":\"192.0.2.0/24\"}",
     "192.0.2.0-192.0.2.255 2;"},
    /* tables of Postfix, and columns */
    {"x.2", "192.0.2.0/24\tREJECT\n192.0.2.25\tOK\n",
     "2 the value says that this entry is allowed; choose the values that count with `value` "
     "in "
     "tables.d/x.conf: OK"},
    {"x.2", "192.0.2.0/24\tREJECT\n192.0.2.25\tdunno\n",
     "2 the value says that this entry is allowed; choose the values that count with `value` "
     "in "
     "tables.d/x.conf: dunno"},
    {"x.2", "192.0.2.0/24\tpermit\n192.0.3.0/24\tpermit\n",
     "1 the value says that this entry is allowed; choose the values that count with `value` "
     "in "
     "tables.d/x.conf: permit"},
    {"x.2", "192.0.2.0/24\tREJECT\n192.0.3.0/24\tREJECT go away\n192.0.4.0/24\t554 5.7.1 no\n",
     "192.0.2.0-192.0.2.255 2;192.0.3.0-192.0.3.255 2;192.0.4.0-192.0.4.255 2;"},
    {"x.2", "192.0.2.0/24\tREJECT\n192.0.3.0/24\tWARN\n",
     "2 the value differs from `REJECT` in line 1; choose the values that count with `value` in "
     "tables.d/x.conf: WARN"},
    {"x.2", "192.0.2.0/24\tFILTER a:b\n192.0.3.0/24\tREJECT\n",
     "2 the value differs from `FILTER a:b` in line 1; choose the values that count with "
     "`value` in tables.d/x.conf: REJECT"},
    {"x.2:value REJECT 554", "192.0.2.0/24\tREJECT\n192.0.2.25\tOK\n192.0.3.0/24\t554 no\n",
     "192.0.2.0-192.0.2.255 2;!192.0.2.25-192.0.2.25 ;192.0.3.0-192.0.3.255 2;"},
    {"x.2", "192.0.2.0/24\tREJECT\n!192.0.2.25\tREJECT\n",
     "2 an exception among entries with an action: !192.0.2.25\tREJECT"},
    {"x.2", "192.0.2.0/24\t10\n!192.0.2.25\t10\n",
     "192.0.2.0-192.0.2.255 2;!192.0.2.25-192.0.2.25 ;"},
    {"x.2", "192.0.2.0/24\tAU\n192.0.3.0/24\tOK Telecom\n192.0.4.0/24\tPASS NETWORKS\n",
     "192.0.2.0-192.0.2.255 2;192.0.3.0-192.0.3.255 2;192.0.4.0-192.0.4.255 2;"},
    {"x.2", "192.0.2.0/24,AU,white\n",
     "1 the value says that this entry is allowed; choose the values that count with `value` "
     "in "
     "tables.d/x.conf: white"},
    {"x.2", "ip,type\n192.0.2.1,spam\n192.0.2.2,ham\n",
     "3 the value says that this entry is allowed; choose the values that count with `value` "
     "in "
     "tables.d/x.conf: ham"},
    {"x.2", "ip,country,Action\n192.0.2.1,AU,throttle\n192.0.2.2,CN,block\n",
     "3 the value differs from `throttle` in line 2; choose the values that count with `value` "
     "in tables.d/x.conf: block"},
    {"x.2", "ip,country,action\n192.0.2.1,AU,block\n192.0.2.2,CN,Deny\n",
     "1/192.0.2.1-192.0.2.1 2;192.0.2.2-192.0.2.2 2;"},
    {"x.2", "ip,type\n192.0.2.1,ipv4\n2001:db8::1,ipv6\n",
     "1/192.0.2.1-192.0.2.1 2;2001:db8::1-2001:db8::1 2;"},
    {"x.2:value block", "ip,action\n192.0.2.0/24,block\n192.0.2.2,throttle\n",
     "1/192.0.2.0-192.0.2.255 2;!192.0.2.2-192.0.2.2 ;"},
    {"x.2", "ip,whitelisted\n192.0.2.1,false\n192.0.2.2,TRUE\n",
     "3 the value says that this entry is allowed; choose the values that count with `value` "
     "in tables.d/x.conf: whitelisted"},
    {"x.2", "ip,is_allowed\n192.0.2.1,0\n192.0.2.2,no\n",
     "1/192.0.2.1-192.0.2.1 2;192.0.2.2-192.0.2.2 2;"},
    {"x.2", "ip,blocked\n192.0.2.1,true\n192.0.2.2,false\n",
     "3 the value differs from `true` in line 2; choose the values that count with `value` in "
     "tables.d/x.conf: false"},
    {"x.2", "[{\"ip\":\"192.0.2.1\",\"blocked\":true},{\"ip\":\"192.0.2.2\",\"blocked\":false}]",
     "1 the value differs from `true` in line 1; choose the values that count with `value` in "
     "tables.d/x.conf: false"},
    {"x.2:column level\nvalue 3-9", "ip,level\n192.0.2.0/24,3\n192.0.2.2,2\n192.0.2.3,9\n",
     "1/192.0.2.0-192.0.2.255 2;!192.0.2.2-192.0.2.2 ;192.0.2.3-192.0.2.3 2;"},
    {"x.2:column 3", "192.0.2.1,AU,1\n192.0.2.2,CN,2\n",
     "2 the value differs from `1` in line 1; choose the values that count with `value` in "
     "tables.d/x.conf: 2"},
    {"x.2:column 3\nvalue 1", "192.0.2.1,OK,1\n192.0.2.2,CN\n",
     "192.0.2.1-192.0.2.1 2;!192.0.2.2-192.0.2.2 ;"},
    {"x.2:column 1\nvalue 1", "192.0.2.1,1\n", "1 there is no such column after the address: 1"},
    {"x.2:value 1", "192.0.2.1\n192.0.2.2\n",
     "1 a value was chosen, but the entries of this list have none: 1"},
    {"x.2:column a", "192.0.2.1\n",
     "1 a value was chosen, but the entries of this list have none: a"},
    {"x.2:value *", "192.0.2.1\n", "192.0.2.1-192.0.2.1 2;"},
    {"x.2", "start,end,action\n192.0.2.1,192.0.2.4,block\n192.0.2.5,192.0.2.9,allow\n",
     "3 the value says that this entry is allowed; choose the values that count with `value` "
     "in tables.d/x.conf: allow"},
    {"x.2:value block", "start,end,action\n192.0.2.1,192.0.2.4,block\n192.0.2.5,192.0.2.9,allow\n",
     "1/192.0.2.1-192.0.2.4 2;!192.0.2.5-192.0.2.9 ;"},
    {"x.2:range\nvalue a", "192.0.2.1,192.0.2.4,a\n192.0.2.5,192.0.2.9,b\n",
     "192.0.2.1-192.0.2.4 2;!192.0.2.5-192.0.2.9 ;"},
    {"x.2:range\ncolumn 4\nvalue a", "192.0.2.1,192.0.2.4,OK,a\n192.0.2.5,192.0.2.9,OK,b\n",
     "192.0.2.1-192.0.2.4 2;!192.0.2.5-192.0.2.9 ;"},
    {"x.2:range\ncolumn 2", "192.0.2.1,192.0.2.4,a\n",
     "1 there is no such column after the address: 2"},
    {"x.2:range", "192.0.2.1,192.0.2.4,REJECT\n192.0.2.5,192.0.2.9,AU\n",
     "2 the value differs from `REJECT` in line 1; choose the values that count with `value` in "
     "tables.d/x.conf: AU"},
    {"x.2:column level", "192.0.2.1,AU,1\n", "1 there is no such column after the address: level"},
    {"x.2:column level\nvalue 1", "ip,a\n192.0.2.1,1\n",
     "2 there is no such column after the address: level"},
    {"x.2", "1.0.0.0 - 1.0.0.255 , 100 , bad\n1.0.1.0 - 1.0.1.255 , 200 , good\n",
     "2 a level above 127 lets the range through; choose with `value`: 200"},
    {"x.2", "1.0.0.0 - 1.0.0.255 , 100 , bad\n1.0.1.0 - 1.0.1.255 , 127 , bad\n",
     "1.0.0.0-1.0.0.255 2;1.0.1.0-1.0.1.255 2;"},
    {"x.2:value 0-127", "1.0.0.0 - 1.0.0.255 , 000 , x\n1.0.0.9 - 1.0.0.10 , 200 , y\n",
     "1.0.0.0-1.0.0.255 2;!1.0.0.9-1.0.0.10 ;"},
    {"x.2", "1.0.0.0-1.0.0.255,200,AU\n", "1.0.0.0-1.0.0.255 2;"},
    {"x.2", "192.0.2.0/24 # OK\n192.0.3.0/24 ; pass\n",
     "192.0.2.0-192.0.2.255 2;192.0.3.0-192.0.3.255 2;"},
    {"x.2", "192.0.2.0/24 OK\n", "1 there is more than one word: OK"},
    /* two columns of addresses */
    {"x.2", "src,dst\n192.0.2.1,198.51.100.7\n",
     "2 a second address; if the two are the ends of a range, write `range` into tables.d/x.conf: "
     "198.51.100.7"},
    {"x.2", "ip_start,ip_end\n192.0.2.1,192.0.2.7\n", "1/192.0.2.1-192.0.2.7 2;"},
    {"x.2", "First address,Last address\n192.0.2.1,192.0.2.7\n", "1/192.0.2.1-192.0.2.7 2;"},
    {"x.2", "ipFrom,ipTo\n192.0.2.1,192.0.2.7\n", "1/192.0.2.1-192.0.2.7 2;"},
    {"x.2", "startip,endip\n192.0.2.1,192.0.2.7\n", "1/192.0.2.1-192.0.2.7 2;"},
    {"x.2", "restart,total\n192.0.2.1,192.0.2.7\n",
     "2 a second address; if the two are the ends of a range, write `range` into tables.d/x.conf: "
     "192.0.2.7"},
    {"x.2", "ip,total\n192.0.2.1,7\n", "1/192.0.2.1-192.0.2.1 2;"},
    /* names that are none */
    {"x.2", "AS64500 ; US | X\nAS64501\n",
     "as64500 1 2;as64501 1 2;1 no entry has a dot: is this a list of host names?: as64500;"},
    {"x.2", "d41d8cd98f00b204e9800998ecf8427e\n",
     "d41d8cd98f00b204e9800998ecf8427e 1 2;1 no entry has a dot: is this a list of host names?: "
     "d41d8cd98f00b204e9800998ecf8427e;"},
    {"x.2", "localhost\nbad.example\n", "bad.example 1 2;localhost 1 2;"},
    {"x.2", ".top\nbad.example\n",
     "1 all below a top-level domain; to allow it write `wide .top` into tables.d/x.conf"},
    {"x.2", "bad.example\n*.com\n",
     "2 all below a top-level domain; to allow it write `wide .com` into tables.d/x.conf"},
    {"x.2", "*.com CNAME .\n",
     "1 all below a top-level domain; to allow it write `wide .com` into tables.d/x.conf"},
    {"x.2:wide .top *.XYZ", ".Top\n*.xyz\nbad.example\n", "bad.example 1 2;top 3 2;xyz 2 2;"},
    {"x.2:wide .top", ".top\n.xyz\nbad.example\n",
     "2 all below a top-level domain; to allow it write `wide .xyz` into tables.d/x.conf"},
    {"x.2:wide all", ".top\nbad.example\n", "bad.example 1 2;top 3 2;"},
    {"x.2", "com\n!.net\nbad.example\n", "bad.example 1 2;com 1 2;net 3 ;"},
    {"x.2:wide top", "192.0.2.1\n", "1 the address is malformed: wide top"},
    /* hosts files */
    {"x.2", "0.0.0.0\tbad.example\n",
     "1 a line of a hosts file: list the names alone: bad.example"},
    {"x.2", "# hosts\n127.0.0.1\tlocalhost\n",
     "2 a line of a hosts file: list the names alone: localhost"},
    {"x.2", "0.0.0.0 bad.example\n", "1 there is more than one word: bad.example"},
    {"x.2", "0.0.0.0,ZZ\n", "0.0.0.0-0.0.0.0 2;"},
    {"x.2", "0.0.0.0/8,reserved\n", "0.0.0.0-0.255.255.255 2;"},
    {"x.2", "192.0.2.1\tbad.example\n", "192.0.2.1-192.0.2.1 2;"},
    /* response policy zones */
    {"x.2", "bad.example CNAME .\ngood.example CNAME rpz-passthru.\n*.bad.example CNAME *.\n",
     "bad.example 3 2;good.example 1 ;"},
    {"x.2",
     "$TTL 300\n$ORIGIN rpz.local.\n@ IN SOA ns. a. (1 ; serial\n 2 3 4\n 5 )\n  IN NS ns.\n"
     "bad.example.rpz.local. 60 IN CNAME .\nworse.example IN 60 CNAME rpz-drop. ; x\n",
     "6/bad.example 1 2;worse.example 1 2;"},
    {"x.2", "rpz.local. 60 IN SOA ns. a. 1 2 3 4 5\nbad.example.rpz.local. CNAME .\n",
     "1/bad.example 1 2;"},
    {"x.2", "bad.example 1h IN CNAME .\nworse.example in 2W cname .\nlow.example 0 CNAME .\n",
     "bad.example 1 2;low.example 1 2;worse.example 1 2;"},
    {"x.2", "bad.example 1hx CNAME .\n", "1 there is more than one word: 1hx CNAME ."},
    {"x.2", "bad.example h CNAME .\n", "1 there is more than one word: h CNAME ."},
    {"x.2", "bad.example CNAME . x\n", "1 there is more than one word: CNAME . x"},
    {"x.2", "bad.example. CNAME .\n",
     "1 the absolute name is not below the zone's name: bad.example."},
    {"x.2", "$ORIGIN rpz.local.\nbad.example.xrpz.local. CNAME .\n",
     "2 the absolute name is not below the zone's name: bad.example.xrpz.local."},
    {"x.2", "Good.example CNAME good.example.\nbad.example CNAME .\n\n",
     "bad.example 1 2;good.example 1 ;"},
    {"x.2", "bad.example CNAME a.garden.\n TXT \"why; (x\"\nworse.example A 192.0.2.1\n",
     "3 the value differs from `a.garden.` in line 1; choose the values that count with `value` "
     "in tables.d/x.conf: 192.0.2.1"},
    {"x.2", "bad.example CNAME .\nworse.example A 192.0.2.1\nworse.example AAAA ::1\n",
     "bad.example 1 2;worse.example 1 2;"},
    {"x.2", "bad.example CNAME rpz-tcp-only.\n", "1 unsupported policy: rpz-tcp-only."},
    {"x.2",
     "24.0.2.0.192.rpz-ip CNAME .\n32.9.2.0.192.rpz-ip CNAME rpz-passthru.\n"
     "64.zz.1.db8.2001.rpz-ip CNAME .\n128.1.zz.2.db8.2001.rpz-ip CNAME .\n",
     "192.0.2.0-192.0.2.255 2;!192.0.2.9-192.0.2.9 ;"
     "2001:db8:1::-2001:db8:1:0:ffff:ffff:ffff:ffff 2;2001:db8:2::1-2001:db8:2::1 2;"},
    {"x.2", "24.1.2.0.192.rpz-ip CNAME .\n",
     "1 the address of the trigger is malformed: 24.1.2.0.192"},
    {"x.2", "33.1.2.0.192.rpz-ip CNAME .\n",
     "1 the address of the trigger is malformed: 33.1.2.0.192"},
    {"x.2", "rpz-ip CNAME .\n", "1 the address of the trigger is malformed"},
    {"x.2", "bad.example CNAME .\n32.9.2.0.192.rpz-client-ip CNAME .\n",
     "2 triggers of several kinds in one file; choose one with `trigger`: "
     "32.9.2.0.192.rpz-client-ip"},
    {"x.2:trigger client-ip", "bad.example CNAME .\n32.9.2.0.192.rpz-client-ip CNAME .\n",
     "1/192.0.2.9-192.0.2.9 2;"},
    {"x.2:trigger qname",
     "bad.example CNAME .\n32.9.2.0.192.rpz-ip CNAME .\n"
     "ns.example.rpz-nsdname CNAME .\n",
     "2/bad.example 1 2;"},
    {"x.2", "ns.example.rpz-nsdname CNAME .\n",
     "1 triggers of several kinds in one file; choose one with `trigger`: ns.example.rpz-nsdname"},
    {"dynamic", "24.0.2.0.192.rpz-client-ip CNAME .\n", "192.0.2.0-192.0.2.255 ;"},
    {"dynamic", "bad.example CNAME .\n", "1 the address is malformed: bad.example"},
    {"x.2", "$ORIGIN a.\n$ORIGIN b.\nbad.example CNAME .\n", "2 a second $ORIGIN: b"},
    {"x.2", "$GENERATE 1-9 a$ CNAME .\nbad.example CNAME .\n",
     "1 unsupported directive in a response policy zone: $GENERATE"},
    {"x.2", "bad.example CH CNAME .\nworse.example CNAME .\n",
     "1 the class of the record is not IN: CH CNAME ."},
    {"x.2", "bad.example CNAME .\nworse.example CNAME\n", "2 the record is malformed: CNAME"},
    {"x.2", "bad.example CNAME .\n( x\n", "2 the record is malformed: x"},
    {"x.2", "bad.example CNAME .\n) x\n", "2 the parentheses do not match: ) x"},
    {"x.2", "bad.example CNAME .\na SOA ((\n", "2 the parentheses do not match: a SOA (("},
    {"x.2", "$ORIGIN rpz.local\nbad.example.RPZ.local. CNAME .\n# x\n", "1/bad.example 1 2;"},
    {"x.2", " CNAME .\n", "1 a record without a name: CNAME ."},
    {"x.2", "10.1.1.1 :2:x\nbad.example CNAME .\n",
     "2 this is a line of a response policy zone, but an earlier one is of an rbldnsd zone: 1"},
    {"x.2", "bad.example CNAME .\nbad.example CNAME rpz-passthru.\n",
     "2 contradicts an earlier line: 1"},
    /* lists of the whole world */
    {"x.2", "192.0.2.1\n0.0.0.0/0\n",
     "2 wider than a /8, or for IPv6 than a /19; to allow it write `wide` and the entry into "
     "tables.d/x.conf: 0.0.0.0/0"},
    {"x.2", "11.0.0.0-12.0.0.0\n",
     "1 wider than a /8, or for IPv6 than a /19; to allow it write `wide` and the entry into "
     "tables.d/x.conf: 11.0.0.0-12.0.0.0"},
    {"x.2", "11.0.0.0/8\n2a00::/19\n!0.0.0.0/0\n",
     "!0.0.0.0-255.255.255.255 ;11.0.0.0-11.255.255.255 2;"
     "2a00::-2a00:1fff:ffff:ffff:ffff:ffff:ffff:ffff 2;"},
    {"x.2", "2a00::/18\n",
     "1 wider than a /8, or for IPv6 than a /19; to allow it write `wide` and the entry into "
     "tables.d/x.conf: 2a00::/18"},
    {"x.2:wide 240.0.0.0/4", "240.0.0.0/4\n", "240.0.0.0-255.255.255.255 2;"},
    {"x.2:wide 240.0.0.0/4", "224.0.0.0/4\n",
     "1 wider than a /8, or for IPv6 than a /19; to allow it write `wide` and the entry into "
     "tables.d/x.conf: 224.0.0.0/4"},
    {"x.2:wide all", "::/0\n", "::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 2;"},
    {"blacklist", "0.0.0.0/7 8 sure\n",
     "1 wider than a /8, or for IPv6 than a /19; to allow it write `wide` and the entry into "
     "blacklist.conf: 0.0.0.0/7"},
    {"dynamic", "32.0.0.0/3\n64.0.0.0/3\n", "32.0.0.0-63.255.255.255 ;64.0.0.0-95.255.255.255 ;"},
    {"dynamic", "0.0.0.0/2\n",
     "1 wider than a /3; to allow it write `wide` and the entry into dynamic.conf: 0.0.0.0/2"},
    {"neverlist", "0.0.0.0/0\n", "0.0.0.0-255.255.255.255 ;"},
    {"whitelist", "0.0.0.0/0\n", "0.0.0.0-255.255.255.255 ;"},
    /* JSON */
    {"x.2",
     "{\"cidr\":\"192.0.2.0/24\",\"sblid\":\"SBL1\",\"rir\":\"arin\"}\n"
     "{\"cidr\":\"198.51.100.0/24\",\"sblid\":\"SBL2\",\"rir\":\"arin\"}\n"
     "{\"type\":\"metadata\",\"timestamp\":1,\"records\":2,\"terms\":\"https://x.example/\"}\n",
     "192.0.2.0-192.0.2.255 2;198.51.100.0-198.51.100.255 2;"},
    {"x.2", "{\"cidr\":\"192.0.2.0/24\"}\n{\"type\":\"metadata\",\"records\":2}\n",
     "2 the metadata and the list differ in their number of records"},
    {"x.2",
     "{\"syncToken\":\"1\",\"createDate\":\"2025-11-20-21-15-08\",\n\"prefixes\":[\n"
     "{\"ip_prefix\":\"192.0.2.0/24\",\"region\":\"a\",\"service\":\"X\"}],\n"
     "\"ipv6_prefixes\":[{\"ipv6_prefix\":\"2001:db8::/32\",\"service\":\"Y\"}]}",
     "192.0.2.0-192.0.2.255 2;2001:db8::-2001:db8:ffff:ffff:ffff:ffff:ffff:ffff 2;"},
    {"x.2",
     "{\"creationTime\":\"2025-11-20T12:00:00.1\",\"prefixes\":["
     "{\"ipv4Prefix\":\"192.0.2.0/24\"},{\"ipv6Prefix\":\"2001:db8::/32\"}]}\n",
     "192.0.2.0-192.0.2.255 2;2001:db8::-2001:db8:ffff:ffff:ffff:ffff:ffff:ffff 2;"},
    {"x.2",
     "{\"values\":[{\"name\":\"A\",\"properties\":{\"platform\":\"Azure\","
     "\"addressPrefixes\":[\"192.0.2.0/31\",\"192.0.2.4/31\"]}}]}",
     "192.0.2.0-192.0.2.1 2;192.0.2.4-192.0.2.5 2;"},
    {"x.2",
     "{\"regions\":[{\"region\":\"a\",\"cidrs\":[{\"cidr\":\"192.0.2.0/24\",\"tags\":[\"OCI\"]}"
     "]}]}",
     "192.0.2.0-192.0.2.255 2;"},
    {"x.2",
     "{\"verifiable\":false,\"ssh_keys\":[\"ssh-ed25519 AAAA\"],\"hooks\":[\"192.0.2.0/24\"],"
     "\"domains\":{\"web\":[\"*.github.example\"]}}",
     "192.0.2.0-192.0.2.255 2;"},
    {"x.2",
     "{\"ip\":\"192.0.2.1\",\"ipv6Prefix\":\"2001:db8::/32\",\"ipv6Address\":\"2001:db8::\"}",
     "192.0.2.1-192.0.2.1 2;2001:db8::-2001:db8:ffff:ffff:ffff:ffff:ffff:ffff 2;"},
    {"x.2", "[\"192.0.2.1\",\n\"!192.0.2.1\"]", "2 contradicts an earlier line: 1"},
    {"x.2", "[\"192.0.2.0/24\",\"!192.0.2.1\"]", "192.0.2.0-192.0.2.255 2;!192.0.2.1-192.0.2.1 ;"},
    {"dynamic", "{\"addresses\":[\"192.0.2.1\"]}", "192.0.2.1-192.0.2.1 ;"},
    {"x.2", "{\"addresses\":[\"192.0.2.1\",\n\"192.0.2.1/24\"]}",
     "2 host bits are set: 192.0.2.1/24"},
    {"x.2", "{\"addresses\":[\"192.0.2.1\",\n\"host.example\"]}",
     "2 the address is malformed: host.example"},
    {"x.2", "{\"cidr\":\"192.0.2.1/33\"}", "1 the prefix length is not 0 to 32: 192.0.2.1/33"},
    {"x.2", "{\"errors\":[\"rate limited\"]}", "1 there is no address in this JSON"},
    {"x.2", "{\"cidr\":\"192.0.2.0/24\"", "1 malformed JSON: '}' expected near end of file"},
    {"x.2", "{\"cidr\":\"192.0.2.0/24\"}\n{\"cidr\":\n",
     "3 malformed JSON: unexpected token near end of file"},
    {"x.2", "{\"cidr\":\"192.0.2.1\",\"cidr\":\"192.0.2.2\"}",
     "1 malformed JSON: duplicate object key near '\"cidr\"'"},
    {"x.2",
     "{\"ip\":\"192.0.2.1\",\"action\":\"block\"}\n{\"ip\":\"192.0.2.2\",\"action\":\"allow\"}\n",
     "2 the value says that this entry is allowed; choose the values that count with `value` "
     "in "
     "tables.d/x.conf: allow"},
    {"x.2", "{\"ip\":\"192.0.2.1\",\"type\":\"spam\"}\n{\"ip\":\"192.0.2.2\",\"type\":\"probe\"}\n",
     "2 the value differs from `spam` in line 1; choose the values that count with `value` in "
     "tables.d/x.conf: probe"},
    {"x.2", "{\"ip\":\"192.0.2.1\",\"type\":\"spam\"}\n{\"ip\":\"192.0.2.2\",\"type\":\"spam\"}\n",
     "192.0.2.1-192.0.2.1 2;192.0.2.2-192.0.2.2 2;"},
    {"x.2:value spam", "{\"ip\":\"192.0.2.0/24\",\"type\":\"spam\"}\n{\"ip\":\"192.0.2.2\"}\n",
     "192.0.2.0-192.0.2.255 2;!192.0.2.2-192.0.2.2 ;"},
    {"x.2:column kind\nvalue a",
     "[{\"ip\":\"192.0.2.1\",\"kind\":\"a\",\"type\":\"ok\"},"
     "{\"ip\":\"192.0.2.2\",\"kind\":\"b\"}]",
     "192.0.2.1-192.0.2.1 2;!192.0.2.2-192.0.2.2 ;"},
    {"x.2", "{\"whitelist\":[\"192.0.2.1\"]}",
     "1 the value says that this entry is allowed; choose the values that count with `value` "
     "in "
     "tables.d/x.conf: whitelist"},
    {"x.2:value deny", "{\"deny\":[\"192.0.2.0/24\"],\"allow\":[{\"ip\":\"192.0.2.1\"}]}",
     "192.0.2.0-192.0.2.255 2;!192.0.2.1-192.0.2.1 ;"},
    {"x.2", "{\"data\":[{\"ipAddress\":\"192.0.2.1\",\"isWhitelisted\":true}]}",
     "1 the value says that this entry is allowed; choose the values that count with `value` "
     "in "
     "tables.d/x.conf: whitelisted"},
    {"x.2", "{\"data\":[{\"ipAddress\":\"192.0.2.1\",\"isWhitelisted\":false}]}",
     "192.0.2.1-192.0.2.1 2;"},
    {"x.2", "{\"status\":\"ok\",\"data\":{\"prefixes\":[{\"prefix\":\"192.0.2.0/24\"}]}}",
     "192.0.2.0-192.0.2.255 2;"},
    {"x.2", "[{\"start\":\"192.0.2.1\",\"end\":\"192.0.2.9\"}]", "192.0.2.1-192.0.2.9 2;"},
    {"x.2", "[{\"src\":\"192.0.2.1\",\"dst\":\"192.0.2.9\"}]",
     "1 an address in a member of unknown meaning: src"},
    {"x.2", "[{\"ip\":\"192.0.2.1\",\"address\":\"192.0.2.9\"}]",
     "1 two addresses in one object: 192.0.2.9"},
    {"x.2", "[{\"network\":\"192.0.2.0\",\"cidr\":\"192.0.2.0/28\",\"mask\":\"255.255.255.240\"}]",
     "192.0.2.0-192.0.2.15 2;"},
    {"x.2", "{\"192.0.2.1\":{\"score\":3}}", "1 an address as the name of a member: 192.0.2.1"},
    {"x.2", "[[[[[[[[[[[[[[[[[[[[[[[[[\"192.0.2.1\"]]]]]]]]]]]]]]]]]]]]]]]]]",
     "1 the JSON is nested too deep"},
    {"x.2", "[{\"cidr\":\"0.0.0.0/0\"}]",
     "1 wider than a /8, or for IPv6 than a /19; to allow it write `wide` and the entry into "
     "tables.d/x.conf: 0.0.0.0/0"},
    {"own", "[\"192.0.2.1\"]\n", "1 the host name is malformed: [\"192.0.2.1\"]"},
    /* a quote makes a CSV, whatever follows it */
    {"x.2", "\";192.0.2.1\"\n", "1 the address is malformed: ;192.0.2.1"},
    {"x.2", "\"#192.0.2.1\"\n", "1 the address is malformed: #192.0.2.1"},
    {"x.2", "\":192.0.2.1\"\n", "1 the address is malformed: :192.0.2.1"},
    /* the operator's words */
    {"x.2:colour 3", "192.0.2.1\n",
     "1 unknown word (format, column, value, range, trigger or wide): colour 3"},
    {"x.2:value", "192.0.2.1\n", "1 no value is given: value"},
    {"x.2:value a\nvalue b", "192.0.2.1\n", "2 already given in an earlier line: value b"},
    {"x.2:format xml", "192.0.2.1\n",
     "1 unknown format (list, rpz, csv, zone or json): format xml"},
    {"x.2:format zone # x\n# y", "10.1\n", "10.1.0.0-10.1.255.255 2;"},
    {"x.2:wide 10.0.0.1/8", "192.0.2.1\n", "1 host bits are set: wide 10.0.0.1/8"},
    {"x.2:trigger ns", "192.0.2.1\n", "1 the trigger is not qname, ip or client-ip: trigger ns"},
    {"x.2:range yes", "192.0.2.1\n", "1 `range` takes no argument: range yes"},
};

static int show_prefix(char *out, size_t cap, const struct prefix *p) {
  char first[ADDR_TEXT_MAX], last[ADDR_TEXT_MAX];
  int first_len = (int)addr_format(first, &p->first), last_len = (int)addr_format(last, &p->last);
  return snprintf(out, cap, "%s%.*s-%.*s %.*s;", p->excluded ? "!" : "", first_len, first, last_len,
                  last, (int)p->value.len, p->value.s);
}

static size_t show(const struct rulefile_tables *tables, const struct rule_errors *errors,
                   char *out, size_t cap) {
  size_t n = 0;
  if (tables->skipped) n += (size_t)snprintf(out, cap, "%zu/", tables->skipped);
  for (size_t i = 0; i < tables->addresses.count && n < cap; i++)
    n += (size_t)show_prefix(out + n, cap - n, &tables->addresses.prefixes[i]);
  for (size_t i = 0; i < tables->named.count && n < cap; i++) {
    const struct named *row = &tables->named.named[i];
    n += (size_t)snprintf(out + n, cap - n, "%.*s %d %.*s;", (int)row->key.len, row->key.s,
                          (int)row->entry.reach, (int)row->entry.value.len, row->entry.value.s);
  }
  for (size_t i = 0; i < errors->warnings && n < cap; i++)
    n += (size_t)snprintf(out + n, cap - n, "%u %s;", errors->warned[i].line,
                          errors->warned[i].reason);
  return n;
}

/* The file that a row names, and what the operator says of it. */
struct published {
  struct listname list;
  char name[80], conf_text[200];
  struct listconf conf;
};

static const struct rulefile *find_file(struct published *s, const char *name,
                                        struct rule_errors *errors) {
  size_t len = span_find(span_str(name), ':');
  const char *reason, *conf = name[len] ? name + len + 1 : "";
  snprintf(s->name, sizeof s->name, "%.*s", (int)len, name);
  snprintf(s->conf_text, sizeof s->conf_text, "%s\n", conf);
  listconf_read(&s->conf, span_str(s->conf_text), "conf", errors);
  bool listed = listname_init(&s->list, s->name, &reason);
  return listed ? &s->list.rule : rulefile_find(span_str(s->name));
}

static void test_texts(void) {
  for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
    static struct rule_errors errors;
    static struct published list;
    static char shown[4096];
    struct rulefile_tables read;
    size_t len = strlen(texts[i].text), n;
    char *text = malloc(len + 1);
    memcpy(text, texts[i].text, len + 1);
    errors.count = errors.warnings = 0;
    const struct rulefile *file = find_file(&list, texts[i].file, &errors);
    rulefile_tables_init(&read, file);
    read.conf = &list.conf;
    bool fine = ruletext_read(file, text, len, &read, &errors);
    const struct rule_message *c = &errors.kept[0];
    if (!fine) n = (size_t)snprintf(shown, sizeof shown, "out of memory");
    else if (errors.count) n = (size_t)snprintf(shown, sizeof shown, "%u %s", c->line, c->reason);
    else n = show(&read, &errors, shown, sizeof shown);
    is_text(span_of(shown, n), texts[i].want, "%s, row %zu", texts[i].file, i);
    rulefile_tables_free(&read);
    free(text);
  }
}

/* ---- names of lists ---- */

static const struct {
  const char *name, *table; /* table NULL: refused */
  const char *value;
} names[] = {
    {"drop.8", "tables.d/drop", "8"},
    {"drop.8.sure", "tables.d/drop", "8 sure"},
    {"drop.1.gz", "tables.d/drop", "1"},
    {"drop.4.sure.gz", "tables.d/drop", "4 sure"},
    {"pbl-2025.2", "tables.d/pbl-2025", "2"},
    {"0123456789abcdef0123456789abcdef.8.sure.gz", "tables.d/0123456789abcdef0123456789abcdef",
     "8 sure"},
    {"0123456789abcdef0123456789abcdef0.8", NULL, "NAME"},
    {"drop", NULL, "the name"},
    {"drop.txt", NULL, "WEIGHT"},
    {"drop.0", NULL, "WEIGHT"},
    {"drop.9", NULL, "WEIGHT"},
    {"drop.08", NULL, "WEIGHT"},
    {"drop.-1", NULL, "WEIGHT"},
    {"drop.8.", NULL, "the name"},
    {"drop.8.gz.sure", NULL, "the name"},
    {"drop.8.certain", NULL, "the name"},
    {"drop.8.sure.bz2", NULL, "the name"},
    {"Drop.8", NULL, "NAME"},
    {"dr op.8", NULL, "NAME"},
    {"dr:op.8", NULL, "NAME"},
    {".8", NULL, "NAME"},
};

static void test_names(void) {
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
    struct listname list;
    const char *reason = "";
    bool fine = listname_init(&list, names[i].name, &reason);
    if (!names[i].table) {
      ok(!fine && strncmp(reason, names[i].value, strlen(names[i].value)) == 0, "%s: %s",
         names[i].name, reason);
      continue;
    }
    ok(fine && strcmp(list.rule.addresses, names[i].table) == 0 &&
           strcmp(list.rule.value, names[i].value) == 0 &&
           strlen(list.file) == 9 + strlen(names[i].name),
       "%s is table %s, value %s", names[i].name, fine ? list.table : "?", fine ? list.value : "?");
  }
}

/* ---- gzip ---- */

static size_t pack(char *out, size_t cap, const char *text, size_t len) {
  z_stream z = {.next_out = (unsigned char *)out, .avail_out = (unsigned int)cap};
  deflateInit2(&z, 6, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY);
  z.next_in = (unsigned char *)(uintptr_t)text;
  z.avail_in = (unsigned int)len;
  deflate(&z, Z_FINISH);
  deflateEnd(&z);
  return cap - z.avail_out;
}

static void refused(struct span data, size_t max, const char *reason, const char *what) {
  struct gunzipped out;
  char *exact = malloc(data.len + 1);
  memcpy(exact, data.s, data.len);
  bool fine = gunzip(span_of(exact, data.len), max, &out);
  ok(!fine && out.reason && strcmp(out.reason, reason) == 0 && !out.text, "%s: %s", what,
     fine ? "unpacked" : out.reason);
  if (fine) free(out.text);
  free(exact);
}

static void unpacked(struct span data, size_t max, struct span want, const char *what) {
  struct gunzipped out;
  bool fine = gunzip(data, max, &out);
  ok(fine && span_equal(span_of(out.text, out.len), want), "%s", what);
  free(out.text);
}

static void test_gunzip(void) {
  static char packed[65536], twice[131072], large[300000];
  memset(large, 'x', sizeof large);
  size_t len = pack(packed, sizeof packed, large, sizeof large), cuts = 0;
  struct span whole = span_of(packed, len), text = span_of(large, sizeof large);
  ok(gunzip_is(whole) && !gunzip_is(span_str("192.0.2.1")) && !gunzip_is(span_of(packed, 1)),
     "gzip is known by its first two bytes");
  unpacked(whole, 1 << 20, text, "300,000 bytes");
  unpacked(whole, sizeof large, text, "just as many as may be");
  refused(whole, sizeof large - 1, "too large when unpacked", "one more");
  refused(whole, 100, "too large when unpacked", "far more");
  refused(whole, 0, "too large when unpacked", "anything at all");
  for (size_t cut = 0; cut < len; cut++) {
    struct gunzipped out;
    bool fine = gunzip(span_head(whole, cut), 1 << 20, &out);
    cuts += !fine && out.reason && strcmp(out.reason, "the gzip data is cut short") == 0;
    if (fine) free(out.text);
  }
  ok(cuts == len, "cut anywhere it is refused (%zu of %zu)", cuts, len);
  memcpy(twice, packed, len);
  size_t more = pack(twice + len, sizeof twice - len, "end\n", 4);
  memcpy(large + 299996, "end\n", 4);
  struct gunzipped out;
  ok(gunzip(span_of(twice, len + more), 1 << 20, &out) && out.len == sizeof large + 4 &&
         memcmp(out.text + sizeof large, "end\n", 4) == 0,
     "two members are one text");
  free(out.text);
  memcpy(twice + len, "rubbish", 7);
  refused(span_of(twice, len + 7), 1 << 20, "the gzip data is damaged", "rubbish behind it");
  packed[len / 2] = (char)~packed[len / 2];
  refused(whole, 1 << 20, "the gzip data is damaged", "a wrong byte");
  size_t none = pack(packed, sizeof packed, "", 0);
  unpacked(span_of(packed, none), 10, span_of("", 0), "nothing");
}

/* A JSON text is read only as far as errors are kept. */
static void many_errors_in_json(void) {
  static struct rule_errors errors;
  static struct published list;
  struct rulefile_tables read;
  char text[2048] = "[\"192.0.2.1\"";
  for (int i = 0; i < 2 * RULE_ERRORS_MAX; i++) strcat(text, ", {\"cidr\": \"192.0.2.999\"}");
  const struct rulefile *file = find_file(&list, "x.2", &errors);
  rulefile_tables_init(&read, file);
  read.conf = &list.conf;
  strcat(text, "]\n");
  ok(ruletext_read(file, text, strlen(text), &read, &errors), "many errors in JSON");
  ok(errors.count == RULE_ERRORS_MAX, "%d of them are counted (%zu)", RULE_ERRORS_MAX,
     errors.count);
  rulefile_tables_free(&read);
}

int main(void) {
  test_words();
  test_texts();
  test_names();
  test_gunzip();
  many_errors_in_json();
  return done();
}
