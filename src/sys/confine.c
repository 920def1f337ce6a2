#include "sys/confine.h"
#include "sys/diag.h"
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#define ANY(name) \
  { .number = SYS_##name }
/* Executable memory must not be mapped. */
#define NO_EXEC(name) \
  { .number = SYS_##name, .argument = 2, .mask = PROT_EXEC }

/* For every loop and for the C library. AArch64 does not have the old calls. */
#ifdef SYS_poll
#define COMMON_OLD ANY(poll),
#else
#define COMMON_OLD
#endif
/* clang-format off */
#define COMMON                                                                             \
  ANY(clock_gettime), ANY(ppoll), ANY(read), ANY(write), ANY(close), ANY(getrandom),       \
  ANY(fcntl), ANY(brk), ANY(munmap), ANY(mremap), ANY(madvise), ANY(futex), COMMON_OLD     \
  NO_EXEC(mmap), NO_EXEC(mprotect), ANY(rt_sigreturn), ANY(rt_sigprocmask),                \
  ANY(rt_sigaction), ANY(restart_syscall), ANY(gettimeofday), ANY(clock_nanosleep),        \
  ANY(nanosleep), ANY(writev), ANY(readv), ANY(getpid), ANY(exit_group)

static const struct sandbox_call resolver[] = {
#ifdef SYS_epoll_wait
  ANY(epoll_wait),
#endif
  ANY(epoll_pwait), ANY(epoll_ctl), ANY(recvfrom), ANY(sendto), ANY(recvmsg), ANY(sendmsg),
  {.number = SYS_socket, .argument = 0, .mask = UINT32_MAX, .value = {AF_INET, AF_INET6}},
  /* the number of bytes in a pipe */
  {.number = SYS_ioctl, .argument = 1, .mask = UINT32_MAX, .value = {FIONREAD, FIONREAD}},
  ANY(connect), ANY(bind), ANY(setsockopt), ANY(getsockopt), ANY(getsockname), COMMON,
};

static const struct sandbox_call collector[] = {
  ANY(recvmmsg), ANY(sendmmsg), ANY(recvmsg), ANY(sendmsg), ANY(sendto), ANY(pread64),
  ANY(pwrite64), ANY(fdatasync), ANY(fsync), ANY(openat), ANY(newfstatat), ANY(fstat),
  ANY(statx), ANY(lseek), ANY(ftruncate), ANY(fallocate), ANY(getdents64), ANY(unlinkat),
  ANY(faccessat), ANY(readlinkat), ANY(fchmod), ANY(fchown), ANY(flock), ANY(getcwd),
  ANY(mlock), ANY(getuid), ANY(geteuid), ANY(getgid), ANY(getegid), ANY(sysinfo), ANY(utimensat),
#ifdef SYS_open
  ANY(open), ANY(stat), ANY(lstat), ANY(access), ANY(readlink), ANY(unlink),
#endif
  COMMON,
};
/* clang-format on */

enum sandbox_result confine_calls(enum confine_set set) {
  return set == CONFINE_RESOLVER ? sandbox_checked(resolver, sizeof resolver / sizeof *resolver)
                                 : sandbox_checked(collector, sizeof collector / sizeof *collector);
}

void confine_program(enum confine_set set) {
  enum sandbox_result result = confine_calls(set);
  if (result == SANDBOX_FAILED) diag_system("unable to enter the sandbox");
  if (result == SANDBOX_NONE) log_warning("no system call filter available; running without one");
}
