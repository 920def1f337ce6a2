/* Whichever way texts go out, the same bytes arrive; nothing waits and nothing is lost or doubled.
 */
#include "base/outlet.h"
#include "tap.h"
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

enum { TEXT = 400, TEXTS = 200 };

static void fill(char *text, size_t at) {
  for (size_t i = 0; i < TEXT; i++) text[i] = (char)((at * TEXT + i) * 31 % 251);
}

/* Sender and receiver, the receiver with as little room as can be had. */
static bool connect_pair(int pair[2]) {
  struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
  socklen_t len = sizeof at;
  int little = 1, listener = socket(AF_INET, SOCK_STREAM, 0);
  if (bind(listener, (struct sockaddr *)&at, len) == -1 || listen(listener, 1) == -1 ||
      getsockname(listener, (struct sockaddr *)&at, &len) == -1)
    return false;
  pair[1] = socket(AF_INET, SOCK_STREAM, 0);
  setsockopt(pair[1], SOL_SOCKET, SO_RCVBUF, &little, sizeof little);
  bool connected = connect(pair[1], (struct sockaddr *)&at, len) == 0;
  pair[0] = accept(listener, NULL, NULL);
  setsockopt(pair[0], SOL_SOCKET, SO_SNDBUF, &little, sizeof little);
  close(listener);
  return connected && pair[0] != -1;
}

static bool pipe_is_empty(const struct outlet *o) {
  int held = 0;
  return o->pipe[0] == -1 || (ioctl(o->pipe[0], FIONREAD, &held) == 0 && held == 0);
}

/* Reads what is there and compares it with what should be. */
static bool take(int fd, size_t *received) {
  char got[1000], want[TEXT];
  ssize_t n;
  while ((n = recv(fd, got, sizeof got, MSG_DONTWAIT)) > 0)
    for (ssize_t i = 0; i < n; i++, (*received)++) {
      fill(want, *received / TEXT);
      if (got[i] != want[*received % TEXT]) return false;
    }
  return true;
}

/* Sends all texts as a handler does; the peer reads only when nothing more goes out. False where a
   byte is wrong or missing. */
static bool send_all(struct outlet *o, int peer, int *stuck) {
  size_t received = 0;
  for (size_t at = 0; at < TEXTS; at++) {
    char text[TEXT];
    size_t done = 0;
    fill(text, at);
    while (done < TEXT) {
      ssize_t sent = outlet_send(o, span_of(text + done, TEXT - done));
      if (!pipe_is_empty(o) || (sent == -1 && errno != EAGAIN)) return false;
      if (sent == -1) {
        struct pollfd writable = {.fd = o->fd, .events = POLLOUT};
        ++*stuck;
        if (!take(peer, &received)) return false;
        poll(&writable, 1, 50);
      } else {
        done += (size_t)sent;
      }
    }
  }
  struct pollfd readable = {.fd = peer, .events = POLLIN};
  while (received < (size_t)TEXT * TEXTS && poll(&readable, 1, 5000) == 1)
    if (!take(peer, &received)) return false;
  return received == (size_t)TEXT * TEXTS;
}

static void bytes(void) {
  static const struct {
    const char *name;
    int splices; /* -1: without a pipe */
  } ways[] = {{"by the pipe first, then plainly", OUTLET_SPLICES},
              {"by the pipe alone", 1000000},
              {"plainly", -1}};
  for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
    struct outlet o;
    int pair[2] = {-1, -1}, stuck = 0;
    ok(connect_pair(pair), "%s: a connection", ways[i].name);
    if (ways[i].splices == -1) {
      outlet_open_plain(&o, pair[0], true);
    } else {
      outlet_open_tcp(&o, pair[0]);
      ok(o.splices == OUTLET_SPLICES && pipe_is_empty(&o), "%s: there is a pipe", ways[i].name);
      o.splices = ways[i].splices;
    }
    ok(send_all(&o, pair[1], &stuck), "%s: every byte arrives, in order", ways[i].name);
    ok(stuck > 0, "%s: though there was no room at times", ways[i].name);
    ok(ways[i].splices == -1 || (o.splices < ways[i].splices && o.splices >= 0),
       "%s: and it was the way", ways[i].name);
    close(pair[1]);
    for (int tries = 0; tries < 3; tries++) outlet_send(&o, span_str("more"));
    ok(outlet_send(&o, span_str("more")) == -1 && (errno == EPIPE || errno == ECONNRESET),
       "%s: a peer that is gone is an error", ways[i].name);
    close(pair[0]);
    close(o.pipe[0]);
    close(o.pipe[1]);
  }
}

static void others(void) {
  struct outlet o;
  int pipes[2];
  char got[8];
  ok(pipe(pipes) == 0, "a pipe");
  outlet_open_plain(&o, pipes[1], false);
  ok(outlet_send(&o, span_str("text")) == 4 && read(pipes[0], got, sizeof got) == 4 &&
         memcmp(got, "text", 4) == 0,
     "what is no socket is written");
  outlet_open_tcp(&o, -1);
  ok(o.splices == 0 && outlet_send(&o, span_str("text")) == -1, "no descriptor: no pipe, an error");
}

int main(void) {
  signal(SIGPIPE, SIG_IGN);
  bytes();
  others();
  return done();
}
