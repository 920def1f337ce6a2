/* SPF records as dig prints them, and what neverlist and bigco lack beside them. */
#include "rule/providers.h"
#include "rule/ruletext.h"
#include "rule/spf.h"
#include "tap.h"
#include <stdlib.h>

static const struct {
  const char *text;
  const char *want; /* the record, or "!" and the reason */
} records[] = {
    {"\"v=spf1 -all\"\n", "v=spf1 -all"},
    {"\"v=spf1 ip4:192.0.2.\" \"0/24 -all\"\n", "v=spf1 ip4:192.0.2.0/24 -all"},
    {"v=spf1 ~all\n", "v=spf1 ~all"},
    {"\"other=1\"\n\"V=SPF1 -all\"\n\"more\"", "V=SPF1 -all"},
    {"\"v=spf1 exp=a\\\"b\\092c\\065\"\n", "v=spf1 exp=a\"b\\cA"},
    {"\"v=spf1\"\n", "v=spf1"},
    {"\"v=spf1 -all\" junk \"more\"\n", "v=spf1 -all"},
    {"\"v=spf10 -all\"\n", "!there is no SPF record"},
    {"\"v=spf2.0/pra -all\"\n", "!there is no SPF record"},
    {"\"v=spf1 -all\"\n\"v=spf1 ~all\"\n", "!there is more than one SPF record"},
    {"", "!there is no SPF record"},
    {"\"v=spf1 -all\\\"", "v=spf1 -all\""},
};

static void test_records(void) {
  for (size_t i = 0; i < sizeof records / sizeof records[0]; i++) {
    struct span text = span_str(records[i].text);
    char *exact = malloc(text.len + 1), *out = malloc(text.len + 1), got[200] = "";
    const char *reason = "";
    size_t len = 0;
    if (text.len) memcpy(exact, text.s, text.len);
    if (spf_record(span_of(exact, text.len), out, &len, &reason))
      snprintf(got, sizeof got, "%.*s", (int)len, out);
    else snprintf(got, sizeof got, "!%s", reason);
    is_text(span_str(got), records[i].want, "record %zu", i);
    free(exact);
    free(out);
  }
}

static const struct {
  const char *term;
  enum spf_kind kind;
  const char *value;
} terms[] = {
    {"ip4:192.0.2.0/24", SPF_IP4, "192.0.2.0/24"},
    {"+IP4:192.0.2.1", SPF_IP4, "192.0.2.1"},
    {"-ip4:192.0.2.1", SPF_NOTHING, "-ip4:192.0.2.1"},
    {"~ip4:192.0.2.1", SPF_NOTHING, "~ip4:192.0.2.1"},
    {"?ip4:192.0.2.1", SPF_NOTHING, "?ip4:192.0.2.1"},
    {"ip6:2001:db8::/32", SPF_IP6, "2001:db8::/32"},
    {"include:_spf.example.com", SPF_INCLUDE, "_spf.example.com"},
    {"redirect=_spf.example.com", SPF_INCLUDE, "_spf.example.com"},
    {"redirect=%{d}.example", SPF_LOOKUP, "redirect=%{d}.example"},
    {"include:%{i}.example", SPF_LOOKUP, "include:%{i}.example"},
    {"include:", SPF_MALFORMED, ""},
    {"ptr", SPF_PTR, ""},
    {"ptr:example.com", SPF_PTR, "example.com"},
    {"a", SPF_LOOKUP, "a"},
    {"a/24", SPF_LOOKUP, "a/24"},
    {"mx:example.com", SPF_LOOKUP, "mx:example.com"},
    {"exists:%{i}.example", SPF_LOOKUP, "exists:%{i}.example"},
    {"-all", SPF_NOTHING, "-all"},
    {"all", SPF_NOTHING, ""},
    {"exp=x", SPF_NOTHING, "x"},
    {"v=spf1", SPF_NOTHING, "v=spf1"},
    {"ip5:1", SPF_MALFORMED, "ip5:1"},
    {"", SPF_END, ""},
};

static void test_terms(void) {
  for (size_t i = 0; i < sizeof terms / sizeof terms[0]; i++) {
    struct span rest = span_str(terms[i].term), value;
    enum spf_kind kind = spf_next(&rest, &value);
    ok(kind == terms[i].kind && rest.len == 0, "\"%s\" is of kind %d", terms[i].term, (int)kind);
    is_text(value, terms[i].value, "\"%s\": its value", terms[i].term);
  }
}

/* ---- differences ---- */

#define SOURCES_MAX 4

static const struct {
  const char *name;
  const char *neverlist, *bigco;
  const char *source[2 * SOURCES_MAX]; /* name, text, ... */
  const char *want; /* "SIGN ADDRESSES-OR-DOMAIN [SUFFIX] ROOT-OR-LINE;"..., or a complaint */
} cases[] = {
    {"all is there",
     "192.0.2.0/24\n",
     "a.example a.example\n",
     {"a.example", "v=spf1 ip4:192.0.2.0/25 ip4:192.0.2.128/25 -all"},
     ""},
    {"a prefix is missing",
     "8.0.0.0/24\n",
     "a.example a.example\n",
     {"a.example", "v=spf1 ip4:8.0.0.0/23 -all"},
     "+ 8.0.0.0/23 a.example;"},
    {"two halves are one",
     "8.0.0.0/24\n8.0.1.0/24\n",
     "a.example a.example\n",
     {"a.example", "v=spf1 ip4:8.0.0.0/23 -all"},
     ""},
    {"an entry too much",
     "8.0.0.0/24\n9.0.0.0/24\n",
     "a.example a.example\n",
     {"a.example", "v=spf1 ip4:8.0.0.0/24 -all"},
     "- 9.0.0.0/24 2;"},
    {"an entry too wide",
     "8.0.0.0/23\n",
     "a.example a.example\n",
     {"a.example", "v=spf1 ip4:8.0.0.0/24 -all"},
     "- 8.0.0.0/23 1;+ 8.0.0.0/24 a.example;"},
    {"special-purpose entries stay", "10.0.0.0/8\n!10.1.0.0/16\nfe80::/10\n", "", {NULL}, ""},
    {"included",
     "",
     "a.example a.example\n",
     {"_spf.a.example", "v=spf1 ip6:2600::/32 -all", "a.example",
      "v=spf1 include:_spf.A.example -all"},
     "+ 2600::/32 a.example;"},
    {"redirected in a circle",
     "",
     "a.example a.example\n",
     {"x.a.example", "v=spf1 ip4:8.0.0.1 redirect=y.a.example", "y.a.example",
      "v=spf1 redirect=x.a.example"},
     "+ 8.0.0.1 x.a.example;"},
    {"from two sources",
     "",
     "a.example a.example\n",
     {"a.example", "v=spf1 ip4:8.0.0.1 -all", "r.json",
      "{\"prefixes\":[{\"ip_prefix\":\"8.0.0.1/32\"}]}"},
     "+ 8.0.0.1 a.example;"},
    {"JSON with a type",
     "",
     "",
     {"r.json", "[{\"ip\":\"8.0.0.1\",\"type\":\"a\"},{\"ip\":\"9.0.0.1\",\"type\":\"b\"}]"},
     "+ 8.0.0.1 r.json;+ 9.0.0.1 r.json;"},
    {"a domain is missing",
     "8.0.0.1\n",
     "b.example b.example\n",
     {"_spf.a.example", "v=spf1 ip4:8.0.0.1 -all", "mail.b.example", "v=spf1 -all"},
     "+ a.example _spf.a.example;"},
    {"a domain too much",
     "",
     "a.example a.example\nb.example c.example\n",
     {"c.example", "v=spf1 -all"},
     "+ c.example c.example;- a.example 1;"},
    {"a suffix is missing",
     "",
     "a.example b.example\n",
     {"a.example", "v=spf1 ptr:hosts.c.example ptr:x.b.example -all"},
     "+ a.example hosts.c.example a.example;"},
    {"a record that is missing",
     "",
     "a.example a.example\n",
     {"a.example", "v=spf1 include:b.example -all"},
     "a.example:1 this record is not among the files: b.example;"},
    {"what only the DNS knows",
     "",
     "a.example a.example\n",
     {"a.example", "v=spf1 mx -all"},
     "a.example:1 skipped, because only the DNS knows its addresses: mx;"},
    {"no record",
     "",
     "",
     {"a.example", "hello\n"},
     "a.example:0 this is neither an SPF record nor JSON;"},
    {"a malformed term",
     "",
     "",
     {"a.example", "v=spf1 ip4:8.0.0.1/33 -all"},
     "a.example:1 the prefix length is not 0 to 32: 8.0.0.1/33;"},
    {"no address", "", "", {"r.json", "{}"}, "r.json:1 there is no address in this JSON;"},
};

static struct rulefile_tables *read_table(const char *name, const char *text, char **kept) {
  static struct rule_errors c;
  const struct rulefile *file = rulefile_find(span_str(name));
  struct rulefile_tables *tables = calloc(1, sizeof *tables);
  *kept = strdup(text);
  rulefile_tables_init(tables, file);
  ruletext_read(file, *kept, strlen(text), tables, &c);
  return tables;
}

static size_t show(char *out, size_t cap, const struct differences *found) {
  size_t n = 0;
  for (size_t i = 0; i < found->count && n < cap; i++) {
    const struct difference *d = &found->list[i];
    char text[PREFIX_TEXT_MAX];
    struct span what = d->name;
    if (d->of == DIFFERENCE_NEVERLIST) what = span_of(text, prefix_format(text, &d->prefix));
    n += (size_t)snprintf(out + n, cap - n, "%c %.*s%s%.*s ", d->sign, (int)what.len, what.s,
                          d->suffix.len ? " " : "", (int)d->suffix.len,
                          d->suffix.len ? d->suffix.s : "");
    if (d->source) n += (size_t)snprintf(out + n, cap - n, "%s;", providers_root(d->source)->name);
    else n += (size_t)snprintf(out + n, cap - n, "%u;", d->line);
  }
  return n;
}

static void test_case(size_t nth) {
  static struct rule_errors c;
  struct provider providers[SOURCES_MAX] = {{.name = NULL}};
  struct differences found = {.list = NULL};
  char got[2000] = "", *kept[2];
  size_t count = 0, n = 0;
  for (; count < SOURCES_MAX && cases[nth].source[2 * count]; count++) {
    providers[count].name = cases[nth].source[2 * count];
    providers[count].text = span_str(cases[nth].source[2 * count + 1]);
  }
  struct rulefile_tables *neverlist = read_table("neverlist", cases[nth].neverlist, &kept[0]);
  struct rulefile_tables *bigco = read_table("bigco", cases[nth].bigco, &kept[1]);
  c.count = c.warnings = 0;
  ok(providers_read(providers, count, &c), "the sources are read");
  const struct rule_message *first = c.count ? c.kept : c.warned;
  if (c.count || c.warnings)
    n = (size_t)snprintf(got, sizeof got, "%s:%u %s;", first->file, first->line, first->reason);
  if (!c.count) {
    ok(providers_compare(providers, count, &neverlist->addresses, &bigco->named, &found),
       "and compared");
    show(got + n, sizeof got - n, &found);
  }
  is_text(span_str(got), cases[nth].want, "%s", cases[nth].name);
  providers_free(providers, count);
  free(found.list);
  rulefile_tables_free(neverlist);
  rulefile_tables_free(bigco);
  free(neverlist);
  free(bigco);
  free(kept[0]);
  free(kept[1]);
}

int main(void) {
  test_records();
  test_terms();
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) test_case(i);
  return done();
}
