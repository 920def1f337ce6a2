/* Where the line of a session goes, with the connection on one or several descriptors. */
#include "sys/logfd.h"
#include "tap.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char dir[] = "/tmp/sinbin-logfd-XXXXXX";

/* A letter each for descriptors 0, 1 and 2: c the connection, o the file "out", e the file "err",
   - closed. */
static const struct {
  const char *name, *fds, *path;
  enum logfd want;
  int error;
  const char *line; /* the file that gets the line */
  bool same;        /* descriptor 2 is the same file; else it is as before, or closed */
} rows[] = {
    {"all apart", "coe", "log", LOGFD_OK, 0, "out", false},
    {"1 and 2 the same file", "coo", "log", LOGFD_OK, 0, "out", true},
    {"without diagnostics", "co-", "log", LOGFD_OK, 0, "out", false},
    {"diagnostics to the peer", "coc", "log", LOGFD_OK, 0, "out", false},
    {"the line to the peer", "cce", "log", LOGFD_OK, 0, "err", true},
    {"the line to nowhere", "c-e", "log", LOGFD_OK, 0, "err", true},
    {"both to the peer", "ccc", "log", LOGFD_OK, 0, "log", true},
    {"the line to the peer, without diagnostics", "cc-", "log", LOGFD_OK, 0, "log", true},
    {"both to nowhere", "c--", "log", LOGFD_OK, 0, "log", true},
    {"both to the peer, without a path", "ccc", NULL, LOGFD_NONE, 0, NULL, false},
    {"no file of that name", "ccc", "none", LOGFD_FAILED, ENOENT, NULL, false},
    {"a FIFO without a reader", "ccc", "fifo", LOGFD_FAILED, ENXIO, NULL, false},
    {"a directory", "ccc", ".", LOGFD_FAILED, EISDIR, NULL, false},
    {"no connection", "-oe", "log", LOGFD_OK, 0, "out", false},
    {"nothing open", "---", "log", LOGFD_OK, 0, "log", true},
};

static int open_kind(char kind) {
  static int pair[2];
  switch (kind) {
  case 'c': return socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0 ? pair[0] : -1;
  case 'o': return open("out", O_WRONLY | O_APPEND);
  case 'e': return open("err", O_WRONLY | O_APPEND);
  default: return -1;
  }
}

/* Descriptors with the same letter are the same file. Nothing but 0 to 2 is open afterwards, so that
   new descriptors get the lowest numbers. */
static void arrange(const char *fds) {
  int at[3];
  for (int i = 0; i < 3; i++) {
    const char *first = strchr(fds, fds[i]);
    int fd = fds[i] == '-' ? -1 : first < fds + i ? at[first - fds] : open_kind(fds[i]);
    at[i] = fds[i] == '-' ? -1 : fcntl(fd, F_DUPFD, 10);
  }
  for (int i = 0; i < 10; i++) close(i);
  for (int i = 0; i < 3; i++)
    if (at[i] >= 0) dup2(at[i], i);
  for (int i = 3; i < 100; i++) close(i);
}

static bool is_file(int fd, const char *path) {
  struct stat there, named;
  return fstat(fd, &there) == 0 && stat(path, &named) == 0 && there.st_ino == named.st_ino;
}

/* In a child. 0: all is as the row wants it. */
static int check(size_t i) {
  arrange(rows[i].fds);
  errno = 0;
  if (logfd_make(rows[i].path) != rows[i].want) return 1;
  if (rows[i].error && errno != rows[i].error) return 2;
  bool connected = rows[i].fds[0] == 'c';
  struct stat st;
  if (connected && (fstat(0, &st) != 0 || !S_ISSOCK(st.st_mode))) return 3;
  if (fstat(2, &st) == 0 && S_ISSOCK(st.st_mode)) return 4;
  if (!rows[i].line) return 0;
  if (!is_file(1, rows[i].line) || write(1, "line\n", 5) != 5) return 5;
  if (rows[i].same && !is_file(2, rows[i].line)) return 6;
  if (!rows[i].same && rows[i].fds[2] == 'e' && !is_file(2, "err")) return 7;
  if (!rows[i].same && rows[i].fds[2] != 'e' && fstat(2, &st) == 0) return 8;
  int flags = fcntl(1, F_GETFL);
  return flags & O_APPEND && !(flags & O_NONBLOCK) ? 0 : 9;
}

static void put(const char *name, const char *text) {
  int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0644);
  if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text) || close(fd) != 0) abort();
}

static struct span content(const char *name) {
  static char buf[64];
  int fd = open(name, O_RDONLY);
  ssize_t got = fd < 0 ? 0 : read(fd, buf, sizeof buf);
  if (fd >= 0) close(fd);
  return span_of(buf, got > 0 ? (size_t)got : 0);
}

int main(void) {
  static const char *const files[] = {"out", "err", "log"};
  ok(mkdtemp(dir) && chdir(dir) == 0 && mkfifo("fifo", 0600) == 0, "a directory to work in");
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    int status;
    for (int k = 0; k < 3; k++) put(files[k], "before\n");
    fflush(stdout);
    pid_t child = fork();
    if (child < 0) exit(111);
    if (child == 0) _exit(check(i));
    if (waitpid(child, &status, 0) != child) exit(111);
    ok(status == 0, "%s (%d)", rows[i].name, WEXITSTATUS(status));
    for (int k = 0; k < 3; k++)
      is_text(content(files[k]),
              rows[i].line && strcmp(files[k], rows[i].line) == 0 ? "before\nline\n" : "before\n",
              "%s: %s", rows[i].name, files[k]);
  }
  for (int k = 0; k < 3; k++) unlink(files[k]);
  unlink("fifo");
  ok(rmdir(dir) == 0, "nothing else is left");
  return done();
}
