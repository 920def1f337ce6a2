/* process.h: limits and privileges of this process.

   A number that cannot be found out is UINT64_MAX. Errors: false, with errno set. */
#ifndef SINBIN_SYS_PROCESS_H
#define SINBIN_SYS_PROCESS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/resource.h>

/* Raises the soft limit to the hard limit. Returns the new soft limit; *before is the old limit. */
uint64_t process_raise_limit(int resource, struct rlimit *before);

/* kernel.pid_max: the largest number of processes on the machine. */
uint64_t process_pid_max(void);

/* The number of processors that this process may run on; 1 if it cannot be found out. */
uint64_t process_processors(void);

/* Changes user and group for good, and drops all supplementary groups. */
bool process_drop(uint64_t uid, uint64_t gid);

/* Makes a directory the root and the working directory. */
bool process_enter_root(const char *directory);

/* Opens /dev/null on descriptor 0 or 2 if it is closed. False if /dev/null cannot be opened, or if
   descriptor 1 is closed (EBADF), since output would be lost. */
bool process_standard_files(void);

#endif
