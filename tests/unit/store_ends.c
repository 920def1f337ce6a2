/* The store: what ends, and what is kept only for a time or up to a number. */
#include "store_test.h"

static bool is_second(const void *context, const struct addr *key) {
  struct addr second = key_of(context);
  return addr_compare(key, &second) == 0;
}

static void test_ends(void) {
  struct store *s = open_store(STORE_OPEN, "a store for the ends");
  struct addr a = key_of("198.51.100.1"), b = key_of("198.51.100.2"), c = key_of("198.51.100.3");
  struct listing l = some_listing(NOW + 100), old = some_listing(NOW - STORE_KEEP - 1);
  struct evidence silent = some_evidence();
  silent.last = NOW - STORE_KEEP - 1;
  ok(store_put_listing(s, &a, &l) && store_put_listing(s, &b, &l) &&
         store_put_listing(s, &c, &old) && store_put_evidence(s, &c, span_str("trap1"), &silent) &&
         store_add_unread(s, span_str("trap1"), NOW - STORE_KEEP - 1, span_str("old")) &&
         store_add_unread(s, span_str("trap1"), NOW, span_str("new")) &&
         store_add_unread(s, span_str("trap1"), NOW, span_str("new")) && store_commit(s, 0),
     "rows of all ages");
  ok(ask("SELECT count(*) FROM unread") == 2, "the same unread text is kept once");
  int64_t before = ask("SELECT value FROM meta WHERE name='changed'");
  ok(store_end_listings(s, NOW, is_second, "198.51.100.2"), "one listing is ended");
  ok(store_get_listing(s, &b, &l) == 1 && l.until == NOW, "it ends now");
  ok(store_get_listing(s, &a, &l) == 1 && l.until == NOW + 100, "the other listing does not end");
  ok(ask("SELECT value FROM meta WHERE name='changed'") == before + 1,
     "it has a new change number");
  bool more = true;
  int slices = 0;
  while (more && slices < 9 && store_purge(s, NOW, &more)) slices++;
  ok(!more && slices == 2 && store_commit(s, 0), "both tables are purged, one after the other");
  ok(store_get_listing(s, &c, &l) == 0 && store_get_listing(s, &b, &l) == 1,
     "old listings are removed");
  ok(ask("SELECT count(*) FROM evidence WHERE hex(ip) LIKE '%C6336403'") == 0,
     "old evidence is removed");
  ok(ask("SELECT count(*) FROM unread") == 1, "an old unread line is removed");
  store_close(s);
}

/* A purge of all keys. */
static bool purge(struct store *s, int64_t now) {
  bool more = true;
  while (more)
    if (!store_purge(s, now, &more)) return false;
  return store_commit(s, 0);
}

static int64_t unread_of(const char *detector) {
  char sql[96];
  snprintf(sql, sizeof sql, "SELECT count(*) FROM unread WHERE detector = '%s'", detector);
  return ask(sql);
}

/* Lines line-FROM and on, each of them twice, and between them some of another detector. */
static bool add_unread(struct store *s, int from, int count) {
  bool added = true;
  for (int i = from; i < from + count; i++) {
    char text[32];
    snprintf(text, sizeof text, "line-%d", i);
    for (int twice = 0; twice < 2; twice++)
      added = added && store_add_unread(s, span_str("rogue"), NOW, span_str(text)) >= 0;
    if (i % 100 == 0)
      added = added && store_add_unread(s, span_str("other"), NOW, span_str(text)) == 1;
  }
  return added && store_commit(s, 0);
}

static void test_unread(void) {
  struct store *s = open_store(STORE_OPEN, "a store for unread lines");
  ok(add_unread(s, 0, UNREAD_MAX - 1) && unread_of("rogue") == UNREAD_MAX - 1,
     "999 lines are kept");
  ok(add_unread(s, UNREAD_MAX, 50) && unread_of("rogue") == UNREAD_MAX,
     "of more lines 1,000 are kept");
  ok(unread_of("other") == 11, "the lines of another detector are kept");
  ok(store_add_unread(s, span_str("rogue"), NOW, span_str("one more")) == 0,
     "one more is reported as not kept");
  store_close(s);
  s = open_store(STORE_OPEN, "opened again");
  ok(add_unread(s, 5000, 50) && unread_of("rogue") == UNREAD_MAX,
     "after a restart no more lines are kept");
  bool purged = true;
  while (purged && store_purge_lag(s, NOW + STORE_KEEP + 1))
    purged = purge(s, NOW + STORE_KEEP + 1);
  ok(purged && unread_of("rogue") == 0, "purged");
  ok(add_unread(s, 6000, 50) && unread_of("rogue") == 50, "after a purge lines are kept again");
  store_close(s);
}

/* The lowest key, that of ::1, in a table with others. */
static void test_lowest_key(void) {
  struct addr keys[] = {key_of("::1"), key_of("192.0.2.7")};
  struct evidence e = some_evidence();
  snprintf(path, sizeof path, "%s/lowest.db", dir);
  struct store *s = open_store(STORE_OPEN, "a store for the lowest key");
  for (int i = 0; i < 2; i++) {
    struct listing l = some_listing(NOW);
    ok(store_put_evidence(s, &keys[i], span_str("trap1"), &e) && store_put_listing(s, &keys[i], &l),
       "rows of a key");
  }
  ok(store_commit(s, 0) && purge(s, NOW + 1), "committed, and purged once");
  ok(ask("SELECT count(*) FROM evidence") == 2 && ask("SELECT count(*) FROM listing") == 2,
     "nothing is old");
  for (int day = 1; day <= 31; day++)
    if (!purge(s, NOW + day * PURGE_STEP)) abort();
  ok(ask("SELECT count(*) FROM evidence") == 0, "old evidence is removed");
  ok(ask("SELECT count(*) FROM listing") == 0, "old listings are removed");
  store_close(s);
  snprintf(path, sizeof path, "%s/store.db", dir);
}

/* A clock that jumps ahead, and back, on a database of its own. */
static void test_clock(void) {
  int64_t ahead = NOW + 2 * STORE_KEEP;
  struct addr key = key_of("192.0.2.7");
  struct evidence e = some_evidence();
  struct detector d = {.name = "trap1"};
  int purges = 0;
  snprintf(path, sizeof path, "%s/clock.db", dir);
  struct store *s = open_store(STORE_OPEN, "a store for the clock");
  ok(store_purge_lag(s, ahead) == 0, "nothing was ever purged or reported");
  ok(store_put_evidence(s, &key, span_str("trap1"), &e) && store_save_detector(s, &d, NOW) &&
         store_commit(s, 0),
     "a report");
  store_close(s);
  s = open_store(STORE_OPEN, "never purged yet, opened with a clock that is 60 days ahead");
  ok(store_purge_lag(s, ahead) == 2 * STORE_KEEP, "the last report shows that the clock is ahead");
  ok(purge(s, ahead) && ask("SELECT count(*) FROM evidence") == 1,
     "the first purge removes nothing");
  ok(ask("SELECT value FROM meta WHERE name = 'purged'") == NOW + PURGE_STEP,
     "its clock has advanced one day");
  ok(purge(s, NOW) && store_purge_lag(s, NOW) == 0 && store_purge_lag(s, NOW + 9) == 9,
     "the purge follows a clock that is set right");
  for (int i = 0; i < 30; i++) purges += purge(s, ahead);
  ok(purges == 30 && ask("SELECT count(*) FROM evidence") == 1,
     "after 30 purges its clock has advanced 30 days");
  store_close(s);
  s = open_store(STORE_OPEN, "opened again");
  ok(store_purge_lag(s, ahead) == STORE_KEEP, "its clock is kept over a restart");
  ok(purge(s, ahead) && ask("SELECT count(*) FROM evidence") == 0,
     "the next purge removes the old row");
  store_close(s);
  snprintf(path, sizeof path, "%s/store.db", dir);
}

/* What a clock that was 40 days ahead has left ends with the next purge, but not with a clock that is
   earlier than that of the last purge. */
static void test_implausible(void) {
  struct addr ahead = key_of("192.0.2.8"), near_key = key_of("192.0.2.9");
  struct listing far = some_listing(NOW + 41 * 86400), near = some_listing(NOW + LISTING_MAX);
  struct evidence e = some_evidence();
  snprintf(path, sizeof path, "%s/ahead.db", dir);
  struct store *s = open_store(STORE_OPEN, "a store for wrong clocks");
  e.last = e.received = NOW + 40 * 86400;
  ok(store_put_listing(s, &ahead, &far) && store_put_listing(s, &near_key, &near) &&
         store_put_evidence(s, &ahead, span_str("trap1"), &e) && store_commit(s, 0),
     "listings and evidence");
  ok(purge(s, NOW), "a purge");
  ok(ask("SELECT until FROM listing WHERE hex(ip) LIKE '%C0000208'") == NOW,
     "the purge ends the listing that is too long");
  ok(ask("SELECT until FROM listing WHERE hex(ip) LIKE '%C0000209'") == NOW + LISTING_MAX,
     "the purge does not end the longest listing");
  ok(ask("SELECT last FROM evidence") == NOW && ask("SELECT received FROM evidence") == NOW,
     "the times of evidence are not in the future");
  struct listing got;
  ok(store_get_listing(s, &ahead, &got) == 1 && got.until == NOW, "the cache has the new end, too");
  ok(purge(s, 600) &&
         ask("SELECT until FROM listing WHERE hex(ip) LIKE '%C0000209'") == NOW + LISTING_MAX,
     "a clock in 1970 ends nothing");
  store_close(s);
  snprintf(path, sizeof path, "%s/store.db", dir);
}

int main(void) {
  if (!mkdtemp(dir)) return 111;
  snprintf(path, sizeof path, "%s/store.db", dir);
  test_ends();
  test_unread();
  test_lowest_key();
  test_clock();
  test_implausible();
  return store_tests_done();
}
