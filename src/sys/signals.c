#include "sys/signals.h"

void signals_catch(const int *signals, size_t count, void (*handler)(int),
                   sigset_t *while_waiting) {
  struct sigaction act = {.sa_handler = handler};
  sigset_t blocked;
  sigemptyset(&blocked);
  for (size_t i = 0; i < count; i++) {
    sigaction(signals[i], &act, NULL);
    sigaddset(&blocked, signals[i]);
  }
  sigprocmask(SIG_BLOCK, &blocked, while_waiting);
  for (size_t i = 0; i < count; i++) sigdelset(while_waiting, signals[i]);
  act.sa_handler = SIG_IGN;
  sigaction(SIGPIPE, &act, NULL);
  sigaction(SIGXFSZ, &act, NULL);
}
