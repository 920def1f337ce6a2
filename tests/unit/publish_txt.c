#include "publish/txt.h"
#include "tap.h"

static struct span sins(const char *in, size_t room, bool *full) {
  static char buf[400];
  struct txt t;
  txt_init(&t, buf, sizeof buf);
  txt_sins(&t, span_str(in), room);
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
      {"elements of nothing but filth are dropped", "$$,a,\n", 20, "a", false},
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
    struct txt t;
    txt_init(&t, buf, sizeof buf);
    txt_time(&t, rows[i].at);
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

static void test_bounds(void) {
  char buf[4];
  struct txt t;
  txt_init(&t, buf, sizeof buf);
  txt_add_str(&t, "abcd");
  ok(t.len == 4 && !t.full, "a text takes its whole buffer");
  txt_add_str(&t, "");
  ok(!t.full, "nothing always fits");
  txt_add_number(&t, 7);
  ok(t.len == 4 && t.full, "what does not fit is left out whole");
}

int main(void) {
  test_sins();
  test_time();
  test_band();
  test_bounds();
  return done();
}
