#include "base/placement.h"
#include "base/socketfacts.h"
#include <fcntl.h>
#include <unistd.h>

enum { CONNECTION = 0, LINE = 1, DIAGNOSTICS = 2 };

static bool is_place(int fd) {
  return fcntl(fd, F_GETFD) != -1 && !socketfacts_same(fd, CONNECTION);
}

static int open_log(const char *path) {
  int fd = open(path, O_WRONLY | O_APPEND | O_NONBLOCK | O_NOCTTY);
  if (fd != -1 && fcntl(fd, F_SETFL, O_APPEND) == -1) return -1;
  return fd;
}

static bool put_on(int fd, int target) {
  return fd == target || dup2(fd, target) != -1;
}

enum placement placement_make(const char *path) {
  bool out = is_place(LINE), diagnostics = is_place(DIAGNOSTICS);
  if (!diagnostics) close(DIAGNOSTICS);
  if (out) return PLACEMENT_OK;
  if (diagnostics) return put_on(DIAGNOSTICS, LINE) ? PLACEMENT_OK : PLACEMENT_FAILED;
  if (!path) return PLACEMENT_NONE;
  int log = open_log(path);
  bool placed = log != -1 && put_on(log, LINE) && put_on(log, DIAGNOSTICS);
  return placed ? PLACEMENT_OK : PLACEMENT_FAILED;
}
