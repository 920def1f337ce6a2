#include "sys/clock.h"
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

enum which { MONOTONIC, WALL, CLOCKS };

static const clockid_t ids[CLOCKS] = {[MONOTONIC] = CLOCK_MONOTONIC, [WALL] = CLOCK_REALTIME};

/* The system call comes first: the C library reads pages that the kernel maps far from all others,
   and their page tables cost 10 KiB in each waiting process. If a long has 32 bits, the call fills
   a different structure. */
static bool read_direct(clockid_t id, struct timespec *now) {
#if defined __LP64__ && defined SYS_clock_gettime
  return syscall(SYS_clock_gettime, id, now) == 0;
#else
  (void)id;
  (void)now;
  return false;
#endif
}

static bool read_of_day(struct timespec *now) {
#if defined __LP64__ && defined SYS_gettimeofday
  struct timeval day;
  if (syscall(SYS_gettimeofday, &day, NULL) != 0) return false;
  now->tv_sec = day.tv_sec;
  now->tv_nsec = day.tv_usec * 1000;
  return true;
#else
  (void)now;
  return false;
#endif
}

static bool read_clock(enum which which, struct timespec *now) {
  return read_direct(ids[which], now) || clock_gettime(ids[which], now) == 0 || read_of_day(now);
}

static int64_t read_ms(enum which which) {
  static int64_t last[CLOCKS];
  struct timespec now;
  if (!read_clock(which, &now)) return __atomic_load_n(&last[which], __ATOMIC_RELAXED);
  int64_t ms = (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
  __atomic_store_n(&last[which], ms, __ATOMIC_RELAXED);
  return ms;
}

bool clock_works(void) {
  struct timespec now;
  return read_clock(MONOTONIC, &now) && read_clock(WALL, &now);
}

int64_t clock_monotonic_ms(void) {
  return read_ms(MONOTONIC);
}

int64_t clock_wall_ms(void) {
  return read_ms(WALL);
}
