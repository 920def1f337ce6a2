/* files.h in a temporary directory. */
#include "publish/files.h"
#include "tap.h"
#include <errno.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <fcntl.h>
#include <unistd.h>

static char directory[] = "/tmp/publish-files-XXXXXX";

static void path_of(char path[200], const char *name) {
  snprintf(path, 200, "%s/%s", directory, name);
}

static struct span content(const char *name) {
  static char text[10000];
  char path[200];
  path_of(path, name);
  FILE *f = fopen(path, "r");
  if (!f) return span_str("(no file)");
  size_t n = fread(text, 1, sizeof text, f);
  fclose(f);
  return span_of(text, n);
}

static void remove_file(const char *name) {
  char path[200];
  path_of(path, name);
  unlink(path);
}

static void test_padding(void) {
  bool comments = true, ends = true, inside = true;
  for (size_t n = 1; n <= 300; n++) {
    char out[302];
    memset(out, '?', sizeof out);
    files_padding(out, n);
    for (size_t i = 0; i < n; i++)
      if (out[i] != '\n' && (out[i] != '#' || i % 64 == 63)) comments = false;
    if (out[n - 1] != '\n') ends = false;
    if (out[n] != '?') inside = false;
  }
  ok(comments, "padding is empty lines and comments");
  ok(ends, "padding ends its last line");
  ok(inside, "padding has the length that was asked for");
}

static void test_replace(void) {
  struct files f;
  struct file_state file = {0};
  struct stat st;
  char path[200];
  bool exists;
  umask(077);
  ok(files_init(&f, directory) && !f.changed, "no file was replaced yet");
  ok(files_find(&f, "a", &file, &exists) && !exists && file.size == 0, "a file is missing");
  ok(files_replace(&f, "a", &file, span_str("one\n")) && f.changed, "a file is written");
  is_text(content("a"), "one\n", "the file has its text");
  path_of(path, "a");
  ok(stat(path, &st) == 0 && (st.st_mode & 07777) == 0644, "any user can read the file");
  ok(file.size == 4 && file.mtime == st.st_mtime, "its state is noted");
  struct file_state found = {0};
  f.changed = false;
  ok(files_find(&f, "a", &found, &exists) && exists && !f.changed, "the file is found");
  ok(found.size == 4 && found.mtime == st.st_mtime, "its state is found");
  ok(!f.failure, "no call failed");
  remove_file("a");
}

/* A file that exists, with the time of the next one or a second before it. */
static void test_larger(void) {
  static const struct {
    const char *name;
    off_t last; /* the size of the file that is replaced */
    int seconds;
    off_t want;
  } rows[] = {
      {"the same second, the same size", 4, 0, 5},
      {"the same second, a larger file before", 100, 0, 101},
      {"the same second, a much larger file before", 9000, 0, 9001},
      {"the same second, a smaller file before", 3, 0, 4},
      {"a second before", 4, -1, 4},
      {"a second after, as when the clock was set back", 100, 1, 4},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    struct files f;
    struct stat st;
    char path[200];
    path_of(path, "b");
    files_init(&f, directory);
    for (int attempt = 0; attempt < 5; attempt++) { /* the second may change meanwhile */
      struct timespec now;
      clock_gettime(CLOCK_REALTIME_COARSE, &now);
      struct file_state file = {.size = rows[i].last, .mtime = now.tv_sec + rows[i].seconds};
      files_replace(&f, "b", &file, span_str("two\n"));
      if (stat(path, &st) == 0 && st.st_mtime == now.tv_sec) break;
    }
    struct span got = content("b");
    ok(st.st_size == rows[i].want, "%s: %d bytes", rows[i].name, (int)rows[i].want);
    ok(span_is(span_head(got, 4), "two\n") && got.s[got.len - 1] == '\n',
       "%s: the text, then whole lines", rows[i].name);
    bool comments = true;
    for (size_t k = 4; k < got.len; k++)
      if (got.s[k] != '#' && got.s[k] != '\n') comments = false;
    ok(comments, "%s: nothing but comments after the text", rows[i].name);
  }
  remove_file("b");
}

static void test_update(void) {
  struct files f;
  struct file_state file = {0};
  files_init(&f, directory);
  files_replace(&f, "c", &file, span_str("one\n"));
  f.changed = false;
  ok(files_update(&f, "c", &file, span_str("one\n")) && f.changed,
     "the first update always writes the file");
  f.changed = false;
  remove_file("c");
  ok(files_update(&f, "c", &file, span_str("one\n")) && !f.changed,
     "an update with the same text does not write the file");
  is_text(content("c"), "(no file)", "an update with the same text does not touch the file");
  ok(files_update(&f, "c", &file, span_str("two\n")) && f.changed,
     "an update with another text writes the file");
  remove_file("c");
}

static void test_failures(void) {
  struct files f;
  struct file_state file = {0};
  bool exists;
  char name[PATH_MAX + 1], path[200];
  memset(name, 'x', sizeof name);
  name[PATH_MAX] = '\0';
  name[PATH_MAX - FILES_NAME_MAX - 1] = '\0';
  ok(files_init(&f, name), "the longest directory name");
  name[PATH_MAX - FILES_NAME_MAX - 1] = 'x';
  name[PATH_MAX - FILES_NAME_MAX] = '\0';
  ok(!files_init(&f, name), "a directory name that is too long");

  files_init(&f, "/nonexistent");
  ok(!files_replace(&f, "d", &file, span_str("x")) && !f.changed, "the directory is missing");
  is_text(span_str(f.failure), "unable to write ", "the directory is missing: failure");
  is_text(span_str(f.path), "/nonexistent/d", "the directory is missing: path");
  ok(f.error == ENOENT, "the directory is missing: error");

  files_init(&f, "/dev/null");
  ok(!files_find(&f, "d", &file, &exists) && !exists, "the directory is a file");
  is_text(span_str(f.failure), "unable to look at ", "the directory is a file: failure");
  ok(f.error == ENOTDIR, "the directory is a file: error");

  files_init(&f, directory);
  path_of(path, "d.tmp");
  int fd = open(path, O_RDWR | O_CREAT, 0644);
  flock(fd, LOCK_EX);
  ok(!files_replace(&f, "d", &file, span_str("x")) && f.error == EWOULDBLOCK,
     "another program writes the same file");
  close(fd);
  remove_file("d.tmp");

  path_of(path, "d");
  mkdir(path, 0755);
  ok(!files_update(&f, "d", &file, span_str("x")) && !f.changed, "a directory has the name");
  is_text(span_str(f.failure), "unable to replace ", "a directory has the name: failure");
  ok(file.hash == 0 && file.size == 0, "the state is that of the last file");
  rmdir(path);
}

int main(void) {
  if (!mkdtemp(directory)) return 111;
  test_padding();
  test_replace();
  test_larger();
  test_update();
  test_failures();
  ok(rmdir(directory) == 0, "no other file is left in the directory");
  return done();
}
