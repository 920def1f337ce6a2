#include "publish/answers.h"
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
    ok(answers_are_published(&ip) == rows[i].want, "%s is %spublishable", rows[i].ip,
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
      {"no quit history", COLOUR_BROWN, 101, 0, 0, COLOUR_BROWN, QUIT_HISTORY_UNKNOWN},
      {"none", COLOUR_NONE, 101, 4, 0, COLOUR_NONE, QUIT_HISTORY_UNKNOWN},
      {"ends now", COLOUR_BLACK, 100, 0, 5, COLOUR_NONE, QUIT_HISTORY_UNKNOWN},
      {"has ended", COLOUR_BLACK, 99, 0, 5, COLOUR_NONE, QUIT_HISTORY_UNKNOWN},
      {"the longest listing, of a clock that is ahead", COLOUR_BLACK, 100 + LISTING_LONGEST, 0, 5,
       COLOUR_BLACK, QUIT_HISTORY_NEVER},
      {"longer than that", COLOUR_BLACK, 101 + LISTING_LONGEST, 0, 5, COLOUR_NONE,
       QUIT_HISTORY_UNKNOWN},
      {"brown for a year", COLOUR_BROWN, 31536000, 0, 5, COLOUR_NONE, QUIT_HISTORY_UNKNOWN},
      {"for ever", COLOUR_BLACK, INT64_MAX, 0, 5, COLOUR_NONE, QUIT_HISTORY_UNKNOWN},
      {"the earliest possible end", COLOUR_BLACK, INT64_MIN, 0, 5, COLOUR_NONE,
       QUIT_HISTORY_UNKNOWN},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    struct listing_row l = {.ip = addr_of("192.0.2.1"),
                            .colour = rows[i].colour,
                            .until = rows[i].until,
                            .quits = rows[i].quits,
                            .noquits = rows[i].noquits};
    uint8_t answers = answers_of(&l, 100);
    ok(answers_colour(answers) == rows[i].want, "%s: colour", rows[i].name);
    ok(answers_quit_history(answers) == rows[i].quit_history, "%s: quit history", rows[i].name);
    ok((answers == 0) == (rows[i].want == COLOUR_NONE), "%s: 0 is nothing", rows[i].name);
    l.ip = addr_of("127.0.0.1");
    ok(answers_of(&l, 100) == 0, "%s: never for the loopback", rows[i].name);
  }
}

/* A listing that was made under one clock has answers under another clock for LISTING_LONGEST at
   most. */
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
    ok(answers_of(&l, now) != 0, "clock %lld: the longest", (long long)now);
    ok(answers_of(&l, l.until) == 0, "clock %lld: ends", (long long)now);
    if (now > INT64_MIN) ok(answers_of(&l, now - 1) == 0, "clock %lld: before", (long long)now);
    l.until = now;
    ok(answers_of(&l, now) == 0, "clock %lld: the end itself", (long long)now);
  }
}

int main(void) {
  test_publishable();
  test_answers();
  test_clocks();
  return done();
}
