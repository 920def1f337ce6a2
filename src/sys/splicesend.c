#include "sys/splicesend.h"
#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

struct splicesend splicesend_make(int fd, enum splicesend_kind kind) {
  struct splicesend o = {.fd = fd, .is_socket = kind != SPLICESEND_FILE};
  /* Before Linux 6.5, splicing into a socket obeys only this flag, not the flag of the call. */
  if (kind == SPLICESEND_SOCKET || fcntl(fd, F_SETFL, O_RDWR | O_NONBLOCK) == -1) return o;
  if (kind == SPLICESEND_TCP) o.splices = SPLICESEND_SPLICES;
  return o;
}

static ssize_t send_plain(const struct splicesend *o, struct span text) {
  return o->is_socket ? send(o->fd, text.s, text.len, MSG_DONTWAIT | MSG_NOSIGNAL)
                      : write(o->fd, text.s, text.len);
}

/* Errors of the connection, which send(2) would return, too. */
static bool is_of_connection(int error) {
  static const int errors[] = {EAGAIN,    EINTR,        EPIPE,        ECONNRESET,  ECONNABORTED,
                               ETIMEDOUT, ENOTCONN,     EHOSTUNREACH, ENETUNREACH, ENETDOWN,
                               EHOSTDOWN, ECONNREFUSED, ENETRESET,    ENOPROTOOPT, EPROTO};
  for (size_t i = 0; i < sizeof errors / sizeof *errors; i++)
    if (error == errors[i]) return true;
  return false;
}

/* Bytes that the connection does not take are dropped with the pipe; the caller still has them. If
   splice(2) is refused or missing, it is not tried again. */
static ssize_t send_spliced(struct splicesend *o, struct span text, const int pipe[2]) {
  ssize_t put = write(pipe[1], text.s, text.len < SPLICESEND_MAX ? text.len : SPLICESEND_MAX);
  if (put <= 0) return send_plain(o, text);
  ssize_t sent = splice(pipe[0], NULL, o->fd, NULL, (size_t)put, SPLICE_F_NONBLOCK);
  if (sent > 0 || (sent < 0 && is_of_connection(errno))) return sent;
  o->splices = 1;
  return send_plain(o, text);
}

ssize_t splicesend_send(struct splicesend *o, struct span text) {
  int pipe[2];
  if (o->splices == 0 || text.len == 0 || pipe2(pipe, O_CLOEXEC | O_NONBLOCK) == -1)
    return send_plain(o, text);
  ssize_t sent = send_spliced(o, text, pipe);
  int error = errno;
  o->splices--;
  close(pipe[0]);
  close(pipe[1]);
  errno = error;
  return sent;
}
