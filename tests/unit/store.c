/* The store: what is put can be read again, also after it was closed and opened. */
#include "store_test.h"
#include <fcntl.h>

static bool same_evidence(const struct evidence *a, const struct evidence *b) {
  char text_a[2 * HOURCOUNTS_TEXT_MAX], text_b[2 * HOURCOUNTS_TEXT_MAX];
  size_t len_a = hourcounts_format(&a->recent_bots, text_a),
         len_b = hourcounts_format(&b->recent_bots, text_b);
  len_a += hourcounts_format(&a->recent_cleans, text_a + len_a);
  len_b += hourcounts_format(&b->recent_cleans, text_b + len_b);
  return a->first == b->first && a->last == b->last && a->last_bot == b->last_bot &&
         a->last_suspect == b->last_suspect && a->last_clean == b->last_clean &&
         a->bots == b->bots && a->suspects == b->suspects && a->cleans == b->cleans &&
         a->future == b->future && a->score == b->score && a->quits == b->quits &&
         a->noquits == b->noquits && a->received == b->received &&
         span_equal(evidence_sins(a), evidence_sins(b)) &&
         span_equal(span_of(text_a, len_a), span_of(text_b, len_b));
}

static void test_rows(void) {
  struct store *s = open_store(STORE_OPEN, "a database is created if it does not exist");
  struct addr ip4 = key_of("192.0.2.7"), ip6 = key_of("2001:db8::7");
  struct evidence e = some_evidence(), got;
  struct listing l = some_listing(NOW + 100), back;
  ok(ask("PRAGMA user_version") == STORE_VERSION, "the user_version");
  ok(ask("PRAGMA application_id") == STORE_APPLICATION, "the application_id");
  ok(store_get_evidence(s, &ip4, span_str("trap1"), &got) == 0, "no evidence yet");
  ok(store_get_listing(s, &ip4, &back) == 0, "no listing yet");
  ok(store_put_evidence(s, &ip4, span_str("trap1"), &e) && store_put_listing(s, &ip4, &l) &&
         store_put_listing(s, &ip6, &l),
     "rows are put");
  ok(ask("SELECT count(*) FROM evidence") == 0, "other readers do not see them before the commit");
  ok(store_commit(s, 0) && store_commit(s, 0), "committed; a second commit has nothing to do");
  ok(store_due(s, 1) == -1, "and no later one either");
  ok(store_get_evidence(s, &ip4, span_str("trap1"), &got) == 1 && same_evidence(&e, &got),
     "the evidence is read again");
  ok(store_get_evidence(s, &ip4, span_str("trap2"), &got) == 0, "not for another detector");
  ok(store_get_listing(s, &ip6, &back) == 1 && back.colour == COLOUR_YELLOW &&
         back.since == l.since && back.until == l.until && back.times == 3 && back.last == NOW &&
         back.detectors == 2 && back.quits == 4 && back.noquits == 5,
     "the listing is read again");
  is_text(span_of(back.sins, back.sins_len), "no-quit,auth", "with its sins");
  ok(ask("SELECT value FROM meta WHERE name='changed'") == 1, "the first change is number 1");
  ok(ask("SELECT count(*) FROM listing WHERE changed = 1") == 2, "both rows have number 1");
  ok(store_put_listing(s, &ip4, &l) && store_commit(s, 0), "a listing is put again");
  ok(ask("SELECT changed FROM listing WHERE hex(ip) = '00000000000000000000FFFFC0000207'") == 2,
     "the row has number 2");
  ok(store_put_evidence(s, &ip4, span_str("trap1"), &e) && store_commit(s, 0) &&
         ask("SELECT value FROM meta WHERE name='changed'") == 2,
     "evidence alone does not change the number");
  store_close(s);
}

static void test_absent(void) {
  struct store *s;
  char name[80];
  snprintf(name, sizeof name, "%s/none.db", dir);
  ok(store_open_readonly(name, &s) == STORE_ABSENT && s, "no database to read");
  store_close(s);
  ok(access(name, F_OK) != 0 && fcntl(0, F_GETFD) >= 0, "none is made, and no other file closed");
}

/* Read while the writer has it open, and has all of it in the journal. */
static void test_readonly(void) {
  static const struct store_options late = {.cache = 1000, .sweep_ms = 60000, .slice = 10};
  struct addr first = key_of("192.0.2.7"), second = key_of("192.0.2.8");
  struct evidence e = some_evidence(), got;
  struct listing l = some_listing(NOW + 100), back;
  struct store *writer, *s;
  snprintf(path, sizeof path, "%s/readonly.db", dir);
  ok(store_open(path, &late, &writer) == STORE_OPEN &&
         store_put_evidence(writer, &first, span_str("trap1"), &e) &&
         store_put_listing(writer, &first, &l) && store_commit(writer, 0),
     "a writer");
  ok(ask("SELECT count(*) FROM evidence") == 0 && ask("SELECT count(*) FROM journal") == 1,
     "what it wrote is in the journal only");
  ok(store_open_readonly(path, &s) == STORE_OPEN && store_is_running(s), "opened for reading");
  ok(store_put_evidence(writer, &second, span_str("trap1"), &e) && store_flush(writer) &&
         ask("SELECT count(*) FROM evidence") == 2,
     "the writer goes on, and merges");
  ok(store_get_evidence(s, &first, span_str("trap1"), &got) == 1 && same_evidence(&e, &got) &&
         store_get_listing(s, &first, &back) == 1 && back.until == NOW + 100,
     "the journal is read");
  ok(store_get_evidence(s, &second, span_str("trap1"), &got) == 0,
     "but nothing that was committed later");
  store_close(s);
  store_close(writer);
  snprintf(path, sizeof path, "%s/store.db", dir);
}

static void test_reopen(void) {
  struct store *s = open_store(STORE_OPEN, "it opens again"), *second;
  struct addr ip4 = key_of("192.0.2.7");
  struct evidence e = some_evidence(), got;
  ok(store_get_evidence(s, &ip4, span_str("trap1"), &got) == 1 && same_evidence(&e, &got),
     "the evidence is still there");
  second = open_store(STORE_LOCKED, "a second writer is refused");
  store_close(second);
  e.bots = 77;
  ok(store_put_evidence(s, &ip4, span_str("trap1"), &e), "a row is put and not committed");
  store_close(s);
  s = open_store(STORE_OPEN, "it opens once more");
  ok(store_get_evidence(s, &ip4, span_str("trap1"), &got) == 1 && got.bots == 1,
     "what was not committed is lost");
  store_close(s);
}

/* A database of an earlier collector, with a row and a journal. */
static void test_received(void) {
  struct store *s;
  struct addr ip = key_of("192.0.2.7"), other = key_of("192.0.2.77");
  struct evidence got;
  ask("ALTER TABLE evidence DROP COLUMN received");
  ask("INSERT INTO journal (id, records) VALUES (1,"
      " x'00000000000000000000ffffc000024d010e0061"
      "0204000000000000000000000000')");
  s = open_store(STORE_OPEN, "a database without times of receipt opens");
  ok(ask("PRAGMA user_version") == STORE_VERSION, "of the same version");
  ok(store_get_evidence(s, &ip, span_str("trap1"), &got) == 1 && got.received == 0 &&
         got.last == NOW,
     "its evidence is there");
  ok(store_get_evidence(s, &other, span_str("a"), &got) == 1 && got.last == 2, "its journal, too");
  got.received = NOW + 5;
  ok(store_put_evidence(s, &other, span_str("a"), &got) && store_commit(s, 0) &&
         ask("SELECT received FROM evidence WHERE detector = 'a'") == NOW + 5,
     "from now on times of receipt are stored");
  store_close(s);
  s = open_store(STORE_OPEN, "it opens again");
  ok(store_get_evidence(s, &other, span_str("a"), &got) == 1 && got.received == NOW + 5,
     "all evidence is there");
  store_close(s);
  ask("DELETE FROM evidence WHERE detector = 'a'");
}

static void test_detectors(void) {
  struct store *s = open_store(STORE_OPEN, "for the detectors");
  struct detector d = {.name = "trap1", .epoch = 9, .changed = true}, got = {.name = "trap1"};
  replaywindow_add(&d.window, 4711, 77);
  ok(store_load_detector(s, &got) && got.epoch == 0 && got.window.top == 0,
     "a detector that is not there is empty");
  ok(store_save_detector(s, &d, NOW) && store_commit(s, 0), "saved");
  ok(store_load_detector(s, &got) && got.epoch == 9 && !got.changed &&
         replaywindow_classify(&got.window, 4711, 77) == REPLAYWINDOW_DUPLICATE &&
         replaywindow_classify(&got.window, 4711, 78) == REPLAYWINDOW_OTHER &&
         replaywindow_classify(&got.window, 4710, 77) == REPLAYWINDOW_NEW,
     "loaded");
  ask("UPDATE detector SET window = x'01'");
  ok(!store_load_detector(s, &got), "a damaged window is an error");
  ok(strstr(store_error(s), "window") != NULL, "the error names it");
  store_close(s);
}

struct list {
  char text[200];
};

static void add_freeze(void *context, struct span what, int64_t since) {
  struct list *l = context;
  size_t len = strlen(l->text);
  snprintf(l->text + len, sizeof l->text - len, "%.*s %lld;", (int)what.len, what.s,
           (long long)(since - NOW));
}

static bool freezes_are(struct store *s, const char *want) {
  struct list h = {""};
  return store_each_freeze(s, add_freeze, &h) && strcmp(h.text, want) == 0;
}

static void add_addition(void *context, const struct addr *key, struct span detector,
                         int64_t time) {
  struct list *l = context;
  size_t len = strlen(l->text);
  snprintf(l->text + len, sizeof l->text - len, "%d %.*s %lld;", key->byte[15], (int)detector.len,
           detector.s, (long long)(time - NOW));
}

static bool additions_are(struct store *s, const char *want) {
  struct list h = {""};
  bool same = store_each_addition(s, NOW + 100, add_addition, &h) && strcmp(h.text, want) == 0;
  if (!same) printf("# %s\n", h.text);
  return same;
}

struct visited {
  char text[64];
  int64_t bots;
};

static void visit_evidence(void *context, struct span detector, const struct evidence *e) {
  struct visited *v = context;
  size_t len = strlen(v->text);
  snprintf(v->text + len, sizeof v->text - len, "%.*s ", (int)detector.len, detector.s);
  v->bots += e->bots;
}

static void test_each_evidence(void) {
  struct store *s = open_store(STORE_OPEN, "for all evidence about a key");
  struct addr ip = key_of("192.0.2.77");
  struct evidence e = some_evidence();
  struct listing l = some_listing(NOW + 100);
  struct visited v = {.text = ""};
  ok(store_each_evidence(s, &ip, visit_evidence, &v) && v.text[0] == '\0', "none");
  ok(store_put_evidence(s, &ip, span_str("b"), &e) && store_put_listing(s, &ip, &l) &&
         store_put_evidence(s, &ip, span_str("c"), &e) &&
         store_put_evidence(s, &ip, span_str("a"), &e),
     "three detectors and a listing");
  ok(store_each_evidence(s, &ip, visit_evidence, &v) && v.bots == 3 * e.bots, "three are visited");
  is_text(span_str(v.text), "a b c ", "in the order of their names");
  store_close(s);
}

static void test_state(void) {
  struct store *s = open_store(STORE_OPEN, "for the state of detectors");
  struct detector d = {.name = "trap1"}, got = {.name = "trap1"};
  for (int64_t i = 1; i <= 2; i++) {
    d.state = (struct detector_state){
        .first = i, .revoked = 100 * i, .surplus = 7 * i, .surplus_at = 1000 * i};
    ok(store_save_detector_state(s, &d) && store_load_detector_state(s, &got) &&
           got.state.first == i && got.state.revoked == 100 * i && got.state.surplus == 7 * i &&
           got.state.surplus_at == 1000 * i && store_commit(s, 0),
       i == 1 ? "a state is put" : "it is put again");
  }
  ok(ask("SELECT count(*) FROM standing") == 1, "there is one row");
  store_close(s);
}

static void test_freezes(void) {
  struct store *s = open_store(STORE_OPEN, "for the freezes");
  ok(freezes_are(s, ""), "nothing is frozen");
  ok(store_add_freeze(s, span_str("2001:db8::/48"), NOW + 5) &&
         store_add_freeze(s, span_str("all"), NOW + 2) &&
         store_add_freeze(s, span_str("detector:a"), NOW + 3) && store_commit(s, 0) &&
         freezes_are(s, "all 2;detector:a 3;2001:db8::/48 5;"),
     "freezes come in the order of their beginning");
  ok(ask("SELECT value FROM meta WHERE name = 'frozen'") == NOW + 2,
     "the freeze of all is in the row that an earlier collector used");
  ok(store_remove_freezes(s) && store_commit(s, 0) && freezes_are(s, ""), "freezes are removed");
  struct addr one = key_of("192.0.2.1"), two = key_of("192.0.2.2");
  ok(store_add_addition(s, &one, span_str("b"), NOW + 500) &&
         store_add_addition(s, &two, span_str("a"), NOW + 10) &&
         store_add_addition(s, &one, span_str("a"), NOW + 9) && store_commit(s, 0) &&
         additions_are(s, "1 a 9;2 a 10;1 b 500;"),
     "additions come in the order of their times");
  ok(store_remove_additions(s, NOW + 10, NOW + 400) && store_commit(s, 0) &&
         additions_are(s, "2 a 10;"),
     "additions that are old or from the future are removed");
  ok(store_remove_additions(s, INT64_MAX, 0) && store_commit(s, 0) && additions_are(s, ""),
     "all additions are removed");
  store_close(s);
}

/* INSERT OR and REPLACE are SQLite's only; other databases have ON CONFLICT. */
static void test_sql(void) {
  for (int i = 0; i < SQL_COUNT; i++)
    ok(!strstr(sqlite_statements[i], "INSERT OR") && !strstr(sqlite_statements[i], "REPLACE"),
       "statement %d does not use INSERT OR or REPLACE", i);
}

static void test_testimonies(void) {
  static struct testimony t[DETECTORS_MAX];
  struct store *s = open_store(STORE_OPEN, "for the testimonies");
  struct registry r;
  struct addr ip = key_of("2001:db8:1:2:3::4");
  struct evidence e = some_evidence();
  size_t count;
  ok(registry_init(&r), "a registry");
  registry_add(&r, span_str("b"));
  registry_add(&r, span_str("a"));
  detector_set_weight(registry_add(&r, span_str("zero")), span_str("0"));
  registry_sort(&r);
  detector_set_weight(registry_find(&r, span_str("b")), span_str("0.25"));
  for (const char *const *name = (const char *const[]){"a", "b", "zero", "gone", NULL}; *name;
       name++)
    if (!store_put_evidence(s, &ip, span_str(*name), &e)) count = 0;
  ok(store_get_testimonies(s, &ip, &r, t, &count) && count == 2,
     "a detector of weight 0 or unknown gives no testimony");
  ok(t[0].weight + t[1].weight == 1250 && same_evidence(&t[0].evidence, &e),
     "weights and evidence");
  ok(span_is(t[0].group, "a") && span_is(t[1].group, "b"), "groups");
  ok(store_commit(s, 0), "committed");
  store_close(s);
  ask("UPDATE evidence SET recent_bots = 'x'");
  s = open_store(STORE_OPEN, "with a damaged row");
  ok(!store_get_testimonies(s, &ip, &r, t, &count), "a damaged row is an error");
  ok(strstr(store_error(s), "table evidence") != NULL, "the error names it");
  registry_free(&r);
  store_close(s);
}

static const struct {
  const char *text;
  bool want;
  uint32_t weight;
} weights[] = {
    {"0", true, 0},        {"1", true, 1000},   {"0.5", true, 500}, {"0.001", true, 1},
    {"1.000", true, 1000}, {"1.001", false, 0}, {"2", false, 0},    {"-1", false, 0},
    {"", false, 0},        {".5", false, 0},    {"0.", false, 0},   {"0.0001", false, 0},
    {"0,5", false, 0},     {"half", false, 0},  {"0.5 ", false, 0},
};

static const struct {
  const char *name;
  bool want;
} keynames[] = {
    {"key.1", true},   {"key.4294967295", true}, {"key.0", false}, {"key.4294967296", false},
    {"key.01", false}, {"key.", false},          {"key", false},   {"key.1~", false},
    {"key.x", false},  {"Key.1", false},
};

static void test_registry(void) {
  for (size_t i = 0; i < sizeof weights / sizeof *weights; i++) {
    struct detector d = {.weight = 0};
    ok(detector_set_weight(&d, span_str(weights[i].text)) == weights[i].want &&
           d.weight == weights[i].weight,
       "weight \"%s\"", weights[i].text);
  }
  for (size_t i = 0; i < sizeof keynames / sizeof *keynames; i++) {
    uint64_t keygen;
    ok(detector_parse_keyname(span_str(keynames[i].name), &keygen) == keynames[i].want,
       "key file %s", keynames[i].name);
  }
  struct registry r;
  struct detector_key key = {.keygen = 2};
  struct detector *d = registry_init(&r) ? registry_add(&r, span_str("a")) : NULL;
  ok(d && detector_add_key(d, &key) && detector_find_key(d, 2), "a key is found by its number");
  ok(!detector_find_key(d, 1) && !detector_find_key(NULL, 2),
     "a key is not found by another number");
  ok(!registry_add(&r, span_str("A")), "a bad name is refused");
  ok(!detector_set_group(d, span_str("a b")) && detector_set_group(d, span_str("g")),
     "a group is set only if it is valid");
  while (registry_add(&r, span_str("b"))) {
  }
  ok(r.count == DETECTORS_MAX, "a registry has a limit");
  registry_free(&r);
}

int main(void) {
  if (!mkdtemp(dir)) return 111;
  snprintf(path, sizeof path, "%s/store.db", dir);
  test_rows();
  test_absent();
  test_readonly();
  test_reopen();
  test_received();
  test_detectors();
  test_state();
  test_each_evidence();
  test_freezes();
  test_sql();
  test_testimonies();
  test_registry();
  return store_tests_done();
}
