#include "sys/signals.h"

/* Not inlined: sinbin-smtpd must stay small. */
__attribute__((noinline)) static void install(int signal, void (*handler)(int)) {
  const struct sigaction act = {.sa_handler = handler};
  sigaction(signal, &act, NULL);
}

void signals_ignore_write(void) {
  install(SIGPIPE, SIG_IGN);
  install(SIGXFSZ, SIG_IGN);
}

void signals_catch(const int *signals, size_t count, void (*handler)(int),
                   sigset_t *while_waiting) {
  sigset_t blocked;
  sigemptyset(&blocked);
  for (size_t i = 0; i < count; i++) {
    install(signals[i], handler);
    sigaddset(&blocked, signals[i]);
  }
  sigprocmask(SIG_BLOCK, &blocked, while_waiting);
  for (size_t i = 0; while_waiting && i < count; i++) sigdelset(while_waiting, signals[i]);
  signals_ignore_write();
}
