/* clock.h: the two clocks. Timeouts run on the monotonic one, stamps in lines on the wall clock.
   Both in milliseconds; clock_gettime cannot fail for these two clocks on Linux. */
#ifndef SINBIN_BASE_CLOCK_H
#define SINBIN_BASE_CLOCK_H

#include <stdint.h>

int64_t clock_monotonic_ms(void);
int64_t clock_wall_ms(void);

#endif
