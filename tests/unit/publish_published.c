#include "publish/published.h"
#include "tap.h"

static struct listing_row row(const char *ip, enum colour colour, int64_t until) {
  struct listing_row l = {.colour = colour, .until = until, .noquits = 1, .sins = span_str("a,b")};
  if (!addr_parse(span_str(ip), &l.ip)) printf("# malformed %s\n", ip);
  return l;
}

/* Writes a due base with the rows given, ascending. */
static void write_base(struct published *b, unsigned int base, struct listing_row *rows, size_t n,
                       int64_t now) {
  uint8_t answers;
  published_base_begin(b, base);
  for (size_t i = 0; i < n; i++) published_base_add(b, base, &rows[i], now, &answers);
  published_base_end(b, base);
}

static unsigned int due_count(const struct published *b) {
  unsigned int n = 0;
  for (unsigned int i = 0; i < BASES; i++) n += published_is_due(b, i);
  return n;
}

/* Shard 6 holds 192.0.2.1 (black until 1000) and 192.0.2.3 (brown until 2000); all else is empty.
 */
static struct published *settled(size_t hot_max) {
  struct published *b = published_new((struct published_limits){hot_max, 30, 600});
  struct listing_row rows[] = {row("192.0.2.1", COLOUR_BLACK, 1000),
                               row("192.0.2.2", COLOUR_NONE, 1000),
                               row("192.0.2.3", COLOUR_BROWN, 2000)};
  ok(due_count(b) == BASES && published_valid_until(b) <= 0, "at first all bases are due");
  for (unsigned int i = 0; i < BASES; i++) write_base(b, i, rows, i == 6 ? 3 : 0, 100);
  ok(due_count(b) == 0 && published_hot_count(b) == 0, "no base is due after all were written");
  return b;
}

static void test_changes(void) {
  static const struct {
    const char *name, *ip;
    enum colour colour;
    int64_t until;
    bool due;
    size_t hot;
    int64_t valid_until;
  } rows[] = {
      {"a new row becomes hot", "192.0.2.9", COLOUR_BLACK, 500, false, 1, 500},
      {"a new row of IPv6 becomes hot", "2001:db8::", COLOUR_BROWN, 5000, false, 1, 1030},
      {"a new row of colour none does not become hot", "192.0.2.2", COLOUR_NONE, 5000, false, 0,
       1030},
      {"a new row that has ended does not become hot", "192.0.2.9", COLOUR_BLACK, 200, false, 0,
       1030},
      {"a row that is never published does not become hot", "127.0.0.1", COLOUR_BLACK, 5000, false,
       0, 1030},
      {"the same answers make a base stale", "192.0.2.1", COLOUR_BLACK, 1000, false, 0, 800},
      {"other answers make a base due", "192.0.2.1", COLOUR_YELLOW, 1000, true, 0, INT64_MIN},
      {"colour none makes a base due", "192.0.2.3", COLOUR_NONE, 2000, true, 0, INT64_MIN},
      {"an earlier end lingers", "192.0.2.3", COLOUR_BROWN, 300, false, 0, 330},
      {"an end that has come lingers", "192.0.2.3", COLOUR_BROWN, 200, false, 0, 230},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    struct published *b = settled(10);
    struct listing_row l = row(rows[i].ip, rows[i].colour, rows[i].until);
    ok(published_note(b, &l, 200), "%s", rows[i].name);
    ok(published_is_due(b, 6) == rows[i].due, "%s: due", rows[i].name);
    ok(published_hot_count(b) == rows[i].hot, "%s: hot", rows[i].name);
    ok(published_valid_until(b) == rows[i].valid_until, "%s: valid until %lld", rows[i].name,
       (long long)published_valid_until(b));
    published_free(b);
  }
}

static void test_hot_rows(void) {
  struct published *b = settled(10);
  static const char *const ips[] = {"203.0.113.9", "2001:db8::", "192.0.2.9", "203.0.113.1"};
  char sins[] = "x";
  uint8_t answers;
  for (size_t i = 0; i < 4; i++) {
    struct listing_row l = row(ips[i], COLOUR_BLACK, 5000);
    l.sins = span_str(sins);
    published_note(b, &l, 200);
  }
  sins[0] = 'y';
  bool ascending = true;
  for (size_t i = 1; i < 4; i++)
    if (addr_compare(&published_hot(b, i - 1, &answers)->ip, &published_hot(b, i, &answers)->ip) >=
        0)
      ascending = false;
  ok(ascending, "hot rows are ascending");
  is_text(published_hot(b, 0, &answers)->sins, "x", "hot rows have their own copy of the sins");

  struct listing_row l = row("192.0.2.9", COLOUR_BROWN, 5000);
  published_note(b, &l, 200);
  published_hot(b, 0, &answers);
  ok(published_hot_count(b) == 4, "a hot row that changes stays one row");
  for (size_t i = 0; i < 4; i++)
    if (addr_compare(&published_hot(b, i, &answers)->ip, &l.ip) == 0)
      ok(answers_colour(answers) == COLOUR_BROWN, "a hot row that changes has its new colour");
  l = row("192.0.2.9", COLOUR_NONE, 5000);
  published_note(b, &l, 200);
  ok(published_hot_count(b) == 3, "a hot row without answers is removed");
  published_expire(b, 4999);
  ok(published_hot_count(b) == 3, "before its end a hot row stays");
  published_expire(b, 5000);
  ok(published_hot_count(b) == 0, "at its end a hot row is removed");
  published_free(b);
}

static void test_full(void) {
  struct published *b = settled(3);
  const char *const ips[] = {"203.0.113.1", "203.0.113.2", "2001:db8::", "192.0.2.9"};
  for (size_t i = 0; i < 4; i++) {
    struct listing_row l = row(ips[i], COLOUR_BLACK, 5000);
    published_note(b, &l, 200);
  }
  ok(due_count(b) == 1 && published_is_due(b, 7), "full: the base with most hot rows takes them");
  ok(published_hot_count(b) == 2, "full: the rows of other bases stay hot");
  struct listing_row l = row("203.0.113.77", COLOUR_BLACK, 5000);
  published_note(b, &l, 200);
  ok(published_hot_count(b) == 2, "a row of a base that is due does not become hot");
  struct listing_row both[] = {row("203.0.113.1", COLOUR_BLACK, 5000),
                               row("203.0.113.2", COLOUR_BLACK, 5000)};
  published_base_begin(b, 7);
  ok(published_is_due(b, 7), "a base stays due while it is being written");
  write_base(b, 7, both, 2, 200);
  ok(!published_is_due(b, 7), "a base that was written is not due");
  published_note(b, &both[0], 200);
  ok(published_hot_count(b) == 2, "a key of a base is never hot");
  published_free(b);

  b = settled(0);
  l = row("203.0.113.77", COLOUR_BLACK, 5000);
  published_note(b, &l, 200);
  ok(published_is_due(b, 7) && published_hot_count(b) == 0, "hot_max 0: the base is due at once");
  published_free(b);
}

static void test_ends(void) {
  struct published *b = settled(10);
  published_expire(b, 1029);
  ok(due_count(b) == 0, "an ended listing lingers");
  published_expire(b, 1030);
  ok(published_is_due(b, 6) && due_count(b) == 1,
     "after `linger` the base of an ended listing is due");
  published_free(b);

  b = settled(10);
  struct listing_row l = row("192.0.2.1", COLOUR_BLACK, 1800);
  published_note(b, &l, 900);
  published_expire(b, 1030);
  ok(due_count(b) == 0, "a prolonged listing makes no base due");
  ok(published_valid_until(b) == 900 + 600, "the TXT of a prolonged listing is good for `refresh`");
  published_expire(b, 1500);
  ok(published_is_due(b, 6), "after `refresh` its base is due");
  published_free(b);

  b = settled(10);
  published_note(b, &l, 900);
  published_expire(b, 300);
  ok(published_valid_until(b) == 300 + 600,
     "the age of a TXT begins again when the clock is set back");
  published_free(b);
}

#define AHEAD LISTING_LONGEST

/* The times of every base count, of the first and of the last. */
static void test_each_base(void) {
  static const struct {
    const char *ip;
    unsigned int base;
  } rows[] = {{"1.2.3.4", 0}, {"203.0.113.1", 7}, {"2001:db8::", 8}};
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    struct published *b = settled(10);
    struct listing_row l = row(rows[i].ip, COLOUR_BLACK, 500);
    write_base(b, rows[i].base, &l, 1, 100);
    ok(published_valid_until(b) == 530, "an end in base %u limits how long the state is valid",
       rows[i].base);
    published_expire(b, 530);
    ok(published_is_due(b, rows[i].base) && due_count(b) == 1, "then base %u is due", rows[i].base);
    l.until = 100 + LISTING_LONGEST;
    write_base(b, rows[i].base, &l, 1, 100);
    ok(published_valid_from(b) == 100, "a beginning in base %u limits since when it is valid",
       rows[i].base);
    published_free(b);
  }
}

/* Of several hot rows, each counts. */
static void test_hot_ends(void) {
  struct published *b = settled(10);
  const char *const ips[] = {"192.0.2.9", "203.0.113.1", "203.0.113.2"};
  for (size_t i = 0; i < 3; i++) {
    struct listing_row l = row(ips[i], COLOUR_BLACK, 300 + 100 * (int64_t)i);
    published_note(b, &l, 200);
  }
  published_expire(b, 450);
  ok(published_hot_count(b) == 1, "two of three hot rows have ended");
  ok(published_valid_from(b) == 400,
     "set back before the end of the second, it would be listed again");
  published_expire(b, 399);
  ok(published_is_due(b, 7) && !published_is_due(b, 6), "then its base is due");
  published_free(b);

  b = settled(10);
  struct listing_row first = row("192.0.2.9", COLOUR_BLACK, 900);
  struct listing_row second = row("203.0.113.1", COLOUR_BLACK, 200 + LISTING_LONGEST);
  published_note(b, &first, 200);
  published_note(b, &second, 200);
  ok(published_hot_count(b) == 2 && published_valid_until(b) == 900, "the first end is the next");
  ok(published_valid_from(b) == 200, "the last beginning is the latest");
  published_expire(b, 199);
  ok(published_hot_count(b) == 1 && published_is_due(b, 7), "only the second is too far ahead");
  published_free(b);
}

/* One row, noted at the time `seen`, and the state at the time `now`. The settled shard 6 has ends at
   1000 and 2000, and lingers for 30 s. */
static void test_clock_jumps(void) {
  static const struct {
    const char *name, *ip;
    enum colour colour;
    int64_t until, seen, now;
    size_t hot;
    bool due;
    int64_t valid_from, valid_until;
  } rows[] = {
      {"set back: nothing had ended", "203.0.113.9", COLOUR_BLACK, 900, 200, 100, 1, false,
       2000 - AHEAD, 900},
      {"set back before 1970: nothing had ended", "203.0.113.9", COLOUR_BLACK, 900, 200, -100, 1,
       false, 2000 - AHEAD, 900},
      {"set back before an end: listed again", "203.0.113.9", COLOUR_BLACK, 150, 200, 149, 0, true,
       0, 0},
      {"set back to an end: still ended", "203.0.113.9", COLOUR_BLACK, 150, 200, 150, 0, false, 150,
       1030},
      {"set back: a row of colour none", "203.0.113.9", COLOUR_NONE, 150, 200, 149, 0, false,
       2000 - AHEAD, 1030},
      {"an end too far ahead", "203.0.113.9", COLOUR_BLACK, AHEAD + 300, 200, 200, 0, false,
       2000 - AHEAD, 300},
      {"an end too far ahead: its row begins to count", "203.0.113.9", COLOUR_BLACK, AHEAD + 300,
       200, 300, 0, true, 0, 0},
      {"an end too far ahead: one second before its row counts", "203.0.113.9", COLOUR_BLACK,
       AHEAD + 300, 200, 299, 0, false, 2000 - AHEAD, 300},
      {"the last possible end never counts", "203.0.113.9", COLOUR_BLACK, INT64_MAX, 200, 900, 0,
       false, 2000 - AHEAD, 1030},
      {"set back: the end of a hot row is too far ahead", "203.0.113.9", COLOUR_BLACK, AHEAD + 200,
       200, 199, 0, true, 0, 0},
      {"the longest listing is hot", "203.0.113.9", COLOUR_BLACK, AHEAD + 200, 200, 200, 1, false,
       200, 1030},
      {"set back: the end of a key of a base is too far ahead", "192.0.2.1", COLOUR_BLACK,
       AHEAD + 200, 200, 199, 0, true, 0, 0},
      {"the longest listing, in a base", "192.0.2.1", COLOUR_BLACK, AHEAD + 200, 200, 200, 0, false,
       200, 800},
      {"one second longer than the longest, in a base", "192.0.2.1", COLOUR_BLACK, AHEAD + 201, 200,
       200, 0, true, 0, 0},
      {"a row that is never published changes nothing", "127.0.0.1", COLOUR_BLACK, AHEAD + 300, 200,
       300, 0, false, 2000 - AHEAD, 1030},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    struct published *b = settled(10);
    struct listing_row l = row(rows[i].ip, rows[i].colour, rows[i].until);
    published_note(b, &l, rows[i].seen);
    published_expire(b, rows[i].now);
    bool due = due_count(b) == 1 && published_is_due(b, partition_of(&l.ip));
    ok(due == rows[i].due && (due || due_count(b) == 0), "%s: due", rows[i].name);
    ok(published_hot_count(b) == rows[i].hot, "%s: hot", rows[i].name);
    ok(due || published_valid_from(b) == rows[i].valid_from, "%s: valid from %lld", rows[i].name,
       (long long)published_valid_from(b));
    ok(due || published_valid_until(b) == rows[i].valid_until, "%s: valid until %lld", rows[i].name,
       (long long)published_valid_until(b));
    published_free(b);
  }
}

/* A wrong clock leaves no trace: when the clock is right again, the state is as if the clock had
   always been right. */
static void test_wild_clocks(void) {
  static const int64_t clocks[] = {200,
                                   -1,
                                   0,
                                   200 + 40 * 86400,
                                   999,
                                   1000,
                                   2029,
                                   INT64_C(4294967296),
                                   INT64_C(253402300799),
                                   200 - 40 * 86400,
                                   INT64_MIN / 2};
  struct listing_row rows[] = {row("192.0.2.1", COLOUR_BLACK, 1000),
                               row("192.0.2.2", COLOUR_NONE, 1000),
                               row("192.0.2.3", COLOUR_BROWN, 2000),
                               row("192.0.2.4", COLOUR_BLACK, INT64_C(253402300799) + 60),
                               row("192.0.2.9", COLOUR_BLACK, 900)};
  for (size_t i = 0; i < sizeof clocks / sizeof *clocks; i++) {
    struct published *b = settled(10);
    published_note(b, &rows[3], 200);
    published_note(b, &rows[4], 200);
    for (int look = 0; look < 2; look++) {
      int64_t now = look ? 200 : clocks[i];
      published_expire(b, now);
      for (unsigned int base = 0; base < BASES; base++)
        if (published_is_due(b, base)) write_base(b, base, rows, base == 6 ? 5 : 0, now);
      published_expire(b, now);
      ok(due_count(b) == 0 && published_valid_from(b) <= now && now < published_valid_until(b),
         "clock %lld, time %d: nothing is due afterwards", (long long)clocks[i], look);
    }
    unsigned int bases = 0;
    for (int r = 0; r < 5; r++) {
      struct listing_row gone = rows[r];
      gone.colour = COLOUR_NONE;
      size_t hot = published_hot_count(b);
      published_note(b, &gone, 200);
      bases |= (unsigned int)(published_is_due(b, 6) || published_hot_count(b) < hot) << r;
      if (published_is_due(b, 6)) write_base(b, 6, rows, 5, 200);
    }
    ok(bases == 0x15, "clock %lld: the three rows that count are published (%x)",
       (long long)clocks[i], bases);
    published_free(b);
  }
}

int main(void) {
  test_changes();
  test_hot_rows();
  test_full();
  test_ends();
  test_each_base();
  test_hot_ends();
  test_clock_jumps();
  test_wild_clocks();
  return done();
}
