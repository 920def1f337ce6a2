#include "base/spawn.h"
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
  int null = open("/dev/null", O_RDWR | O_CLOEXEC);
  s->null = null < 0 ? -1 : fcntl(null, F_DUPFD_CLOEXEC, 3);
  if (null > 0) close(null);
  return s->null >= 0 && dup2(s->null, 0) == 0 && sigprocmask(SIG_SETMASK, &set, NULL) == 0;
}

bool spawn_stack(struct spawn *s) {
  s->stack = aligned_alloc(64, STACK_BYTES);
  return s->stack != NULL;
}

/* directory/name, allocated; NULL where there is no memory. */
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

/* Directories pass access(2), too. */
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
    if (path && is_program(path)) return true;
    if (errno == EACCES) error = EACCES;
    free(path);
  }
  s->path = NULL;
  errno = error;
  return false;
}

/* Runs in the parent's memory: it may only make system calls and leave the error behind. */
__attribute__((no_sanitize("address", "undefined", "thread"))) static int be_born(void *argument) {
  struct birth *b = argument;
  const struct spawn *s = b->spawn;
  char *const *environment = (char *const *)(const void *)b->environment;
  if (dup2(b->socket, 0) == 0 && syscall(SYS_close_range, 3, ~0U, CLOSE_RANGE_UNSHARE) == 0 &&
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
  if (result == 0 && info.si_pid == 0) return SPAWN_LIVES;
  close(pidfd);
  if (result != 0) return SPAWN_UNKNOWN;
  return info.si_code == CLD_EXITED ? info.si_status : -info.si_status;
}

bool spawn_signal(int pidfd, int signal) {
  return syscall(SYS_pidfd_send_signal, pidfd, signal, NULL, 0) == 0;
}
