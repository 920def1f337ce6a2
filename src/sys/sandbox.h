/* sandbox.h: drops what a process no longer needs. All of it is permanent.

   sandbox_close closes all descriptors above `last`. sandbox_hide forbids core files and makes the
   process not dumpable: no other process of the same user can read its memory. sandbox_limits does
   both, and forbids child processes, more than `more` new descriptors, and new privileges. False:
   errno says why.

   sandbox_calls allows only the named system calls, by a seccomp filter. Any other call, or a call
   through the entry of another architecture, kills the process with SIGSYS. sandbox_checked does the
   same for a long-running program, and can check an argument of a call. Both require that new
   privileges are forbidden: call sandbox_limits before sandbox_calls; sandbox_checked forbids them
   itself.

   SANDBOX_NONE: no filter is available. The kernel or the architecture has none, a container refuses
   it, or the build has sanitizers or -DSANDBOX_OFF (for valgrind, which makes calls of its own). The
   caller logs a warning and continues. SANDBOX_FAILED: errno says why. */
#ifndef SINBIN_SYS_SANDBOX_H
#define SINBIN_SYS_SANDBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SANDBOX_CALLS_MAX  32 /* of sandbox_calls */
#define SANDBOX_CHECKS_MAX 80 /* of sandbox_checked */

enum sandbox_result { SANDBOX_ON, SANDBOX_NONE, SANDBOX_FAILED };

/* With a mask, the call is allowed only if the low 32 bits of the argument, masked, are one of the two
   values. */
struct sandbox_call {
  int number;       /* from sys/syscall.h */
  uint8_t argument; /* its index, from 0 */
  uint32_t mask;    /* 0: any arguments */
  uint32_t value[2];
};

void sandbox_close(int last);
bool sandbox_hide(void);
bool sandbox_limits(int last, int more);
/* calls: numbers from sys/syscall.h, the frequent ones first; at most SANDBOX_CALLS_MAX. */
enum sandbox_result sandbox_calls(const int *calls, size_t count);
/* At most SANDBOX_CHECKS_MAX, at most a quarter of that with a mask; each number once. */
enum sandbox_result sandbox_checked(const struct sandbox_call *calls, size_t count);

#endif
