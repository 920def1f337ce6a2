/* How much room a log directory has for the slowest of its readers, over real files. */
#include "follow/logwatch.h"
#include "line/checkpoint.h"
#include "tap.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define FULL(n) "@40000000000000000000000" n ".s"

static char top[] = "/tmp/sinbin-logwatch-XXXXXX";
static struct logwatch w;

/* A path in the directory of the test. It stays valid: a logwatch borrows it. */
static char *path(const char *name) {
  static char text[256][128];
  static size_t at;
  if (at == sizeof text / sizeof *text) abort();
  snprintf(text[at], sizeof text[at], "%s/%s", top, name);
  return text[at++];
}

static void put(const char *name, size_t size) {
  int fd = open(path(name), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  if (fd < 0 || ftruncate(fd, (off_t)size) != 0) abort();
  close(fd);
}

static void put_text(const char *name, const char *text, size_t len) {
  put(name, 0);
  int fd = open(path(name), O_WRONLY);
  if (write(fd, text, len) != (ssize_t)len) abort();
  close(fd);
}

static void put_checkpoint(const char *name, const char *file, uint64_t offset) {
  char text[CHECKPOINT_TEXT_MAX];
  struct stat st;
  if (stat(path(file), &st) != 0) abort();
  const struct checkpoint c = {.epoch = 1, .seq = 1, .inode = st.st_ino, .offset = offset};
  put_text(name, text, checkpoint_encode(&c, text));
}

static void start(const char *dir, const char *checkpoints) {
  static char text[1024];
  w = (struct logwatch){.limits = {.files = 3, .size = 10000}};
  snprintf(text, sizeof text, "%s", checkpoints);
  ok(logwatch_open(&w, dir, text), "opened");
}

static void is_look(uint64_t room, enum logwatch_reader_state state, size_t slowest,
                    const char *name) {
  enum logwatch_result got = logwatch_check(&w);
  ok(got == LOGWATCH_SEEN && w.room == room && w.state == state && w.slowest == slowest,
     "%s (%d: %llu, %d, reader %zu)", name, got, (unsigned long long)w.room, w.state, w.slowest);
}

static void test_readers(void) {
  char both[256];
  snprintf(both, sizeof both, "%s\t %s\n", path("one"), path("two"));
  start(path("log"), both);
  ok(w.readers == 2, "two readers");
  ok(logwatch_check(&w) == LOGWATCH_NO_LOG && w.room == 32000,
     "no directory: the room of an empty one");
  if (mkdir(path("log"), 0700) != 0) abort();
  is_look(32000, LOGWATCH_NONE, 0, "an empty directory, and no checkpoint");
  put("log/current", 3000);
  is_look(29000, LOGWATCH_NONE, 0, "current counts");
  put("log/" FULL("1"), 10000);
  put("log/" FULL("2"), 10000);
  is_look(13000, LOGWATCH_NONE, 0, "a reader without a checkpoint is at the oldest line");
  put_checkpoint("one", "log/current", 3000);
  is_look(13000, LOGWATCH_NONE, 1, "the other one is the slowest now");
  put_checkpoint("two", "log/" FULL("2"), 10);
  is_look(21000, LOGWATCH_AT, 1, "it is at the second file");
  put_checkpoint("two", "log/" FULL("2"), 10000);
  is_look(29000, LOGWATCH_AT, 0, "at its end, that is the beginning of the next");
  put_checkpoint("one", "log/" FULL("1"), 10001);
  is_look(13000, LOGWATCH_GONE, 0, "an offset that the file does not have");
  put_text("one", "CP1 1 1 77 0 -\n", 15);
  is_look(13000, LOGWATCH_GONE, 0, "an inode that is not there");
  put_text("one", "CP1 1 1\n", 8);
  is_look(13000, LOGWATCH_MALFORMED, 0, "a malformed checkpoint");
  put("one", CHECKPOINT_TEXT_MAX + 2);
  is_look(13000, LOGWATCH_MALFORMED, 0, "one that is too long");
  unlink(path("one"));
  if (mkdir(path("one"), 0700) != 0) abort();
  ok(logwatch_check(&w) == LOGWATCH_ERROR && errno == EISDIR, "one that cannot be read");
  ok(w.room == 13000 && w.state == LOGWATCH_MALFORMED, "leaves what the last look saw");
  if (rmdir(path("one")) != 0) abort();
}

static void test_directories(void) {
  char command[256];
  start(path("log/"), path("two"));
  put_checkpoint("two", "log/" FULL("2"), 10);
  is_look(21000, LOGWATCH_AT, 0, "a slash at the end of the name");
  snprintf(command, sizeof command, "rm -r %s", path("log"));
  if (system(command) != 0) abort();
  ok(logwatch_check(&w) == LOGWATCH_ERROR && errno == ESTALE, "the directory was removed");
  start(path("none/log"), path("none/cp"));
  ok(logwatch_check(&w) == LOGWATCH_NO_LOG, "the directory above it is not there, either");
  if (mkdir(path("none"), 0700) != 0 || mkdir(path("none/log"), 0700) != 0) abort();
  put("none/log/current", 3000);
  is_look(29000, LOGWATCH_NONE, 0, "it is opened once it is there");
  put_checkpoint("none/cp", "none/log/current", 3000);
  is_look(29000, LOGWATCH_AT, 0, "and so is that of the checkpoint");
  put("none/log/lock", 9);
  put("file", 0);
  start(path("file"), path("none/cp"));
  ok(logwatch_check(&w) == LOGWATCH_ERROR && errno == ENOTDIR, "a file is not a directory");
  static char name[5000];
  memset(name, 'x', sizeof name - 3);
  memcpy(name + sizeof name - 3, "/y", 2);
  start(path("none/log"), "cp");
  w.checkpoint[0] =
      (struct logwatch_path){.path = name, .name = name + sizeof name - 2, .parent = -1};
  ok(logwatch_check(&w) == LOGWATCH_ERROR && errno == ENAMETOOLONG, "a path that is too long");
}

static void test_relative(void) {
  if (chdir(path("none")) != 0) abort();
  start("log", "cp");
  is_look(29000, LOGWATCH_AT, 0, "names without a slash are in the working directory");
  if (chdir("/") != 0) abort();
  is_look(29000, LOGWATCH_AT, 0, "and stay there after a change of directory");
}

static void test_numbers(void) {
  char many[512] = "", none[] = " \t\n";
  for (int i = 0; i < LOGWATCH_READERS_MAX; i++) strcat(many, "cp ");
  start("log", many);
  ok(w.readers == LOGWATCH_READERS_MAX, "as many readers as there can be");
  strcat(many, "cp");
  ok(!logwatch_open(&w, "log", many), "one more is refused");
  ok(!logwatch_open(&w, "log", none), "and so is none");
  ok(w.limits.files == 3, "the limits stay");
}

int main(void) {
  char command[64];
  if (!mkdtemp(top)) return 111;
  test_readers();
  test_directories();
  test_relative();
  test_numbers();
  snprintf(command, sizeof command, "rm -rf %s", top);
  if (system(command) != 0) return 111;
  return done();
}
