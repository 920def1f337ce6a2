#include "publish/expiry.h"
#include "tap.h"

#define LAST  EXPIRY_END_MAX
#define HOURS 3600

static void test_end(void) {
  static const struct {
    const char *name;
    int64_t now, lifetime, want;
    bool possible;
  } rows[] = {
      {"three hours", 1795980000, 3 * HOURS, 1795990800, true},
      {"three seconds", 1795980000, 3, 1795980003, true},
      {"the first second of 1970 plus a lifetime", 0, 3, 3, true},
      {"before 1970", -3, 3, 1, false},
      {"long before 1970", INT64_MIN, 3, 1, false},
      {"the last date", LAST - 3, 3, LAST, true},
      {"one second after the last date", LAST - 2, 3, LAST, false},
      {"in 2106", INT64_C(4294967296), 3 * HOURS, LAST, false},
      {"in the year 9999", INT64_C(253402300799), 3 * HOURS, LAST, false},
      {"at the largest time", INT64_MAX, 604800, LAST, false},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    ok(expiry_end(rows[i].now, rows[i].lifetime) == rows[i].want, "END: %s", rows[i].name);
    ok(expiry_is_possible(rows[i].now, rows[i].lifetime) == rows[i].possible, "possible: %s",
       rows[i].name);
  }
}

static void test_due(void) {
  static const struct {
    const char *name;
    int64_t end, now, lifetime;
    bool want;
  } rows[] = {
      {"not known yet", 0, 100000, 3 * HOURS, true},
      {"just written", 110800, 100000, 3 * HOURS, false},
      {"nearly ten minutes later", 110800, 100599, 3 * HOURS, false},
      {"ten minutes later", 110800, 100600, 3 * HOURS, true},
      {"hours later", 110800, 200000, 3 * HOURS, true},
      {"the clock was set back by a second", 110800, 99999, 3 * HOURS, true},
      {"the clock was set back by days", 110800, -100000, 3 * HOURS, true},
      {"a week: ten minutes too", 704800, 100600, 604800, true},
      {"a week: nearly ten minutes", 704800, 100599, 604800, false},
      {"a third of half an hour", 101800, 100600, 1800, true},
      {"a third of nine seconds", 100009, 100003, 9, true},
      {"nearly a third of nine seconds", 100009, 100002, 9, false},
      {"three seconds: not at once", 100003, 100000, 3, false},
      {"three seconds: after a second", 100003, 100001, 3, true},
      {"the clock is after the last date", LAST, LAST + 1, 3 * HOURS, false},
      {"the clock is in the year 9999", LAST, INT64_C(253402300799), 3 * HOURS, false},
      {"the clock is before 1970", 1, INT64_C(-1000000000), 3 * HOURS, false},
      {"the clock was before 1970 and is right again", 1, 1795980000, 3 * HOURS, true},
      {"the clock was after 2038 and is right again", LAST, 1795980000, 3 * HOURS, true},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    ok(expiry_is_due(rows[i].end, rows[i].now, rows[i].lifetime) == rows[i].want, "due: %s",
       rows[i].name);
}

/* If it is checked once a second, END is always more than half a lifetime ahead. */
static void test_life(void) {
  static const int64_t lifetimes[] = {3, 4, 5, 60, 1799, 1800, 1801, 10800};
  for (size_t i = 0; i < sizeof lifetimes / sizeof *lifetimes; i++) {
    int64_t lifetime = lifetimes[i], end = 0, nearest = lifetime;
    for (int64_t now = 100000; now < 120000; now++) {
      if (expiry_is_due(end, now, lifetime)) end = expiry_end(now, lifetime);
      if (end - now < nearest) nearest = end - now;
    }
    ok(nearest > lifetime / 2, "a lifetime of %lld: never nearer than %lld", (long long)lifetime,
       (long long)nearest);
  }
}

#define NOTE "# rbldnsd answers SERVFAIL after this date (UTC). sinbin-publish(8) moves it.\n"

static void test_format(void) {
  static const struct {
    int64_t end;
    const char *want;
  } rows[] = {
      {1795980465, "$TIMESTAMP 0 2026:11:29:19:27:45\n" NOTE},
      {1, "$TIMESTAMP 0 1970:01:01:00:00:01\n" NOTE},
      {951782400, "$TIMESTAMP 0 2000:02:29:00:00:00\n" NOTE},
      {LAST, "$TIMESTAMP 0 2038:12:31:23:59:59\n" NOTE},
      {0, "$TIMESTAMP 0 1970:01:01:00:00:01\n" NOTE},
      {INT64_MIN, "$TIMESTAMP 0 1970:01:01:00:00:01\n" NOTE},
      {LAST + 1, "$TIMESTAMP 0 2038:12:31:23:59:59\n" NOTE},
      {INT64_MAX, "$TIMESTAMP 0 2038:12:31:23:59:59\n" NOTE},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    char out[EXPIRY_TEXT_MAX];
    is_text(span_of(out, expiry_format(out, rows[i].end)), rows[i].want, "END %lld",
            (long long)rows[i].end);
  }
}

int main(void) {
  test_end();
  test_due();
  test_life();
  test_format();
  return done();
}
