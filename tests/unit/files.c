/* fileio.h: what the readers read, what they refuse, and that a write that fails
 * leaves nothing. */
#include "sys/fileio.h"
#include "tap.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static char dir[] = "/tmp/sinbin-files-XXXXXX";

static void put(const char *name, const char *text, size_t len) {
  int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0644);
  if (fd < 0 || write(fd, text, len) != (ssize_t)len || close(fd) != 0) abort();
}

static int files_open(void) {
  int count = 0;
  for (int fd = 0; fd < 64; fd++) count += fcntl(fd, F_GETFD) != -1;
  return count;
}

/* At most so many bytes a read(2), and every other one interrupted; 0: as the system has it. */
static size_t most;
/* After so many calls there is no more, as in a file that becomes shorter; 0: as it is. */
static int ends_after;

ssize_t read(int fd, void *buf, size_t len) {
  static int calls;
  if (ends_after && --ends_after == 0) return 0;
  if (most && calls++ % 2) {
    errno = EINTR;
    return -1;
  }
  return syscall(SYS_read, fd, buf, most && len > most ? most : len);
}

/* ---- fileio_read ---- */

static void small_reads(void) {
  static const struct {
    const char *name, *text;
    size_t cap;
    int want;
  } rows[] = {{"what fits", "12345", 6, 1},
              {"what just fits", "12345", 5, 1},
              {"a byte too many", "12345", 4, -1},
              {"nothing", "", 4, 1},
              {"blanks stay", " 1 \n", 9, 1}};
  char buf[16];
  struct span text;
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    put("small", rows[i].text, strlen(rows[i].text));
    int got = fileio_read("small", buf, rows[i].cap, &text);
    ok(got == rows[i].want && (got == 1 || errno == EFBIG), "%s: %d", rows[i].name, got);
    if (got == 1) is_text(text, rows[i].text, "%s: the text", rows[i].name);
  }
  ok(fileio_read("none", buf, sizeof buf, &text) == 0 && text.len == 0, "no file");
  ok(fileio_read("small/none", buf, sizeof buf, &text) == -1 && errno == ENOTDIR, "no directory");
  ok(fileio_read(".", buf, sizeof buf, &text) == -1 && errno == EISDIR, "a directory");
  ok(mkfifo("fifo", 0600) == 0 && fileio_read("fifo", buf, sizeof buf, &text) == 1 && text.len == 0,
     "a FIFO is not waited for");
}

/* In a child: files of two bytes at most. */
static int write_too_much(void) {
  struct rlimit two = {2, 2};
  int before = files_open();
  signal(SIGXFSZ, SIG_IGN);
  if (setrlimit(RLIMIT_FSIZE, &two) != 0) return 9;
  if (fileio_write("small", span_str("12345"), 0644) || errno != EFBIG) return 1;
  if (access("small.tmp", F_OK) == 0) return 2;
  return files_open() == before ? 0 : 3;
}

static void small_writes(void) {
  char buf[16];
  struct span text;
  struct stat st;
  ok(fileio_write("small", span_str("old"), 0640) && stat("small", &st) == 0 &&
         (st.st_mode & 0777) == 0640,
     "a file is written, with its mode");
  int status = 0;
  pid_t child = fork();
  if (child == 0) _exit(write_too_much());
  waitpid(child, &status, 0);
  ok(status == 0, "a write that fails: false, no temporary file, no descriptor (%d)",
     WEXITSTATUS(status));
  ok(fileio_read("small", buf, sizeof buf, &text) == 1, "the old file is there");
  is_text(text, "old", "as it was");
  ok(!fileio_write("none/small", span_str("x"), 0644) && errno == ENOENT, "no directory");
}

/* ---- fileio_read_value ---- */

static void values(void) {
  static const struct {
    const char *name, *text, *want; /* NULL: refused */
  } rows[] = {{"a value", "7\n", "7"},
              {"blanks round it", " \t7 8 \n\n", "7 8"},
              {"nothing", "", ""},
              {"a line end alone", "\n", ""}};
  char buf[FILEIO_VALUE_MAX + 1], long_text[FILEIO_VALUE_MAX + 2];
  struct span value;
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    put("value", rows[i].text, strlen(rows[i].text));
    ok(fileio_read_value(AT_FDCWD, "value", buf, &value) == 1, "%s is read", rows[i].name);
    is_text(value, rows[i].want, "%s", rows[i].name);
  }
  memset(long_text, 'x', sizeof long_text);
  put("value", long_text, FILEIO_VALUE_MAX);
  ok(fileio_read_value(AT_FDCWD, "value", buf, &value) == 1 && value.len == FILEIO_VALUE_MAX,
     "the longest");
  put("value", long_text, FILEIO_VALUE_MAX + 1);
  ok(fileio_read_value(AT_FDCWD, "value", buf, &value) == -1 && errno == EFBIG, "a longer one");
  ok(fileio_read_value(AT_FDCWD, "none", buf, &value) == 0, "no file");
  ok(fileio_read_value(AT_FDCWD, ".", buf, &value) == -1 && errno == EISDIR, "a directory");
  int at = open("sub", O_RDONLY | O_DIRECTORY);
  ok(at >= 0 && fileio_read_value(at, "value", buf, &value) == 0,
     "names are of the directory that is given");
  close(at);
}

/* ---- fileio_read_all ---- */

/* In a child: descriptor 0 is free, so that the file gets it. */
static int read_as_zero(void) {
  char *text;
  size_t len;
  close(0);
  if (fileio_read_all("whole", 100, &text, &len) != FILEIO_READ) return 1;
  return len == 5 && memcmp(text, "12345", 5) == 0 && fcntl(0, F_GETFD) == -1 ? 0 : 2;
}

static void wholes(void) {
  char *text;
  size_t len;
  put("whole", "12345", 5);
  ok(fileio_read_all("whole", 5, &text, &len) == FILEIO_READ && len == 5 &&
         memcmp(text, "12345", 5) == 0,
     "a file is read");
  text[5] = 'x'; /* there is a byte to write to */
  free(text);
  ok(fileio_read_all("whole", 4, &text, &len) == FILEIO_SIZE && !text, "one that is too large");
  put("whole", "", 0);
  ok(fileio_read_all("whole", 4, &text, &len) == FILEIO_READ && len == 0 && text, "an empty one");
  free(text);
  ok(fileio_read_all("none", 4, &text, &len) == FILEIO_ERROR && errno == ENOENT && !text,
     "no file");
  ok(fileio_read_all(".", 4, &text, &len) == FILEIO_KIND && !text, "a directory");
  ok(fileio_read_all("fifo", 4, &text, &len) == FILEIO_KIND && !text, "a FIFO is not waited for");
  put("whole", "12345", 5);
  int status = 0;
  pid_t child = fork();
  if (child == 0) _exit(read_as_zero());
  waitpid(child, &status, 0);
  ok(status == 0, "descriptor 0 is a descriptor (%d)", WEXITSTATUS(status));
}

/* What comes in pieces, by reads that are interrupted, is the same. */
static void in_pieces(void) {
  char buf[FILEIO_VALUE_MAX + 1], *whole;
  struct span text;
  size_t len;
  put("value", "1234567", 7);
  for (most = 1; most < 4; most++) {
    ok(fileio_read("value", buf, 7, &text) == 1, "what just fits, in pieces of %zu", most);
    is_text(text, "1234567", "is read");
    ok(fileio_read("value", buf, 6, &text) == -1 && errno == EFBIG, "what does not is refused");
    ok(fileio_read_value(AT_FDCWD, "value", buf, &text) == 1, "a value");
    is_text(text, "1234567", "is read");
    ok(fileio_read_all("value", 7, &whole, &len) == FILEIO_READ && len == 7 &&
           memcmp(whole, "1234567", 7) == 0,
       "a whole file, too");
    free(whole);
  }
  most = 4;
  ends_after = 3; /* four bytes, an interruption */
  ok(fileio_read_all("value", 7, &whole, &len) == FILEIO_READ && len == 4 &&
         memcmp(whole, "1234", 4) == 0,
     "a file that becomes shorter meanwhile");
  free(whole);
  most = 0;
}

int main(void) {
  alarm(60);
  int before = files_open();
  ok(mkdtemp(dir) != NULL && chdir(dir) == 0 && mkdir("sub", 0700) == 0, "a directory to work in");
  small_reads();
  small_writes();
  values();
  wholes();
  in_pieces();
  ok(files_open() == before, "no descriptor is left");
  static const char *const names[] = {"small", "value", "whole", "fifo"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) unlink(names[i]);
  ok(rmdir("sub") == 0 && rmdir(dir) == 0, "and nothing else was left");
  return done();
}
