/* jumps: a wall clock that is as many seconds off as the file says that CLOCK_SHIFT names, at every
   look, for tests of whole programs. Linked with -Wl,--wrap=clock_wall_ms into what is built as
   PROGRAM below .build/std/tests/clock. The monotonic clock goes on as ever.
 */
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
