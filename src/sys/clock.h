/* clock.h: the monotonic clock, for timeouts, and the wall clock, for time stamps in lines. Both in
   milliseconds.

   Both are read by the system call clock_gettime(2). If that is refused, as in a container with an
   old list of system calls, they are read by the C library, which needs no system call on most
   machines, and then by gettimeofday(2). A program calls clock_works at its start: if it is false,
   with errno set, no other function of this module may be used. If a clock fails later, its last
   value is returned. */
#ifndef SINBIN_SYS_CLOCK_H
#define SINBIN_SYS_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

bool clock_works(void);
int64_t clock_monotonic_ms(void);
int64_t clock_wall_ms(void);

#endif
