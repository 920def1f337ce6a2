#include "base/outlet.h"
#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

void outlet_open_plain(struct outlet *o, int fd, bool is_socket) {
  *o = (struct outlet){.fd = fd, .pipe = {-1, -1}, .is_socket = is_socket};
}

void outlet_open_tcp(struct outlet *o, int fd) {
  outlet_open_plain(o, fd, true);
  /* Linux before 6.5 heeds this flag alone when it splices into a socket, not the call's own. */
  if (fcntl(fd, F_SETFL, O_RDWR | O_NONBLOCK) == -1) return;
  if (pipe2(o->pipe, O_CLOEXEC | O_NONBLOCK) == -1) return;
  /* Of one page: a user's pipes may hold 16,384 pages together before new ones are cut short. */
  fcntl(o->pipe[1], F_SETPIPE_SZ, OUTLET_MAX);
  o->splices = OUTLET_SPLICES;
}

static ssize_t send_plain(const struct outlet *o, struct span text) {
  return o->is_socket ? send(o->fd, text.s, text.len, MSG_DONTWAIT | MSG_NOSIGNAL)
                      : write(o->fd, text.s, text.len);
}

/* What the connection did not take; the caller still has it. False where the pipe is not empty now.
 */
static bool empty_pipe(const struct outlet *o, size_t left) {
  char waste[512];
  while (left) {
    ssize_t got = read(o->pipe[0], waste, left < sizeof waste ? left : sizeof waste);
    if (got <= 0) return false;
    left -= (size_t)got;
  }
  return true;
}

static ssize_t send_spliced(struct outlet *o, struct span text) {
  ssize_t put = write(o->pipe[1], text.s, text.len < OUTLET_MAX ? text.len : OUTLET_MAX);
  if (put <= 0) {
    o->splices = 0;
    return send_plain(o, text);
  }
  ssize_t sent = splice(o->pipe[0], NULL, o->fd, NULL, (size_t)put, SPLICE_F_NONBLOCK);
  int error = errno;
  o->splices--;
  if (!empty_pipe(o, (size_t)(put - (sent > 0 ? sent : 0)))) o->splices = 0;
  errno = error;
  return sent;
}

ssize_t outlet_send(struct outlet *o, struct span text) {
  return o->splices > 0 && text.len ? send_spliced(o, text) : send_plain(o, text);
}
