/* deny ERROR CALL[,CALL...] PROGRAM [ARGUMENT...]: runs a program for which the named system calls
   fail with this error, as in a container that refuses them or on a kernel without them.

   ERROR is EPERM, EACCES, ENOSYS, EINVAL, EMFILE or another one of the table below; CALL is the
   name of a system call, or one of tcp_info, tcp_saved_syn, tcp_save_syn (options of getsockopt and
   setsockopt) and seccomp (the system call, and prctl(PR_SET_SECCOMP)). `deny -l` prints the names.
   Exit code: that of the program; 112 if no filter is available, 113 usage. The filter also applies
   to handlers that the program starts. */
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <netinet/tcp.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef SYS_close_range
#define SYS_close_range 436
#endif
#ifndef SYS_epoll_pwait2
#define SYS_epoll_pwait2 441
#endif
#ifndef SYS_faccessat2
#define SYS_faccessat2 439
#endif
#ifndef TCP_SAVE_SYN
#define TCP_SAVE_SYN  27
#define TCP_SAVED_SYN 28
#endif

/* argument -1: any arguments. Otherwise only if this argument has this value. */
struct denied {
  const char *name;
  long number;
  int argument;
  unsigned int value;
};

#define CALL(name) \
  { #name, SYS_##name, -1, 0 }

/* clang-format off */
static const struct denied calls[] = {
  CALL(splice), CALL(pipe2), CALL(clock_gettime), CALL(gettimeofday), CALL(close_range), CALL(prlimit64),
  CALL(memfd_create), CALL(getrandom), CALL(epoll_pwait2), CALL(epoll_create1), CALL(epoll_pwait), CALL(pidfd_open),
  CALL(pidfd_send_signal), CALL(accept4), CALL(statx), CALL(inotify_init1), CALL(inotify_add_watch),
  CALL(signalfd4), CALL(eventfd2), CALL(recvmmsg), CALL(sendmmsg), CALL(ppoll), CALL(flock), CALL(fdatasync),
  CALL(fsync), CALL(fchmod), CALL(fchown), CALL(sched_getaffinity), CALL(unshare), CALL(clone3), CALL(clone),
  CALL(rseq), CALL(set_robust_list), CALL(getrusage), CALL(setsockopt), CALL(getsockopt), CALL(mremap),
  CALL(madvise), CALL(ftruncate), CALL(faccessat2), CALL(membarrier), CALL(waitid), CALL(wait4), CALL(prctl),
  CALL(socketpair), CALL(getresuid), CALL(shutdown), CALL(mlock), CALL(pwrite64), CALL(getpeername),
  CALL(getsockname), CALL(sendto), CALL(fcntl), CALL(socket), CALL(connect), CALL(bind), CALL(openat), CALL(mmap),
  CALL(fallocate), CALL(utimensat), CALL(getdents64), CALL(timerfd_create), CALL(sendmsg), CALL(recvmsg),
  CALL(setgroups), CALL(setuid), CALL(chroot), CALL(kill), CALL(tgkill), CALL(rt_sigprocmask), CALL(rt_sigaction),
#ifdef SYS_epoll_wait
  CALL(epoll_wait), CALL(poll), CALL(rename), CALL(unlink), CALL(dup2), CALL(getrlimit), CALL(setrlimit), CALL(pipe),
#endif
  {"tcp_info", SYS_getsockopt, 2, TCP_INFO},
  {"tcp_saved_syn", SYS_getsockopt, 2, TCP_SAVED_SYN},
  {"tcp_save_syn", SYS_setsockopt, 2, TCP_SAVE_SYN},
  {"seccomp", SYS_seccomp, -1, 0},
  {"seccomp", SYS_prctl, 0, PR_SET_SECCOMP},
};
static const struct { const char *name; int number; } errors[] = {
  {"EPERM", EPERM}, {"EACCES", EACCES}, {"ENOSYS", ENOSYS}, {"EINVAL", EINVAL}, {"EMFILE", EMFILE},
  {"ENFILE", ENFILE}, {"EIO", EIO}, {"ENOMEM", ENOMEM}, {"EAGAIN", EAGAIN}, {"EINTR", EINTR}, {"ENOSPC", ENOSPC},
  {"ENOBUFS", ENOBUFS}, {"EOPNOTSUPP", EOPNOTSUPP},
};
/* clang-format on */
#define COUNT(array) (sizeof(array) / sizeof *(array))

static struct sock_filter code[5 * COUNT(calls) + 2];
static unsigned short len;

static void add(const struct denied *d, int error) {
  size_t argument =
      offsetof(struct seccomp_data, args) + 8 * (size_t)(d->argument < 0 ? 0 : d->argument);
  code[len++] =
      (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
  code[len++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned int)d->number, 0,
                                             d->argument < 0 ? 1 : 3);
  if (d->argument >= 0) {
    code[len++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (unsigned int)argument);
    code[len++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, d->value, 0, 1);
  }
  code[len++] = (struct sock_filter)BPF_STMT(
      BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ((unsigned int)error & SECCOMP_RET_DATA));
}

static int add_named(const char *name, size_t name_len, int error) {
  int found = 0;
  for (size_t i = 0; i < COUNT(calls); i++)
    if (strlen(calls[i].name) == name_len && memcmp(calls[i].name, name, name_len) == 0) {
      add(&calls[i], error);
      found = 1;
    }
  return found;
}

static int error_of(const char *name) {
  for (size_t i = 0; i < COUNT(errors); i++)
    if (strcmp(errors[i].name, name) == 0) return errors[i].number;
  return 0;
}

int main(int argc, char **argv) {
  if (argc == 2 && strcmp(argv[1], "-l") == 0) {
    for (size_t i = 0; i < COUNT(calls); i++) puts(calls[i].name);
    return 0;
  }
  if (argc < 4 || !error_of(argv[1])) return 113;
  for (const char *at = argv[2]; *at;) {
    size_t name = strcspn(at, ",");
    if (!add_named(at, name, error_of(argv[1]))) return 113;
    at += name + (at[name] == ',');
  }
  code[len++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
  struct sock_fprog program = {len, code};
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
      prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0)
    return 112;
  execvp(argv[3], argv + 3);
  return 127;
}
