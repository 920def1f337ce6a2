/* What a process in the sandbox can and cannot do, each tried in a child of its own. */
#include "base/sandbox.h"
#include "base/socketfacts.h"
#include "tap.h"
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static void enter(void) {
  static const int calls[] = {SYS_write, SYS_exit_group};
  if (sandbox_calls(calls, sizeof calls / sizeof *calls) == SANDBOX_FAILED) _exit(9);
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

static bool has_filter(void) {
  int status = 0;
  pid_t child = fork();
  if (child == 0) {
    static const int calls[] = {SYS_exit_group};
    sandbox_limits(2, 0);
    _exit(sandbox_calls(calls, 1) == SANDBOX_ON ? 0 : 1);
  }
  waitpid(child, &status, 0);
  return status == 0;
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
  ok(sandbox_calls(many, SANDBOX_CALLS_MAX + 1) == SANDBOX_FAILED, "too many calls are refused");
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
  ok(socketfacts_ends(pair[1], &peer, &local) == SOCKET_INET, "a TCP socket");
  is_text(span_of(text, addr_format(text, &peer.ip)), "127.0.0.1", "its peer");
  ok(local.port == ntohs(at.sin_port) && peer.port != 0, "its ports");
  ok(socketfacts_rtt_ms(pair[1], &rtt) && rtt < 1000, "its round trip time");
  ok(socketfacts_ends(unix_pair[0], &peer, &local) == SOCKET_OTHER, "a UNIX socket");
  ok(!socketfacts_rtt_ms(unix_pair[0], &rtt), "which has no such time");
  ok(socketfacts_ends(pipes[0], &peer, &local) == SOCKET_NONE, "a pipe");
  ok(socketfacts_ends(-1, &peer, &local) == SOCKET_NONE, "no descriptor");
  struct linger at_once = {1, 0};
  setsockopt(pair[0], SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  close(pair[0]);
  ok(socketfacts_ends(pair[1], &peer, &local) == SOCKET_GONE, "a connection that was reset");
}

int main(void) {
  if (has_filter()) calls();
  else ok(true, "# SKIP no system call filter in this build or kernel");
  limits();
  sockets();
  return done();
}
