/* Programs on a socket: what they start with, how they end, and what is left in the parent. */
#include "sys/spawn.h"
#include "tap.h"
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static struct spawn spawn;
static char shell[] = "/bin/sh", option[] = "-c", dir[] = "/tmp/sinbin-spawn-XXXXXX";
static const char *const environment[] = {"PATH=/bin:/usr/bin", "X=y", NULL};

/* What is on the stack is not all zeros. */
__attribute__((noinline)) static void use_stack(void) {
  volatile unsigned char bytes[8192];
  for (size_t i = 0; i < sizeof bytes; i++) bytes[i] = 0xff;
}

static void prepare(void) {
  sigset_t blocked, now;
  struct sigaction hup;
  signal(SIGHUP, SIG_IGN);
  signal(SIGSYS, SIG_IGN);
  use_stack();
  ok(spawn_prepare(&spawn, &blocked) && spawn_stack(&spawn), "prepared");
  sigprocmask(SIG_BLOCK, NULL, &now);
  static const int numbers[] = {SIGHUP, SIGINT, SIGTERM, SIGUSR1, SIGPIPE};
  for (int i = 0; i < 5; i++)
    ok(sigismember(&now, numbers[i]) == 1 && sigismember(&blocked, numbers[i]) == 1,
       "signal %d is blocked", numbers[i]);
  ok(!sigismember(&now, SIGUSR2) && !sigismember(&blocked, SIGUSR2), "another one is not");
  ok(sigaction(SIGHUP, NULL, &hup) == 0 && hup.sa_handler == SIG_DFL, "none is ignored");
  ok(sigaction(SIGSYS, NULL, &hup) == 0 && hup.sa_handler == SIG_DFL, "not the last one either");
  ok(spawn.null >= 3 && fcntl(spawn.null, F_GETFD) & FD_CLOEXEC, "a descriptor for /dev/null");
}

/* close_range(2) is not there; with FD_CLOEXEC, what else is inherited is closed by exec. */
static bool no_close_range;
/* Nor is pidfd_send_signal(2). */
static bool no_pidfd_signal;
static long signal_flags; /* of all its calls */

long syscall(long number, ...) {
  long (*real)(long, long, long, long, long, long, long);
  long a[6];
  va_list list;
  va_start(list, number);
  for (int i = 0; i < 6; i++) a[i] = va_arg(list, long);
  va_end(list);
  void *found = dlsym(RTLD_NEXT, "syscall");
  memcpy(&real, &found, sizeof real);
  if (number == SYS_pidfd_send_signal) signal_flags |= a[3];
  errno = ENOSYS;
  if (!real || (number == SYS_close_range && no_close_range) ||
      (number == SYS_pidfd_send_signal && no_pidfd_signal))
    return -1;
  return real(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}

/* So many calls of waitid(2) are interrupted. */
static int interrupted;

int waitid(idtype_t type, id_t id, siginfo_t *info, int options) {
  errno = EINTR;
  return interrupted-- > 0 ? -1 : (int)syscall(SYS_waitid, type, id, info, options, NULL);
}

static bool is_null(int fd) {
  struct stat st, null;
  return fstat(fd, &st) == 0 && stat("/dev/null", &null) == 0 && st.st_rdev == null.st_rdev;
}

/* Starts the script on one end of a pair; *end is the other one. */
static int start(const char *script, int *end) {
  char *argv[] = {shell, option, (char *)(uintptr_t)script, NULL};
  int pair[2];
  bool executed;
  if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0) exit(111);
  spawn.argv = argv;
  spawn.path = shell;
  int pidfd = spawn_start(&spawn, pair[0], environment, &executed);
  close(pair[0]);
  *end = pair[1];
  return pidfd;
}

static struct span read_all(int fd) {
  static char buf[4096];
  size_t len = 0;
  for (ssize_t got; (got = read(fd, buf + len, sizeof buf - len)) > 0;) len += (size_t)got;
  close(fd);
  return span_of(buf, len);
}

static int run(const char *script, const char *want, const char *name) {
  int end, pidfd = start(script, &end);
  if (pidfd < 0) exit(111);
  is_text(read_all(end), want, "%s", name);
  interrupted = 2;
  return spawn_end(pidfd, true);
}

static void children(void) {
  int extra = fcntl(1, F_DUPFD, 20); /* which is not closed across exec */
  ok(run("echo $X $0 >&0", "y /bin/sh\n", "a program has its socket, arguments, environment") == 0,
     "it exits 0");
  ok(is_null(0), "descriptor 0 of the parent is /dev/null");
  ok(run("exit 37", "", "another one") == 37, "exits 37");
  ok(run("kill -9 $$", "", "another one") == -9, "is killed");
  ok(run("kill -USR1 $$; echo no >&0", "", "SIGUSR1 is not blocked there") == -SIGUSR1,
     "and ends it");
  ok(run("kill -TERM $$; kill -HUP $$; kill -INT $$; echo here >&0", "here\n",
         "SIGTERM, SIGHUP and SIGINT are blocked") == 0,
     "and do not");
  ok(run("for fd in 3 4 5 6 7 8 9; do ( : >&$fd ) 2>/dev/null && echo $fd; done >&0; "
         "ls /proc/$$/fd | grep -x 20 >&0; exit 0",
         "", "no other descriptor is open") == 0,
     "not the one that the parent has open");
  close(extra);
}

static void limits(void) {
  spawn.restore_files = true;
  spawn.files = (struct rlimit){77, 99};
  ok(run("ulimit -Sn >&0; ulimit -Hn >&0", "77\n99\n", "a limit of descriptors") == 0, "is set");
  spawn.restore_files = false;
  struct rlimit now;
  ok(getrlimit(RLIMIT_NOFILE, &now) == 0 && now.rlim_max > 99, "in the child only");
}

static void running(void) {
  int end, pidfd = start("read x <&0; exit 5", &end);
  struct pollfd p = {.fd = pidfd, .events = POLLIN};
  ok(spawn_end(pidfd, false) == SPAWN_RUNNING && fcntl(pidfd, F_GETFD) >= 0,
     "one that runs is left alone");
  ok(poll(&p, 1, 0) == 0, "its descriptor is not readable");
  close(end);
  ok(poll(&p, 1, 10000) == 1, "but when it has ended");
  ok(spawn_end(pidfd, false) == 5 && fcntl(pidfd, F_GETFD) == -1, "it is collected, and closed");
  pidfd = start("trap 'exit 6' USR2; echo ready >&0; while :; do sleep 0.01; done", &end);
  char ready[6];
  ok(read(end, ready, 6) == 6 && spawn_signal(pidfd, SIGUSR2), "a signal");
  ok(spawn_end(pidfd, true) == 6 && signal_flags == 0, "reaches it");
  close(end);
  pidfd = start("exit 0", &end);
  p.fd = pidfd;
  poll(&p, 1, 10000);
  int copy = dup(pidfd);
  spawn_end(pidfd, true);
  ok(!spawn_signal(copy, SIGUSR2), "one that was collected gets no signal");
  ok(spawn_end(copy, false) == SPAWN_UNKNOWN && fcntl(copy, F_GETFD) == -1,
     "and is no child any more");
  close(end);
}

/* By kill(2) then, with the number that /proc has. */
static void signals_by_number(void) {
  int end, pidfd = start("trap 'exit 6' USR2; echo ready >&0; while :; do sleep 0.01; done", &end);
  char ready[6];
  no_pidfd_signal = true;
  ok(read(end, ready, 6) == 6 && spawn_signal(pidfd, 0) && spawn_signal(pidfd, SIGUSR2),
     "without pidfd_send_signal a signal");
  ok(spawn_end(pidfd, true) == 6, "reaches it, too");
  close(end);
  pidfd = start("exit 0", &end);
  int copy = dup(pidfd);
  spawn_end(pidfd, true);
  ok(!spawn_signal(copy, 0), "one that was collected gets none");
  ok(!spawn_signal(end, 0), "nor does what is no process");
  no_pidfd_signal = false;
  close(copy);
  close(end);
}

static void failures(void) {
  char *argv[] = {shell, NULL};
  bool executed = true;
  int free_before = dup(0);
  close(free_before);
  spawn.argv = argv;
  spawn.path = "/nonexistent/program";
  ok(spawn_start(&spawn, 0, environment, &executed) == -1 && errno == ENOENT && !executed,
     "no such program");
  spawn.path = "/";
  ok(spawn_start(&spawn, 0, environment, &executed) == -1 && errno == EACCES && !executed,
     "a directory");
  spawn.path = shell;
  ok(spawn_start(&spawn, 99, environment, &executed) == -1 && errno == EBADF && !executed,
     "no such socket");
  ok(is_null(0), "descriptor 0 is /dev/null again");
  int free_after = dup(0);
  close(free_after);
  ok(free_before == free_after, "no descriptor is left");
}

static void without_close_range(void) {
  sigset_t blocked;
  int extra = fcntl(1, F_DUPFD, 20);
  ok(spawn_prepare(&spawn, &blocked) && fcntl(extra, F_GETFD) == 0,
     "what was inherited is left alone if close_range works");
  no_close_range = true;
  ok(spawn_prepare(&spawn, &blocked) && fcntl(extra, F_GETFD) == FD_CLOEXEC,
     "and else closed by exec");
  ok(fcntl(0, F_GETFD) == 0 && fcntl(1, F_GETFD) == 0 && fcntl(2, F_GETFD) == 0,
     "but not the first three");
  ok(run("ls /proc/$$/fd | grep -x 20 >&0; echo here >&0", "here\n", "without close_range") == 0,
     "it runs");
  no_close_range = false;
  close(extra);
}

/* ---- searching ---- */

static void create(const char *name, mode_t mode) {
  int fd = open(name, O_WRONLY | O_CREAT, 0600);
  if (fd < 0 || fchmod(fd, mode) != 0 || close(fd) != 0) exit(111);
}

static const struct {
  const char *name, *file, *search, *want; /* NULL: not found */
  int error;
} searches[] = {
    {"in the first directory", "prog", "a:b", "a/prog", 0},
    {"in the second", "other", "a:b", "b/other", 0},
    {"not a directory of that name", "sub", "a:b", "b/sub", 0},
    {"not one that cannot be executed", "plain", "a:b", "b/plain", 0},
    {"in the current directory", "here", "a::b", "./here", 0},
    {"in the current directory first", "here", ":a", "./here", 0},
    {"a name with a slash is not searched", "a/prog", "b", "a/prog", 0},
    {"nor when it is missing", "b/prog", "a", NULL, ENOENT},
    {"a directory with a slash", "a/sub", "b", NULL, EISDIR},
    {"nowhere", "none", "a:b", NULL, ENOENT},
    {"in no directory", "prog", "", NULL, ENOENT},
    {"it cannot be executed", "plain", "a:none", NULL, EACCES},
    {"it cannot be executed, and is nowhere else", "plain", "none:a:none", NULL, EACCES},
    {"the standard directories", "sh", NULL, "/bin/sh", 0},
};

static void searching(void) {
  ok(mkdtemp(dir) && chdir(dir) == 0 && mkdir("a", 0700) == 0 && mkdir("b", 0700) == 0 &&
         mkdir("a/sub", 0700) == 0,
     "directories");
  create("a/prog", 0700);
  create("a/plain", 0600);
  create("b/plain", 0700);
  create("b/sub", 0700);
  create("b/other", 0700);
  create("here", 0700);
  for (size_t i = 0; i < sizeof searches / sizeof *searches; i++) {
    struct spawn s = {0};
    char name[20];
    char *argv[] = {name, NULL};
    snprintf(name, sizeof name, "%s", searches[i].file);
    s.argv = argv;
    bool found = spawn_find(&s, searches[i].search);
    int error = errno;
    ok(found == (searches[i].want != NULL) && (found || error == searches[i].error), "%s",
       searches[i].name);
    if (found) is_text(span_str(s.path), searches[i].want, "its path");
    if (found && s.path != name) free((char *)(uintptr_t)s.path);
  }
  static const char *const files[] = {"a/prog", "a/plain", "b/plain", "b/sub", "b/other", "here"};
  for (size_t i = 0; i < sizeof files / sizeof *files; i++) unlink(files[i]);
  rmdir("a/sub");
  ok(rmdir("a") == 0 && rmdir("b") == 0 && rmdir(dir) == 0, "nothing else is left");
}

int main(void) {
  prepare();
  children();
  limits();
  running();
  signals_by_number();
  failures();
  without_close_range();
  searching();
  return done();
}
