/* sandbox.h: a process gives away what it does not need any more.

   sandbox_close: all descriptors above `last`. sandbox_hide: no core files, and not dumpable: no
   other process of the same user reads its memory. sandbox_limits: both, and no child processes, at
   most `more` new descriptors, no new privileges. False: errno says why.

   sandbox_calls: from then on only the named system calls, by a hand-written seccomp filter; any
   other one, or one by a foreign architecture's entry, kills the whole process with SIGSYS.
   sandbox_checked: the same for a program that lives long; a row may ask for more than the number
   of the call. Both want no new privileges: sandbox_calls has it from sandbox_limits,
   sandbox_checked sees to it. All of it is for ever.

   SANDBOX_NONE: there is no filter here. The kernel or the architecture has none, a container
   refuses it, or the build has sanitizers or -DSANDBOX_OFF (for valgrind, which makes calls of its
   own); the caller says so and goes on. SANDBOX_FAILED: it should have worked; errno says why. */
#ifndef SINBIN_SYS_SANDBOX_H
#define SINBIN_SYS_SANDBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SANDBOX_CALLS_MAX  32 /* of sandbox_calls */
#define SANDBOX_CHECKS_MAX 80 /* of sandbox_checked */

enum sandbox_result { SANDBOX_ON, SANDBOX_NONE, SANDBOX_FAILED };

/* With a mask, the call is allowed only if its argument, cut to 32 bits and to the mask, is one of
   the two values. */
struct sandbox_call {
  int number;       /* from sys/syscall.h */
  uint8_t argument; /* from 0 */
  uint32_t mask;    /* 0: whatever the arguments are */
  uint32_t value[2];
};

void sandbox_close(int last);
bool sandbox_hide(void);
bool sandbox_limits(int last, int more);
/* calls: numbers from sys/syscall.h, the frequent ones first; at most SANDBOX_CALLS_MAX. */
enum sandbox_result sandbox_calls(const int *calls, size_t count);
/* At most SANDBOX_CHECKS_MAX, of them a quarter with a mask; a number appears once. */
enum sandbox_result sandbox_checked(const struct sandbox_call *calls, size_t count);

#endif
