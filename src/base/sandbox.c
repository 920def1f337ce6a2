#include "base/sandbox.h"
#include <errno.h>
#include <stdint.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined __has_feature
#if __has_feature(address_sanitizer)
#define SANDBOX_SANITIZED 1
#endif
#endif
#if defined __SANITIZE_ADDRESS__ || defined SANDBOX_SANITIZED
#define SANDBOX_ARCH 0u /* the sanitizer's run time calls whatever it likes */
#elif defined __x86_64__ && defined __LP64__
#define SANDBOX_ARCH AUDIT_ARCH_X86_64
#elif defined __aarch64__
#define SANDBOX_ARCH AUDIT_ARCH_AARCH64
#else
#define SANDBOX_ARCH 0u
#endif

#ifndef SYS_close_range
#define SYS_close_range 436
#endif

void sandbox_close(int last) {
  struct rlimit open_files;
  if (syscall(SYS_close_range, (unsigned int)last + 1, ~0u, 0u) == 0) return;
  if (getrlimit(RLIMIT_NOFILE, &open_files) == -1 || open_files.rlim_cur > 65536)
    open_files.rlim_cur = 65536;
  for (int fd = last + 1; fd < (int)open_files.rlim_cur; fd++) close(fd);
}

/* A limit that is lower already stays; only where it is does the kernel refuse ours. */
static bool limit(int resource, rlim_t most) {
  struct rlimit both = {most, most};
  if (setrlimit(resource, &both) == 0) return true;
  return getrlimit(resource, &both) == 0 && both.rlim_max < most;
}

bool sandbox_limits(int last, int more) {
  sandbox_close(last);
  return limit(RLIMIT_CORE, 0) && limit(RLIMIT_NPROC, 0) &&
         limit(RLIMIT_NOFILE, (rlim_t)(last + 1 + more)) &&
         prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0 && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
}

#define LOAD(member) \
  (struct sock_filter) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, member))
/* Skips so many instructions where the loaded word is that one. */
#define SKIP_IF_EQUAL(value, skip) \
  (struct sock_filter) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (value), (uint8_t)(skip), 0)
#define RETURN(what) (struct sock_filter) BPF_STMT(BPF_RET | BPF_K, (what))
/* Without effect. When a filter is loaded, the kernel runs it in an emulator once for each call
   there is, nine hundred times, to remember which are always allowed; that is half of what loading
   costs, and more than a process with so few calls wins by it. The emulator gives up at this. */
#define NO_EMULATION() (struct sock_filter) BPF_STMT(BPF_MISC | BPF_TAX, 0)

/* Architecture first: numbers mean something only together with it. The x32 calls of x86-64 share
   its architecture but carry a high bit in their numbers, so that they equal none of ours. */
enum sandbox_result sandbox_calls(const int *calls, size_t count) {
  struct sock_filter code[SANDBOX_CALLS_MAX + 7];
  unsigned short n = 0;
  if (SANDBOX_ARCH == 0) return SANDBOX_NONE;
  if (count > SANDBOX_CALLS_MAX) {
    errno = EINVAL;
    return SANDBOX_FAILED;
  }
  code[n++] = NO_EMULATION();
  code[n++] = LOAD(arch);
  code[n++] = SKIP_IF_EQUAL(SANDBOX_ARCH, 1);
  code[n++] = RETURN(SECCOMP_RET_KILL_PROCESS);
  code[n++] = LOAD(nr);
  for (size_t i = 0; i < count; i++) code[n++] = SKIP_IF_EQUAL((uint32_t)calls[i], count - i);
  code[n++] = RETURN(SECCOMP_RET_KILL_PROCESS);
  code[n++] = RETURN(SECCOMP_RET_ALLOW);
  struct sock_fprog program = {.len = n, .filter = code};
  if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) == 0) return SANDBOX_ON;
  return errno == EINVAL || errno == ENOSYS ? SANDBOX_NONE : SANDBOX_FAILED;
}
