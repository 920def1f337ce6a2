/* Signals that come only while a loop waits, and writes that no signal ends. */
#include "sys/signals.h"
#include "tap.h"
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

static volatile sig_atomic_t caught;

static void note(int number) {
  caught = number;
}

static bool is_blocked(int number) {
  sigset_t now;
  sigprocmask(SIG_BLOCK, NULL, &now);
  return sigismember(&now, number) == 1;
}

static int wait_with(const sigset_t *mask) {
  static const struct timespec soon = {0, 1000000};
  return ppoll(NULL, 0, &soon, mask);
}

/* A supervisor may have blocked one of the signals: the program catches it all the same. */
static void waiting(void) {
  static const int numbers[] = {SIGTERM, SIGUSR1};
  sigset_t before, mask;
  sigemptyset(&before);
  sigaddset(&before, SIGUSR1);
  sigaddset(&before, SIGUSR2);
  sigprocmask(SIG_BLOCK, &before, NULL);
  signals_catch(numbers, 2, note, &mask);
  ok(is_blocked(SIGTERM) && is_blocked(SIGUSR1) && !is_blocked(SIGHUP), "the signals are blocked");
  ok(!sigismember(&mask, SIGTERM) && !sigismember(&mask, SIGUSR1), "but not while it waits");
  ok(sigismember(&mask, SIGUSR2) == 1, "other blocked ones stay");
  raise(SIGTERM);
  ok(caught == 0, "one comes while it works: not yet");
  ok(wait_with(&mask) < 0 && errno == EINTR && caught == SIGTERM, "it ends the next wait");
  raise(SIGUSR1);
  ok(caught == SIGTERM, "the one that was blocked before: not yet");
  ok(wait_with(&mask) < 0 && caught == SIGUSR1, "it ends the next wait, too");
  ok(wait_with(&mask) == 0, "none is left");
}

static void without_a_mask(void) {
  static const int number = SIGALRM;
  signals_catch(&number, 1, note, NULL);
  ok(is_blocked(SIGALRM), "a mask is not needed");
}

static bool is_ignored(int number) {
  struct sigaction now;
  return sigaction(number, NULL, &now) == 0 && now.sa_handler == SIG_IGN;
}

static void writing(bool caught_others) {
  static const char *const how[] = {"by itself", "with others that are caught"};
  int fd[2];
  if (caught_others) signals_catch(NULL, 0, note, NULL);
  else signals_ignore_write();
  ok(is_ignored(SIGPIPE) && is_ignored(SIGXFSZ), "writes: %s", how[caught_others]);
  if (pipe(fd) != 0) exit(111);
  close(fd[0]);
  ok(write(fd[1], "x", 1) < 0 && errno == EPIPE, "a closed pipe is an error");
  close(fd[1]);
  signal(SIGPIPE, SIG_DFL);
  signal(SIGXFSZ, SIG_DFL);
}

int main(void) {
  writing(false);
  writing(true);
  waiting();
  without_a_mask();
  return done();
}
