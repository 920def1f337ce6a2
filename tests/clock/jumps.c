/* jumps: a wall clock that is off by the number of seconds in the file CLOCK_SHIFT, read at each
   call, for tests of whole programs. Linked with -Wl,--wrap=clock_wall_ms into the programs below
   .build/std/tests/clock. The monotonic clock is unchanged. */
#include "sys/clock.h"
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

int64_t __real_clock_wall_ms(void);
int64_t __wrap_clock_wall_ms(void);

int64_t __wrap_clock_wall_ms(void) {
  char text[32] = "";
  const char *path = getenv("CLOCK_SHIFT");
  int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
  if (fd < 0 || read(fd, text, sizeof text - 1) <= 0) abort();
  close(fd);
  return __real_clock_wall_ms() + 1000 * strtoll(text, NULL, 10);
}
