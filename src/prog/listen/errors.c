/* Logs the errors that workers left in the listener. */
#include "prog/listen/listen.h"
#include "sys/diag.h"
#include <poll.h>

const char *format_number(char out[NUMBER_MAX + 1], uint64_t number) {
  out[number_format(out, number)] = '\0';
  return out;
}

const char *format_socket(char out[SOCKET_NAME_MAX], const struct addr *address, uint16_t port) {
  size_t len = addr_format(out, address);
  out[len++] = '/';
  format_number(out + len, port);
  return out;
}

bool errors_can_write(int fd) {
  struct pollfd wait = {.fd = fd, .events = POLLOUT};
  return poll(&wait, 1, 0) != 0;
}

void errors_warn(struct ratelimit *limit, int64_t now, const char *what, int error) {
  char times[NUMBER_MAX + 1];
  uint64_t occurred;
  if (!errors_can_write(2)) {
    limit->count++;
    return;
  }
  if (!ratelimit_allow(limit, now, WARNING_MS, &occurred)) return;
  diag_log("warning", error, diag_parts(what, " (", format_number(times, occurred), " times)"));
}

void errors_log(struct server *s) {
  static const char *const what[LISTENER_ERRORS] = {
      [LISTENER_ACCEPT_FAILED] = "unable to accept",
      [LISTENER_FORK_FAILED] = "unable to start a process",
      [LISTENER_EXEC_FAILED] = "unable to run the handler",
      [LISTENER_RULES_DAMAGED] = "the rules are damaged, refusing connections",
      [LISTENER_WATCH_FAILED] = "unable to watch a handler",
  };
  for (int i = 0; i < LISTENER_ERRORS; i++) {
    struct error_count errors = listener_take_errors(&s->listener, (enum listener_error)i);
    if (errors.count == 0) continue;
    s->errors[i].count += errors.count - 1;
    errors_warn(&s->errors[i], s->now, what[i], errors.error);
  }
}

/* Any program that shares a socket can shut it down. Only a restart, with a new socket, helps then. */
bool errors_check_sockets(struct server *s) {
  char name[SOCKET_NAME_MAX];
  struct failed_socket failed = listener_failed_socket(&s->listener);
  if (!failed.found || s->stop_at) return false;
  const struct endpoint *address = &s->addresses[failed.socket];
  format_socket(name, &address->ip, address->port);
  diag_log("fatal", failed.error, diag_parts("the socket ", name, " stopped listening, exiting"));
  return true;
}
