/* process.h: what the system allows a process, and giving up what it no longer needs.

   Numbers that cannot be found out are UINT64_MAX. Errors: false, with errno set. */
#ifndef SINBIN_SYS_PROCESS_H
#define SINBIN_SYS_PROCESS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/resource.h>

/* Raises the soft limit to the hard one; returns the limit now, and the one before in *before. */
uint64_t process_raise_limit(int resource, struct rlimit *before);

/* kernel.pid_max: no more processes than that on the whole machine. */
uint64_t process_pid_max(void);

/* How many processors this process may run on, 1 where that cannot be found out. */
uint64_t process_processors(void);

/* Becomes that user and group, with no supplementary groups and no way back. */
bool process_drop(uint64_t uid, uint64_t gid);

/* Makes a directory the root, and goes there. */
bool process_enter_root(const char *directory);

/* Opens /dev/null where descriptor 0 or 2 is closed. False where 1 is, errno EBADF, since output
   would be lost; and if /dev/null cannot be opened. */
bool process_standard_files(void);

#endif
