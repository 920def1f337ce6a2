/* steps-back: a wall clock that is set back by an hour after each reading, for tests of whole
   programs. Linked with -Wl,--wrap=clock_wall_ms into the programs below .build/std/tests/clock. The
   monotonic clock is unchanged: only it may be used for timeouts. */
#include "sys/clock.h"

int64_t __real_clock_wall_ms(void);
int64_t __wrap_clock_wall_ms(void);

int64_t __wrap_clock_wall_ms(void) {
  static int64_t set_back;
  return __real_clock_wall_ms() - 3600000 * set_back++;
}
