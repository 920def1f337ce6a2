/* Rule text: for every kind of file lines that are read and lines that are refused. */
#include "rule/hostname.h"
#include "rule/rulecheck.h"
#include "rule/ruletext.h"
#include "rule/sinnames.h"
#include "tap.h"
#include <stdlib.h>

/* What a text gives: its entries as "KEY REACH VALUE;" and "[!]FIRST-LAST VALUE;", or the first
   complaint as "LINE REASON". */
static const struct {
  const char *file, *text, *want;
} texts[] = {
    /* the lines themselves */
    {"tlds", "", ""},
    {"tlds", "# nothing\n\n  \t\n   # indented\n", ""},
    {"tlds", "org # behind a word\n\tcom\t\n", "com 1 ;org 1 ;"},
    {"tlds", "\xef\xbb\xbforg\ncom\n", "com 1 ;org 1 ;"},
    {"tlds", "\xef\xbb\xbf# x\n", ""},
    {"tlds",
     "org\n\xef\xbb\xbf"
     "com\n",
     "2 not a single label: \xef\xbb\xbf"
     "com"},
    {"tlds", "org\r\ncom\r\n", "com 1 ;org 1 ;"},
    {"private-tlds", "Local\n(none)\n", "(none) 1 ;local 1 ;"},
    {"private-tlds", "(some)\n", "1 not a single label: (some)"},
    {"private-tlds", "a.b\n", "1 not a single label: a.b"},
    {"private-tlds", "(none) x\n", "1 there is more than one word: x"},
    {"tlds", "a#b\n", "1 not a single label: a#b"},
    {"tlds", "org\n\ncom", "3 the last line has no line end: was the file cut short?"},
    {"tlds", "org\ro\n", "1 there is a control character in the line"},
    {"tlds", "org\r\r\n", "1 there is a control character in the line"},
    {"tlds", "org # \x1b[2J\n", "1 there is a control character in the line"},
    {"tlds", "org # caf\xc3\xa9\n", "org 1 ;"},
    {"tlds", "org\norg\n", "org 1 ;"},
    /* every kind */
    {"thresholds", "bot 8\nsuspect 4\n", "bot 1 8;suspect 1 4;"},
    {"thresholds", "bot 8\n", "1 no threshold is given for: suspect"},
    {"thresholds", "", "1 no threshold is given for: bot"},
    {"thresholds", "bot 8\nsuspect 9\n", "2 suspect is above bot"},
    {"thresholds", "bot 8\nbot 9\nsuspect 1\n", "2 contradicts an earlier line: 1"},
    {"thresholds", "bot 0\nsuspect 4\n", "1 the threshold is not a whole number from 1 to 99: 0"},
    {"thresholds", "bot 08\n", "1 the threshold is not a whole number from 1 to 99: 08"},
    {"thresholds", "bot 8 4\n", "1 the threshold is not a whole number from 1 to 99: 8 4"},
    {"thresholds", "clean 8\n", "1 unknown threshold: clean"},
    {"dynamic", "192.0.2.0/24\n!192.0.2.9\n", "192.0.2.0-192.0.2.255 ;!192.0.2.9-192.0.2.9 ;"},
    {"dynamic", "2001:db8::/127\n192.0.2.1-192.0.2.3\n",
     "192.0.2.1-192.0.2.3 ;2001:db8::-2001:db8::1 ;"},
    {"dynamic", "$SOA 1 a b 0 0 0 0 0\n:127.0.0.10:pool\n; zone\n10.0.0.0/8 :2:text $\n",
     "10.0.0.0-10.255.255.255 ;"},
    {"dynamic", "10.0.0.0/8 2\n", "1 there is more than one word: 2"},
    {"dynamic", "\n\n10.0.0.1/8\n", "3 host bits are set: 10.0.0.1/8"},
    {"dynamic", "10.0.0.0/8\n!10.0.0.0/8\n", "2 contradicts an earlier line: 1"},
    {"dynamic", "10.0.0.0/8\n10.0.0.0-10.255.255.255\n", "10.0.0.0-10.255.255.255 ;"},
    {"blacklist", "192.0.2.1\n192.0.2.2 2\n192.0.2.3   8\tsure\n!192.0.2.4\n",
     "192.0.2.1-192.0.2.1 4;192.0.2.2-192.0.2.2 2;192.0.2.3-192.0.2.3 8 sure;"
     "!192.0.2.4-192.0.2.4 ;"},
    {"blacklist", "192.0.2.1 0\n", "1 the weight is not a whole number from 1 to 99: 192.0.2.1 0"},
    {"blacklist", "192.0.2.1 -4\n",
     "1 the weight is not a whole number from 1 to 99: 192.0.2.1 -4"},
    {"blacklist", "192.0.2.1 100\n",
     "1 the weight is not a whole number from 1 to 99: 192.0.2.1 100"},
    {"blacklist", "192.0.2.1 04\n", "1 the weight has leading zeros: 192.0.2.1 04"},
    {"blacklist", "192.0.2.1 4 maybe\n", "1 trailing words after the weight: 192.0.2.1 4 maybe"},
    {"blacklist", "!192.0.2.1 4\n", "1 an exclusion has no weight: !192.0.2.1"},
    {"blacklist", "192.0.2.1\n192.0.2.1 5\n", "2 contradicts an earlier line: 1"},
    {"blacklist", "host.example\n", "1 the address is malformed: host.example"},
    {"dnsbl", "ZEN.example\nother.example 2 sure\nthird.example 3  hint\n",
     "other.example 1 2 sure;third.example 1 3 hint;zen.example 1 4;"},
    {"dnsbl", "zen.example four\n",
     "1 the weight is not a whole number from 1 to 99: zen.example four"},
    {"dnsbl", "zen..example\n", "1 the list's name is malformed: zen..example"},
    {"whitelist", "192.0.2.0/24\nMail.example\n.example.org\n",
     "192.0.2.0-192.0.2.255 ;example.org 3 ;mail.example 3 ;"},
    {"whitelist", "192.0.2.300\n", "1 the address is malformed: 192.0.2.300"},
    {"whitelist", "mail.example.\n", "1 the host name is malformed: mail.example."},
    {"whitelist", "mail.example smtp.example\n", "1 there is more than one word: smtp.example"},
    {"whitelist", ".\n", "1 the address is malformed: ."},
    {"own", "192.0.2.1\nMX1.example\n2001:db8::1\n",
     "192.0.2.1-192.0.2.1 ;2001:db8::1-2001:db8::1 ;mx1.example 1 ;"},
    {"own", "fe80::1\n", "fe80::1-fe80::1 ;"},
    {"own", ".example\n", "1 the host name is malformed: .example"},
    {"own", "mx!.example\n", "1 the address is malformed: mx!.example"},
    {"domains", "Example.org\n.example.net\n", "example.net 3 ;example.org 1 ;"},
    {"domains", "example.org\n.example.org\n", "example.org 3 ;"},
    {"domains", "*.example.org\n", "1 the host name is malformed: *.example.org"},
    {"domains", "163.example\n", "163.example 1 ;"},
    {"domains", "192.0.2.1\n", "1 an address, not a domain: 192.0.2.1"},
    {"domains", "example.org\n.192.0.2\n", "2 an address, not a domain: .192.0.2"},
    {"domains", "2001:db8::1\n", "1 an address, not a domain: 2001:db8::1"},
    {"domains", "..example.org\n", "1 the host name is malformed: .example.org"},
    {"spamtraps", "Trap@Example.ORG\n", "trap@example.org 1 ;"},
    {"spamtraps", "trap\n", "1 not an address of the form local@domain: trap"},
    {"spamtraps", "<a@b.example>\n", "1 not an address of the form local@domain: <a@b.example>"},
    {"spamtraps", ",a@b.example\n", "1 not an address of the form local@domain: ,a@b.example"},
    {"spamtraps", "a,@b.example\n", "1 not an address of the form local@domain: a,@b.example"},
    {"recipients", "a+b#c%d@example.org\na.b@x.example\n",
     "a+b#c%d@example.org 1 ;a.b@x.example 1 ;"},
    {"recipients", "@example.org\n", "1 not an address of the form local@domain: @example.org"},
    {"recipients", "a@b@example.org\n",
     "1 not an address of the form local@domain: a@b@example.org"},
    {"recipients", "a@\n", "1 not an address of the form local@domain: a@"},
    {"helo", "YLMF-PC\n[%5d%20x\n", "[] x 1 ;ylmf-pc 1 ;"},
    {"helo", "a%2\n", "1 the name is malformed: a%2"},
    {"helo", "ylmf-pc 8\n", "1 there is more than one word: 8"},
    {"helo", "Botnet-*\n*-ZOMBIE\nbot\nbotnet-*\n", "bot 1 ;*-zombie 1 ;botnet-* 1 ;"},
    {"helo", "abc%2a\n", "abc* 1 ;"},
    {"helo", "*-p\n", "1 a pattern needs 3 to 32 bytes besides the `*`: *-p"},
    {"helo", "*\n", "1 there is more than one `*`: *"},
    {"helo", "bot*net\n", "1 a `*` must be the first or the last byte: bot*net"},
    {"helo", "bot*net*\n", "1 a `*` must be the first or the last byte: bot*net*"},
    {"helo", "*botnet*\n", "1 there is more than one `*`: *botnet*"},
    {"bigco", "Google.com   GOOGLE.com\tx.example\n", "google.com 3 google.com x.example;"},
    {"bigco", "google.com\n", "1 there is no reverse name after: google.com"},
    {"bigco", "google.com a..b\n", "1 the host name is malformed: a..b"},
    {"bigco", "go/ogle.com google.com\n", "1 the host name is malformed: go/ogle.com"},
    {"tlds", "ORG\nxn--p1ai\n", "org 1 ;xn--p1ai 1 ;"},
    {"tlds", "co.uk\n", "1 not a single label: co.uk"},
    {"highmx", "0.0.0.0/0\n::/0\n",
     "0.0.0.0-255.255.255.255 ;::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff ;"},
    {"highmx", "mx1.example\n", "1 the address is malformed: mx1.example"},
    {"neverlist", "10.0.0.0/8 # private\n", "10.0.0.0-10.255.255.255 ;"},
    {"neverlist", "10.0.0.0/8 private\n", "1 there is more than one word: private"},
    {"canaries", "192.0.2.211\n2001:db8:0:211::/64\n",
     "192.0.2.211-192.0.2.211 ;2001:db8:0:211::-2001:db8:0:211:ffff:ffff:ffff:ffff ;"},
    {"canaries", "trap.example\n", "1 the address is malformed: trap.example"},
    {"dialects", "EHLO%20H|%44ATA 4 name\n0123456789abcdef 8  sure x\nRSET -4 mta\n",
     "0123456789abcdef 1 8 sure x;EHLO%20H|DATA 1 4 name;RSET 1 -4 mta;"},
    {"dialects", "EHLO 4\n", "1 exactly one name must follow the weight: 4"},
    {"dialects", "EHLO 4 sure\n", "1 exactly one name must follow the weight: 4 sure"},
    {"dialects", "EHLO 4 hint a\n", "EHLO 1 4 hint a;"},
    {"dialects", "EHLO 4 hint\n", "1 exactly one name must follow the weight: 4 hint"},
    {"dialects", "EHLO 0 hint a\n", "1 only a weight above 0 can be sure or a hint: 0 hint a"},
    {"dialects", "EHLO 4 a b\n", "1 exactly one name must follow the weight: 4 a b"},
    {"dialects", "EHLO H 4 name\n", "1 the weight is not a whole number from -99 to 99: H 4 name"},
    {"dialects", "EHLO -4 sure name\n",
     "1 only a weight above 0 can be sure or a hint: -4 sure name"},
    {"dialects", "EHLO%2 4 name\n", "1 the dialect is malformed: EHLO%2"},
    {"pool-words", "dsl\npool\n", "dsl 1 ;pool 1 ;"},
    {"pool-words", "dsl strong # and\n", "dsl 1 strong;"},
    {"pool-words", "dsl weak\n", "1 only `strong` may follow the word, not: weak"},
    {"pool-words", "dsl strong 2\n", "1 only `strong` may follow the word, not: strong 2"},
    {"host-words", "mx strong\n", "1 only `rented` or `mail` may follow the word, not: strong"},
    {"host-words", "vps rented # and\n", "vps 1 rented;"},
    {"host-words", "vps rented 2\n",
     "1 only `rented` or `mail` may follow the word, not: rented 2"},
    {"pool-words", "vps rented\n", "1 only `strong` may follow the word, not: rented"},
    {"pool-words", "DSL\n", "1 not a word of 2 to 24 letters a-z: DSL"},
    {"host-words", "mx\n", "mx 1 ;"},
    {"pool-words", "3g strong\n", "3g 1 strong;"},
    {"host-words", "b2b\n", "b2b 1 ;"},
    {"host-words", "mx mail # and\n", "mx 1 mail;"},
    {"host-words", "mx mail rented\n",
     "1 only `rented` or `mail` may follow the word, not: mail rented"},
    {"pool-words", "dsl mail\n", "1 only `strong` may follow the word, not: mail"},
    {"host-words", "b22b\n", "1 not a word of 2 to 24 letters a-z: b22b"},
    {"host-words", "b2b2\n", "1 not a word of 2 to 24 letters a-z: b2b2"},
    {"pool-words", "g3\n", "1 not a word of 2 to 24 letters a-z: g3"},
    {"pool-words", "33g\n", "1 not a word of 2 to 24 letters a-z: 33g"},
    {"host-words", "m\n", "1 not a word of 2 to 24 letters a-z: m"},
    {"host-words", "mx1\n", "1 not a word of 2 to 24 letters a-z: mx1"},
};

/* A text read, with all that has to be freed. */
struct reading {
  char *text;
  struct rulefile_tables tables;
  struct rule_errors errors;
};

static void read_text(struct reading *r, const char *file, struct span text) {
  const struct rulefile *kind = rulefile_find(span_str(file));
  r->text = malloc(text.len + 1);
  r->errors.count = 0;
  rulefile_tables_init(&r->tables, kind);
  if (!r->text) return;
  memcpy(r->text, text.s, text.len);
  ruletext_read(kind, r->text, text.len, &r->tables, &r->errors);
}

static void forget(struct reading *r) {
  rulefile_tables_free(&r->tables);
  free(r->text);
}

static int show_prefix(char *out, size_t cap, const struct prefix *p) {
  char first[ADDR_TEXT_MAX], last[ADDR_TEXT_MAX];
  int first_len = (int)addr_format(first, &p->first), last_len = (int)addr_format(last, &p->last);
  return snprintf(out, cap, "%s%.*s-%.*s %.*s;", p->excluded ? "!" : "", first_len, first, last_len,
                  last, (int)p->value.len, p->value.s);
}

static struct span show(const struct reading *r, char *out, size_t cap) {
  size_t n = 0;
  const struct rule_message *c = &r->errors.kept[0];
  if (r->errors.count)
    return span_of(out, (size_t)snprintf(out, cap, "%u %s", (unsigned)c->line, c->reason));
  for (size_t i = 0; i < r->tables.addresses.count && n < cap; i++)
    n += (size_t)show_prefix(out + n, cap - n, &r->tables.addresses.prefixes[i]);
  const struct tabletext *named = &r->tables.named;
  for (size_t i = 0; i < named->count + r->tables.patterns.count && n < cap; i++) {
    const struct named *rl =
        i < named->count ? &named->named[i] : &r->tables.patterns.named[i - named->count];
    n += (size_t)snprintf(out + n, cap - n, "%.*s %d %.*s;", (int)rl->key.len, rl->key.s,
                          (int)rl->entry.reach, (int)rl->entry.value.len, rl->entry.value.s);
  }
  return span_of(out, n);
}

static void test_texts(void) {
  for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
    struct reading r;
    char shown[1024];
    read_text(&r, texts[i].file, span_str(texts[i].text));
    is_text(show(&r, shown, sizeof shown), texts[i].want, "%s, row %zu", texts[i].file, i);
    forget(&r);
  }
}

/* All weights, with one line replaced (NULL: left out), or one appended where sin is SIN_COUNT. */
static size_t weights_with(char *out, size_t cap, int sin, const char *line) {
  size_t n = 0;
  for (int i = 0; i < SIN_COUNT; i++) {
    if (i != sin) n += (size_t)snprintf(out + n, cap - n, "%s 2\n", sin_names[i]);
    else if (line) n += (size_t)snprintf(out + n, cap - n, "%s\n", line);
  }
  if (sin == SIN_COUNT) n += (size_t)snprintf(out + n, cap - n, "%s\n", line);
  return n;
}

static const struct {
  int sin;
  const char *line, *want; /* NULL: accepted; "last": the number of the last line */
} weights[] = {
    {SIN_COUNT, "", NULL},
    {SIN_EARLY_TALK, "early-talk 8 sure", NULL},
    {SIN_EARLY_TALK, "early-talk 4 hint", NULL},
    {SIN_EARLY_TALK, "early-talk  4\thint", NULL},
    {SIN_QUIT, "quit -99", NULL},
    {SIN_QUIT, "quit 99", NULL},
    {SIN_QUIT, "quit 0", NULL},
    {SIN_HIGH_MX, NULL, "last no weight is given for the sin: high-mx"},
    {SIN_POLITE, NULL, "last no weight is given for the sin: polite"},
    {SIN_COUNT, "no-such-sin 4", "last unknown sin: no-such-sin"},
    {SIN_COUNT, "High-MX 2", "last unknown sin: High-MX"},
    {SIN_COUNT, "high-mx 3", "last contradicts an earlier line: 1"},
    {SIN_EARLY_TALK, "early-talk 100",
     "2 the weight is not a whole number from -99 to 99: early-talk 100"},
    {SIN_EARLY_TALK, "early-talk -100",
     "2 the weight is not a whole number from -99 to 99: early-talk -100"},
    {SIN_EARLY_TALK, "early-talk +8",
     "2 the weight is not a whole number from -99 to 99: early-talk +8"},
    {SIN_EARLY_TALK, "early-talk 08", "2 the weight has leading zeros: early-talk 08"},
    {SIN_EARLY_TALK, "early-talk -0", "2 the weight has leading zeros: early-talk -0"},
    {SIN_EARLY_TALK, "early-talk", "2 the weight is not a whole number from -99 to 99: early-talk"},
    {SIN_EARLY_TALK, "early-talk 8 Sure", "2 trailing words after the weight: early-talk 8 Sure"},
    {SIN_EARLY_TALK, "early-talk 8 sure x",
     "2 trailing words after the weight: early-talk 8 sure x"},
    {SIN_EARLY_TALK, "early-talk -8 sure",
     "2 only a weight above 0 can be sure or a hint: early-talk -8 sure"},
    {SIN_EARLY_TALK, "early-talk -8 hint",
     "2 only a weight above 0 can be sure or a hint: early-talk -8 hint"},
    {SIN_EARLY_TALK, "early-talk 0 hint",
     "2 only a weight above 0 can be sure or a hint: early-talk 0 hint"},
    {SIN_EARLY_TALK, "early-talk 8 sure hint",
     "2 trailing words after the weight: early-talk 8 sure hint"},
};

static void test_weights(void) {
  static char text[4096];
  for (size_t i = 0; i < sizeof weights / sizeof weights[0]; i++) {
    struct reading r;
    char shown[4096];
    size_t len = weights_with(text, sizeof text, weights[i].sin, weights[i].line);
    read_text(&r, "weights", span_of(text, len));
    const char *name = weights[i].line ? weights[i].line : "a sin left out",
               *want = weights[i].want;
    size_t lines = SIN_COUNT + (weights[i].sin == SIN_COUNT) - (weights[i].line == NULL);
    char expected[200];
    bool last = want && strncmp(want, "last ", 5) == 0;
    if (last) snprintf(expected, sizeof expected, "%zu%s", lines, want + 4);
    if (want) is_text(show(&r, shown, sizeof shown), last ? expected : want, "%s", name);
    else
      ok(r.errors.count == 0 && r.tables.named.count == SIN_COUNT, "weights are read: \"%s\"",
         name);
    forget(&r);
  }
}

static void test_sinnames(void) {
  size_t right = 0, ordered = 0;
  for (int i = 0; i < SIN_COUNT; i++) {
    right += sin_index(span_str(sin_names[i])) == i;
    ordered += i == 0 || sin_families[i] >= sin_families[i - 1];
  }
  ok(right == SIN_COUNT, "every sin is found by its name");
  ok(ordered == SIN_COUNT, "families stand together");
  ok(sin_index(span_str("helo")) == -1 && sin_index(span_of("", 0)) == -1, "others are not");
}

/* Labels of `label` bytes, `len` bytes in all. */
static size_t make_name(char *out, size_t len, size_t label) {
  for (size_t i = 0; i < len; i++) out[i] = i % (label + 1) == label ? '.' : 'a';
  return len;
}

static void test_names(void) {
  char name[400];
  ok(hostname_is_host(span_of(name, make_name(name, 253, 63))), "a host name of 253 bytes");
  ok(!hostname_is_host(span_of(name, make_name(name, 254, 62))), "and of 254");
  ok(!hostname_is_host(span_of(name, make_name(name, 100, 64))), "and with a label of 64");
  memset(name, 'a', 318);
  memcpy(name + 318, "@ab", 3);
  ok(hostname_is_mailbox(span_of(name, 320)), "a mailbox of 320 bytes");
  ok(!hostname_is_mailbox(span_of(name, 321)), "and of 321");
  ok(!hostname_is_host(span_of("", 0)) && !hostname_is_mailbox(span_of("", 0)) &&
         !hostname_is_word(span_of("", 0)) && !hostname_is_label(span_of("", 0)),
     "nothing is no name");
}

static void test_limits(void) {
  static char text[8000];
  struct reading r;
  char shown[64];
  memset(text, ' ', sizeof text);
  text[4096] = '\n';
  read_text(&r, "tlds", span_of(text, 4097));
  ok(r.errors.count == 0, "a line of 4096 bytes");
  forget(&r);
  text[4096] = ' ';
  text[4097] = '\n';
  read_text(&r, "tlds", span_of(text, 4098));
  is_text(show(&r, shown, sizeof shown), "1 the line is longer than 4096 bytes", "and of 4097");
  forget(&r);
  for (size_t i = 0; i < 200; i += 2) memcpy(text + i, ".\n", 2);
  read_text(&r, "tlds", span_of(text, 200));
  ok(r.errors.count == 100, "all complaints are counted: %zu", r.errors.count);
  ok(r.errors.kept[RULE_ERRORS_MAX - 1].line == RULE_ERRORS_MAX, "the first 20 are kept");
  forget(&r);
  memset(text, 'x', 150);
  text[150] = '\n';
  read_text(&r, "tlds", span_of(text, 151));
  ok(strlen(r.errors.kept[0].reason) < 130, "a long word is shown by its beginning");
  forget(&r);
}

/* ---- words of pools and of hosts ---- */

static const struct {
  const char *pool, *host, *want;
} pairs[] = {
    {"dsl strong\npool\n", "mx\nstatic\n", ""},
    {"dsl strong\npool\n", "mx\ndsl\n", "2 this word is also in pool-words, line 1: dsl"},
    {"ds\npool\n", "# x\ndsl\npool\npoolx\n", "3 this word is also in pool-words, line 2: pool"},
    {"dsl\n", "", ""},
    {"", "dsl\n", ""},
};

static void test_pairs(void) {
  for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
    static struct reading pool, host;
    char shown[500] = "";
    read_text(&pool, "pool-words", span_str(pairs[i].pool));
    read_text(&host, "host-words", span_str(pairs[i].host));
    rulecheck_words(&pool.tables, &host.tables, &pool.errors);
    const struct rule_message *c = &pool.errors.kept[0];
    if (pool.errors.count) snprintf(shown, sizeof shown, "%u %s", (unsigned)c->line, c->reason);
    is_text(span_str(shown), pairs[i].want, "words, row %zu", i);
    forget(&pool);
    forget(&host);
  }
}

int main(void) {
  test_texts();
  test_pairs();
  test_weights();
  test_sinnames();
  test_limits();
  test_names();
  return done();
}
