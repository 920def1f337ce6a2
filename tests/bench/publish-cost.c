/* publish-cost DIR [LISTINGS]: what each outlet of lists costs with a store of that many listings
   (1,000,000), of which one in ten is IPv6. CPU of this process; the reading of the store that all
   outlets share is measured first, and subtracted. */
#include "publish/lists.h"
#include "publish/nftchanges.h"
#include "publish/nftfiles.h"
#include "publish/outlets.h"
#include "publish/snapshot.h"
#include "store/store.h"
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>

static int64_t now;
static char path[4000];

static double cpu_ms(void) {
  struct timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static _Noreturn void die(const char *what) {
  fprintf(stderr, "publish-cost: %s\n", what);
  exit(111);
}

static uint64_t random_number(void) {
  static uint64_t state = 88172645463325252U;
  state ^= state << 13;
  state ^= state >> 7;
  return state ^= state << 17;
}

static void make_key(uint8_t key[16], bool ipv6) {
  uint64_t r = random_number();
  memset(key, 0, 16);
  if (ipv6) {
    for (int i = 0; i < 8; i++) key[i] = (uint8_t)(r >> 8 * i);
    key[0] = 0x20;
    return;
  }
  key[10] = key[11] = 0xff;
  for (int i = 0; i < 4; i++) key[12 + i] = (uint8_t)(r >> 8 * i);
  key[12] = (uint8_t)(key[12] % 220 + 1);
}

/* Puts rows; `changed` is theirs. */
static void put_rows(sqlite3 *db, long count, int changed) {
  sqlite3_stmt *s;
  if (sqlite3_prepare_v2(db,
                         "INSERT OR REPLACE INTO listing VALUES (?1,'black',?2,?3,1,?2,"
                         "'early-talk,helo-is-name,high-mx,no-quit,pregreet',3,0,2,?4)",
                         -1, &s, NULL) != SQLITE_OK)
    die(sqlite3_errmsg(db));
  sqlite3_exec(db, "BEGIN", NULL, NULL, NULL);
  for (long i = 0; i < count; i++) {
    uint8_t key[16];
    make_key(key, i % 10 == 9);
    sqlite3_bind_blob(s, 1, key, 16, SQLITE_STATIC);
    sqlite3_bind_int64(s, 2, now);
    sqlite3_bind_int64(s, 3, now + 3600 + (int64_t)(random_number() % 86400));
    sqlite3_bind_int(s, 4, changed);
    if (sqlite3_step(s) != SQLITE_DONE) die(sqlite3_errmsg(db));
    sqlite3_reset(s);
  }
  sqlite3_exec(db, "COMMIT", NULL, NULL, NULL);
  sqlite3_finalize(s);
}

static sqlite3 *make_store(const char *file, long count) {
  const struct store_options options = {
      .cache = 1000, .at_once = 64, .sweep_ms = 5000, .slice = 10};
  struct store *store;
  sqlite3 *db;
  if (store_open(file, &options, &store) != STORE_OPEN) die("unable to make a store");
  store_close(store);
  if (sqlite3_open(file, &db) != SQLITE_OK) die("unable to open the store");
  put_rows(db, count, 1);
  return db;
}

static bool begin_nothing(void *context, unsigned int partition) {
  (void)context;
  (void)partition;
  return true;
}

static bool count_row(void *context, const struct listing_row *l, uint8_t answers) {
  (void)l;
  *(long *)context += answers != 0;
  return true;
}

static bool end_nothing(void *context) {
  (void)context;
  return true;
}

static double read_alone(struct reader *reader, struct snapshot *s, long *count) {
  struct output nothing = {begin_nothing, count_row, end_nothing, count};
  *count = 0;
  double before = cpu_ms();
  if (snapshot_read(s, reader, &nothing, now) != READER_OK) die("unable to read the store");
  return cpu_ms() - before;
}

static bool add_row(void *context, const struct listing_row *row, uint8_t answers) {
  lists_add(context, row, answers);
  return true;
}

static double write_all(struct lists *l, struct reader *reader) {
  struct snapshot s;
  struct output output = {begin_nothing, add_row, end_nothing, l};
  struct list_info info = {.serial = 1, .now = now, .url = span_str("https://x.example/?$")};
  lists_set_due(l);
  double before = cpu_ms();
  lists_begin(l, &info);
  enum reader_result result = snapshot_read(&s, reader, &output, now);
  lists_end(l, result == READER_OK);
  if (result != READER_OK || lists_are_due(l)) die("unable to write");
  return cpu_ms() - before;
}

static double megabytes(const struct lists *l) {
  double sum = 0;
  for (size_t i = 0; i < l->count; i++) {
    char file[5000];
    struct stat st;
    snprintf(file, sizeof file, "%s/%s", l->dir, l->list[i]->form->name);
    if (stat(file, &st) == 0) sum += (double)st.st_size / 1e6;
  }
  return sum;
}

static void report(const char *name, size_t files, double mb, double ms, double reading) {
  printf("%-12s %5zu %9.1f %9.0f %9.0f %9.2f\n", name, files, mb, ms - reading,
         files ? (ms - reading) / (double)files : 0, (ms - reading) / reading);
}

static bool note(void *context, const struct listing_row *l) {
  nftchanges_note(context, l);
  return true;
}

static bool add_known(void *context, const struct listing_row *l, uint8_t answers) {
  if (answers) nftchanges_add(context, &l->ip);
  return true;
}

static void measure_changes(sqlite3 *db, struct reader *reader, const char *dir, long count) {
  static struct nftchanges n;
  struct nftfiles files;
  struct snapshot s;
  stralloc text = {0};
  struct output fill = {begin_nothing, add_known, end_nothing, &n};
  if (!nftchanges_init(&n) || !nftchanges_begin(&n, (size_t)count, (struct siphash_key){0}, now) ||
      snapshot_read(&s, reader, &fill, now) != READER_OK || !nftfiles_open(&files, dir))
    die("unable to prepare changes");
  put_rows(db, 1000, 2);
  double before = cpu_ms();
  if (reader_begin(reader) != READER_OK || reader_changed(reader, s.newest, note, &n) != READER_OK)
    die("unable to read changes");
  reader_end(reader);
  size_t changes = n.count;
  if (!nftchanges_format(&n, &text) || !nftfiles_write(&files, span_of(text.s, text.len)))
    die("unable to write changes");
  printf("nft: a file of %zu changes, read, formatted and written: %.1f ms\n", changes,
         cpu_ms() - before);
  nftchanges_free(&n);
}

int main(int argc, char **argv) {
  if (argc < 2) die("usage: publish-cost DIR [LISTINGS]");
  long count, wanted = argc > 2 ? atol(argv[2]) : 1000000;
  struct reader *reader;
  struct snapshot s;
  struct lists all = {.dir = argv[1]};
  now = time(NULL);
  snprintf(path, sizeof path, "%s/nft", argv[1]);
  mkdir(path, 0755);
  snprintf(path, sizeof path, "%s/store", argv[1]);
  sqlite3 *db = make_store(path, wanted);
  if (reader_open(&reader, path) != READER_OK) die("unable to open the store");
  read_alone(reader, &s, &count);
  double reading = read_alone(reader, &s, &count);
  printf("%ld listings; the shared reading: %.0f ms\n", count, reading);
  printf("%-12s %5s %9s %9s %9s %9s\n", "outlet", "files", "MB", "ms", "ms/file", "reading=1");
  for (int i = OUTLET_RBLDNSD + 1; i < OUTLETS; i++) {
    struct lists one = {.dir = argv[1]};
    if (!outlets_forms((enum outlet)i)) continue;
    if (!lists_add_outlet(&one, outlets_forms((enum outlet)i)) ||
        !lists_add_outlet(&all, outlets_forms((enum outlet)i)))
      die("no memory");
    double ms = write_all(&one, reader);
    report(one.list[0]->form->outlet, one.count, megabytes(&one), ms, reading);
    lists_free(&one);
  }
  report("all", all.count, megabytes(&all), write_all(&all, reader), reading);
  all.sums = true;
  report("all, sha256", all.count, megabytes(&all), write_all(&all, reader), reading);
  lists_free(&all);
  measure_changes(db, reader, argv[1], count);
  return 0;
}
