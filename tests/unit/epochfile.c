/* A number that grows with each start. */
#include "sys/epochfile.h"
#include "tap.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static char dir[] = "/tmp/sinbin-epochfile-XXXXXX";

static void put(const char *text) {
  int fd = open("epoch", O_WRONLY | O_CREAT | O_TRUNC, 0644);
  if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text) || close(fd) != 0) abort();
}

static struct span content(void) {
  static char buf[64];
  int fd = open("epoch", O_RDONLY);
  ssize_t got = fd < 0 ? 0 : read(fd, buf, sizeof buf);
  if (fd >= 0) close(fd);
  return span_of(buf, got > 0 ? (size_t)got : 0);
}

static const struct {
  const char *name, *before; /* NULL: no file */
  uint64_t unixtime, want;   /* 0: refused */
  const char *after;
} rows[] = {
    {"no file", NULL, 1764000000, 1764000000, "1764000000\n"},
    {"no file and no time", NULL, 0, 1, "1\n"},
    {"a later time", "1764000000\n", 1764000009, 1764000009, "1764000009\n"},
    {"the next second", "1764000000\n", 1764000001, 1764000001, "1764000001\n"},
    {"the same second", "1764000000\n", 1764000000, 1764000001, "1764000001\n"},
    {"a clock set back", "1764000000\n", 5, 1764000001, "1764000001\n"},
    {"no line end", "7", 0, 8, "8\n"},
    {"zero", "0\n", 0, 1, "1\n"},
    {"the largest that has a next one", "253402300798\n", 5, EPOCHFILE_MAX, "253402300799\n"},
    {"the last one", "253402300799\n", 5, 0, "253402300799\n"},
    {"an empty file", "", 5, 0, ""},
    {"no number", "x\n", 5, 0, "x\n"},
    {"a leading zero", "01\n", 5, 0, "01\n"},
    {"two numbers", "1 2\n", 5, 0, "1 2\n"},
};

static void numbers(void) {
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    uint64_t epoch = 0;
    unlink("epoch");
    if (rows[i].before) put(rows[i].before);
    errno = 5;
    const char *wrong = epochfile_next("epoch", rows[i].unixtime, &epoch);
    if (rows[i].want) ok(!wrong && epoch == rows[i].want, "%s", rows[i].name);
    else
      ok(wrong && strcmp(wrong, "malformed epoch: want a whole number") == 0 && errno == 0,
         "%s: refused", rows[i].name);
    is_text(content(), rows[i].after, "%s: the file", rows[i].name);
    ok(access("epoch.tmp", F_OK) != 0, "%s: no temporary file", rows[i].name);
  }
}

static void failures(void) {
  uint64_t epoch;
  const char *wrong = epochfile_next("none/epoch", 5, &epoch);
  ok(wrong && strcmp(wrong, "unable to write it") == 0 && errno == ENOENT, "no directory");
  put("7\n");
  int other = open("epoch.tmp", O_RDWR | O_CREAT, 0644);
  if (other < 0 || flock(other, LOCK_EX | LOCK_NB) != 0) abort();
  ok(epochfile_next("epoch", 5, &epoch) && errno == EWOULDBLOCK, "another program is at it");
  is_text(content(), "7\n", "and the number is the old one");
  close(other);
  ok(!epochfile_next("epoch", 5, &epoch) && epoch == 8, "later there is a number");
  unlink("epoch");
  if (mkdir("epoch", 0700) != 0) abort();
  wrong = epochfile_next("epoch", 5, &epoch);
  ok(wrong && strcmp(wrong, "unable to read it") == 0 && errno == EISDIR, "a directory");
  rmdir("epoch");
}

int main(void) {
  struct stat st;
  uint64_t epoch;
  ok(mkdtemp(dir) && chdir(dir) == 0, "a directory to work in");
  numbers();
  failures();
  umask(022);
  ok(!epochfile_next("epoch", 5, &epoch) && stat("epoch", &st) == 0 && (st.st_mode & 0777) == 0644,
     "its mode");
  unlink("epoch");
  ok(rmdir(dir) == 0, "nothing else is left");
  return done();
}
