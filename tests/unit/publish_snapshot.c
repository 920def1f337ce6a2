/* snapshot.h on a store in a temporary directory. */
#include "publish/snapshot.h"
#include "publish/answers.h"
#include "publish/partition.h"
#include "store/store.h"
#include "tap.h"
#include <sqlite3.h>
#include <stdlib.h>
#include <unistd.h>

#define NOW 100

static char directory[] = "/tmp/publish-snapshot-XXXXXX";
static char path[64];
static sqlite3 *db;

static void put(const char *ip_hex, const char *colour, long until, int changed) {
  char text[400], *error = NULL;
  snprintf(text, sizeof text,
           "INSERT OR REPLACE INTO listing VALUES (x'%s','%s',0,%ld,1,0,'a,b',1,0,1,%d)", ip_hex,
           colour, until, changed);
  if (sqlite3_exec(db, text, NULL, NULL, &error) != SQLITE_OK) printf("# %s\n", error);
  sqlite3_free(error);
}

#define V4(hex) "00000000000000000000ffff" hex

static char seen[1000];
static size_t len;
static unsigned int begun, ended, stop_after;
static bool no_memory;

static bool begin(void *context, unsigned int partition) {
  (void)context;
  return partition == begun++;
}

static bool add(void *context, const struct listing_row *l, uint8_t answers) {
  (void)context;
  if (len) seen[len++] = ' ';
  len += addr_format(seen + len, &l->ip);
  len += (size_t)snprintf(seen + len, sizeof seen - len, "=%d", (int)answers_colour(answers));
  return !no_memory;
}

static bool end(void *context) {
  (void)context;
  return ++ended != stop_after;
}

static const struct output output = {begin, add, end, NULL};

static enum reader_result run(struct snapshot *s, struct reader *reader) {
  len = 0;
  begun = ended = 0;
  return snapshot_read(s, reader, &output, NOW);
}

int main(void) {
  struct store *store;
  struct reader *reader;
  struct snapshot s;
  const struct store_options options = {
      .cache = 1000, .at_once = 64, .sweep_ms = 5000, .slice = 10};
  if (!mkdtemp(directory)) return 111;
  snprintf(path, sizeof path, "%s/store", directory);
  ok(store_open(path, &options, &store) == STORE_OPEN, "a store");
  store_close(store);
  sqlite3_open(path, &db);
  ok(reader_open(&reader, path) == READER_OK, "it is opened");

  ok(run(&s, reader) == READER_OK && begun == BASES && ended == BASES, "an empty store");
  ok(len == 0 && s.newest == -1 && s.next_end == INT64_MAX && s.next_begin == INT64_MAX,
     "nothing is in it");

  put("20010db8000100020000000000000000", "black", 900, 2);
  put(V4("c0000201"), "black", 800, 7);
  put(V4("01000001"), "yellow", 700, 3);
  put(V4("02000001"), "brown", 1000, 1);
  put(V4("c0000202"), "none", 500, 1);
  put(V4("c0000203"), "black", NOW, 9);
  put(V4("c0000204"), "black", NOW + LISTING_LONGEST + 50, 4);
  put(V4("c0000205"), "black", NOW + LISTING_LONGEST + 40, 4);
  put(V4("7f000001"), "black", 200, 4);
  put(V4("ff000001"), "black", 200, 99);
  ok(run(&s, reader) == READER_OK, "a store with rows");
  is_text(span_of(seen, len), "1.0.0.1=2 2.0.0.1=1 192.0.2.1=3 2001:db8:1:2::=3",
          "the rows that have answers, in ascending order");
  ok(s.newest == 9, "the newest change, also of rows without answers");
  ok(s.next_end == 700, "the first end");
  ok(s.next_begin == NOW + 40, "when the first row begins to count");

  stop_after = 3;
  ok(run(&s, reader) == READER_STOPPED && begun == 3, "the output stops it");
  stop_after = 0;
  no_memory = true;
  ok(run(&s, reader) == READER_MEMORY && begun == 1, "the output has no memory");
  no_memory = false;
  ok(run(&s, reader) == READER_OK, "it can be read again");

  reader_close(reader);
  sqlite3_close(db);
  static const char *const suffixes[] = {"", "-wal", "-shm", "-lock"};
  for (size_t i = 0; i < 4; i++) {
    char name[80];
    snprintf(name, sizeof name, "%s%s", path, suffixes[i]);
    unlink(name);
  }
  ok(rmdir(directory) == 0, "nothing else was left in the directory");
  return done();
}
