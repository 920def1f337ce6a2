/* Runs PROG after files were replaced. */
#include "prog/publish/publish.h"
#include "sys/clock.h"
#include "sys/diag.h"
#include <poll.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#define PROG_LIMIT_MS 10000 /* after which PROG is killed */
#define PROG_POLL_MS  50    /* how often PROG is checked if there is no pidfd */

static _Noreturn void exec_prog(char *const *prog) {
  signal(SIGPIPE, SIG_DFL);
  signal(SIGXFSZ, SIG_DFL);
  execvp(prog[0], prog);
  diag_system("unable to run ", prog[0]);
}

/* False if the child still runs at the limit, or when a signal asks to stop. */
static bool wait_child(pid_t child) {
  int64_t limit = clock_monotonic_ms() + PROG_LIMIT_MS;
  int fd = pidfd_open(child, 0); /* -1 if it is refused or missing: then poll(2) only waits */
  struct pollfd ended = {.fd = fd, .events = POLLIN};
  bool over = false;
  while (!over && !publish_stop) {
    int64_t left = limit - clock_monotonic_ms();
    if (left <= 0) break;
    poll(&ended, 1, fd < 0 && left > PROG_POLL_MS ? PROG_POLL_MS : (int)left);
    siginfo_t info = {.si_pid = 0};
    over = waitid(P_PID, (id_t)child, &info, WEXITED | WNOHANG | WNOWAIT) != 0 || info.si_pid;
  }
  if (fd >= 0) close(fd);
  return over;
}

/* True if PROG succeeded, or still runs when a signal asks to stop. */
static bool run_prog(char *const *prog) {
  int status;
  pid_t child = fork();
  if (child < 0) {
    log_warning_errno("unable to fork");
    return false;
  }
  if (child == 0) exec_prog(prog);
  if (!wait_child(child)) {
    if (publish_stop) return true;
    log_warning(prog[0], ": did not end within 10 seconds, killed");
    kill(child, SIGKILL);
  }
  while (waitpid(child, &status, 0) < 0)
    if (errno != EINTR) diag_system("unable to wait for a child");
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return true;
  log_warning(prog[0], ": failed, will be tried again");
  return false;
}

void prog_run(struct prog_state *p, const struct config *c, bool changed) {
  if (!c->prog) return;
  if (changed) {
    p->due = true;
    p->next = 0;
  }
  if (!p->due || clock_monotonic_ms() < p->next) return;
  if (run_prog(c->prog)) p->due = false;
  else p->next = clock_monotonic_ms() + RETRY_MS;
}
