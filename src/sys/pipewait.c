#include "sys/pipewait.h"
#include "sys/diag.h"
#include <poll.h>
#include <unistd.h>

/* POLLERR on the writing end of a pipe, POLLHUP on a terminal or a socket; a file has neither. */
bool pipewait_input(int in, int out) {
  struct pollfd fds[2] = {{.fd = in, .events = POLLIN}, {.fd = out, .events = 0}};
  if (poll(fds, 2, -1) <= 0 || fds[0].revents) return true;
  return !(fds[1].revents & (POLLERR | POLLHUP));
}

_Noreturn void pipewait_leave(void) {
  log_info("the reader of the output has ended, and so does this program");
  _exit(EXIT_TEMPORARY);
}
