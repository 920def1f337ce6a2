/* The files of a log directory: their names, what tells one from another, and their order. */
#include "follow/logdir.h"
#include "tap.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define LABEL(n) "@40000000000000000000000" n

static char top[] = "/tmp/sinbin-logdir-XXXXXX";
static int dir;

static void put(const char *name, const char *text) {
  int fd = openat(dir, name, O_WRONLY | O_CREAT | O_TRUNC, 0600);
  if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text)) abort();
  close(fd);
}

static void remove_file(const char *name) {
  if (unlinkat(dir, name, 0) != 0) abort();
}

static const struct {
  const char *name;
  bool valid;
} names[] = {
    {"current", true},
    {"previous", true},
    {LABEL("0") ".s", true},
    {"@4000000abcdef00000000000.u", true},
    {LABEL("0") ".t", false},
    {LABEL("0") "_s", false},
    {LABEL("") ".s", false},
    {LABEL("00") ".s", false},
    {"@4000000ABCDEF00000000000.s", false},
    {"@4000000000000000000000/0.s", false},
    {"x4000000000000000000000000.s", false},
    {LABEL("g") ".s", false},
    {"Current", false},
    {"lock", false},
    {"state", false},
    {"", false},
};

static void test_names(void) {
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    ok(logfile_name_is_valid(names[i].name) == names[i].valid, "%s name: %s",
       names[i].valid ? "a" : "not a", names[i].name);
}

static const struct {
  const char *name;
  struct logfile known, seen;
  bool same;
} selves[] = {
    {"as it was", {1, 2, 0, "current"}, {1, 2, 0, "current"}, true},
    {"renamed", {1, 2, 0, "current"}, {1, 2, 0, "previous"}, true},
    {"full", {1, 2, 0, "previous"}, {1, 2, 0, LABEL("0") ".s"}, true},
    {"full at once", {1, 2, 0, "current"}, {1, 2, 0, LABEL("0") ".u"}, true},
    {"full, with the same name", {1, 2, 0, LABEL("0") ".s"}, {1, 2, 0, LABEL("0") ".s"}, true},
    {"full, with another name", {1, 2, 0, LABEL("0") ".s"}, {1, 2, 0, LABEL("1") ".s"}, false},
    {"not full any more", {1, 2, 0, LABEL("0") ".s"}, {1, 2, 0, "current"}, false},
    {"previous, then current", {1, 2, 0, "previous"}, {1, 2, 0, "current"}, false},
    {"another inode", {1, 2, 0, "current"}, {2, 2, 0, "current"}, false},
    {"another birth", {1, 2, 0, "current"}, {1, 3, 0, "current"}, false},
    {"its first line is complete now", {1, 2, 0, "current"}, {1, 2, 5, "current"}, true},
    {"the same first line", {1, 2, 5, "current"}, {1, 2, 5, "current"}, true},
    {"another first line", {1, 2, 5, "current"}, {1, 2, 6, "current"}, false},
    {"no first line any more", {1, 2, 5, "current"}, {1, 2, 0, "current"}, false},
};

static void test_selves(void) {
  for (size_t i = 0; i < sizeof selves / sizeof *selves; i++)
    ok(logfile_is_later_self(&selves[i].known, &selves[i].seen) == selves[i].same, "%s",
       selves[i].name);
}

static uint64_t hash_of(const char *text) {
  uint64_t hash = 99;
  put("current", text);
  int fd = openat(dir, "current", O_RDONLY);
  if (fd < 0 || !logdir_hash_first_line(fd, &hash)) abort();
  close(fd);
  remove_file("current");
  return hash;
}

static void test_hashes(void) {
  static char longer[LOGFILE_FIRST_MAX + 3];
  ok(hash_of("") == 0, "an empty file has no first line");
  ok(hash_of("half a line") == 0, "an incomplete one is none");
  ok(hash_of("one\n") != 0, "a complete one");
  ok(hash_of("one\n") == hash_of("one\ntwo\n"), "is known by itself");
  ok(hash_of("one\n") != hash_of("onf\n"), "another one is told from it");
  ok(hash_of("\n") != 0 && hash_of("\n") != hash_of("one\n"), "an empty line is one");
  memset(longer, 'x', LOGFILE_FIRST_MAX - 1);
  ok(hash_of(longer) == 0, "one byte less than the longest hash");
  longer[LOGFILE_FIRST_MAX - 1] = 'x';
  uint64_t hash = hash_of(longer);
  ok(hash != 0, "the longest hash needs no line end");
  longer[LOGFILE_FIRST_MAX] = 'y';
  ok(hash_of(longer) == hash, "and what comes after it does not count");
  ok(!logdir_hash_first_line(-1, &hash) && errno == EBADF, "an error of the system");
}

static void test_open(void) {
  struct logfile f, other;
  put("current", "one\n");
  ok(logdir_stat(dir, "current", &f) && f.inode && !f.first_hash && strcmp(f.name, "current") == 0,
     "the status of a file");
  int fd = logdir_open(dir, &f);
  ok(fd >= 0 && logdir_hash_first_line(fd, &f.first_hash) && f.first_hash, "it can be opened");
  close(fd);
  fd = logdir_open(dir, &f);
  ok(fd >= 0, "also by its first line");
  close(fd);
  f.first_hash++;
  ok(logdir_open(dir, &f) < 0 && errno == ENOENT, "not with another first line");
  f.first_hash--;
  f.birth++;
  ok(logdir_open(dir, &f) < 0 && errno == ENOENT, "nor with another birth");
  f.birth--;
  put("new", "one\n");
  if (renameat(dir, "new", dir, "current") != 0) abort();
  ok(logdir_open(dir, &f) < 0 && errno == ENOENT, "another file has its name");
  remove_file("current");
  ok(logdir_open(dir, &f) < 0 && errno == ENOENT, "nothing has its name");
  ok(!logdir_stat(dir, "current", &other) && errno == ENOENT, "which has no status");
  if (mkdirat(dir, "current", 0700) != 0) abort();
  ok(!logdir_stat(dir, "current", &other) && errno == ENOENT, "a directory is not a file");
  unlinkat(dir, "current", AT_REMOVEDIR);
  put("lock", "one\n");
  if (symlinkat("lock", dir, "current") != 0) abort();
  ok(!logdir_stat(dir, "current", &other) && errno == ENOENT, "nor is a symbolic link");
  ok(logdir_open(dir, &f) < 0 && errno == ENOENT, "nor is it opened");
  remove_file("current");
  remove_file("lock");
  ok(!logdir_stat(-1, "current", &other) && errno == EBADF, "an error of the system");
}

static struct logfile found[8];
static size_t n;

static const char *scanned(void) {
  static char text[512];
  size_t len = 0;
  text[0] = '\0';
  for (size_t i = 0; i < n; i++)
    len += (size_t)snprintf(text + len, sizeof text - len, "%s%s ", found[i].name,
                            found[i].first_hash ? "*" : "");
  return text;
}

static void test_scan(void) {
  ok(logdir_scan(dir, found, 8, &n) == LOGDIR_READ && n == 0, "an empty directory");
  put("current", "c\n");
  put(LABEL("2") ".s", "b\n");
  put(LABEL("1") ".u", "a\n");
  put("state", "x\n");
  ok(logdir_scan(dir, found, 8, &n) == LOGDIR_READ, "a log");
  is_text(span_str(scanned()), LABEL("1") ".u " LABEL("2") ".s current ", "in its order");
  put("current", "half");
  ok(logdir_scan_hashed(dir, found, 8, &n) == LOGDIR_READ, "with first lines");
  is_text(span_str(scanned()), LABEL("1") ".u* " LABEL("2") ".s* current ", "that are complete");
  put("previous", "p\n");
  logdir_scan(dir, found, 8, &n);
  is_text(span_str(scanned()), LABEL("1") ".u " LABEL("2") ".s previous current ",
          "during a rotation");
  if (linkat(dir, "previous", dir, LABEL("3") ".s", 0) != 0) abort();
  logdir_scan(dir, found, 8, &n);
  is_text(span_str(scanned()), LABEL("1") ".u " LABEL("2") ".s " LABEL("3") ".s current ",
          "a file with two names is listed once");
  if (linkat(dir, "current", dir, LABEL("4") ".u", 0) != 0) abort();
  logdir_scan(dir, found, 8, &n);
  is_text(span_str(scanned()), LABEL("1") ".u " LABEL("2") ".s " LABEL("3") ".s current ",
          "current stays current");
  ok(logdir_scan(dir, found, 6, &n) == LOGDIR_READ && n == 4, "room for all names");
  ok(logdir_scan(dir, found, 5, &n) == LOGDIR_FULL, "and for one less");
  ok(logdir_scan(dir, found, 1, &n) == LOGDIR_FULL, "no room for current and previous");
  ok(logdir_scan(-1, found, 8, &n) == LOGDIR_ERROR && errno == EBADF, "an error of the system");
  ok(logdir_scan_hashed(-1, found, 8, &n) == LOGDIR_ERROR, "with first lines, too");
}

/* The next descriptor is the same as before if none was left open. */
static int next_descriptor(void) {
  int fd = dup(0);
  close(fd);
  return fd;
}

static void test_descriptors(void) {
  struct logfile f;
  put("current", "one\n");
  int before = next_descriptor();
  logdir_stat(dir, "current", &f);
  f.first_hash = 1;
  logdir_open(dir, &f);
  logdir_scan_hashed(dir, found, 8, &n);
  logdir_scan_hashed(-1, found, 8, &n);
  ok(next_descriptor() == before, "no descriptor is left open");
}

int main(void) {
  char command[64];
  if (!mkdtemp(top) || (dir = open(top, O_RDONLY | O_DIRECTORY)) < 0) return 111;
  test_names();
  test_selves();
  test_hashes();
  test_open();
  test_scan();
  test_descriptors();
  snprintf(command, sizeof command, "rm -rf %s", top);
  if (system(command) != 0) return 111;
  return done();
}
