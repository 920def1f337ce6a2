/* A supervisor is told by a newline or by datagrams; one that is not there is an error that is only
 * returned. */
#include "sys/notify.h"
#include "tap.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

static char dir[] = "/tmp/sinbin-notify-XXXXXX";

/* A manager at the path, or at an abstract name where it begins with @. */
static int manager(const char *path) {
  struct sockaddr_un at = {.sun_family = AF_UNIX};
  int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
  size_t len = strlen(path);
  memcpy(at.sun_path, path, len);
  if (*path == '@') at.sun_path[0] = '\0';
  socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len + (*path != '@'));
  return fd >= 0 && bind(fd, (const struct sockaddr *)&at, size) == 0 ? fd : -1;
}

static struct span heard(int fd) {
  static char text[128];
  ssize_t got = recv(fd, text, sizeof text, 0);
  return span_of(text, got < 0 ? 0 : (size_t)got);
}

static void newline(void) {
  int pipes[2];
  char got[4];
  ok(pipe(pipes) == 0 && notify_newline(pipes[1]), "a newline");
  ok(read(pipes[0], got, sizeof got) == 1 && got[0] == '\n' && read(pipes[0], got, 1) == 0,
     "and the end: it is closed");
  close(pipes[0]);
  ok(pipe(pipes) == 0 && close(pipes[0]) == 0 && !notify_newline(pipes[1]) &&
         fcntl(pipes[1], F_GETFD) == -1,
     "nobody reads: false, and closed");
  ok(!notify_newline(-1), "no descriptor");
}

static void datagrams(const char *path) {
  struct notify n;
  int fd = manager(path);
  ok(fd >= 0 && notify_open(&n, path) && n.fd >= 0, "%s: opened", path);
  ok(fcntl(n.fd, F_GETFD) == FD_CLOEXEC, "%s: closed across exec", path);
  ok(notify_send(&n, "READY=1\nSTATUS=x"), "%s: told", path);
  is_text(heard(fd), "READY=1\nSTATUS=x", "%s: heard", path);
  close(fd);
  unlink(path);
  ok(!notify_send(&n, "x"), "%s: nobody is there", path);
  fd = manager(path);
  ok(notify_send(&n, "again"), "%s: a new one at the same place", path);
  is_text(heard(fd), "again", "%s: hears", path);
  close(fd);
  close(n.fd);
  unlink(path);
  ok(notify_open(&n, path), "%s: not there yet", path);
  fd = manager(path);
  ok(notify_send(&n, "late"), "%s: and then is", path);
  is_text(heard(fd), "late", "%s: hears", path);
  close(fd);
  close(n.fd);
  unlink(path);
}

static void addresses(void) {
  char longest[sizeof((struct sockaddr_un *)0)->sun_path + 1];
  struct notify n;
  ok(notify_open(&n, NULL) && n.fd == -1 && notify_send(&n, "x"), "nobody to tell");
  static const char *const bad[] = {"", "/", "@", "relative", "x"};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
    ok(!notify_open(&n, bad[i]) && errno == EINVAL && n.fd == -1, "\"%s\" is no address", bad[i]);
  memset(longest, 'x', sizeof longest);
  longest[0] = '/';
  longest[sizeof longest - 1] = '\0';
  ok(!notify_open(&n, longest) && errno == EINVAL, "a path that is a byte too long");
  longest[sizeof longest - 2] = '\0';
  ok(notify_open(&n, longest), "the longest");
  if (n.fd >= 0) close(n.fd);
}

int main(void) {
  char path[64], abstract[64];
  signal(SIGPIPE, SIG_IGN);
  ok(mkdtemp(dir) != NULL, "a directory to work in");
  snprintf(path, sizeof path, "%s/socket", dir);
  snprintf(abstract, sizeof abstract, "@sinbin-notify-%d", getpid());
  newline();
  datagrams(path);
  datagrams(abstract);
  addresses();
  rmdir(dir);
  return done();
}
