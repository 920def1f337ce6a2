#include "base/clock.h"
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* By the system call: the C library's way reads pages that the kernel maps far from all others, and
   the page tables for them are 10 KiB of each process that waits. */
static int64_t read_ms(clockid_t id) {
  struct timespec now;
  syscall(SYS_clock_gettime, id, &now);
  return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t clock_monotonic_ms(void) {
  return read_ms(CLOCK_MONOTONIC);
}

int64_t clock_wall_ms(void) {
  return read_ms(CLOCK_REALTIME);
}
