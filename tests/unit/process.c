/* Limits, standard descriptors, another user and another root, each in a child. */
#include "base/process.h"
#include "tap.h"
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static int run(int (*act)(void)) {
  int status = 0;
  pid_t child = fork();
  if (child == 0) _exit(act());
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 100 + status;
}

static bool is_null(int fd) {
  struct stat null, there;
  return stat("/dev/null", &null) == 0 && fstat(fd, &there) == 0 && there.st_rdev == null.st_rdev &&
         S_ISCHR(there.st_mode);
}

static int all_open(void) {
  struct stat before, after;
  if (fstat(2, &before) != 0 || !process_standard_files() || fstat(2, &after) != 0) return 1;
  return before.st_ino == after.st_ino ? 0 : 2;
}
static int without_input(void) {
  close(0);
  if (!process_standard_files()) return 1;
  return is_null(0) ? 0 : 2;
}
static int without_errors(void) {
  close(2);
  if (!process_standard_files()) return 1;
  return is_null(2) ? 0 : 2;
}
static int without_both(void) {
  close(0);
  close(2);
  if (!process_standard_files()) return 1;
  return is_null(0) && is_null(2) ? 0 : 2;
}
static int without_output(void) {
  close(1);
  return process_standard_files() ? 1 : fcntl(1, F_GETFD) == -1 ? 0 : 2;
}
static int without_any(void) {
  for (int fd = 0; fd < 3; fd++) close(fd);
  return process_standard_files() ? 1 : 0;
}

static int raises(void) {
  struct rlimit low = {20, 30}, before, now;
  if (setrlimit(RLIMIT_NOFILE, &low) != 0) return 9;
  if (process_raise_limit(RLIMIT_NOFILE, &before) != 30) return 1;
  if (before.rlim_cur != 20 || before.rlim_max != 30) return 2;
  return getrlimit(RLIMIT_NOFILE, &now) == 0 && now.rlim_cur == 30 ? 0 : 3;
}
static int has_no_limit(void) {
  struct rlimit none = {RLIM_INFINITY, RLIM_INFINITY}, before;
  if (setrlimit(RLIMIT_CPU, &none) != 0) return 0; /* not allowed here */
  return process_raise_limit(RLIMIT_CPU, &before) == UINT64_MAX ? 0 : 1;
}

static int drops(void) {
  gid_t groups[8];
  if (!process_drop(12345, 23456)) return 1;
  if (getuid() != 12345 || geteuid() != 12345 || getgid() != 23456 || getegid() != 23456) return 2;
  if (getgroups(8, groups) != 0) return 3;
  return setuid(0) == -1 && setgid(0) == -1 ? 0 : 4;
}
static int drops_twice(void) {
  return process_drop(12345, 23456) && !process_drop(12346, 23456) && errno == EPERM ? 0 : 1;
}
static int enters(void) {
  static char dir[] = "/tmp/sinbin-process-XXXXXX";
  char cwd[64];
  struct stat outside, inside;
  if (!mkdtemp(dir) || stat(dir, &outside) != 0) return 9;
  bool entered = process_enter_root(dir);
  bool there = entered && stat("/", &inside) == 0 && inside.st_ino == outside.st_ino &&
               getcwd(cwd, sizeof cwd) && strcmp(cwd, "/") == 0;
  return there ? 0 : 1;
}
static int enters_nothing(void) {
  return !process_enter_root("/nowhere/at/all") && errno == ENOENT ? 0 : 1;
}

int main(void) {
  static const struct {
    const char *name;
    int (*act)(void);
    bool root;
  } rows[] = {
      {"standard files: all are open, and stay", all_open, false},
      {"standard files: 0 is made", without_input, false},
      {"standard files: 2 is made", without_errors, false},
      {"standard files: 0 and 2 are made", without_both, false},
      {"standard files: 1 is missed", without_output, false},
      {"standard files: all are missed", without_any, false},
      {"a limit is raised", raises, false},
      {"there is no limit", has_no_limit, false},
      {"another user, for good", drops, true},
      {"who is no root cannot", drops_twice, true},
      {"another root", enters, true},
      {"a root that is not there", enters_nothing, true},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    if (rows[i].root && geteuid() != 0) continue;
    int code = run(rows[i].act);
    ok(code == 0, "%s (%d)", rows[i].name, code);
  }
  ok(process_pid_max() > 300 && process_pid_max() < 1u << 23, "kernel.pid_max");
  ok(process_processors() >= 1 && process_processors() <= 1024, "processors");
  return done();
}
