/* The second process: this program again, with the outlets other than rbldnsd. It has a reader of the
   store of its own. Whatever it waits for or dies of, the first process goes on. */
#include "prog/publish/publish.h"
#include "sys/clock.h"
#include "sys/diag.h"
#include <poll.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define END_MS 10000 /* after which it is killed if it does not end */

static _Noreturn void run_again(const struct config *c, pid_t parent) {
  char words[OUTLETS_TEXT_MAX];
  char option[] = "-1", none[] = "--";
  char *argv[] = {c->name, c->once ? option : none, c->store, c->outdir, NULL};
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (getppid() != parent) _exit(EXIT_TEMPORARY);
  outlets_format(&c->outlets, words);
  if (setenv("OUTLETS", words, 1) != 0 || unsetenv("NOTIFY_FD") != 0)
    fatal_temporary("out of memory");
  execv("/proc/self/exe", argv);
  execvp(c->name, argv);
  diag_system("unable to run ", c->name);
}

static void start(struct second *s, const struct config *c) {
  pid_t parent = getpid(), child = fork();
  if (child == 0) run_again(c, parent);
  if (child < 0) log_warning_errno("unable to fork");
  else s->pid = child;
}

/* True if it does not run any more. *succeeded: it ended with 0. */
static bool has_ended(struct second *s, int options, bool *succeeded) {
  int status;
  pid_t ended = waitpid(s->pid, &status, options);
  if (ended == 0 || (ended < 0 && errno == EINTR)) return false;
  *succeeded = ended > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0;
  s->pid = 0;
  return true;
}

void second_keep(struct second *s, const struct config *c) {
  bool succeeded;
  int64_t now = clock_monotonic_ms();
  if (s->pid && has_ended(s, WNOHANG, &succeeded)) {
    s->failed = !succeeded;
    if (publish_stop || c->once) return;
    log_warning("the process that writes the other outlets has ended, will be started again");
    s->next_start = now + RETRY_MS;
  }
  if (!s->pid && now >= s->next_start && !(c->once && s->next_start)) {
    s->next_start = now + RETRY_MS;
    start(s, c);
  }
}

bool second_finish(struct second *s) {
  bool succeeded = !s->failed, told = false;
  int64_t kill_at = 0;
  while (s->pid && !has_ended(s, WNOHANG, &succeeded)) {
    if (publish_stop && !told) {
      told = true;
      kill(s->pid, SIGTERM);
      kill_at = clock_monotonic_ms() + END_MS;
    }
    if (told && clock_monotonic_ms() >= kill_at) kill(s->pid, SIGKILL);
    poll(NULL, 0, 20);
  }
  return succeeded;
}
