#include "sys/logfd.h"
#include <fcntl.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <unistd.h>

enum { CONNECTION = 0, LINE = 1, DIAGNOSTICS = 2 };

static bool is_output(int fd, const struct stat *connection) {
  struct stat there;
  if (fstat(fd, &there) == -1) return false;
  return there.st_ino != connection->st_ino || there.st_dev != connection->st_dev;
}

static int open_log(const char *path) {
  int fd = open(path, O_WRONLY | O_APPEND | O_NONBLOCK | O_NOCTTY);
  if (fd != -1 && fcntl(fd, F_SETFL, O_APPEND) == -1) return -1;
  return fd;
}

static bool put_on(int fd, int target) {
  return fd == target || dup2(fd, target) != -1;
}

enum logfd logfd_make(const char *path) {
  struct stat connection = {.st_ino = 0};
  fstat(CONNECTION, &connection); /* if it is not open, no other descriptor equals it */
  bool out = is_output(LINE, &connection), diagnostics = is_output(DIAGNOSTICS, &connection);
  if (!diagnostics) close(DIAGNOSTICS);
  if (out) return LOGFD_OK;
  if (diagnostics) return put_on(DIAGNOSTICS, LINE) ? LOGFD_OK : LOGFD_FAILED;
  if (!path) return LOGFD_NONE;
  int log = open_log(path);
  bool placed = log != -1 && put_on(log, LINE) && put_on(log, DIAGNOSTICS);
  return placed ? LOGFD_OK : LOGFD_FAILED;
}
