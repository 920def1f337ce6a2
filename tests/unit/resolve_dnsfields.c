/* Session lines: the questions that they ask, and the fields from the answers. */
#include "resolve/dnsfields.h"
#include "tap.h"
#include <stdlib.h>

#define HEAD "session1 at=1.000 ms=1 stage=data end=fin "

/* Answers, one in each line: "TYPE NAME ANSWER". ANSWER is nx, nodata, servfail, or the records:
   addresses, names, and for MX any words. A question without a line is never answered. */
struct zone {
  const char *text;
};

static const char *type_name(int type) {
  return type == TYPE_A ? "A" : type == TYPE_AAAA ? "AAAA" : type == TYPE_MX ? "MX" : "PTR";
}

static void add_word(struct dnsresult *f, int type, struct span word) {
  struct addr a;
  f->status = DNS_DATA;
  if (type == TYPE_MX) {
    f->count += !span_is(word, ".");
  } else if (type == TYPE_PTR) {
    f->data[f->len] = (uint8_t)word.len;
    memcpy(f->data + f->len + 1, word.s, word.len);
    f->len += (uint16_t)(word.len + 1);
    f->count++;
  } else if (addr_parse(word, &a)) {
    memcpy(f->data + f->len, a.byte, sizeof a.byte);
    f->len += (uint16_t)sizeof a.byte;
    f->count++;
  }
}

static bool look_up(const struct zone *z, const struct question *q, struct dnsresult *f) {
  struct span rest = span_str(z->text), line, word;
  while (rest.len) {
    line = span_cut(&rest, '\n');
    if (!span_is(span_word(&line), type_name(q->type))) continue;
    if (!span_is(span_word(&line), q->name)) continue;
    *f = (struct dnsresult){.status = DNS_UNKNOWN};
    while ((word = span_word(&line)).len) {
      if (span_is(word, "nx")) f->status = DNS_NXDOMAIN;
      else if (span_is(word, "nodata")) f->status = DNS_NODATA;
      else if (span_is(word, "partial")) f->partial = true;
      else if (!span_is(word, "servfail")) add_word(f, q->type, word);
    }
    return true;
  }
  return false;
}

struct row {
  const char *name, *line, *zone, *want;
  bool ask_special;
};

static void run(const struct row *row, const struct dnslists *lists) {
  char out[DNSFIELDS_TEXT_MAX], line[8192];
  struct sessionline l;
  struct span bad;
  struct lookups q;
  struct question question;
  struct dnsresult f;
  struct zone zone = {row->zone};
  int slot;
  snprintf(line, sizeof line, HEAD "%s", row->line);
  if (!sessionline_decode(span_str(line), &l, &bad)) {
    ok(false, "%s: malformed at %.*s", row->name, (int)bad.len, bad.s);
    return;
  }
  lookups_init(&q, &l, lists, row->ask_special);
  while ((slot = lookups_next(&q, &question)) >= 0)
    if (look_up(&zone, &question, &f)) lookups_put(&q, slot, &f);
  is_text(span_of(out, dnsfields_format(&q, out)), row->want, "%s", row->name);
  lookups_free(&q);
}

#define REVERSE "PTR 7.1.1.9.in-addr.arpa "

static const struct row reverse_rows[] = {
    {"a name that leads back", "peer=9.1.1.7", REVERSE "mx.a.example\nA mx.a.example 9.1.1.7",
     " ptr=mx.a.example fcrdns=yes", false},
    {"one that leads elsewhere", "peer=9.1.1.7", REVERSE "mx.a.example\nA mx.a.example 9.1.1.8",
     " ptr=mx.a.example fcrdns=no", false},
    {"one without an address", "peer=9.1.1.7", REVERSE "mx.a.example\nA mx.a.example nodata",
     " ptr=mx.a.example fcrdns=no", false},
    {"one that does not exist", "peer=9.1.1.7", REVERSE "mx.a.example\nA mx.a.example nx",
     " ptr=mx.a.example fcrdns=no", false},
    {"SERVFAIL on the way back", "peer=9.1.1.7", REVERSE "mx.a.example\nA mx.a.example servfail",
     " ptr=mx.a.example fcrdns=?", false},
    {"no answer on the way back", "peer=9.1.1.7", REVERSE "mx.a.example",
     " ptr=mx.a.example fcrdns=?", false},
    {"no name", "peer=9.1.1.7", REVERSE "nx", " ptr=", false},
    {"no name but others' records", "peer=9.1.1.7", REVERSE "nodata", " ptr=", false},
    {"SERVFAIL", "peer=9.1.1.7", REVERSE "servfail", " ptr=? fcrdns=?", false},
    {"no answer", "peer=9.1.1.7", "", " ptr=? fcrdns=?", false},
    {"of two names only the one that resolves back is written", "peer=9.1.1.7",
     REVERSE "mail.google.example mx.a.example\nA mail.google.example 9.9.9.9\n"
             "A mx.a.example 9.1.1.7",
     " ptr=mx.a.example fcrdns=yes", false},
    {"both names if none resolves back", "peer=9.1.1.7",
     REVERSE "mx.b.example mx.a.example\nA mx.b.example nx\nA mx.a.example 9.1.1.8",
     " ptr=mx.b.example,mx.a.example fcrdns=no", false},
    {"two names, one of them unknown", "peer=9.1.1.7",
     REVERSE "mx.b.example mx.a.example\nA mx.b.example servfail\nA mx.a.example 9.1.1.8",
     " ptr=mx.b.example,mx.a.example fcrdns=?", false},
    {"more names than are looked up", "peer=9.1.1.7",
     REVERSE "partial mx.a.example\nA mx.a.example nx", " ptr=mx.a.example fcrdns=?", false},
    {"a PTR name with more addresses than are kept", "peer=9.1.1.7",
     REVERSE "mx.a.example\nA mx.a.example partial 9.1.1.8", " ptr=mx.a.example fcrdns=?", false},
    {"PTR names that cannot be hosts are not looked up", "peer=9.1.1.7",
     REVERSE "localhost a,b\\010 ?", " ptr=localhost,a%2Cb\\010,%3F fcrdns=no", false},
    {"a PTR name that is a hyphen", "peer=9.1.1.7", REVERSE "-", " ptr=%2D fcrdns=no", false},
    {"IPv6", "peer=2a00::7",
     "PTR 7.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.a.2.ip6.arpa mx.a.example\n"
     "AAAA mx.a.example 2a00::7",
     " ptr=mx.a.example fcrdns=yes", false},
    {"a special-purpose address", "peer=10.1.1.7 helo=mx.a.example", "A mx.a.example nx", "",
     false},
    {"a special-purpose address with a sender", "peer=10.1.1.7 from=a@a.example", "MX a.example mx",
     " sendermx=yes", false},
    {"a special-purpose address with ask_special", "peer=10.1.1.7", "PTR 7.1.1.10.in-addr.arpa nx",
     " ptr=", true},
};

#define NOPTR " ptr=? fcrdns=?"

static const struct row helo_rows[] = {
    {"the peer", "peer=9.1.1.7 helo=A.example", "A a.example 9.1.1.200 9.1.1.7",
     NOPTR " heloa=peer", false},
    {"its /24", "peer=9.1.1.7 helo=a.example", "A a.example 9.9.9.9 9.1.1.200", NOPTR " heloa=near",
     false},
    {"another address", "peer=9.1.1.7 helo=a.example", "A a.example 9.1.2.7", NOPTR " heloa=other",
     false},
    {"its /48", "peer=2a00::7 helo=a.example", "AAAA a.example 2a00:0:0:ffff::1",
     NOPTR " heloa=near", false},
    {"another /48", "peer=2a00::7 helo=a.example", "AAAA a.example 2a00:0:1::7",
     NOPTR " heloa=other", false},
    {"NXDOMAIN by both types", "peer=9.1.1.7 helo=a.example", "A a.example nx\nAAAA a.example nx",
     NOPTR " heloa=none", false},
    {"NXDOMAIN by one type only", "peer=9.1.1.7 helo=a.example",
     "A a.example nx\nAAAA a.example 2a00::1", NOPTR " heloa=?", false},
    {"NXDOMAIN by one type, the other not answered", "peer=9.1.1.7 helo=a.example",
     "A a.example nx", NOPTR " heloa=?", false},
    {"a name without addresses", "peer=9.1.1.7 helo=a.example", "A a.example nodata",
     NOPTR " heloa=?", false},
    {"SERVFAIL", "peer=9.1.1.7 helo=a.example", "A a.example servfail", NOPTR " heloa=?", false},
    {"more addresses than are kept", "peer=9.1.1.7 helo=a.example", "A a.example partial 9.9.9.9",
     NOPTR " heloa=?", false},
    {"a name of one label", "peer=9.1.1.7 helo=ylmf-pc", "A ylmf-pc nx", NOPTR, false},
    {"address literals", "peer=9.1.1.7 helo=[9.1.1.7],9.1.1.7", "", NOPTR, false},
    {"of several names the best counts", "peer=9.1.1.7 helo=b.example,a.example",
     "A b.example 9.9.9.9\nA a.example 9.1.1.7", NOPTR " heloa=peer", false},
    {"other is better than none", "peer=9.1.1.7 helo=b.example,a.example",
     "A b.example nx\nAAAA b.example nx\nA a.example 9.9.9.9", NOPTR " heloa=other", false},
    {"unknown is better than other", "peer=9.1.1.7 helo=b.example,a.example",
     "A b.example servfail\nA a.example 9.9.9.9", NOPTR " heloa=?", false},
    {"too many names", "peer=9.1.1.7 helo=a.example,a.example,a.example,a.example,b.example",
     "A a.example 9.9.9.9", NOPTR " heloa=?", false},
    {"a list that was cut", "peer=9.1.1.7 helo=a.example,b.exam cut=helo",
     "A a.example 9.9.9.9\nA b.exam nx\nAAAA b.exam nx", NOPTR " heloa=?", false},
    {"a name that was cut is not asked", "peer=9.1.1.7 helo=a.example,b.exam cut=helo",
     "A a.example 9.9.9.9\nA b.exam 9.1.1.7", NOPTR " heloa=?", false},
    {"a name with an encoded space", "peer=9.1.1.7 helo=a%20b.example", "", NOPTR, false},
};

static const struct row sender_rows[] = {
    {"an MX", "peer=9.1.1.7 from=x@a.example", "MX a.example mx", NOPTR " sendermx=yes", false},
    {"no MX but an address", "peer=9.1.1.7 from=x@a.example",
     "MX a.example nodata\nA a.example 9.9.9.9", NOPTR " sendermx=yes", false},
    {"an IPv6 address", "peer=9.1.1.7 from=x@a.example",
     "MX a.example nodata\nA a.example nodata\nAAAA a.example 2a00::1", NOPTR " sendermx=yes",
     false},
    {"neither MX nor address", "peer=9.1.1.7 from=x@a.example",
     "MX a.example nodata\nA a.example nodata\nAAAA a.example nodata", NOPTR " sendermx=?", false},
    {"NXDOMAIN by both types", "peer=9.1.1.7 from=x@a.example", "MX a.example nx\nA a.example nx",
     NOPTR " sendermx=no", false},
    {"NXDOMAIN by one type", "peer=9.1.1.7 from=x@a.example",
     "MX a.example nx\nA a.example 9.9.9.9", NOPTR " sendermx=yes", false},
    {"NXDOMAIN by one type, the other not answered", "peer=9.1.1.7 from=x@a.example",
     "MX a.example nx", NOPTR " sendermx=?", false},
    {"SERVFAIL", "peer=9.1.1.7 from=x@a.example", "MX a.example servfail", NOPTR " sendermx=?",
     false},
    {"a null MX", "peer=9.1.1.7 from=x@a.example", "MX a.example .", NOPTR " sendermx=?", false},
    {"the null sender", "peer=9.1.1.7 from=<>", "", NOPTR, false},
    {"a hidden local part", "peer=9.1.1.7 from=@a.example", "MX a.example mx",
     NOPTR " sendermx=yes", false},
    {"two at signs", "peer=9.1.1.7 from=x@b.example@a.example", "MX a.example mx",
     NOPTR " sendermx=yes", false},
    {"a literal", "peer=9.1.1.7 from=x@[9.1.1.7]", "", NOPTR, false},
    {"one label", "peer=9.1.1.7 from=root@ylmf-pc", "", NOPTR, false},
    {"no domain", "peer=9.1.1.7 from=root", "", NOPTR, false},
    {"a sender that was cut", "peer=9.1.1.7 from=x@a.exam cut=to,from", "", NOPTR, false},
};

static const struct row list_rows[] = {
    {"not listed", "peer=9.1.1.7", "A 7.1.1.9.bl.example nx\nA 7.1.1.9.wl.example nodata",
     NOPTR " dnsbl= dnswl=", false},
    {"listed", "peer=9.1.1.7",
     "A 7.1.1.9.bl.example 127.0.0.11 127.0.0.4\nA 7.1.1.9.wl.example 127.0.10.3",
     NOPTR " dnsbl=best:127.0.0.4,best:127.0.0.11 dnswl=wl.example:127.0.10.3", false},
    {"no answer of a list", "peer=9.1.1.7", "A 7.1.1.9.bl.example servfail",
     NOPTR " dnsbl=best:? dnswl=wl.example:?", false},
    {"a refusal of a list", "peer=9.1.1.7",
     "A 7.1.1.9.bl.example 127.255.255.254\nA 7.1.1.9.wl.example nx",
     NOPTR " dnsbl=best:? dnswl=", false},
    {"a list that does not serve the family", "peer=2a00::7", "", NOPTR, false},
};

static void all(const struct row *rows, size_t count, const struct dnslists *lists) {
  for (size_t i = 0; i < count; i++) run(&rows[i], lists);
}

/* The longest PTR names that a peer can have: only whole names are written, and not too many. */
static void bounds(void) {
  char out[DNSFIELDS_TEXT_MAX];
  struct dnslists none = {.count = 0};
  struct sessionline l;
  struct span bad, rest, key, value;
  struct lookups q;
  struct question question;
  struct dnsresult f = {.status = DNS_DATA};
  size_t len = 0;
  for (int i = 0; i < DNSRESULT_NAMES_MAX; i++) {
    f.data[f.len] = DNSRESULT_NAME_MAX;
    memset(f.data + f.len + 1, i % 2 ? 'a' : ' ', DNSRESULT_NAME_MAX);
    f.len += DNSRESULT_NAME_MAX + 1;
    f.count++;
  }
  sessionline_decode(span_str(HEAD "peer=9.1.1.7"), &l, &bad);
  lookups_init(&q, &l, &none, false);
  lookups_next(&q, &question);
  lookups_put(&q, SLOT_PTR, &f);
  while (lookups_next(&q, &question) >= 0) {
  }
  len = dnsfields_format(&q, out);
  ok(len > 700 && len < DNSFIELDS_PTR_MAX + 40, "ten long names: %zu bytes", len);
  rest = span_of(out + 1, len - 1);
  ok(field_next(&rest, &key, &value) == FIELD_NEXT && span_is(key, "ptr"), "a field");
  ok(value.len == 3 * DNSRESULT_NAME_MAX + 1 + DNSRESULT_NAME_MAX, "with whole names");
  ok(lookups_is_done(&q), "the names are not looked up");
  lookups_free(&q);
}

int main(void) {
  struct dnslists none = {.count = 0}, lists = {.count = 0};
  dnslists_add(&lists, LIST_BLACK, span_str("bl.example name=Best"));
  dnslists_add(&lists, LIST_WHITE, span_str("wl.example"));
  all(reverse_rows, sizeof reverse_rows / sizeof *reverse_rows, &none);
  all(helo_rows, sizeof helo_rows / sizeof *helo_rows, &none);
  all(sender_rows, sizeof sender_rows / sizeof *sender_rows, &none);
  static const struct row muted = {"a list whose test failed is not asked", "peer=9.1.1.7",
                                   "A 7.1.1.9.bl.example 127.0.0.4", NOPTR, false};
  run(&muted, &lists);
  for (size_t i = 0; i < lists.count; i++) lists.list[i].passing[LIST_IPV4] = true;
  all(list_rows, sizeof list_rows / sizeof *list_rows, &lists);
  bounds();
  return done();
}
