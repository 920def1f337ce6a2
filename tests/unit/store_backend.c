/* What a backend of the store must do (backend.h, tables.h, reader.h). Nothing here knows which
   backend it is. */
#include "policy/breaker.h"
#include "policy/freeze.h"
#include "store/reader.h"
#include "store/tables.h"
#include "tap.h"
#include <stdlib.h>
#include <unistd.h>

#define NOW INT64_C(1764000000)

static char dir[] = "/tmp/sinbin-backend-XXXXXX";
static char path[64];
static struct backend *db;

static void begin(const char *name) {
  snprintf(path, sizeof path, "%s/%s.db", dir, name);
  db = backend_new();
  if (!db || backend_open(db, path) != STORE_OPEN || !backend_try_writing(db) || !backend_begin(db))
    abort();
}

static void commit(void) {
  if (!backend_commit(db) || !backend_begin(db)) abort();
}

/* The key of which all bytes are 0 but the last, which is never so in a real key: they are short to
   write. */
static struct addr key(uint8_t n) {
  return (struct addr){.byte = {[15] = n}};
}

/* ---- visitors that write down what they see ---- */

static char seen[4096];

static void note_number(int64_t number) {
  size_t len = strlen(seen);
  snprintf(seen + len, sizeof seen - len, "%lld ", (long long)number);
}

static int compare_words(const void *a, const void *b) {
  return strcmp(*(char *const *)a, *(char *const *)b);
}

/* For what may be visited in any order. */
static const char *sorted(void) {
  static char out[sizeof seen], in[sizeof seen];
  char *words[64], *save = NULL;
  size_t count = 0, len = 0;
  memcpy(in, seen, sizeof seen);
  for (char *w = strtok_r(in, " ", &save); w && count < 64; w = strtok_r(NULL, " ", &save))
    words[count++] = w;
  qsort(words, count, sizeof *words, compare_words);
  out[0] = '\0';
  for (size_t i = 0; i < count; i++)
    len += (size_t)snprintf(out + len, sizeof out - len, "%s ", words[i]);
  return out;
}

static bool see_key(void *context, const struct addr *k) {
  int *left = context;
  note_number(k->byte[15]);
  return !left || --*left > 0;
}

static const struct key_visitor keys = {see_key, NULL};

static bool see_evidence(void *context, struct span detector, const struct evidence *e) {
  (void)context;
  size_t len = strlen(seen);
  snprintf(seen + len, sizeof seen - len, "%.*s=%lld/%lld ", (int)detector.len, detector.s,
           (long long)(e->last - NOW), (long long)(e->received - NOW));
  return true;
}

static void see_end(void *context, int64_t until) {
  (void)context;
  note_number(until - NOW);
}

static bool see_journal(void *context, int64_t id, struct span records) {
  (void)context;
  size_t len = strlen(seen);
  snprintf(seen + len, sizeof seen - len, "%lld:%.*s ", (long long)id, (int)records.len, records.s);
  return true;
}

static void see_freeze(void *context, struct span what, int64_t since) {
  (void)context;
  size_t len = strlen(seen);
  snprintf(seen + len, sizeof seen - len, "%.*s@%lld ", (int)what.len, what.s,
           (long long)(since - NOW));
}

static void see_addition(void *context, const struct addr *k, struct span detector, int64_t time) {
  (void)context;
  size_t len = strlen(seen);
  snprintf(seen + len, sizeof seen - len, "%d:%.*s@%lld ", k->byte[15], (int)detector.len,
           detector.s, (long long)(time - NOW));
}

static void see_detector(void *context, const struct detector_row *d) {
  (void)context;
  size_t len = strlen(seen);
  snprintf(seen + len, sizeof seen - len,
           "%.*s last=%lld beat=%lld rows=%lld bots=%lld first=%lld ", (int)d->name.len, d->name.s,
           (long long)d->last, (long long)d->heartbeat, (long long)d->rows, (long long)d->bots,
           (long long)d->state.first);
}

static bool see_row(void *context, const struct listing_row *l) {
  uint8_t k = l->ip.byte[15];
  bool whole = l->detectors == k && l->quits == 10u + k && l->noquits == 20u + k &&
               l->last == NOW - k && span_is(l->sins, "no-quit");
  if (context) *(int64_t *)context = l->changed;
  size_t len = strlen(seen);
  snprintf(seen + len, sizeof seen - len, "%d:%s%s ", k, colour_name(l->colour),
           whole ? "" : "(not as it was put)");
  return true;
}

/* Visits rows, and compares what it saw: in this order, or in any. */
#define SAW_TEXT(call, text, want, ...)          \
  do {                                           \
    seen[0] = '\0';                              \
    ok(call, __VA_ARGS__);                       \
    is_text(span_str(text), want, "the visits"); \
  } while (0)
#define SAW(call, want, ...)     SAW_TEXT(call, seen, want, __VA_ARGS__)
#define SAW_ANY(call, want, ...) SAW_TEXT(call, sorted(), want, __VA_ARGS__)

/* ---- rows ---- */

static void put_evidence(uint8_t k, const char *detector, int64_t last, int64_t received) {
  struct evidence e = {.last = NOW + last, .received = NOW + received, .bots = 2};
  struct addr a = key(k);
  if (!tables_put_evidence(db, &a, span_str(detector), &e)) abort();
}

static void put_listing(uint8_t k, enum colour colour, int64_t until) {
  struct listing l = {.exists = true,
                      .colour = colour,
                      .until = NOW + until,
                      .last = NOW - k,
                      .detectors = k,
                      .quits = 10 + k,
                      .noquits = 20 + k,
                      .sins_len = 7};
  struct addr a = key(k);
  memcpy(l.sins, "no-quit", 7);
  if (!tables_put_listing(db, &a, &l)) abort();
}

static void test_evidence(void) {
  struct addr a = key(1);
  int left = 2;
  begin("evidence");
  put_evidence(1, "b", 10, 20);
  put_evidence(1, "a", 1, 2);
  put_evidence(2, "a", 5, 5);
  put_evidence(1, "a", 3, 4);
  SAW_ANY(tables_each_evidence(db, &a, see_evidence, NULL), "a=3/4 b=10/20 ", "a row is replaced");
  int64_t count = 0;
  ok(tables_count_evidence(db, &count) && count == 3, "three rows");
  ok(tables_remove_evidence(db, &a, span_str("b")) && tables_remove_evidence(db, &a, span_str("c")),
     "a row is removed; one that is not there may be");
  put_listing(3, COLOUR_BLACK, 0);
  SAW_ANY(tables_each_key(db, keys), "1 2 3 ", "the keys of both tables");
  seen[0] = '\0';
  ok(!tables_each_key(db, (struct key_visitor){see_key, &left}),
     "a visitor that stops is no success");
  ok(left == 0 && strlen(seen) == 4, "and no more is visited");
  backend_close(db);
}

static void test_listings(void) {
  struct addr a = key(2), none = key(99);
  struct listing l;
  begin("listings");
  put_listing(1, COLOUR_BLACK, 1);
  put_listing(2, COLOUR_YELLOW, 0);
  put_listing(3, COLOUR_BROWN, 5);
  put_listing(4, COLOUR_BLACK, LISTING_LONGEST);
  put_listing(5, COLOUR_NONE, LISTING_LONGEST + 1);
  put_listing(6, COLOUR_YELLOW, LISTING_LONGEST + BREAKER_SPAN);
  put_listing(7, COLOUR_YELLOW, LISTING_LONGEST + BREAKER_SPAN + 1);
  ok(tables_get_listing(db, &a, &l) == 1 && l.exists && l.colour == COLOUR_YELLOW, "a listing");
  ok(tables_get_listing(db, &none, &l) == 0, "no listing");
  SAW_ANY(tables_each_running(db, NOW, keys), "1 3 4 5 6 7 ",
          "those that end later, of any colour");
  SAW_ANY(tables_each_end(db, NOW, see_end, NULL), "1 691320 694920 ",
          "plausible ends, black or yellow");
  const struct purge_slice all = {.from_start = true, .last = key(99)};
  SAW_ANY(tables_each_implausible(db, &all, NOW, keys), "5 6 7 ", "those that end too late");
  const struct purge_slice some = {.above = key(5), .last = key(6)};
  SAW_ANY(tables_each_implausible(db, &some, NOW, keys), "6 ", "of a slice");
  ok(tables_end_listing(db, &a, NOW - 7) && tables_get_listing(db, &a, &l) == 1 &&
         l.until == NOW - 7 && l.colour == COLOUR_YELLOW,
     "an end is set, and nothing else");
  backend_close(db);
}

static void test_slices(void) {
  static const uint8_t order[] = {5, 1, 4, 2, 3};
  struct purge_slice s = {.table = PURGED_EVIDENCE, .from_start = true};
  begin("slices");
  for (size_t i = 0; i < sizeof order; i++) put_evidence(order[i], "a", order[i], 0);
  put_evidence(0, "a", 0, 0);
  ok(tables_slice(db, &s, 2) == 1 && s.last.byte[15] == 2, "three rows, from the lowest key on");
  s.from_start = false;
  s.above = s.last;
  ok(tables_slice(db, &s, 2) == 1 && s.last.byte[15] == 5, "the next three rows");
  ok(tables_slice(db, &s, 3) == 0 && s.last.byte[0] == 0xff && s.last.byte[15] == 0xff,
     "if there are fewer, the highest key");
  s.above = key(1);
  s.last = key(4);
  SAW_ANY(tables_purge(db, &s, NOW + 4, keys), "2 3 ", "rows of the slice before that time");
  s.from_start = true;
  s.last = key(99);
  SAW_ANY(tables_purge(db, &s, NOW + 2, keys), "0 1 ", "and those from the lowest key on");
  s.table = PURGED_LISTING;
  put_listing(0, COLOUR_NONE, 5);
  put_listing(1, COLOUR_NONE, 6);
  put_listing(2, COLOUR_NONE, 5);
  put_listing(3, COLOUR_NONE, 5);
  s.last = key(2);
  SAW_ANY(tables_purge(db, &s, NOW + 6, keys), "0 2 ", "listings");
  s.last = key(99);
  put_evidence(6, "x", CLAMP_AHEAD, 1);
  put_evidence(7, "x", CLAMP_AHEAD + 1, CLAMP_AHEAD);
  put_evidence(8, "x", CLAMP_AHEAD + 1, -9);
  SAW_ANY(tables_clamp_evidence(db, &s, NOW, keys), "7 8 ", "evidence that is too far ahead");
  struct addr seven = key(7), eight = key(8);
  SAW_ANY(tables_each_evidence(db, &seven, see_evidence, NULL), "x=0/0 ", "both times are now");
  SAW_ANY(tables_each_evidence(db, &eight, see_evidence, NULL), "x=0/-9 ", "or earlier");
  backend_close(db);
}

static void test_revoked(void) {
  struct revocation r = {.detector = span_str("a"), .since = NOW};
  struct addr from = key(2);
  begin("revoked");
  put_evidence(1, "a", 5, 5);
  put_evidence(4, "a", 0, -1);
  put_evidence(3, "a", -1, 0);
  put_evidence(2, "a", 9, 9);
  put_evidence(5, "a", -1, -1);
  put_evidence(6, "b", 9, 9);
  SAW(tables_each_revoked(db, &r, &from, keys), "2 3 4 ", "from that key on, ascending");
  backend_close(db);
}

static void test_journal(void) {
  begin("journal");
  ok(tables_add_journal(db, 5, span_str("five")) && tables_add_journal(db, 6, span_str("six")) &&
         tables_add_journal(db, 9, span_str("nine")),
     "rows are added");
  SAW(tables_each_journal(db, see_journal, NULL), "5:five 6:six 9:nine ", "in the order of ids");
  ok(tables_remove_journal(db, 6), "the first two are removed");
  SAW(tables_each_journal(db, see_journal, NULL), "9:nine ", "one is left");
  backend_close(db);
}

/* ---- detectors ---- */

static void test_detectors(void) {
  static struct detector d = {.name = "b", .epoch = 7}, got = {.name = "b", .changed = true};
  struct heartbeat h = {.origin = {SPAN_LITERAL("c"), 1, 3}, .seq = 4, .version = span_str("1")};
  begin("detectors");
  replaywindow_add(&d.window, 1000, 33);
  replaywindow_add(&d.window, 9000, 99);
  ok(tables_load_detector(db, &got) && got.epoch == 0 && got.window.top == 0 && !got.changed,
     "not there: empty");
  ok(tables_save_detector(db, &d, NOW) && d.window.unsaved == 0, "saved");
  ok(tables_load_detector(db, &got) && got.epoch == 7 && got.window.top == 9000 &&
         replaywindow_classify(&got.window, 9000, 99) == REPLAYWINDOW_DUPLICATE &&
         replaywindow_classify(&got.window, 9000, 98) == REPLAYWINDOW_OTHER,
     "loaded, with its checks");
  d.epoch = 8;
  d.window = (struct replaywindow){.top = 0};
  replaywindow_add(&d.window, 1000, 0);
  replaywindow_add(&d.window, 9000, 11);
  d.window.unsaved &= ~(UINT64_C(1) << (1000 / REPLAYWINDOW_PART_CHECKS));
  ok(tables_save_detector(db, &d, NOW + 5) && tables_load_detector(db, &got) && got.epoch == 8 &&
         replaywindow_classify(&got.window, 9000, 11) == REPLAYWINDOW_DUPLICATE &&
         replaywindow_classify(&got.window, 1000, 44) == REPLAYWINDOW_DUPLICATE,
     "checks of an older epoch do not count");
  ok(tables_put_heartbeat(db, &h, NOW) && (h.seq = 5, tables_put_heartbeat(db, &h, NOW + 1)),
     "a heartbeat, and the next");
  got = (struct detector){.name = "c"};
  ok(tables_load_detector(db, &got) && got.beat_epoch == 3 && got.beat_seq == 5, "the newest");
  struct detector a = {.name = "a", .state = {.first = 4}};
  ok(tables_save_detector_state(db, &a), "a state");
  put_evidence(1, "a", 0, 0);
  put_evidence(2, "a", 0, 0);
  SAW(tables_each_detector(db, see_detector, NULL),
      "a last=0 beat=0 rows=2 bots=4 first=4 b last=1764000005 beat=0 rows=0 bots=0 first=0"
      " c last=0 beat=1764000001 rows=0 bots=0 first=0 ",
      "all that are known, by name");
  int64_t purged = 0;
  ok(tables_get_purged(db, &purged) && purged == NOW + 5, "never purged: the last report");
  ok(tables_put_purged(db, NOW - 1) && tables_get_purged(db, &purged) && purged == NOW - 1,
     "the time of a purge");
  backend_close(db);
}

/* ---- the circuit breaker, unread lines ---- */

static void test_breaker(void) {
  struct addr a = key(1), b = key(2), c = key(3);
  begin("breaker");
  ok(tables_add_freeze(db, span_str("detector:x"), NOW + 2) &&
         tables_add_freeze(db, span_str(FREEZE_ALL_NAME), NOW + 1) &&
         tables_add_freeze(db, span_str("11.0.0.0/8"), NOW),
     "freezes are added");
  SAW(tables_each_freeze(db, see_freeze, NULL), "11.0.0.0/8@0 all@1 detector:x@2 ",
      "the oldest first");
  ok(tables_remove_freezes(db), "all are removed");
  ok(tables_each_freeze(db, see_freeze, NULL), "none is left");
  ok(tables_add_addition(db, &b, span_str("x"), NOW + 9) &&
         tables_add_addition(db, &a, span_str("x"), NOW + 7) &&
         tables_add_addition(db, &c, span_str("y"), NOW - 3),
     "additions");
  SAW(tables_each_addition(db, NOW + 1, see_addition, NULL), "3:y@-3 2:x@9 1:x@7 ",
      "by time; those ahead of the clock in the order in which they were added");
  ok(tables_remove_additions(db, NOW - 3, NOW + 9), "none is outside");
  SAW(tables_each_addition(db, NOW + 99, see_addition, NULL), "3:y@-3 1:x@7 2:x@9 ",
      "all are left");
  ok(tables_remove_additions(db, NOW - 2, NOW + 8), "two are outside");
  SAW(tables_each_addition(db, NOW, see_addition, NULL), "1:x@7 ", "one is left");
  backend_close(db);
}

static void test_unread(void) {
  begin("unread");
  commit();
  ok(backend_commit(db) && !backend_is_running(db), "no transaction runs");
  ok(tables_add_unread(db, span_str("a"), NOW, span_str("text")) == 1 && backend_is_running(db),
     "a line begins one");
  for (int i = 1; i < UNREAD_MAX; i++) {
    char text[16];
    snprintf(text, sizeof text, "line%d", i);
    for (int twice = 0; twice < 2; twice++)
      if (tables_add_unread(db, span_str("a"), NOW + 1, span_str(text)) < 0) abort();
  }
  ok(backend_commit(db) && tables_add_unread(db, span_str("a"), NOW, span_str("more")) == 0 &&
         !backend_is_running(db),
     "one too many is not kept, and begins none");
  ok(backend_begin(db) && tables_purge_unread(db, NOW + 1) &&
         tables_add_unread(db, span_str("a"), NOW, span_str("more")) == 1 &&
         tables_add_unread(db, span_str("a"), NOW, span_str("again")) == 0,
     "after the oldest was removed, one more is");
  backend_close(db);
}

/* ---- transactions ---- */

static void reopen(void) {
  db = backend_new();
  if (!db || backend_open(db, path) != STORE_OPEN || !backend_begin(db)) abort();
}

static void test_transactions(void) {
  int64_t count = 0;
  begin("transactions");
  ok(backend_begin(db) && backend_is_running(db), "to begin again changes nothing");
  put_evidence(1, "a", 0, 0);
  ok(backend_commit(db) && !backend_is_running(db), "a commit");
  ok(backend_begin(db), "the next one");
  put_evidence(2, "a", 0, 0);
  ok(tables_count_evidence(db, &count) && count == 2, "it sees its own rows");
  struct backend *second = backend_new();
  ok(second && backend_open(second, path) == STORE_LOCKED && *backend_error(second),
     "no second writer");
  backend_close(second);
  second = backend_new();
  ok(second && backend_open_readonly(second, path) == STORE_OPEN &&
         tables_count_evidence(second, &count) && count == 1,
     "a reader sees what was committed");
  ok(backend_commit(db) && tables_count_evidence(second, &count) && count == 1,
     "and the same as long as it is open");
  backend_close(second);
  if (!backend_begin(db)) abort();
  put_evidence(3, "a", 0, 0);
  backend_close(db);
  reopen();
  ok(tables_count_evidence(db, &count) && count == 2, "what was not committed is lost");
  ok(!backend_malformed(db, "broken") && backend_needs_repair(db), "an error is kept");
  is_text(span_str(backend_error(db)), "broken", "with its text");
  backend_close(db);
}

static void test_reader(void) {
  struct reader *r;
  struct addr a = key(1), range[2] = {key(1), key(2)};
  int64_t before = 0, after = 0, newest = 0;
  begin("reader");
  put_listing(3, COLOUR_BLACK, 1);
  commit();
  put_listing(1, COLOUR_BLACK, 1);
  commit();
  ok(reader_open(&r, path) == READER_OK && reader_version(r, &before) == READER_OK, "a reader");
  put_listing(2, COLOUR_BROWN, 1);
  commit();
  put_evidence(1, "a", 0, 0);
  commit();
  ok(tables_end_listing(db, &a, NOW), "a listing is ended");
  ok(reader_begin(r) == READER_OK, "before that is committed");
  SAW(reader_changed(r, 0, see_row, NULL) == READER_OK, "3:black 1:black 2:brown ",
      "by transaction");
  commit();
  SAW(reader_range(r, range, see_row, NULL) == READER_OK, "1:black 2:brown ", "by key");
  SAW(reader_changed(r, 2, see_row, NULL) == READER_OK, "2:brown ", "of the same snapshot");
  reader_end(r);
  ok(reader_version(r, &after) == READER_OK && after != before, "the version has changed");
  SAW(reader_changed(r, 2, see_row, &newest) == READER_OK, "2:brown 1:black ", "above a number");
  put_listing(4, COLOUR_BLACK, 1);
  commit();
  SAW(reader_changed(r, newest, see_row, &newest) == READER_OK, "4:black ", "above the highest");
  backend_close(db);
  reopen();
  put_listing(5, COLOUR_BLACK, 1);
  commit();
  SAW(reader_changed(r, newest, see_row, &newest) == READER_OK, "5:black ",
      "the numbers go on after a restart");
  reader_close(r);
  backend_close(db);
}

int main(void) {
  char command[64];
  if (!mkdtemp(dir)) return 111;
  test_evidence();
  test_listings();
  test_slices();
  test_revoked();
  test_journal();
  test_detectors();
  test_breaker();
  test_unread();
  test_transactions();
  test_reader();
  snprintf(command, sizeof command, "rm -rf %s", dir);
  return system(command) == 0 ? done() : 111;
}
