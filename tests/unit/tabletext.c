/* Tables of whole nets: an entry that holds a part of a /64 holds all of it. */
#include "rule/ruletext.h"
#include "rule/rulefile.h"
#include "tap.h"
#include <stdlib.h>

static const struct {
  const char *name, *file, *text;
  const char *want; /* FIRST-LAST of each entry, `!` before an exclusion; NULL: a complaint */
} rows[] = {
    {"an address", "neverlist", "2001:db8::5:1\n", "2001:db8::-2001:db8::ffff:ffff:ffff:ffff "},
    {"two of a /64 are one", "neverlist", "2001:db8::1\n2001:db8::/96\n",
     "2001:db8::-2001:db8::ffff:ffff:ffff:ffff "},
    {"a /64", "neverlist", "2001:db8::/64\n", "2001:db8::-2001:db8::ffff:ffff:ffff:ffff "},
    {"a wider one", "neverlist", "2001:db8::/63\n", "2001:db8::-2001:db8:0:1:ffff:ffff:ffff:ffff "},
    {"a range across", "neverlist", "2001:db8::ff-2001:db8:0:2::1\n",
     "2001:db8::-2001:db8:0:2:ffff:ffff:ffff:ffff "},
    {"IPv4 stays as it is", "neverlist", "192.0.2.1\n192.0.2.4-192.0.2.6\n",
     "192.0.2.1-192.0.2.1 192.0.2.4-192.0.2.6 "},
    {"an exclusion of a /64", "neverlist", "!2001:db8:0:1::/64\n",
     "!2001:db8:0:1::-2001:db8:0:1:ffff:ffff:ffff:ffff "},
    {"an exclusion of an IPv4 address", "neverlist", "!192.0.2.1\n", "!192.0.2.1-192.0.2.1 "},
    {"an exclusion of an address", "neverlist", "2001:db8::/32\n!2001:db8::1\n", NULL},
    {"an exclusion of half a /64", "neverlist", "!2001:db8::/65\n", NULL},
    {"an exclusion of a range that ends within", "neverlist", "!2001:db8::-2001:db8:0:1::5\n",
     NULL},
    {"other tables", "highmx", "2001:db8::1\n", "2001:db8::1-2001:db8::1 "},
};

static size_t show(char *out, const struct tabletext *r) {
  size_t len = 0;
  for (size_t i = 0; i < r->count; i++) {
    if (r->prefixes[i].excluded) out[len++] = '!';
    len += addr_format(out + len, &r->prefixes[i].first);
    out[len++] = '-';
    len += addr_format(out + len, &r->prefixes[i].last);
    out[len++] = ' ';
  }
  return len;
}

int main(void) {
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    static struct rule_errors c;
    struct rulefile_tables read;
    char *text = strdup(rows[i].text), shown[1024];
    const struct rulefile *file = rulefile_find(span_str(rows[i].file));
    memset(&c, 0, sizeof c);
    rulefile_tables_init(&read, file);
    bool ok = text && ruletext_read(file, text, strlen(text), &read, &c);
    ok(ok && (c.count > 0) == (rows[i].want == NULL), "%s", rows[i].name);
    if (rows[i].want)
      is_text(span_of(shown, show(shown, &read.addresses)), rows[i].want, "%s: entries",
              rows[i].name);
    rulefile_tables_free(&read);
    free(text);
  }
  return done();
}
