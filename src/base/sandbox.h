/* sandbox.h: a process gives away what it does not need any more.

   sandbox_close: all descriptors above `last`. sandbox_limits: the same, and no core files, no
   child processes, at most `more` new descriptors, not dumpable, no new privileges. sandbox_calls:
   from then on only the named system calls, by a hand-written seccomp filter; any other one, or one
   by a foreign architecture's entry, kills the whole process with SIGSYS. All of it is for ever.

   SANDBOX_NONE: this kernel, architecture or build (one with sanitizers) has no filter; the caller
   says so and goes on. SANDBOX_FAILED: it should have worked; errno says why. */
#ifndef SINBIN_BASE_SANDBOX_H
#define SINBIN_BASE_SANDBOX_H

#include <stdbool.h>
#include <stddef.h>

#define SANDBOX_CALLS_MAX 32

enum sandbox_result { SANDBOX_ON, SANDBOX_NONE, SANDBOX_FAILED };

void sandbox_close(int last);
bool sandbox_limits(int last, int more);
/* calls: numbers from sys/syscall.h, the frequent ones first; at most SANDBOX_CALLS_MAX. */
enum sandbox_result sandbox_calls(const int *calls, size_t count);

#endif
