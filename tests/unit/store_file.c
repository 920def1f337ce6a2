/* The files of the store: those of others are left as they are, and lost ones are noticed. */
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
  ok(!has_lock(), "no lock is left: %s", name);
}

static void test_foreign(void) {
  char back[64] = "";
  snprintf(path, sizeof path, "%s/text", dir);
  write_file("this is a letter, and no database at all; it is long enough\n");
  refuse("a text file is refused", STORE_FOREIGN);
  FILE *f = fopen(path, "r");
  ok(f && fgets(back, sizeof back, f) && strncmp(back, "this is a letter", 16) == 0,
     "a text file is not changed");
  if (f) fclose(f);
  snprintf(path, sizeof path, "%s/other.db", dir);
  ask("CREATE TABLE t (x)");
  refuse("a database of another program is refused", STORE_FOREIGN);
  ok(ask("SELECT count(*) FROM sqlite_master") == 1, "it is not changed");
  ask("DROP TABLE t");
  ask("PRAGMA application_id = 7");
  refuse("an empty database with another application_id is refused", STORE_FOREIGN);
  ask("PRAGMA application_id = 0");
  ask("PRAGMA user_version = 3");
  refuse("an empty database with a user_version is refused", STORE_FOREIGN);
  ask("PRAGMA user_version = 0");
  store_close(open_store(STORE_OPEN, "an empty database is used"));
  ok(has_lock(), "it is locked");
  snprintf(path, sizeof path, "%s/directory", dir);
  if (mkdir(path, 0700) != 0) abort();
  struct store *s = open_store(STORE_FAILED, "a directory is an error");
  ok(store_needs_repair(s) && strcmp(store_error(s), "Is a directory") == 0 && !has_lock(),
     "the error is permanent, and no lock is left");
  store_close(s);
  snprintf(path, sizeof path, "%s/fifo", dir);
  if (mkfifo(path, 0600) != 0) abort();
  refuse("a FIFO is refused", STORE_FOREIGN);
  snprintf(path, sizeof path, "%s/store.db", dir);
  store_close(open_store(STORE_OPEN, "a database is created"));
  ask("PRAGMA user_version = 1");
  store_close(open_store(STORE_OTHER, "a database of another version is refused"));
  ok(ask("PRAGMA user_version") == 1, "it is not changed");
  snprintf(path, sizeof path, "%s/none/store.db", dir);
  s = open_store(STORE_FAILED, "a missing directory is an error");
  ok(store_needs_repair(s) && strstr(store_error(s), "No such file"), "the error is permanent");
  store_close(s);
}

static const struct {
  const char *name, *command;
  bool bad;
  const char *kept; /* the file that has the evidence afterwards */
} moves[] = {
    {"nothing", ":", false, "here.db"},
    {"removed", "rm here.db", true, NULL},
    {"moved", "mv here.db there.db", true, "there.db"},
    {"replaced", "cp here.db copy && mv here.db there.db && mv copy here.db", true, "there.db"},
    {"its log removed", "rm here.db-wal", true, "here.db"},
    {"its log replaced", "rm here.db-wal; : >here.db-wal", true, "here.db"},
    {"all removed", "rm here.db*", true, NULL},
    {"copied", "cp here.db copy.db; cp here.db-wal copy.db-wal", false, "copy.db"},
    {"linked to another name", "ln here.db link.db", false, "here.db"},
};

static void run(const char *command) {
  char line[256];
  snprintf(line, sizeof line, "cd %s && %s", dir, command);
  if (system(line) != 0) abort();
}

/* The files are changed between two commits. */
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
    ok(store_commit(s, 0) != moves[i].bad, "%s: noticed if nothing is put", name);
    ok((store_put_evidence(s, &other, span_str("trap1"), &e) && store_commit(s, 0)) != moves[i].bad,
       "%s: noticed if something is put", name);
    ok(!moves[i].bad ||
           (strstr(store_error(s), "moved, removed or replaced") != NULL && !store_needs_repair(s)),
       "%s: the error says so", name);
    if (moves[i].kept) {
      snprintf(path, sizeof path, "%s/%s", dir, moves[i].kept);
      ok(ask("SELECT count(*) FROM evidence") >= 1, "%s: what was committed is in %s", name,
         moves[i].kept);
    }
    store_close(s);
    run("rm -f here.db* there.db* copy* link.db*");
  }
}

/* A commit waits for another program that writes the database for a moment. */
static void test_busy(void) {
  struct addr key = key_of("192.0.2.7");
  struct evidence e = some_evidence();
  snprintf(path, sizeof path, "%s/busy.db", dir);
  struct store *s = open_store(STORE_OPEN, "a database that another program writes, too");
  run("{ printf 'BEGIN IMMEDIATE;\\n.shell touch locked; sleep 0.3\\nCOMMIT;\\n' |"
      " sqlite3 busy.db & for i in $(seq 500); do test -e locked && exit; sleep 0.01; done; false; "
      "}");
  ok(store_put_evidence(s, &key, span_str("trap1"), &e) && store_commit(s, 0), "a commit waits");
  store_close(s);
}

/* In place of the function that SQLite reads with. It fails when good_reads says so. */
static int good_reads = -1; /* that succeed before one fails; -1: all succeed */
static bool has_failed;

ssize_t pread64(int fd, void *buf, size_t len, off64_t at) {
  if (good_reads < 0 || good_reads-- > 0) return syscall(SYS_pread64, fd, buf, len, at);
  has_failed = true;
  good_reads = 0;
  errno = EIO;
  return -1;
}

/* SQLite reports both as malformed. A failing disk may work again; a broken database stays broken. */
static void test_unreadable(void) {
  snprintf(path, sizeof path, "%s/unreadable.db", dir);
  store_close(open_store(STORE_OPEN, "a database is created"));
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
  ok(malformed, "also if SQLite reports it as malformed");
  store_close(open_store(STORE_OPEN, "it can be read again"));
  int fd = open(path, O_WRONLY);
  char junk[4096];
  memset(junk, 0xff, sizeof junk);
  ok(fd >= 0 && pwrite(fd, junk, sizeof junk - 200, 150) > 0 && close(fd) == 0,
     "its first page is overwritten");
  s = open_store(STORE_FAILED, "a broken database is an error");
  ok(store_needs_repair(s), "the error is permanent: %s", store_error(s));
  store_close(s);
}

int main(void) {
  if (!mkdtemp(dir)) return 111;
  snprintf(path, sizeof path, "%s/store.db", dir);
  test_foreign();
  test_unreadable();
  test_moves();
  test_busy();
  return store_tests_done();
}
