#include "sys/spawn.h"
#include "base/number.h"
#include "base/span.h"
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef P_PIDFD
#define P_PIDFD 3
#endif
#ifndef CLONE_PIDFD
#define CLONE_PIDFD 0x1000
#endif

#ifndef CLOSE_RANGE_UNSHARE
#define CLOSE_RANGE_UNSHARE 2
#endif
#ifndef SYS_close_range
#define SYS_close_range 436 /* on every architecture */
#endif

#define STACK_BYTES 32768

/* For inherited descriptors above 2; those of this program have FD_CLOEXEC. */
static void close_on_exec(void) {
  struct rlimit open_files;
  if (getrlimit(RLIMIT_NOFILE, &open_files) != 0 || open_files.rlim_cur > 65536)
    open_files.rlim_cur = 65536;
  for (int fd = 3; fd < (int)open_files.rlim_cur; fd++) {
    int flags = fcntl(fd, F_GETFD);
    if (flags >= 0 && !(flags & FD_CLOEXEC)) fcntl(fd, F_SETFD, flags | FD_CLOEXEC);
  }
}

/* True if close_range(2) is available. No descriptor has the number that is used here. */
static bool has_close_range(void) {
  return syscall(SYS_close_range, ~0U, ~0U, 0) == 0;
}

struct birth {
  const struct spawn *spawn;
  int socket;
  const char *const *environment;
  int error;
};

bool spawn_prepare(struct spawn *s, sigset_t *blocked) {
  static const int quiet[] = {SIGHUP, SIGINT, SIGTERM, SIGUSR1, SIGPIPE};
  static const int held[] = {SIGHUP, SIGINT, SIGTERM};
  sigset_t set;
  for (int signal = 1; signal < 32; signal++) {
    struct sigaction plain = {.sa_handler = SIG_DFL};
    if (signal != SIGKILL && signal != SIGSTOP && sigaction(signal, &plain, NULL) != 0)
      return false;
  }
  sigemptyset(&set);
  for (size_t i = 0; i < sizeof quiet / sizeof *quiet; i++) sigaddset(&set, quiet[i]);
  *blocked = set;
  sigemptyset(&s->held);
  for (size_t i = 0; i < sizeof held / sizeof *held; i++) sigaddset(&s->held, held[i]);
  s->close_range = has_close_range();
  if (!s->close_range) close_on_exec();
  int null = open("/dev/null", O_RDWR | O_CLOEXEC);
  s->null = null < 0 ? -1 : fcntl(null, F_DUPFD_CLOEXEC, 3);
  if (null > 0) close(null);
  return s->null >= 0 && dup2(s->null, 0) == 0 && sigprocmask(SIG_SETMASK, &set, NULL) == 0;
}

bool spawn_stack(struct spawn *s) {
  s->stack = aligned_alloc(64, STACK_BYTES);
  return s->stack != NULL;
}

/* "directory/name", allocated; NULL if there is no memory. */
static char *join(struct span directory, const char *name) {
  size_t len = strlen(name);
  char *path = malloc(directory.len + len + 3);
  if (!path) return NULL;
  size_t n = directory.len;
  if (n) memcpy(path, directory.s, n);
  else path[n++] = '.';
  path[n++] = '/';
  memcpy(path + n, name, len + 1);
  return path;
}

/* access(2) alone would accept a directory. */
static bool is_program(const char *path) {
  struct stat st;
  if (stat(path, &st) != 0 || access(path, X_OK) != 0) return false;
  errno = EISDIR;
  return !S_ISDIR(st.st_mode);
}

bool spawn_find(struct spawn *s, const char *search) {
  const char *name = s->argv[0];
  struct span rest = span_str(search ? search : "/usr/local/bin:/bin:/usr/bin");
  int error = ENOENT;
  s->path = name;
  if (strchr(name, '/')) return is_program(name);
  while (rest.len) {
    char *path = join(span_cut(&rest, ':'), name);
    s->path = path;
    if (!path) return false;
    if (is_program(path)) return true;
    if (errno == EACCES) error = EACCES;
    free(path);
  }
  s->path = NULL;
  errno = error;
  return false;
}

/* Runs in the parent's memory: it may only make system calls and store the error. */
__attribute__((no_sanitize("address", "undefined", "thread"))) static int be_born(void *argument) {
  struct birth *b = argument;
  const struct spawn *s = b->spawn;
  char *const *environment = (char *const *)(const void *)b->environment;
  if (dup2(b->socket, 0) == 0 &&
      (!s->close_range || syscall(SYS_close_range, 3, ~0U, CLOSE_RANGE_UNSHARE) == 0) &&
      sigprocmask(SIG_SETMASK, &s->held, NULL) == 0 &&
      (!s->restore_files || setrlimit(RLIMIT_NOFILE, &s->files) == 0))
    execve(s->path, s->argv, environment);
  b->error = errno;
  _exit(111);
}

int spawn_start(const struct spawn *s, int socket, const char *const *environment, bool *executed) {
  struct birth b = {.spawn = s, .socket = socket, .environment = environment, .error = 0};
  int pidfd = -1;
  *executed = true;
  int pid = clone(be_born, s->stack + STACK_BYTES,
                  CLONE_VM | CLONE_FILES | CLONE_VFORK | CLONE_PIDFD | SIGCHLD, &b, &pidfd);
  if (pid < 0) return -1;
  dup2(s->null, 0);
  if (b.error == 0) return pidfd;
  spawn_end(pidfd, true);
  *executed = false;
  errno = b.error;
  return -1;
}

int spawn_end(int pidfd, bool wait) {
  siginfo_t info = {.si_pid = 0};
  int result;
  do {
    result = waitid((idtype_t)P_PIDFD, (id_t)pidfd, &info, WEXITED | (wait ? 0 : WNOHANG));
  } while (result != 0 && errno == EINTR);
  if (result == 0 && info.si_pid == 0) return SPAWN_RUNNING;
  close(pidfd);
  if (result != 0) return SPAWN_UNKNOWN;
  return info.si_code == CLD_EXITED ? info.si_status : -info.si_status;
}

/* The process ID of a pidfd, from /proc; 0 if it cannot be found out. It is still the same process:
   only this process collects it, and its ID is not used again before that. */
static pid_t pid_of(int pidfd) {
  static const char before[] = "\nPid:\t";
  char path[64] = "/proc/thread-self/fdinfo/", text[512];
  size_t len = strlen(path);
  uint64_t pid = 0;
  path[len + number_format(path + len, (uint64_t)pidfd)] = '\0';
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  ssize_t got = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
  if (fd >= 0) close(fd);
  text[got > 0 ? got : 0] = '\0';
  const char *at = strstr(text, before);
  if (!at) return 0;
  struct span rest = span_str(at + sizeof before - 1);
  return number_parse(span_cut(&rest, '\n'), INT32_MAX, &pid) ? (pid_t)pid : 0;
}

bool spawn_signal(int pidfd, int signal) {
  if (syscall(SYS_pidfd_send_signal, pidfd, signal, NULL, 0) == 0) return true;
  pid_t pid = errno == ESRCH ? 0 : pid_of(pidfd);
  return pid > 0 && kill(pid, signal) == 0;
}
