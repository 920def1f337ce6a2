/* store/reader.h and publish/publication.h on a store in a temporary directory. */
#include "store/store.h"
#include "publish/dataset.h"
#include "publish/publication.h"
#include "tap.h"
#include <sqlite3.h>
#include <stdlib.h>
#include <unistd.h>

static char directory[] = "/tmp/publish-publication-XXXXXX";
static char path[64];
static sqlite3 *db;

static void sql(const char *text) {
  char *error = NULL;
  if (sqlite3_exec(db, text, NULL, NULL, &error) != SQLITE_OK) printf("# %s\n", error);
  sqlite3_free(error);
}

static void put(const char *ip_hex, const char *colour, int changed) {
  char text[400];
  snprintf(text, sizeof text,
           "INSERT OR REPLACE INTO listing VALUES (x'%s','%s',0,1000,1,0,'a,b',1,-3,1,%d)", ip_hex,
           colour, changed);
  sql(text);
}

#define V4(hex) "00000000000000000000ffff" hex

/* An output that keeps the texts of every partition as they were last written. */
static const struct zone_settings zone = {
    .ns = SPAN_LITERAL("ns"), .soa = SPAN_LITERAL("ns p"), .ttl = 60};
static struct dataset_texts scratch;
static unsigned int partition_begun;
static char *texts[PARTITIONS][DATASET_KINDS];
static int written, write_limit;

static bool begin(void *context, unsigned int partition) {
  (void)context;
  partition_begun = partition;
  return dataset_texts_begin(&scratch, partition, &zone);
}

static bool add(void *context, const struct listing_row *l, uint8_t answers) {
  (void)context;
  return answers && dataset_texts_add(&scratch, l, answers, span_of("", 0));
}

static bool end(void *context) {
  (void)context;
  if (written == write_limit) return false;
  written++;
  for (int kind = 0; kind < DATASET_KINDS; kind++) {
    char **text = &texts[partition_begun][kind];
    free(*text);
    *text = strndup(scratch.of[kind].s, scratch.of[kind].len);
  }
  return true;
}

/* The number of black datasets that contain the text. */
static int listed_in(const char *text) {
  int n = 0;
  for (int partition = 0; partition < PARTITIONS; partition++)
    if (texts[partition][DATASET_BLACK] && strstr(texts[partition][DATASET_BLACK], text)) n++;
  return n;
}

static bool holds(unsigned int partition, const char *text) {
  return strstr(texts[partition][DATASET_BLACK], text) != NULL;
}

static enum reader_result run(struct publication *r, struct reader *reader, int limit) {
  written = 0;
  write_limit = limit;
  return publication_run(r, reader, 100);
}

static void test_open(void) {
  static const struct {
    const char *name, *sql;
    enum reader_result want;
  } rows[] = {
      {"an empty store", "", READER_ABSENT},
      {"another application",
       "CREATE TABLE x(y); PRAGMA application_id = 7; PRAGMA user_version = 1", READER_FOREIGN},
      {"no application", "CREATE TABLE x(y)", READER_FOREIGN},
  };
  struct reader *reader;
  ok(reader_open(&reader, path) == READER_ABSENT && !reader, "no file: absent");
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    sqlite3_open(path, &db);
    sql(rows[i].sql);
    sql("PRAGMA application_id");
    ok(reader_open(&reader, path) == rows[i].want && !reader, "%s", rows[i].name);
    sqlite3_close(db);
    unlink(path);
  }
  FILE *f = fopen(path, "w");
  for (int i = 0; i < 1000; i++) fputs("no database ", f);
  fclose(f);
  ok(reader_open(&reader, path) == READER_DAMAGED && !reader, "garbage: damaged");
  unlink(path);
}

static void create(void) {
  struct store *store;
  const struct store_options options = {
      .cache = 1000, .at_once = 64, .sweep_ms = 5000, .slice = 10};
  ok(store_open(path, &options, &store) == STORE_OPEN, "the collector makes a store");
  store_close(store);
  sqlite3_open(path, &db);
}

static void test_publications(void) {
  struct publication r = {.output = {begin, add, end, NULL}, .seen = -1};
  struct reader *reader;
  int64_t before, after;
  create();
  put(V4("c0000201"), "black", 1);
  put(V4("c0000202"), "none", 1);
  put("20010db8000100020000000000000000", "black", 2);
  r.published = published_new((struct published_limits){2, 30, 600});
  ok(reader_open(&reader, path) == READER_OK, "a store that is whole");
  ok(reader_version(reader, &before) == READER_OK, "the store has a version");

  ok(run(&r, reader, 3) == READER_STOPPED, "the output stops a publication");
  ok(run(&r, reader, 99) == READER_OK && written == PARTITIONS - 3,
     "the next publication writes the rest");
  ok(holds(6, "192.0.2.1 :127.0.0.2:"), "IPv4 in its shard");
  ok(holds(PARTITION_IPV6, "2001:db8:1:2::/64 :127.0.0.2:"), "IPv6 in its base");
  ok(listed_in("192.0.2.2") == 0, "a row of colour none is in no dataset");
  ok(strstr(texts[6][DATASET_OTHER], "192.0.2.1 :127.0.1.2:") != NULL, "a count below 0 is 0");

  ok(run(&r, reader, 99) == READER_OK && written == 2, "no change: only the hot partitions");
  put(V4("c0000203"), "black", 3);
  ok(reader_version(reader, &after) == READER_OK && before != after,
     "a commit changes the version");
  ok(run(&r, reader, 99) == READER_OK && written == 2, "a new row: only the hot partitions");
  ok(holds(PARTITION_HOT4, "192.0.2.3 ") && listed_in("192.0.2.3 ") == 1,
     "the new row is in one dataset");

  sql("BEGIN");
  put(V4("c0000204"), "black", 4);
  put(V4("c0000205"), "black", 4);
  sql("COMMIT");
  ok(run(&r, reader, 99) == READER_OK && written == 3, "more than hot holds: one base");
  ok(holds(6, "192.0.2.3 ") && holds(6, "192.0.2.4 ") && holds(6, "192.0.2.5 "),
     "the base holds all of them");
  ok(listed_in("192.0.2.3 ") == 1 && listed_in("192.0.2.5 ") == 1,
     "each of them is in one dataset");

  sql("DROP INDEX listing_changed; DROP TABLE listing");
  ok(run(&r, reader, 99) == READER_DAMAGED, "the table is dropped: damaged");
  reader_close(reader);
  ok(reader_open(&reader, path) == READER_DAMAGED && !reader, "a store without the table: damaged");
  sqlite3_close(db);
  dataset_texts_free(&scratch);
  published_free(r.published);
}

int main(void) {
  if (!mkdtemp(directory)) return 111;
  snprintf(path, sizeof path, "%s/store", directory);
  test_open();
  test_publications();
  for (int partition = 0; partition < PARTITIONS; partition++)
    for (int kind = 0; kind < DATASET_KINDS; kind++) free(texts[partition][kind]);
  static const char *const suffixes[] = {"", "-wal", "-shm", "-lock"};
  for (size_t i = 0; i < 4; i++) {
    char name[80];
    snprintf(name, sizeof name, "%s%s", path, suffixes[i]);
    unlink(name);
  }
  ok(rmdir(directory) == 0, "nothing else was left in the directory");
  return done();
}
