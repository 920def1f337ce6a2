/* What a crash leaves: if a store is opened again after a crash at any commit, its tables are those
   of a store that merges at once and never crashed. Reports go through the intake, so that evidence,
   policy, cache, journal and sweeps take part. The cache is much too small for the keys. */
#include "collect/intake.h"
#include "line/sessionline.h"
#include "sqlnumber.h"
#include "tap.h"
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define NOW       INT64_C(1764000000)
#define BATCHES   60
#define REPORTS   40 /* a batch */
#define ADDRESSES 700

static char dir[] = "/tmp/sinbin-journal-XXXXXX";
static char path[96];
static struct registry registry;
static struct intake in;
static uint64_t state;

static uint32_t chance(uint32_t below) {
  state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
  return (uint32_t)(state >> 33) % below;
}

/* ---- a run ---- */

static void begin(const char *name, const struct store_options *options) {
  struct store *store;
  snprintf(path, sizeof path, "%s/%s.db", dir, name);
  for (size_t i = 0; i < registry.count; i++) {
    registry.detectors[i].epoch = 0;
    registry.detectors[i].window = (struct replaywindow){.top = 0};
  }
  if (store_open(path, options, &store) != STORE_OPEN) abort();
  in.store = store;
  state = 4711;
}

/* The addresses are spread over the octets, and a quarter of them is IPv6. */
static struct addr some_address(void) {
  uint32_t n = chance(ADDRESSES);
  struct addr a = addr_from_ipv4(n * UINT32_C(2654435761) | 0x01000000);
  if (n % 4) return a;
  return (struct addr){
      {0x20, 1, 0x0d, 0xb8, (uint8_t)n, (uint8_t)(n >> 8), 0, 0, 0, 0, 0, 0, 0, 9}};
}

static struct datagram some_datagram(int batch, int nth) {
  static const char *const sins[] = {"", "no-quit", "auth,no-quit", "helo-bot,dynamic,no-quit"};
  const struct detector *d = &registry.detectors[chance((uint32_t)registry.count)];
  struct report r = {.origin = {span_str(d->name), 1, 9},
                     .seq = (uint64_t)(batch * REPORTS + nth + 1),
                     .unixtime = (uint64_t)NOW + (uint64_t)batch * 900 - chance(200000),
                     .ip = some_address(),
                     .verdict = VERDICT_BOT,
                     .score = chance(30),
                     .end = chance(2) ? END_FIN : END_QUIT,
                     .sins = span_str(sins[chance(4)])};
  struct datagram made = {.len = 0};
  char line[REPORT_LINE_MAX], tag[TAG_HEX];
  if (chance(3) == 0) r.verdict = chance(2) ? VERDICT_SUSPECT : VERDICT_CLEAN;
  datagram_add(&made, span_of(line, report_encode(&r, line, sizeof line)));
  mac_tag(&d->keys[0].key, datagram_covered(&made), tag);
  datagram_close(&made, tag);
  return made;
}

static void go_on(int from, int to) {
  struct datagram answer;
  for (int batch = from; batch < to; batch++) {
    int64_t now = NOW + batch * 900, at = 1000 + batch * 100;
    for (int i = 0; i < REPORTS; i++) {
      struct datagram d = some_datagram(batch, i);
      if (!intake_datagram(&in, &(struct arrival){.datagram = span_of(d.buf, d.len), .now = now},
                           &answer))
        abort();
    }
    if (!intake_commit(&in, now, at)) abort();
  }
}

/* ---- files and tables ---- */

static void copy(const char *from, const char *to, const char *suffix) {
  char command[256];
  snprintf(command, sizeof command, "cp %s/%s.db%s %s/%s.db%s", dir, from, suffix, dir, to, suffix);
  if (system(command) != 0) abort();
}

static int64_t ask(const char *name, const char *sql) {
  char attach[160];
  snprintf(attach, sizeof attach, "ATTACH '%s/reference.db' AS reference", dir);
  snprintf(path, sizeof path, "%s/%s.db", dir, name);
  return sql_number(path, attach, sql);
}

#define LISTING "ip, colour, since, until, times, last, sins, detectors, quits, noquits"
#define OTHER(columns, table)                                                                     \
  "SELECT (SELECT count(*) FROM (SELECT " columns " FROM main." table " EXCEPT SELECT " columns   \
  " FROM reference." table ")) + (SELECT count(*) FROM (SELECT " columns " FROM reference." table \
  " EXCEPT SELECT " columns " FROM main." table "))"

static const char *const differences[] = {OTHER("*", "evidence"), OTHER(LISTING, "listing"),
                                          OTHER("*", "detector")};

static void compare(const char *name, const char *how) {
  int64_t rows = ask(name, "SELECT count(*) FROM evidence");
  ok(rows > 0 && ask(name, differences[0]) == 0 && ask(name, differences[1]) == 0 &&
         ask(name, differences[2]) == 0 && ask(name, "SELECT count(*) FROM journal") == 0,
     "%s: evidence, listings and windows are those of the reference (%lld rows)", how,
     (long long)rows);
}

/* ---- kills while a store opens ---- */

#define SYNCS_MAX 99

static int syncs = -1; /* -1: they are not counted */

/* In place of the C library's, which SQLite calls after it has written. Copies what a kill at that
   moment would leave to at1.db, at2.db... */
int fdatasync(int fd) {
  char name[16];
  if (syncs >= 0 && syncs < SYNCS_MAX) {
    snprintf(name, sizeof name, "at%d", ++syncs);
    copy("crashed", name, "");
    copy("crashed", name, "-wal");
  }
  return fsync(fd);
}

/* ---- tests ---- */

static const struct store_options reference = {
    .cache = 100000, .at_once = 100000, .sweep_ms = 1, .slice = 1000};

static const struct {
  const char *name;
  struct store_options options;
  int crash;
} crashes[] = {
    {"after one commit", {.cache = 1000, .at_once = 0, .sweep_ms = 1000, .slice = 10}, 1},
    {"before the first sweep", {.cache = 1000, .at_once = 0, .sweep_ms = 1000, .slice = 10}, 9},
    {"after the listing sweep", {.cache = 1000, .at_once = 0, .sweep_ms = 100000, .slice = 10}, 12},
    {"in the full sweep", {.cache = 1000, .at_once = 0, .sweep_ms = 1000, .slice = 10}, 12},
    {"later in the full sweep", {.cache = 1000, .at_once = 0, .sweep_ms = 1000, .slice = 10}, 14},
    {"at the end of the full sweep",
     {.cache = 1000, .at_once = 0, .sweep_ms = 1000, .slice = 10},
     17},
    {"in the next full sweep", {.cache = 1000, .at_once = 0, .sweep_ms = 1000, .slice = 10}, 25},
    {"much later", {.cache = 1000, .at_once = 0, .sweep_ms = 1000, .slice = 10}, 41},
    {"never swept", {.cache = 1000, .at_once = 0, .sweep_ms = 1000000, .slice = 10}, 60},
    {"with a cache of 90 keys", {.cache = 90, .at_once = 0, .sweep_ms = 1000, .slice = 10}, 33},
    {"with a cache of 7 keys", {.cache = 7, .at_once = 0, .sweep_ms = 300, .slice = 10}, 34},
    {"with a cache of 1 key", {.cache = 1, .at_once = 0, .sweep_ms = 1000000, .slice = 10}, 35},
    {"some batches at once, some later",
     {.cache = 1000, .at_once = 33, .sweep_ms = 400, .slice = 10},
     50},
    {"in a long sweep", {.cache = 100000, .at_once = 0, .sweep_ms = 3200, .slice = 10}, 38},
    {"if more rows are merged than are removed at a time",
     {.cache = 100000, .at_once = 0, .sweep_ms = 3200, .slice = 10},
     40},
    {"a little later", {.cache = 100000, .at_once = 0, .sweep_ms = 3200, .slice = 10}, 44},
    {"always at once", {.cache = 90, .at_once = 100, .sweep_ms = 400, .slice = 10}, 50},
};

static void test_crash(size_t i) {
  struct store *after;
  begin("running", &crashes[i].options);
  go_on(0, crashes[i].crash);
  copy("running", "crashed", "");
  copy("running", "crashed", "-wal");
  store_close(in.store);
  begin("reference", &reference);
  go_on(0, crashes[i].crash);
  store_close(in.store);
  snprintf(path, sizeof path, "%s/crashed.db", dir);
  ok(store_open(path, &crashes[i].options, &after) == STORE_OPEN, "%s: opens", crashes[i].name);
  store_close(after);
  compare("crashed", crashes[i].name);
}

static const struct {
  const char *name;
  size_t cache; /* keys, for REPORTS of them in a row of the journal */
  int rows;
} kills[] = {
    {"a row larger than the memory", REPORTS / 3, 1},
    {"several rows larger than the memory", REPORTS / 3, 4},
    {"room for a row, and half of the next", REPORTS * 3 / 2, 6},
    {"the least memory", 1, 2},
};

static void reopen(const char *name, const struct store_options *options) {
  struct store *after;
  snprintf(path, sizeof path, "%s/%s.db", dir, name);
  ok(store_open(path, options, &after) == STORE_OPEN, "%s: opens", name);
  store_close(after);
}

/* A batch in the journal was acknowledged: no kill, at any moment of the start, loses a report of
   it. */
static void test_kill_at_start(size_t i) {
  static const struct store_options never_swept = {
      .cache = 1000, .at_once = 0, .sweep_ms = 1000000, .slice = 10};
  struct store_options little = {.cache = kills[i].cache, .sweep_ms = 1000, .slice = 10};
  begin("running", &never_swept);
  go_on(0, kills[i].rows);
  copy("running", "crashed", "");
  copy("running", "crashed", "-wal");
  store_close(in.store);
  begin("reference", &reference);
  go_on(0, kills[i].rows);
  store_close(in.store);
  syncs = 0;
  reopen("crashed", &little);
  int count = syncs;
  syncs = -1;
  ok(count > 1 && count < SYNCS_MAX, "%s: %d moments to be killed at", kills[i].name, count);
  for (int n = 1; n <= count; n++) {
    char name[16];
    snprintf(name, sizeof name, "at%d", n);
    reopen(name, &little);
    compare(name, name);
  }
}

/* A store that was closed without a flush goes on from its journal, several times. */
static void test_go_on(void) {
  static const struct store_options options = {
      .cache = 50, .at_once = 0, .sweep_ms = 700, .slice = 10};
  begin("reference", &reference);
  go_on(0, BATCHES);
  store_close(in.store);
  begin("running", &options);
  for (int batch = 0; batch < BATCHES; batch++) {
    go_on(batch, batch + 1);
    if (batch % 7) continue;
    store_close(in.store);
    snprintf(path, sizeof path, "%s/running.db", dir);
    if (store_open(path, &options, &in.store) != STORE_OPEN) abort();
  }
  ok(store_flush(in.store), "flushed");
  store_close(in.store);
  compare("running", "closed again and again");
}

static void test_timing(void) {
  static const struct store_options options = {
      .cache = 1000, .at_once = 0, .sweep_ms = 5000, .slice = 1000};
  begin("running", &options);
  go_on(0, 1);
  ok(ask("running", "SELECT count(*) FROM listing") == 0 &&
         ask("running", "SELECT count(*) FROM journal") == 1,
     "what was committed is in the journal");
  ok(store_due(in.store, 1000) == STORE_URGENT_MS, "urgent listings are due in %d ms",
     STORE_URGENT_MS);
  ok(store_commit(in.store, 1000 + STORE_URGENT_MS - 1) &&
         ask("running", "SELECT count(*) FROM listing") == 0,
     "a millisecond before that the listings are not in the table");
  ok(store_commit(in.store, 1000 + STORE_URGENT_MS) &&
         ask("running", "SELECT count(*) FROM listing") > 0 &&
         ask("running", "SELECT count(*) FROM evidence") == 0,
     "then the listings are in the table, and not yet the evidence");
  ok(store_due(in.store, 1600) == 25,
     "the evidence is due if no report came for an eighth of a sweep");
  ok(store_commit(in.store, 1625) && ask("running", "SELECT count(*) FROM evidence") > 0,
     "then the evidence is in the table");
  ok(ask("running", "SELECT count(*) FROM journal") == 0 && store_due(in.store, 1700) == -1,
     "then nothing is left to do");
  store_close(in.store);
}

static void damage(const char *sql) {
  sqlite3 *db;
  if (sqlite3_open(path, &db) != SQLITE_OK || sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
    abort();
  sqlite3_close(db);
}

static void test_damage(void) {
  static const struct store_options options = {
      .cache = 1000, .at_once = 0, .sweep_ms = 5000, .slice = 10};
  static const char *const damages[] = {
      "UPDATE journal SET records = substr(records, 1, length(records) - 1)",
      "UPDATE journal SET records = records || x'00'",
      "UPDATE journal SET records = substr(records, 1, 16) || x'ff' || substr(records, 18)",
      "UPDATE journal SET records = zeroblob(length(records))",
  };
  for (size_t i = 0; i < sizeof damages / sizeof *damages; i++) {
    struct store *after;
    begin("running", &options);
    go_on(0, 1);
    store_close(in.store);
    damage(damages[i]);
    enum store_open opened = store_open(path, &options, &after);
    ok(opened == STORE_FAILED && strstr(store_error(after), "table journal"), "%s: refused",
       damages[i]);
    ok(store_needs_repair(after), "the error is permanent");
    store_close(after);
    damage("DELETE FROM journal; DELETE FROM detector");
  }
}

int main(void) {
  if (!mkdtemp(dir) || !mac_init() || !registry_init(&registry)) return 111;
  for (int i = 0; i < 3; i++) {
    static const char *const weights[] = {"1", "0.6", "0.4"};
    char name[] = {'d', (char)('0' + i), '\0'};
    struct detector_key key = {.keygen = 1, .key = {{(uint8_t)i}}};
    struct detector *d = registry_add(&registry, span_str(name));
    if (!d || !detector_add_key(d, &key) || !detector_set_weight(d, span_str(weights[i])))
      return 111;
  }
  registry_sort(&registry);
  in = (struct intake){.registry = &registry,
                       .testimonies = calloc(DETECTORS_MAX, sizeof(struct testimony))};
  char command[64];
  snprintf(command, sizeof command, "rm -f %s/*.db*", dir);
  for (size_t i = 0; i < sizeof crashes / sizeof *crashes; i++) {
    test_crash(i);
    if (system(command) != 0) return 111;
  }
  for (size_t i = 0; i < sizeof kills / sizeof *kills; i++) {
    test_kill_at_start(i);
    if (system(command) != 0) return 111;
  }
  test_go_on();
  if (system(command) != 0) return 111;
  test_timing();
  if (system(command) != 0) return 111;
  test_damage();
  free(in.testimonies);
  registry_free(&registry);
  snprintf(command, sizeof command, "rm -rf %s", dir);
  return system(command) == 0 ? done() : 111;
}
