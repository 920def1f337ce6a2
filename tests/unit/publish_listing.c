#include "publish/listing.h"
#include "tap.h"

static struct addr addr_of(const char *text) {
  struct addr a = {{0}};
  if (!addr_parse(span_str(text), &a)) printf("# malformed %s\n", text);
  return a;
}

static void test_publishable(void) {
  static const struct {
    const char *ip;
    bool want;
  } rows[] = {
      {"192.0.2.1", true},      {"1.0.0.0", true},          {"223.255.255.255", true},
      {"0.0.0.1", false},       {"127.0.0.1", false},       {"127.0.0.2", false},
      {"127.0.0.3", true},      {"224.0.0.0", false},       {"255.255.255.255", false},
      {"2001:db8:1:2::", true}, {"2001:db8:1:2::1", false}, {"::", false},
      {"::1", false},           {"0:0:0:1::", true},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    struct addr ip = addr_of(rows[i].ip);
    ok(listed_is_publishable(&ip) == rows[i].want, "%s is %spublishable", rows[i].ip,
       rows[i].want ? "" : "not ");
  }
}

static void test_answers(void) {
  static const struct {
    const char *name;
    enum colour colour;
    int64_t until;
    uint64_t quits, noquits;
    enum colour want;
    enum quit_history quit_history;
  } rows[] = {
      {"black", COLOUR_BLACK, 101, 0, 5, COLOUR_BLACK, QUIT_HISTORY_NEVER},
      {"yellow", COLOUR_YELLOW, 101, 4, 5, COLOUR_YELLOW, QUIT_HISTORY_MIXED},
      {"brown", COLOUR_BROWN, 101, 4, 0, COLOUR_BROWN, QUIT_HISTORY_QUITS},
      {"no habit", COLOUR_BROWN, 101, 0, 0, COLOUR_BROWN, QUIT_HISTORY_UNKNOWN},
      {"none", COLOUR_NONE, 101, 4, 0, COLOUR_NONE, QUIT_HISTORY_UNKNOWN},
      {"ends now", COLOUR_BLACK, 100, 0, 5, COLOUR_NONE, QUIT_HISTORY_UNKNOWN},
      {"has ended", COLOUR_BLACK, 99, 0, 5, COLOUR_NONE, QUIT_HISTORY_UNKNOWN},
      {"the longest listing, of a clock that is ahead", COLOUR_BLACK, 100 + LISTING_LONGEST, 0, 5,
       COLOUR_BLACK, QUIT_HISTORY_NEVER},
      {"longer than that", COLOUR_BLACK, 101 + LISTING_LONGEST, 0, 5, COLOUR_NONE,
       QUIT_HISTORY_UNKNOWN},
      {"brown for a year", COLOUR_BROWN, 31536000, 0, 5, COLOUR_NONE, QUIT_HISTORY_UNKNOWN},
      {"for ever", COLOUR_BLACK, INT64_MAX, 0, 5, COLOUR_NONE, QUIT_HISTORY_UNKNOWN},
      {"over before there was time", COLOUR_BLACK, INT64_MIN, 0, 5, COLOUR_NONE,
       QUIT_HISTORY_UNKNOWN},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    struct listing_row l = {.ip = addr_of("192.0.2.1"),
                            .colour = rows[i].colour,
                            .until = rows[i].until,
                            .quits = rows[i].quits,
                            .noquits = rows[i].noquits};
    uint8_t answers = listed_answers(&l, 100);
    ok(answers_colour(answers) == rows[i].want, "%s: colour", rows[i].name);
    ok(answers_quit_history(answers) == rows[i].quit_history, "%s: habit", rows[i].name);
    ok((answers == 0) == (rows[i].want == COLOUR_NONE), "%s: 0 is nothing", rows[i].name);
    l.ip = addr_of("127.0.0.1");
    ok(listed_answers(&l, 100) == 0, "%s: never for the loopback", rows[i].name);
  }
}

/* A listing of any right clock, looked at by any other, is a listing during LISTING_LONGEST only.
 */
static void test_clocks(void) {
  static const int64_t clocks[] = {INT64_MIN,
                                   -1,
                                   0,
                                   1795980000,
                                   INT64_C(4294967296),
                                   INT64_C(253402300799),
                                   INT64_MAX - LISTING_LONGEST};
  for (size_t i = 0; i < sizeof clocks / sizeof *clocks; i++) {
    int64_t now = clocks[i];
    struct listing_row l = {.ip = addr_of("192.0.2.1"), .colour = COLOUR_BLACK};
    l.until = now + LISTING_LONGEST;
    ok(listed_answers(&l, now) != 0, "clock %lld: the longest", (long long)now);
    ok(listed_answers(&l, l.until) == 0, "clock %lld: ends", (long long)now);
    if (now > INT64_MIN) ok(listed_answers(&l, now - 1) == 0, "clock %lld: before", (long long)now);
    l.until = now;
    ok(listed_answers(&l, now) == 0, "clock %lld: the end itself", (long long)now);
  }
}

#define SEEN   "; last seen 2026-11-23 23:20 UTC; detectors "
#define LONG10 "abcdefghi,"
#define LONG60 LONG10 LONG10 LONG10 LONG10 LONG10 LONG10

static void test_text(void) {
  static const struct {
    const char *name, *ip;
    enum colour colour;
    const char *sins;
    uint64_t detectors;
    const char *url, *want;
  } rows[] = {
      {"black", "192.0.2.1", COLOUR_BLACK, "high-mx,no-quit", 1, "",
       "spambot: high-mx,no-quit" SEEN "1"},
      {"a URL", "192.0.2.1", COLOUR_BLACK, "no-quit", 7, "https://x.example/?ip=$",
       "spambot: no-quit" SEEN "5-9; https://x.example/?ip=$"},
      {"yellow", "192.0.2.1", COLOUR_YELLOW, "a", 2, "",
       "bots and mail servers behind one address, do not block: a" SEEN "2-4"},
      {"brown", "192.0.2.1", COLOUR_BROWN, "a", 12, "", "suspect, do not block: a" SEEN "10+"},
      {"no sins", "192.0.2.1", COLOUR_BLACK, "", 1, "", "spambot" SEEN "1"},
      {"only filth", "192.0.2.1", COLOUR_BLACK, "$:\n", 1, "", "spambot" SEEN "1"},
      {"none", "192.0.2.1", COLOUR_NONE, "a", 1, "", ""},
      {"many sins", "192.0.2.1", COLOUR_BLACK, LONG60 LONG60 LONG60 LONG60, 1, "",
       "spambot: " LONG60 LONG60 LONG60 "abcdefghi,..." SEEN "1"},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    char out[TXT_MAX];
    struct listing_row l = {.ip = addr_of(rows[i].ip),
                            .colour = rows[i].colour,
                            .last = 1795476599,
                            .sins = span_str(rows[i].sins),
                            .detectors = rows[i].detectors};
    size_t len = listed_text(&l, span_str(rows[i].url), out);
    is_text(span_of(out, len), rows[i].want, "text: %s", rows[i].name);
  }
}

/* Whatever the sins: what rbldnsd makes of the template is no longer than a TXT can be, ends with
   the whole URL, and uses the room there is. */
static void test_truncation(void) {
  static const char *const ips[] = {"192.0.2.1", "2001:db8:1:2::"};
  static const enum colour colours[] = {COLOUR_BLACK, COLOUR_YELLOW, COLOUR_BROWN};
  const char *url = "https://lookup.example/a/path/that/is/quite/long/for/a/url?ip=$&b=c";
  static char many[800];
  for (size_t i = 0; i < sizeof many; i++) many[i] = i % 7 == 6 ? ',' : (char)('a' + i % 26);
  for (int v = 0; v < 2; v++)
    for (int c = 0; c < 3; c++) {
      size_t grown = strlen(url) + (v == 0 ? 15 : 39) - 1, longest = 0;
      bool fits = true, ends = true;
      ok(lookup_url_is_valid(span_str(url)), "the URL is valid");
      /* a first name of one to six bytes, so that the others can end at any byte */
      for (size_t at = 0; at < 6 * (sizeof many + 1); at++) {
        size_t from = at % 6, n = at / 6 > from ? at / 6 - from : 0;
        char out[TXT_MAX];
        struct listing_row l = {.ip = addr_of(ips[v]),
                                .colour = colours[c],
                                .last = 1795476599,
                                .sins = span_of(many + from, n),
                                .detectors = 10};
        struct span got = span_of(out, listed_text(&l, span_str(url), out));
        size_t shown = got.len - strlen(url) + grown;
        if (shown > TXT_MAX) fits = false;
        if (!span_is(span_from(got, got.len - strlen(url)), url)) ends = false;
        if (shown > longest) longest = shown;
      }
      ok(fits, "%s, colour %d: at most 255 bytes", ips[v], (int)colours[c]);
      ok(ends, "%s, colour %d: the URL is whole", ips[v], (int)colours[c]);
      ok(longest == TXT_MAX, "%s, colour %d: the room is used (%zu)", ips[v], (int)colours[c],
         longest);
    }
}

static void test_url(void) {
  static const struct {
    const char *url;
    bool want;
  } rows[] = {
      {"https://lookup.example/?ip=$", true},
      {"http://lookup.example/$/why", true},
      {"https://lookup.example/", true},
      {"https://lookup.example/?a=%41&b=c#d", true},
      {"", false},
      {"lookup.example", false},
      {"ftp://lookup.example/$", false},
      {"https://x/$$", false},
      {"https://x/$/$", false},
      {"https://x/$1", false},
      {"https://x/$=", false},
      {"https://x/a b", false},
      {"https://x/\n", false},
      {"https://x/\"", false},
      {"https://x/\\", false},
      {"https://x/\xc3\xa4", false},
      {"https://x/" LONG60 "$", true},
      {"https://x/" LONG60 "abcde$", false},
      {"https://x/" LONG60 LONG10 LONG10 LONG10 LONG10 LONG10, true},
      {"https://x/" LONG60 LONG10 LONG10 LONG10 LONG10 LONG10 "a", false},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    ok(lookup_url_is_valid(span_str(rows[i].url)) == rows[i].want, "URL %zu is %svalid", i,
       rows[i].want ? "" : "not ");
}

int main(void) {
  test_publishable();
  test_answers();
  test_clocks();
  test_text();
  test_truncation();
  test_url();
  return done();
}
