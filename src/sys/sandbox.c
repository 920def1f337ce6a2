#include "sys/sandbox.h"
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
#if defined __SANITIZE_ADDRESS__ || defined SANDBOX_SANITIZED || defined SANDBOX_OFF
#define SANDBOX_ARCH 0u /* the run-time library of a sanitizer may make any call */
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

/* A lower limit is kept: the kernel refuses to raise it, and that is no error. */
static bool limit(int resource, rlim_t most) {
  struct rlimit both = {most, most};
  if (setrlimit(resource, &both) == 0) return true;
  return getrlimit(resource, &both) == 0 && both.rlim_max < most;
}

bool sandbox_hide(void) {
  return limit(RLIMIT_CORE, 0) && prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0;
}

static bool forbid_new_privileges(void) {
  return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
}

bool sandbox_limits(int last, int more) {
  sandbox_close(last);
  return sandbox_hide() && limit(RLIMIT_NPROC, 0) &&
         limit(RLIMIT_NOFILE, (rlim_t)(last + 1 + more)) && forbid_new_privileges();
}

#define LOAD(member) \
  (struct sock_filter) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, member))
/* Skips `skip` instructions if the loaded word is `value`. */
#define SKIP_IF_EQUAL(value, skip) \
  (struct sock_filter) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (value), (uint8_t)(skip), 0)
#define RETURN(what) (struct sock_filter) BPF_STMT(BPF_RET | BPF_K, (what))
/* No effect in the filter. When a filter is loaded, the kernel runs it in an emulator for each of nine
   hundred system calls, to remember which are always allowed. That is half the cost of loading, more
   than a process with few calls gains. The emulator stops at this instruction. */
#define NO_EMULATION() (struct sock_filter) BPF_STMT(BPF_MISC | BPF_TAX, 0)

/* Loads the low 32 bits of an argument, which come first in memory. */
#define LOAD_ARGUMENT(n)                                  \
  (struct sock_filter) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, \
                                (uint32_t)(offsetof(struct seccomp_data, args) + 8u * (n)))
#define MASK(value) (struct sock_filter) BPF_STMT(BPF_ALU | BPF_AND | BPF_K, (value))
/* Continues if the loaded word is `value`; otherwise skips `skip` instructions. */
#define SKIP_UNLESS_EQUAL(value, skip) \
  (struct sock_filter) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (value), 0, (uint8_t)(skip))

#define HEAD_CODE    4 /* instructions of begin() */
#define CHECKED_CODE 6 /* of a call whose argument is checked */

_Static_assert(SANDBOX_CHECKS_MAX * 3 / 4 + SANDBOX_CHECKS_MAX / 4 * CHECKED_CODE < 256,
               "a jump to the end would be too long");

/* The architecture comes first: call numbers depend on it. The x32 calls of x86-64 have the same
   architecture but a high bit in their numbers, so that they do not match. */
static unsigned short begin(struct sock_filter *code) {
  unsigned short n = 0;
  code[n++] = LOAD(arch);
  code[n++] = SKIP_IF_EQUAL(SANDBOX_ARCH, 1);
  code[n++] = RETURN(SECCOMP_RET_KILL_PROCESS);
  code[n++] = LOAD(nr);
  return n;
}

/* New privileges are forbidden already, so a refusal means that this kernel has no filters or does
   not allow them. */
static enum sandbox_result install(struct sock_filter *code, unsigned short n) {
  struct sock_fprog program = {.len = n, .filter = code};
  if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) == 0) return SANDBOX_ON;
  return errno == EINVAL || errno == ENOSYS || errno == EPERM || errno == EACCES ? SANDBOX_NONE
                                                                                 : SANDBOX_FAILED;
}

static enum sandbox_result too_many(void) {
  errno = EINVAL;
  return SANDBOX_FAILED;
}

enum sandbox_result sandbox_calls(const int *calls, size_t count) {
  struct sock_filter code[SANDBOX_CALLS_MAX + HEAD_CODE + 2];
  if (SANDBOX_ARCH == 0) return SANDBOX_NONE;
  if (count > SANDBOX_CALLS_MAX) return too_many();
  code[0] = NO_EMULATION();
  unsigned short n = (unsigned short)(1 + begin(code + 1));
  for (size_t i = 0; i < count; i++) code[n++] = SKIP_IF_EQUAL((uint32_t)calls[i], count - i);
  code[n++] = RETURN(SECCOMP_RET_KILL_PROCESS);
  code[n++] = RETURN(SECCOMP_RET_ALLOW);
  return install(code, n);
}

static size_t code_of(const struct sandbox_call *call) {
  return call->mask ? CHECKED_CODE : 1;
}

/* left: the number of instructions from here to the end: of this call, of later calls, and two. */
static unsigned short add_call(struct sock_filter *code, const struct sandbox_call *call,
                               size_t left) {
  if (!call->mask) {
    code[0] = SKIP_IF_EQUAL((uint32_t)call->number, left - 2);
    return 1;
  }
  code[0] = SKIP_UNLESS_EQUAL((uint32_t)call->number, CHECKED_CODE - 1);
  code[1] = LOAD_ARGUMENT(call->argument);
  code[2] = MASK(call->mask);
  code[3] = SKIP_IF_EQUAL(call->value[0], left - 5);
  code[4] = SKIP_IF_EQUAL(call->value[1], left - 6);
  code[5] = RETURN(SECCOMP_RET_KILL_PROCESS);
  return CHECKED_CODE;
}

enum sandbox_result sandbox_checked(const struct sandbox_call *calls, size_t count) {
  struct sock_filter code[256 + HEAD_CODE];
  size_t left = 2, checked = 0;
  if (SANDBOX_ARCH == 0) return SANDBOX_NONE;
  for (size_t i = 0; i < count; i++) checked += calls[i].mask != 0;
  if (count > SANDBOX_CHECKS_MAX || checked > SANDBOX_CHECKS_MAX / 4) return too_many();
  for (size_t i = 0; i < count; i++) left += code_of(&calls[i]);
  unsigned short n = begin(code);
  for (size_t i = 0; i < count; i++) {
    unsigned short added = add_call(code + n, &calls[i], left);
    n = (unsigned short)(n + added);
    left -= added;
  }
  code[n++] = RETURN(SECCOMP_RET_KILL_PROCESS);
  code[n++] = RETURN(SECCOMP_RET_ALLOW);
  return forbid_new_privileges() ? install(code, n) : SANDBOX_NONE;
}
