#include "publish/txt.h"
#include "tap.h"

static struct addr addr_of(const char *text) {
  struct addr a = {{0}};
  if (!addr_parse(span_str(text), &a)) printf("# malformed %s\n", text);
  return a;
}

static struct span sins(const char *in, size_t room, bool *full) {
  static char buf[400];
  struct textbuf t;
  t = textbuf_of(buf, sizeof buf);
  txt_add_sins(&t, span_str(in), room);
  *full = t.full;
  return span_of(t.at, t.len);
}

static void test_sins(void) {
  static const struct {
    const char *name, *in;
    size_t room;
    const char *want;
    bool full;
  } rows[] = {
      {"one", "no-quit", 20, "no-quit", false},
      {"two", "high-mx,no-quit", 20, "high-mx,no-quit", false},
      {"none", "", 20, "", false},
      {"fits to the byte", "abc,def", 7, "abc,def", false},
      {"does not fit by one byte", "abc,def", 6, "...", true},
      {"cut with a mark", "abc,def,ghi", 8, "abc,...", true},
      {"the mark fits to the byte", "abc,def,ghi", 7, "abc,...", true},
      {"only the mark", "abcdefgh,b", 5, "...", true},
      {"no room", "abc", 0, "", true},
      {"upper case is dropped", "ABCd", 20, "d", false},
      {"what rbldnsd reads is dropped", "a$1:b;#\n127.0.0.1 :2:x\"\\", 40, "a1b1270012x", false},
      {"empty elements are dropped", ",,a,,b,", 20, "a,b", false},
      {"elements without a valid byte are dropped", "$$,a,\n", 20, "a", false},
      {"bytes above ASCII are dropped", "\xc3\xa4z", 20, "z", false},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    bool full;
    struct span got = sins(rows[i].in, rows[i].room, &full);
    is_text(got, rows[i].want, "sins: %s", rows[i].name);
    ok(full == rows[i].full, "sins: %s: full", rows[i].name);
    ok(got.len <= rows[i].room, "sins: %s: within its room", rows[i].name);
  }
}

/* The buffer is not larger than the room. */
static void test_sins_small_buffer(void) {
  static const size_t rooms[] = {9, 10, 12, 15, 16, 100};
  for (size_t i = 0; i < sizeof rooms / sizeof *rooms; i++) {
    char buf[12];
    struct textbuf t;
    t = textbuf_of(buf, sizeof buf);
    textbuf_put_str(&t, "a: ");
    txt_add_sins(&t, span_str("abc,def,ghi"), rooms[i]);
    is_text(span_of(t.at, t.len), "a: abc,...", "sins: cut to the buffer, room %zu", rooms[i]);
  }
}

static void test_time(void) {
  static const struct {
    int64_t at;
    const char *want;
  } rows[] = {
      {0, "1970-01-01 00:00 UTC"},
      {599, "1970-01-01 00:00 UTC"},
      {600, "1970-01-01 00:10 UTC"},
      {1795476599, "2026-11-23 23:20 UTC"},
      {1795476600, "2026-11-23 23:30 UTC"},
      {951782399, "2000-02-28 23:50 UTC"},
      {951782400, "2000-02-29 00:00 UTC"},
      {951868800, "2000-03-01 00:00 UTC"},
      {4107542400, "2100-03-01 00:00 UTC"},
      {253402300799, "9999-12-31 23:50 UTC"},
      {253402300800, ""},
      {-1, ""},
      {INT64_MIN, ""},
      {INT64_MAX, ""},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    char buf[40];
    struct textbuf t;
    t = textbuf_of(buf, sizeof buf);
    txt_add_time(&t, rows[i].at);
    is_text(span_of(t.at, t.len), rows[i].want, "time %lld", (long long)rows[i].at);
  }
}

static void test_band(void) {
  static const struct {
    uint64_t n;
    const char *want;
  } rows[] = {{0, "1"},   {1, "1"},   {2, "2-4"},  {4, "2-4"},
              {5, "5-9"}, {9, "5-9"}, {10, "10+"}, {UINT64_MAX, "10+"}};
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    is_text(span_str(txt_band(rows[i].n)), rows[i].want, "band of %llu",
            (unsigned long long)rows[i].n);
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
      {"no valid byte", "192.0.2.1", COLOUR_BLACK, "$:\n", 1, "", "spambot" SEEN "1"},
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
    size_t len = txt_format(&l, span_str(rows[i].url), out);
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
      ok(txt_url_is_valid(span_str(url)), "the URL is valid");
      /* a first name of one to six bytes, so that the others can end at any byte */
      for (size_t at = 0; at < 6 * (sizeof many + 1); at++) {
        size_t from = at % 6, n = at / 6 > from ? at / 6 - from : 0;
        char out[TXT_MAX];
        struct listing_row l = {.ip = addr_of(ips[v]),
                                .colour = colours[c],
                                .last = 1795476599,
                                .sins = span_of(many + from, n),
                                .detectors = 10};
        struct span got = span_of(out, txt_format(&l, span_str(url), out));
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
    ok(txt_url_is_valid(span_str(rows[i].url)) == rows[i].want, "URL %zu is %svalid", i,
       rows[i].want ? "" : "not ");
}

int main(void) {
  test_sins();
  test_sins_small_buffer();
  test_time();
  test_band();
  test_text();
  test_truncation();
  test_url();
  return done();
}
