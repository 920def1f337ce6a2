/* Limits and standard descriptors, each in a process of its own. */
#include "sys/process.h"
#include "tap.h"
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

/* What the child returns; -1 where it was killed. */
static int in_child(int (*code)(int), int argument) {
  fflush(stdout);
  pid_t pid = fork();
  int status;
  if (pid < 0) exit(111);
  if (pid == 0) _exit(code(argument));
  if (waitpid(pid, &status, 0) != pid || !WIFEXITED(status)) return -1;
  return WEXITSTATUS(status);
}

/* Bits 0 to 2 of closed: descriptors that are closed before. 0 if all was well afterwards. */
static int standard_files(int closed) {
  for (int fd = 0; fd < 3; fd++)
    if (closed & 1 << fd) close(fd);
  bool good = process_standard_files();
  if (closed & 2) return good ? 1 : 0;
  if (!good) return 2;
  for (int fd = 0; fd < 3; fd++)
    if (fcntl(fd, F_GETFD) < 0) return 3;
  int next = open("/dev/null", O_RDONLY);
  return next >= 3 ? 0 : 4;
}

static void test_standard_files(void) {
  static const char *const names[] = {"all open",       "0 closed",  "1 closed",
                                      "0 and 1 closed", "2 closed",  "0 and 2 closed",
                                      "1 and 2 closed", "all closed"};
  for (int closed = 0; closed < 8; closed++)
    ok(in_child(standard_files, closed) == 0, "%s", names[closed]);
}

static int raises(int argument) {
  struct rlimit before, low = {argument ? 20 : 30, 30}, now;
  if (setrlimit(RLIMIT_NOFILE, &low) != 0) return 1;
  uint64_t got = process_raise_limit(RLIMIT_NOFILE, &before);
  if (got != 30 || before.rlim_cur != low.rlim_cur || before.rlim_max != 30) return 2;
  return getrlimit(RLIMIT_NOFILE, &now) == 0 && now.rlim_cur == 30 && now.rlim_max == 30 ? 0 : 3;
}

static int has_no_limit(int argument) {
  struct rlimit before, core;
  (void)argument;
  if (getrlimit(RLIMIT_AS, &core) != 0 || core.rlim_max != RLIM_INFINITY) return 0;
  return process_raise_limit(RLIMIT_AS, &before) == UINT64_MAX ? 0 : 1;
}

static int one_processor(int argument) {
  cpu_set_t all, one;
  (void)argument;
  if (sched_getaffinity(0, sizeof all, &all) != 0) return 1;
  CPU_ZERO(&one);
  for (int cpu = 0; cpu < CPU_SETSIZE && CPU_COUNT(&one) == 0; cpu++)
    if (CPU_ISSET(cpu, &all)) CPU_SET(cpu, &one);
  if (process_processors() != (uint64_t)CPU_COUNT(&all)) return 2;
  return sched_setaffinity(0, sizeof one, &one) == 0 && process_processors() == 1 ? 0 : 3;
}

static int reads_as_zero(int argument) {
  close(argument);
  return process_pid_max() <= 4194304 && fcntl(0, F_GETFD) < 0 ? 0 : 1;
}

static int drops(int argument) {
  (void)argument;
  if (!process_drop(65534, 65533)) return 1;
  if (getuid() != 65534 || geteuid() != 65534 || getgid() != 65533 || getegid() != 65533) return 2;
  if (getgroups(0, NULL) != 0) return 3;
  return setuid(0) == 0 || setgid(0) == 0 ? 4 : 0;
}

static int enters(int argument) {
  char path[] = "/tmp/sinbin-process-XXXXXX", name[64], where[64];
  (void)argument;
  if (!mkdtemp(path)) return 1;
  snprintf(name, sizeof name, "%s/file", path);
  close(open(name, O_WRONLY | O_CREAT, 0600));
  int outside = open("/", O_RDONLY | O_DIRECTORY);
  bool entered = process_enter_root(path);
  bool inside = getcwd(where, sizeof where) && !strcmp(where, "/") && access("/file", F_OK) == 0 &&
                access("file", F_OK) == 0;
  unlinkat(outside, name + 1, 0);
  unlinkat(outside, path + 1, AT_REMOVEDIR);
  return entered && inside ? 0 : 2;
}

int main(void) {
  test_standard_files();
  ok(in_child(raises, 1) == 0, "the soft limit becomes the hard one");
  ok(in_child(raises, 0) == 0, "or is it already");
  ok(in_child(has_no_limit, 0) == 0, "no limit is the greatest number");
  ok(in_child(one_processor, 0) == 0, "the processors of this process");
  ok(in_child(reads_as_zero, 0) == 0, "kernel.pid_max, when descriptor 0 is free");
  ok(process_pid_max() >= 300 && process_pid_max() <= 4194304, "kernel.pid_max");
  ok(!process_enter_root("/nonexistent/directory"), "no root where there is no directory");
  if (geteuid() == 0) {
    ok(in_child(drops, 0) == 0, "another user, its group alone, and no way back");
    ok(in_child(enters, 0) == 0, "another root, and in it");
  } else {
    ok(!process_drop(1, 1), "only root becomes another user");
    ok(!process_enter_root("/tmp"), "or has another root");
  }
  return done();
}
