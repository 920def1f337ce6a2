/* clock.h: the two clocks. Timeouts run on the monotonic one, stamps in lines on the wall clock.
   Both in milliseconds.

   They are read by the system call clock_gettime(2). If that is refused, as in a container with
   an old list of system calls, the C library is asked, which needs no system call on most machines,
   and then gettimeofday(2), for both clocks. clock_works is for the start of a program: if it is
   false, errno says why, and nothing else of this module may be used. A clock that worked once and
   then fails gives the time of its last reading. */
#ifndef SINBIN_SYS_CLOCK_H
#define SINBIN_SYS_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

bool clock_works(void);
int64_t clock_monotonic_ms(void);
int64_t clock_wall_ms(void);

#endif
