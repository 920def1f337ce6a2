/* DNS lists: configuration, meaning of answers, tests. */
#include "resolve/dnslists.h"
#include "tap.h"

#define WANT "malformed word: want name=, v6, v6only or 127.N.N.N, each N a number or N-M"

static void configuration(void) {
  static const struct {
    const char *line, *wrong; /* NULL: good */
    int count;
  } rows[] = {
      {"bl.example", NULL, 1},
      {"  bl.example\t127.0.0.2  # the best", NULL, 1},
      {"bl.example 127.0.0.2-9 127.0.1.1 v6 name=best", NULL, 1},
      {"bl.example 127.0.0-255.1-3", NULL, 1},
      {"bl.example v6only", NULL, 1},
      {"# nothing", NULL, 0},
      {"", NULL, 0},
      {"bl..example", "malformed zone", 0},
      {"bl.example 126.0.0.1", WANT, 0},
      {"bl.example 126-127.0.0.1", WANT, 0},
      {"bl.example 127.0.0.02", WANT, 0},
      {"bl.example 127.0.0", WANT, 0},
      {"bl.example 127.0.0.1.", WANT, 0},
      {"bl.example 127.0.0.1.2", WANT, 0},
      {"bl.example 127.0.0.256", WANT, 0},
      {"bl.example 127.0.0.2-", WANT, 0},
      {"bl.example 127.0.0.9-2", WANT, 0},
      {"bl.example 127.0.0.2-127.0.0.9", WANT, 0},
      {"bl.example v7", WANT, 0},
      {"bl.example ::1", WANT, 0},
      {"bl.example name=", "malformed name", 0},
      {"bl.example name=a:b", "malformed name", 0},
      {"bl.example name=a,b", "malformed name", 0},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    struct dnslists l = {.count = 0};
    const char *wrong = dnslists_add(&l, LIST_BLACK, span_str(rows[i].line));
    is_text(span_str(wrong ? wrong : ""), rows[i].wrong ? rows[i].wrong : "", "\"%s\"",
            rows[i].line);
    ok((int)l.count == rows[i].count, "%d list", rows[i].count);
  }
  struct dnslists l = {.count = 0};
  dnslists_add(&l, LIST_BLACK, span_str("bl.example name=best v6 127.0.0.2-9"));
  is_text(l.list[0].name, "best", "a name");
  is_text(l.list[0].zone, "bl.example", "its zone");
  ok(l.list[0].serves[LIST_IPV4] && l.list[0].serves[LIST_IPV6], "both families");
  ok(!l.list[0].passing[LIST_IPV4] && !l.list[0].passing[LIST_IPV6],
     "not passing before the first test");
  ok(dnslists_add(&l, LIST_BLACK, span_str("other.example name=BEST")) != NULL,
     "the same name twice");
  ok(!dnslists_add(&l, LIST_WHITE, span_str("wl.example name=best v6only")),
     "the same name in a whitelist");
  ok(!l.list[1].serves[LIST_IPV4] && l.list[1].serves[LIST_IPV6], "v6only");
  char zone[DNSLISTS_MAX][16];
  while (l.count < DNSLISTS_MAX) {
    snprintf(zone[l.count], sizeof *zone, "z%zu.example", l.count);
    ok(!dnslists_add(&l, LIST_BLACK, span_str(zone[l.count])), "list %zu", l.count);
  }
  ok(dnslists_add(&l, LIST_BLACK, span_str("one.more")) != NULL, "the 17th list");
}

static struct dnsresult answer(const char *codes) {
  struct dnsresult f = {.status = DNS_DATA};
  struct span rest = span_str(codes), word;
  if (span_is(rest, "unknown")) f.status = DNS_UNKNOWN;
  if (span_is(rest, "nxdomain")) f.status = DNS_NXDOMAIN;
  if (span_is(rest, "nodata")) f.status = DNS_NODATA;
  while (f.status == DNS_DATA && (word = span_word(&rest)).len) {
    struct addr a;
    if (!addr_parse(word, &a)) f.status = DNS_UNKNOWN;
    memcpy(f.data + f.len, a.byte, sizeof a.byte);
    f.len += (uint16_t)sizeof a.byte;
    f.count++;
  }
  return f;
}

static void answers(void) {
  static const struct {
    const char *words, *answer;
    enum list_kind kind;
    enum listed want;
    const char *codes;
  } rows[] = {
      {"", "127.0.0.4", LIST_BLACK, LISTED_YES, "4"},
      {"", "127.0.0.11 127.0.0.4 127.0.0.4", LIST_BLACK, LISTED_YES, "4 11"},
      {"", "127.0.0.5 127.0.0.4 127.0.0.3 127.0.0.2 127.0.0.1 127.0.0.6", LIST_BLACK,
       LISTED_REFUSED, ""},
      {"", "127.0.0.7 127.0.0.6 127.0.0.5 127.0.0.4 127.0.0.3 127.0.0.2", LIST_BLACK, LISTED_YES,
       "2 3 4 5"},
      {"127.0.0.2-4", "127.0.0.4 127.0.0.5", LIST_BLACK, LISTED_YES, "4"},
      {"127.0.0.2 127.0.0.9 127.0.0.4-5", "127.0.0.4 127.0.0.6", LIST_BLACK, LISTED_YES, "4"},
      {"127.0.0.2 127.0.0.9", "127.0.0.4 127.0.0.5", LIST_BLACK, LISTED_NOT, ""},
      {"", "nxdomain", LIST_BLACK, LISTED_NOT, ""},
      {"", "nodata", LIST_BLACK, LISTED_NOT, ""},
      {"", "unknown", LIST_BLACK, LISTED_UNKNOWN, ""},
      {"", "127.255.255.254", LIST_BLACK, LISTED_REFUSED, ""},
      {"127.255.255.0-255", "127.255.255.254", LIST_BLACK, LISTED_REFUSED, ""},
      {"", "127.0.0.4 127.255.255.255", LIST_BLACK, LISTED_REFUSED, ""},
      {"", "127.0.0.1", LIST_BLACK, LISTED_REFUSED, ""},
      {"", "203.0.113.1", LIST_BLACK, LISTED_REFUSED, ""},
      {"", "127.0.0.255", LIST_BLACK, LISTED_YES, "255"},
      {"", "127.0.0.255", LIST_WHITE, LISTED_REFUSED, ""},
      {"", "127.0.10.3", LIST_WHITE, LISTED_YES, "2563"},
      {"127.0.0-255.1-3", "127.0.10.3", LIST_WHITE, LISTED_YES, "2563"},
      {"127.0.0-255.1-3", "127.0.10.0", LIST_WHITE, LISTED_NOT, ""},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    char line[128], got[64] = "";
    struct dnslists l = {.count = 0};
    struct dnslist_codes codes;
    struct dnsresult f = answer(rows[i].answer);
    snprintf(line, sizeof line, "bl.example %s", rows[i].words);
    if (dnslists_add(&l, rows[i].kind, span_str(line))) l.count = 0;
    ok(l.count == 1 && dnslist_decode(&l.list[0], &f, &codes) == rows[i].want, "[%s] %s",
       rows[i].words, rows[i].answer);
    for (size_t n = 0; n < codes.count; n++)
      snprintf(got + strlen(got), sizeof got - strlen(got), "%s%u", n ? " " : "",
               codes.code[n] & 0xffffff);
    is_text(span_str(got), rows[i].codes, "its codes");
  }
}

static void tests(void) {
  static const struct {
    const char *on, *off;
    bool good;
  } rows[] = {
      {"127.0.0.2", "nxdomain", true},    {"127.0.0.2", "nodata", true},
      {"127.0.0.10", "nxdomain", true},   {"nxdomain", "nxdomain", false},
      {"127.0.0.2", "127.0.0.2", false},  {"127.0.0.2", "unknown", false},
      {"unknown", "nxdomain", false},     {"203.0.113.1", "203.0.113.1", false},
      {"203.0.113.1", "nxdomain", false}, {"127.255.255.254", "nxdomain", false},
  };
  struct dnslists l = {.count = 0};
  struct question q;
  dnslists_add(&l, LIST_BLACK, span_str("bl.example v6 127.0.0.4"));
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    struct dnsresult on = answer(rows[i].on), off = answer(rows[i].off);
    ok(!dnslist_check(&l.list[0], &on, &off) == rows[i].good, "127.0.0.2: %s, 127.0.0.1: %s",
       rows[i].on, rows[i].off);
  }
  dnslist_test_question(&l.list[0], LIST_IPV4, true, &q);
  is_text(span_str(q.name), "2.0.0.127.bl.example", "the question about the listed address");
  dnslist_test_question(&l.list[0], LIST_IPV4, false, &q);
  is_text(span_str(q.name), "1.0.0.127.bl.example", "the question about the other address");
  dnslist_test_question(&l.list[0], LIST_IPV6, false, &q);
  is_text(span_str(q.name),
          "1.0.0.0.0.0.f.7.f.f.f.f.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.bl.example",
          "the same in IPv6");
}

int main(void) {
  configuration();
  answers();
  tests();
  return done();
}
