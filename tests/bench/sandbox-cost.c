/* sandbox-cost ROUNDS CHILDREN: what entering the sandbox costs a process, by forking CHILDREN that
   do nothing, set the limits, or set the limits and load the handler's filter, and end. Rounds are
   interleaved; prints the medians in microseconds of entering it, which is what a client waits
   for, and from fork to the end seen, which has a part of what the kernel does later to forget a
   filter. One more process stays in a sandbox throughout, as on a trap that holds at least one
   connection: the first filter of a machine costs far more, since the kernel takes memory for
   compiled filters by the megabyte. */
#include "sys/sandbox.h"
#include <stdio.h>
#include <stdlib.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { PLAIN, LIMITS, FILTER, WAYS, ROUNDS_MAX = 99, CHILDREN_MAX = 100000 };

static void enter(int way) {
  static const int calls[] = {SYS_clock_gettime,  SYS_recvfrom,   SYS_ppoll,      SYS_close,
                              SYS_pipe2,          SYS_write,      SYS_splice,     SYS_sendto,
                              SYS_read,           SYS_getsockopt, SYS_exit_group, SYS_rt_sigreturn,
                              SYS_restart_syscall};
  if (way >= LIMITS && !sandbox_limits(2, 2)) _exit(1);
  if (way == FILTER && sandbox_calls(calls, sizeof calls / sizeof *calls) == SANDBOX_FAILED)
    _exit(1);
}

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

/* What the children tell, in memory that they share. */
static double *entering;

static double round_of(int way, int children) {
  double start = now();
  for (int i = 0; i < children; i++) {
    int status = 0;
    pid_t child = fork();
    if (child == 0) {
      double before = now();
      enter(way);
      if (way == FILTER) entering[i] = now() - before;
      _exit(0);
    }
    if (child == -1 || waitpid(child, &status, 0) == -1 || status != 0) exit(111);
  }
  return (now() - start) / children;
}

static int by_size(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

int main(int argc, char **argv) {
  static double took[WAYS][ROUNDS_MAX], entered[ROUNDS_MAX];
  int rounds = argc == 3 ? atoi(argv[1]) : 0, children = argc == 3 ? atoi(argv[2]) : 0, end[2];
  if (rounds < 1 || rounds > ROUNDS_MAX || children < 1 || children > CHILDREN_MAX) return 100;
  entering = mmap(NULL, CHILDREN_MAX * sizeof(double), PROT_READ | PROT_WRITE,
                  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (entering == MAP_FAILED || pipe(end) == -1) return 111;
  pid_t stays = fork();
  if (stays == 0) {
    char c;
    close(end[1]);
    dup2(end[0], 0);
    enter(FILTER);
    _exit(read(0, &c, 1) == 0 ? 0 : 1);
  }
  for (int round = 0; round < rounds; round++) {
    for (int way = 0; way < WAYS; way++) took[way][round] = round_of(way, children);
    qsort(entering, (size_t)children, sizeof(double), by_size);
    entered[round] = entering[children / 2];
  }
  qsort(entered, (size_t)rounds, sizeof(double), by_size);
  for (int way = 0; way < WAYS; way++) qsort(took[way], (size_t)rounds, sizeof(double), by_size);
  double plain = took[PLAIN][rounds / 2], limits = took[LIMITS][rounds / 2],
         filter = took[FILTER][rounds / 2];
  printf("us a process: entering %.1f (40 wanted); from fork to end: nothing %.1f  limits +%.1f"
         "  limits and filter +%.1f\n",
         entered[rounds / 2], plain, limits - plain, filter - plain);
  close(end[1]);
  return stays > 0 && waitpid(stays, NULL, 0) == stays ? 0 : 111;
}
