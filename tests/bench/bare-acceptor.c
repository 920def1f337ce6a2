/* bare-acceptor PORT PROGRAM: accepts, vforks, execs, and nothing else: it counts nobody, knows of
   no end, and has no environment to make. The yardstick for sinbin-listen. */
#include <arpa/inet.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

extern char **environ;

int main(int argc, char **argv) {
  struct sockaddr_in in = {.sin_family = AF_INET};
  struct sigaction no_wait = {.sa_handler = SIG_DFL, .sa_flags = SA_NOCLDWAIT};
  int one = 1, listening = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (argc != 3 || listening < 0) return 100;
  in.sin_port = htons((uint16_t)atoi(argv[1]));
  in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  setsockopt(listening, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  sigaction(SIGCHLD, &no_wait, NULL);
  if (bind(listening, (struct sockaddr *)&in, sizeof in) != 0 || listen(listening, 4096) != 0)
    return 111;
  for (;;) {
    int fd = accept4(listening, NULL, NULL, SOCK_CLOEXEC);
    if (fd < 0) continue;
    if (vfork() == 0) {
      dup2(fd, 0);
      execve(argv[2], argv + 2, environ);
      _exit(111);
    }
    close(fd);
  }
}
