/* What a process in the sandbox can and cannot do, each tried in a child of its own. */
#include "sys/confine.h"
#include "sys/sandbox.h"
#include "sys/endpoint.h"
#include "tap.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static void enter(void) {
  static const int calls[] = {SYS_write, SYS_exit_group};
  if (sandbox_calls(calls, sizeof calls / sizeof *calls) != SANDBOX_ON) _exit(9);
}

static void allowed(void) {
  if (write(-1, "", 0) == -1) _exit(0);
}
static void opens(void) {
  syscall(SYS_openat, AT_FDCWD, "/", O_RDONLY);
}
static void makes_socket(void) {
  syscall(SYS_socket, AF_INET, SOCK_STREAM, 0);
}
static void execs(void) {
  syscall(SYS_execve, "/bin/true", NULL, NULL);
}
#ifdef __x86_64__
/* The same numbers by the i386 entry, and by x32's. */
static void enters_by_int80(void) {
  long result;
  __asm__ volatile("int $0x80" : "=a"(result) : "a"(20L) : "memory");
}
static void enters_by_x32(void) {
  syscall(0x40000000 + SYS_write, 1, "", 0);
}
#endif

static int run(void (*act)(void)) {
  int status = 0;
  pid_t child = fork();
  if (child == 0) {
    if (!sandbox_limits(2, 0)) _exit(8);
    enter();
    act();
    _exit(7);
  }
  waitpid(child, &status, 0);
  return status;
}

/* Found out without sys/sandbox.c, which is what is tested: where a filter that allows all can be
   had, ours has to work. A build with sanitizers has none by design. */
static bool wants_filter(void) {
#if defined __SANITIZE_ADDRESS__
  return false;
#endif
  int status = 0;
  pid_t child = fork();
  if (child == 0) {
    struct sock_filter allow = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    struct sock_fprog program = {1, &allow};
    _exit(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
          prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0);
  }
  waitpid(child, &status, 0);
  return status == 0;
}

static int result_of(enum sandbox_result (*enter_it)(void)) {
  int status = 0;
  pid_t child = fork();
  if (child == 0) {
    enum sandbox_result result = enter_it();
    syscall(SYS_exit_group, (int)result); /* no more than is allowed */
  }
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static enum sandbox_result enter_calls(void) {
  static const int calls[] = {SYS_exit_group};
  sandbox_limits(2, 0);
  return sandbox_calls(calls, 1);
}
static enum sandbox_result enter_resolver(void) {
  return confine_calls(CONFINE_RESOLVER);
}
static enum sandbox_result enter_collector(void) {
  return confine_calls(CONFINE_COLLECTOR);
}

/* prctl answered by an error, as in a container: no filter, which is said, and no end. */
static enum sandbox_result enter_refused(void) {
  struct sock_filter code[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_prctl, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  struct sock_fprog program = {4, code};
  static const int calls[] = {SYS_exit_group};
  if (!sandbox_limits(2, 0) || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0)
    return SANDBOX_FAILED;
  return sandbox_calls(calls, 1);
}

/* Descriptor 2 must stay empty. 0: it did. */
static int confined(enum confine_set set) {
  int fd[2];
  char byte;
  if (pipe2(fd, O_NONBLOCK) != 0 || dup2(fd[1], 2) != 2) return 9;
  confine_program(set);
  return syscall(SYS_read, fd[0], &byte, 1) < 0 ? 0 : 1;
}

static void programs(void) {
  for (int set = CONFINE_RESOLVER; set <= CONFINE_COLLECTOR; set++) {
    int status = 0;
    pid_t child = fork();
    if (child == 0) _exit(confined((enum confine_set)set));
    waitpid(child, &status, 0);
    ok(status == 0, "a program enters it without a word (%d)", status);
  }
}

static void filters(void) {
  ok(result_of(enter_calls) == SANDBOX_ON, "there is a filter");
  ok(result_of(enter_resolver) == SANDBOX_ON, "and the resolver's");
  ok(result_of(enter_collector) == SANDBOX_ON, "and the collector's");
  ok(result_of(enter_refused) == SANDBOX_NONE, "one that is refused is none");
}

/* The numbers that do not kill a process that is in a set, each tried with arguments of zeros in a
   child of its own. A call that waits is ended by an alarm. */
static size_t survivors(enum confine_set set, long *out, size_t cap) {
  size_t count = 0;
  for (long number = 0; number < 470; number++) {
    int status = 0;
    pid_t child = fork();
    if (child == 0) {
      struct rlimit two = {2, 2};
      signal(SIGALRM, SIG_DFL);
      alarm(1);
      setrlimit(RLIMIT_CPU, &two);
      if (confine_calls(set) != SANDBOX_ON) _exit(1);
      for (int fd = 0; fd < 3; fd++) close(fd);
      syscall(number, 0L, 0L, 0L, 0L, 0L, 0L);
      syscall(SYS_exit_group, 0);
    }
    waitpid(child, &status, 0);
    if (!(WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS) && count < cap) out[count++] = number;
  }
  return count;
}

static bool has(const long *list, size_t count, long number) {
  for (size_t i = 0; i < count; i++)
    if (list[i] == number) return true;
  return false;
}

/* uretprobe and uprobe of x86-64, which the kernel lets through whatever a filter says. */
static bool is_kernels_own(long number) {
#ifdef __x86_64__
  return number == 335 || number == 336;
#else
  (void)number;
  return false;
#endif
}

static void sets(void) {
  static const struct {
    const char *name;
    enum confine_set set;
    size_t most;
    long allowed[6], killed[4];
  } rows[] = {
      {"resolver",
       CONFINE_RESOLVER,
       42,
       {SYS_recvfrom, SYS_sendto, SYS_connect, SYS_read, SYS_write, SYS_getrandom},
       {SYS_openat, SYS_unlinkat, SYS_recvmmsg, SYS_pwrite64}},
      {"collector",
       CONFINE_COLLECTOR,
       70,
       {SYS_recvmmsg, SYS_openat, SYS_fdatasync, SYS_pwrite64, SYS_getdents64, SYS_ftruncate},
       {SYS_socket, SYS_connect, SYS_bind, SYS_setsockopt}},
  };
  static const long never[] = {
      SYS_execve,  SYS_execveat, SYS_ptrace,       SYS_mount,          SYS_clone,
      SYS_clone3,  SYS_prctl,    SYS_seccomp,      SYS_kill,           SYS_setuid,
      SYS_chroot,  SYS_ioctl,    SYS_bpf,          SYS_io_uring_setup, SYS_process_vm_writev,
      SYS_unshare, SYS_keyctl,   SYS_memfd_create, SYS_prlimit64};
  for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
    long left[470];
    size_t count = survivors(rows[r].set, left, 470), kernels = 0, bad = 0;
    for (size_t i = 0; i < count; i++) kernels += is_kernels_own(left[i]);
    ok(count - kernels <= rows[r].most && count > 20, "%s: %zu of 470 calls are left", rows[r].name,
       count - kernels);
    for (size_t i = 0; i < 6; i++)
      ok(has(left, count, rows[r].allowed[i]), "%s: %ld is one", rows[r].name, rows[r].allowed[i]);
    for (size_t i = 0; i < 4; i++)
      ok(!has(left, count, rows[r].killed[i]), "%s: %ld is not", rows[r].name, rows[r].killed[i]);
    for (size_t i = 0; i < sizeof never / sizeof *never; i++) bad += has(left, count, never[i]);
    ok(bad == 0, "%s: no program, process, trace, mount, filter or memory of others", rows[r].name);
  }
}

static enum confine_set current;
static void enter_set(void) {
  if (confine_calls(current) != SANDBOX_ON) _exit(9);
}

/* Arguments. */
static void maps(int protection) {
  enter_set();
  void *at = mmap(NULL, 4096, protection, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  syscall(SYS_exit_group, at == MAP_FAILED);
}
static void maps_plainly(void) {
  maps(PROT_READ | PROT_WRITE);
}
static void maps_code(void) {
  maps(PROT_READ | PROT_EXEC);
}
static void protects_code(void) {
  static char page[8192];
  enter_set();
  syscall(SYS_mprotect, ((uintptr_t)page + 4095) & ~(uintptr_t)4095, 4096L,
          (long)(PROT_READ | PROT_WRITE | PROT_EXEC));
  syscall(SYS_exit_group, 0);
}
static void opens_socket(int family) {
  enter_set();
  int fd = socket(family, SOCK_DGRAM, 0);
  syscall(SYS_exit_group, fd < 0);
}
static void opens_inet(void) {
  opens_socket(AF_INET);
}
static void opens_unix(void) {
  opens_socket(AF_UNIX);
}
static void opens_netlink(void) {
  opens_socket(AF_NETLINK);
}
static void opens_family_of_the_high_half(void) {
  enter_set();
  syscall(SYS_socket, 0x100000000L + AF_INET, (long)SOCK_DGRAM,
          0L); /* as the kernel takes it: AF_INET */
  syscall(SYS_exit_group, 0);
}

static void arguments(void) {
  static const struct {
    const char *name;
    enum confine_set set;
    void (*act)(void);
    bool killed;
  } rows[] = {
      {"resolver: memory", CONFINE_RESOLVER, maps_plainly, false},
      {"resolver: memory for code", CONFINE_RESOLVER, maps_code, true},
      {"resolver: memory becomes code", CONFINE_RESOLVER, protects_code, true},
      {"resolver: a socket of IPv4", CONFINE_RESOLVER, opens_inet, false},
      {"resolver: a number whose low half is IPv4", CONFINE_RESOLVER, opens_family_of_the_high_half,
       false},
      {"resolver: a UNIX socket", CONFINE_RESOLVER, opens_unix, true},
      {"resolver: a netlink socket", CONFINE_RESOLVER, opens_netlink, true},
      {"collector: memory", CONFINE_COLLECTOR, maps_plainly, false},
      {"collector: memory for code", CONFINE_COLLECTOR, maps_code, true},
      {"collector: memory becomes code", CONFINE_COLLECTOR, protects_code, true},
      {"collector: a socket of IPv4", CONFINE_COLLECTOR, opens_inet, true},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    int status = 0;
    current = rows[i].set;
    pid_t child = fork();
    if (child == 0) rows[i].act();
    waitpid(child, &status, 0);
    if (rows[i].killed)
      ok(WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS, "%s: kills", rows[i].name);
    else ok(status == 0, "%s: works", rows[i].name);
  }
  struct sandbox_call many[SANDBOX_CHECKS_MAX + 1] = {{.number = 1}};
  ok(sandbox_checked(many, SANDBOX_CHECKS_MAX + 1) == SANDBOX_FAILED, "too many rows are refused");
  for (size_t i = 0; i < SANDBOX_CHECKS_MAX; i++) many[i].mask = 1;
  ok(sandbox_checked(many, SANDBOX_CHECKS_MAX) == SANDBOX_FAILED, "and too many with a mask");
}

static void calls(void) {
  static const struct {
    const char *name;
    void (*act)(void);
  } forbidden[] = {
      {"openat", opens},
      {"socket", makes_socket},
      {"execve", execs},
#ifdef __x86_64__
      {"the i386 entry", enters_by_int80},
      {"the x32 entry", enters_by_x32},
#endif
  };
  int status = run(allowed);
  ok(WIFEXITED(status) && WEXITSTATUS(status) == 0, "what is allowed works");
  for (size_t i = 0; i < sizeof forbidden / sizeof *forbidden; i++) {
    status = run(forbidden[i].act);
    ok(WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS, "%s kills the process",
       forbidden[i].name);
  }
  int many[SANDBOX_CALLS_MAX + 1] = {0};
  errno = 0;
  ok(sandbox_calls(many, SANDBOX_CALLS_MAX + 1) == SANDBOX_FAILED && errno == EINVAL,
     "too many calls are refused");
}

static int after_limits(void) {
  if (!sandbox_limits(2, 1)) return 8;
  if (fcntl(3, F_GETFD) != -1 || fcntl(40, F_GETFD) != -1) return 1;
  if (fcntl(2, F_GETFD) == -1) return 2;
  if (dup(0) != 3) return 3;
  if (dup(0) != -1) return 4;
  return 0;
}

/* As under an acceptor that left less than we would. */
static int under_lower_limits(void) {
  struct rlimit three = {3, 3};
  if (setrlimit(RLIMIT_NOFILE, &three) == -1) return 7;
  if (geteuid() == 0 && setuid(65534) == -1) return 6;
  return sandbox_limits(2, 1) && dup(0) == -1 ? 0 : 1;
}

static void limits(void) {
  int status = 0;
  pid_t child = fork();
  if (child == 0) {
    dup2(1, 3);
    dup2(1, 40);
    _exit(after_limits());
  }
  waitpid(child, &status, 0);
  ok(WIFEXITED(status) && WEXITSTATUS(status) == 0,
     "descriptors above 2 are closed, one is new and no other (%d)", WEXITSTATUS(status));
  child = fork();
  if (child == 0) _exit(under_lower_limits());
  waitpid(child, &status, 0);
  ok(WIFEXITED(status) && WEXITSTATUS(status) == 0, "lower limits stay (%d)", WEXITSTATUS(status));
}

/* A connected pair on loopback; returns both ends. */
static bool connect_pair(int pair[2], struct sockaddr_in *at) {
  socklen_t len = sizeof *at;
  int listener = socket(AF_INET, SOCK_STREAM, 0);
  *at = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
  if (bind(listener, (struct sockaddr *)at, len) == -1 || listen(listener, 1) == -1 ||
      getsockname(listener, (struct sockaddr *)at, &len) == -1)
    return false;
  pair[0] = socket(AF_INET, SOCK_STREAM, 0);
  bool connected = connect(pair[0], (struct sockaddr *)at, len) == 0;
  pair[1] = accept(listener, NULL, NULL);
  close(listener);
  return connected && pair[1] != -1;
}

static void sockets(void) {
  struct endpoint peer, local;
  struct sockaddr_in at;
  int pair[2] = {-1, -1}, unix_pair[2], pipes[2];
  char text[ADDR_TEXT_MAX];
  uint64_t rtt;
  ok(connect_pair(pair, &at) && pipe(pipes) == 0 &&
         socketpair(AF_UNIX, SOCK_STREAM, 0, unix_pair) == 0,
     "sockets and a pipe");
  ok(endpoint_ends(pair[1], &peer, &local) == SOCKET_INET, "a TCP socket");
  is_text(span_of(text, addr_format(text, &peer.ip)), "127.0.0.1", "its peer");
  ok(local.port == ntohs(at.sin_port) && peer.port != 0, "its ports");
  ok(endpoint_rtt_ms(pair[1], &rtt) && rtt < 1000, "its round trip time");
  ok(endpoint_ends(unix_pair[0], &peer, &local) == SOCKET_OTHER, "a UNIX socket");
  ok(!endpoint_rtt_ms(unix_pair[0], &rtt), "which has no such time");
  ok(endpoint_ends(pipes[0], &peer, &local) == SOCKET_NONE, "a pipe");
  ok(endpoint_ends(-1, &peer, &local) == SOCKET_NONE, "no descriptor");
  struct linger at_once = {1, 0};
  setsockopt(pair[0], SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  close(pair[0]);
  ok(endpoint_ends(pair[1], &peer, &local) == SOCKET_GONE, "a connection that was reset");
}

int main(void) {
  if (wants_filter()) {
    filters();
    programs();
    calls();
    sets();
    arguments();
  } else {
    ok(true, "# SKIP no system call filter in this build or kernel");
  }
  limits();
  sockets();
  return done();
}
