/* What changes in a directory wakes who waits, once it is drained only for what comes later. */
#include "follow/dirwatch.h"
#include "tap.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static char dir[] = "/tmp/sinbin-notices-XXXXXX", path[64], other[64], moved[64];
static int fd;

static bool is_woken(void) {
  struct pollfd p = {.fd = fd, .events = POLLIN};
  bool woken = poll(&p, 1, 0) > 0;
  dirwatch_drain(fd);
  return woken;
}

int main(void) {
  if (!mkdtemp(dir)) return 111;
  snprintf(path, sizeof path, "%s/current", dir);
  snprintf(other, sizeof other, "%s/previous", dir);
  snprintf(moved, sizeof moved, "%s.moved", dir);
  ok(dirwatch_open("/no/such") < 0 && errno == ENOENT, "no such directory");
  fd = dirwatch_open(dir);
  ok(fd >= 0 && !is_woken(), "a directory in which nothing happens");
  int file = open(path, O_WRONLY | O_CREAT | O_APPEND, 0600);
  ok(is_woken() && !is_woken(), "a file is made");
  ok(write(file, "x\n", 2) == 2 && is_woken() && !is_woken(), "written to");
  ok(ftruncate(file, 0) == 0 && is_woken(), "emptied");
  ok(rename(path, other) == 0 && is_woken(), "renamed");
  ok(unlink(other) == 0 && is_woken(), "deleted");
  ok(rename(dir, moved) == 0 && is_woken(), "the directory is renamed");
  ok(close(file) == 0 && rmdir(moved) == 0 && is_woken(), "and deleted");
  ok(dirwatch_open(path) < 0, "a name that is gone");
  dirwatch_drain(-1);
  ok(true, "no descriptor is drained without effect");
  return done();
}
