#include "sys/signals.h"

void signals_ignore_write(void) {
  const struct sigaction ignore = {.sa_handler = SIG_IGN};
  sigaction(SIGPIPE, &ignore, NULL);
  sigaction(SIGXFSZ, &ignore, NULL);
}

void signals_catch(const int *signals, size_t count, void (*handler)(int),
                   sigset_t *while_waiting) {
  const struct sigaction act = {.sa_handler = handler};
  sigset_t blocked, before;
  sigemptyset(&blocked);
  for (size_t i = 0; i < count; i++) {
    sigaction(signals[i], &act, NULL);
    sigaddset(&blocked, signals[i]);
  }
  sigprocmask(SIG_BLOCK, &blocked, &before);
  for (size_t i = 0; i < count; i++) sigdelset(&before, signals[i]);
  if (while_waiting) *while_waiting = before;
  signals_ignore_write();
}
