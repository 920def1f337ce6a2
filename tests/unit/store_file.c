/* The store's file: what is not ours is left alone, and what is ours is missed. */
#include "store_test.h"
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>

static void write_file(const char *content) {
  FILE *f = fopen(path, "w");
  if (!f || fputs(content, f) < 0 || fclose(f) != 0) abort();
}

static bool has_lock(void) {
  char name[96];
  snprintf(name, sizeof name, "%s-lock", path);
  return access(name, F_OK) == 0;
}

static void refuse(const char *name, enum store_open want) {
  store_close(open_store(want, name));
  ok(!has_lock(), "and no lock is left beside it");
}

static void test_foreign(void) {
  char back[64] = "";
  snprintf(path, sizeof path, "%s/text", dir);
  write_file("this is a letter, and no database at all; it is long enough\n");
  refuse("a text file is refused", STORE_FOREIGN);
  FILE *f = fopen(path, "r");
  ok(f && fgets(back, sizeof back, f) && strncmp(back, "this is a letter", 16) == 0, "untouched");
  if (f) fclose(f);
  snprintf(path, sizeof path, "%s/other.db", dir);
  ask("CREATE TABLE t (x)");
  refuse("somebody's database is refused", STORE_FOREIGN);
  ok(ask("SELECT count(*) FROM sqlite_master") == 1, "untouched");
  ask("DROP TABLE t");
  ask("PRAGMA application_id = 7");
  refuse("so is an empty one with another mark", STORE_FOREIGN);
  ask("PRAGMA application_id = 0");
  ask("PRAGMA user_version = 3");
  refuse("so is an empty one with a version", STORE_FOREIGN);
  ask("PRAGMA user_version = 0");
  store_close(open_store(STORE_OPEN, "an empty one is taken"));
  ok(has_lock(), "with a lock");
  snprintf(path, sizeof path, "%s/directory", dir);
  if (mkdir(path, 0700) != 0) abort();
  struct store *s = open_store(STORE_FAILED, "a directory is an error");
  ok(store_needs_repair(s) && strcmp(store_error(s), "Is a directory") == 0 && !has_lock(),
     "for good, and no lock is left beside it");
  store_close(s);
  snprintf(path, sizeof path, "%s/fifo", dir);
  if (mkfifo(path, 0600) != 0) abort();
  refuse("so is what is no file", STORE_FOREIGN);
  snprintf(path, sizeof path, "%s/store.db", dir);
  store_close(open_store(STORE_OPEN, "one of ours"));
  ask("PRAGMA user_version = 1");
  store_close(open_store(STORE_OTHER, "so is another version of ours"));
  ok(ask("PRAGMA user_version") == 1, "untouched");
  snprintf(path, sizeof path, "%s/none/store.db", dir);
  s = open_store(STORE_FAILED, "a missing directory is an error");
  ok(store_needs_repair(s) && strstr(store_error(s), "No such file"), "that stays");
  store_close(s);
}

static const struct {
  const char *name, *command;
  bool bad;
  const char *kept; /* where the evidence is afterwards */
} moves[] = {
    {"nothing", ":", false, "here.db"},
    {"removed", "rm here.db", true, NULL},
    {"moved", "mv here.db there.db", true, "there.db"},
    {"replaced", "cp here.db copy && mv here.db there.db && mv copy here.db", true, "there.db"},
    {"its log removed", "rm here.db-wal", true, "here.db"},
    {"its log replaced", "rm here.db-wal; : >here.db-wal", true, "here.db"},
    {"all removed", "rm here.db*", true, NULL},
    {"copied", "cp here.db copy.db; cp here.db-wal copy.db-wal", false, "copy.db"},
    {"linked by another name, too", "ln here.db link.db", false, "here.db"},
};

static void run(const char *command) {
  char line[256];
  snprintf(line, sizeof line, "cd %s && %s", dir, command);
  if (system(line) != 0) abort();
}

/* What is done to the files between two commits. */
static void test_moves(void) {
  for (size_t i = 0; i < sizeof moves / sizeof *moves; i++) {
    const char *name = moves[i].name;
    struct addr key = key_of("192.0.2.7"), other = key_of("192.0.2.8");
    struct evidence e = some_evidence();
    snprintf(path, sizeof path, "%s/here.db", dir);
    struct store *s = open_store(STORE_OPEN, name);
    ok(store_put_evidence(s, &key, span_str("trap1"), &e) && store_commit(s, 0) &&
           store_commit(s, 0),
       "%s: before", name);
    run(moves[i].command);
    ok(store_commit(s, 0) != moves[i].bad, "%s: seen where nothing is put", name);
    ok((store_put_evidence(s, &other, span_str("trap1"), &e) && store_commit(s, 0)) != moves[i].bad,
       "%s: and where something is", name);
    ok(!moves[i].bad || (strstr(store_error(s), "moved, removed or replaced") != NULL &&
                         !store_needs_repair(s)),
       "%s: said so", name);
    if (moves[i].kept) {
      snprintf(path, sizeof path, "%s/%s", dir, moves[i].kept);
      ok(ask("SELECT count(*) FROM evidence") >= 1, "%s: what was committed is in %s", name,
         moves[i].kept);
    }
    store_close(s);
    run("rm -f here.db* there.db* copy* link.db*");
  }
}

/* Reading as SQLite does it, which fails while told so. */
static int good_reads = -1; /* before one fails; -1: none does */
static bool has_failed;

ssize_t pread64(int fd, void *buf, size_t len, off64_t at) {
  if (good_reads < 0 || good_reads-- > 0) return syscall(SYS_pread64, fd, buf, len, at);
  has_failed = true;
  good_reads = 0;
  errno = EIO;
  return -1;
}

/* SQLite calls both malformed. A disk that fails may work again; a database that is broken does not
 * mend itself. */
static void test_unreadable(void) {
  snprintf(path, sizeof path, "%s/unreadable.db", dir);
  store_close(open_store(STORE_OPEN, "one of ours"));
  struct store *s;
  bool malformed = false;
  for (int good = 0; good < 40; good++) {
    static const struct store_options small = {.cache = 100, .sweep_ms = 1000, .slice = 10};
    has_failed = false;
    good_reads = good;
    enum store_open opened = store_open(path, &small, &s);
    good_reads = -1;
    if (has_failed)
      ok(opened == STORE_FAILED && !store_needs_repair(s), "EIO after %d reads is temporary: %s",
         good, store_error(s));
    malformed = malformed || strstr(store_error(s), "malformed");
    store_close(s);
  }
  ok(malformed, "even where SQLite calls it malformed");
  store_close(open_store(STORE_OPEN, "and it can be read again"));
  int fd = open(path, O_WRONLY);
  char junk[4096];
  memset(junk, 0xff, sizeof junk);
  ok(fd >= 0 && pwrite(fd, junk, sizeof junk - 200, 150) > 0 && close(fd) == 0,
     "its first page is overwritten");
  s = open_store(STORE_FAILED, "it is broken");
  ok(store_needs_repair(s), "which is permanent: %s", store_error(s));
  store_close(s);
}

int main(void) {
  if (!mkdtemp(dir)) return 111;
  snprintf(path, sizeof path, "%s/store.db", dir);
  test_foreign();
  test_unreadable();
  test_moves();
  return store_tests_done();
}
