#include "sys/pipewait.h"
#include "sys/diag.h"
#include <poll.h>
#include <unistd.h>

/* A closed reader is POLLERR on a pipe, and POLLHUP on a terminal or a socket. A file has neither. */
bool pipewait_input(int in, int out) {
  struct pollfd fds[2] = {{.fd = in, .events = POLLIN}, {.fd = out, .events = 0}};
  if (poll(fds, 2, -1) <= 0 || fds[0].revents) return true;
  return !(fds[1].revents & (POLLERR | POLLHUP));
}

_Noreturn void pipewait_leave(void) {
  log_info("the reader of the output has exited; exiting");
  _exit(EXIT_TEMPORARY);
}
