#include "prog/publish/publish.h"
#include "sys/clock.h"
#include "sys/diag.h"
#include "sys/signals.h"
#include <poll.h>

volatile sig_atomic_t publish_stop;

static void on_stop(int signal) {
  (void)signal;
  publish_stop = 1;
}

void wait_catch_signals(void) {
  struct sigaction end = {.sa_handler = on_stop};
  sigemptyset(&end.sa_mask);
  sigaction(SIGTERM, &end, NULL);
  sigaction(SIGINT, &end, NULL);
  signals_ignore_write();
}

int64_t wall_seconds(void) {
  return clock_wall_ms() / 1000;
}

void wait_poll(const struct config *c) {
  sigset_t all, before;
  struct timespec t = {c->poll_ms / 1000, c->poll_ms % 1000 * 1000000L};
  sigfillset(&all);
  sigprocmask(SIG_BLOCK, &all, &before);
  if (!publish_stop && ppoll(NULL, 0, &t, &before) < 0 && errno != EINTR)
    diag_system("unable to poll");
  sigprocmask(SIG_SETMASK, &before, NULL);
}
