/* Whichever way texts go out, the same bytes arrive; nothing waits and nothing is lost or doubled.
 */
#include "sys/splicesend.h"
#include "tap.h"
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { TEXT = 400, TEXTS = 200 };

/* How often splice(2) was called; no_splice: as where the system has none. */
static int splices;
static bool no_splice;

ssize_t splice(int in, off64_t *in_at, int out, off64_t *out_at, size_t len, unsigned int flags) {
  splices++;
  errno = ENOSYS;
  return no_splice ? -1 : syscall(SYS_splice, in, in_at, out, out_at, len, flags);
}

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
static bool send_all(struct splicesend *o, int peer, int *stuck) {
  size_t received = 0;
  for (size_t at = 0; at < TEXTS; at++) {
    char text[TEXT];
    size_t done = 0;
    fill(text, at);
    while (done < TEXT) {
      ssize_t sent = splicesend_send(o, span_of(text + done, TEXT - done));
      if (sent == -1 && errno != EAGAIN) return false;
      if (sent == -1) {
        struct pollfd writable = {.fd = o->fd, .events = POLLOUT};
        if (++*stuck > 100000) return false;
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

static int files_open(void) {
  int count = 0;
  for (int fd = 0; fd < 256; fd++) count += fcntl(fd, F_GETFD) != -1;
  return count;
}

static void bytes(void) {
  static const struct {
    const char *name;
    enum splicesend_kind kind;
    int splices;
  } ways[] = {{"spliced first, then sent", SPLICESEND_TCP, SPLICESEND_SPLICES},
              {"spliced alone", SPLICESEND_TCP, 1000000},
              {"sent", SPLICESEND_SOCKET, 0}};
  for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
    int pair[2] = {-1, -1}, stuck = 0;
    ok(connect_pair(pair), "%s: a connection", ways[i].name);
    struct splicesend o = splicesend_make(pair[0], ways[i].kind);
    ok(o.splices == (ways[i].kind == SPLICESEND_TCP ? SPLICESEND_SPLICES : 0), "%s: begins so",
       ways[i].name);
    o.splices = ways[i].splices;
    int files = files_open();
    splices = 0;
    ok(send_all(&o, pair[1], &stuck), "%s: every byte arrives, in order", ways[i].name);
    ok(stuck > 0, "%s: though there was no room at times", ways[i].name);
    ok(o.splices >= 0 && (o.splices < ways[i].splices || ways[i].splices == 0),
       "%s: and it was the way", ways[i].name);
    ok(ways[i].splices <= SPLICESEND_SPLICES || o.splices > 0, "%s: to the end", ways[i].name);
    ok(ways[i].splices ? splices > 0 && splices <= ways[i].splices : splices == 0, "%s: %d splices",
       ways[i].name, splices);
    ok(files_open() == files, "%s: no descriptor stays", ways[i].name);
    close(pair[1]);
    for (int tries = 0; tries < 3; tries++) splicesend_send(&o, span_str("more"));
    ok(splicesend_send(&o, span_str("more")) == -1 && (errno == EPIPE || errno == ECONNRESET),
       "%s: a peer that is gone is an error", ways[i].name);
    close(pair[0]);
  }
}

/* Where no descriptor is left the text is sent. */
static void no_pipe(void) {
  struct rlimit files, few;
  int pair[2] = {-1, -1};
  char got[8];
  ok(connect_pair(pair) && getrlimit(RLIMIT_NOFILE, &files) == 0, "a connection");
  struct splicesend o = splicesend_make(pair[0], SPLICESEND_TCP);
  few = files;
  few.rlim_cur = 0;
  setrlimit(RLIMIT_NOFILE, &few);
  ssize_t sent = splicesend_send(&o, span_str("text"));
  setrlimit(RLIMIT_NOFILE, &files);
  ok(sent == 4 && o.splices == SPLICESEND_SPLICES, "without a pipe a text is sent");
  ok(recv(pair[1], got, sizeof got, 0) == 4 && memcmp(got, "text", 4) == 0, "and arrives");
  close(pair[0]);
  close(pair[1]);
}

/* What cannot be spliced is sent, and splicing is not tried again. */
static void refused(void) {
  int pair[2] = {-1, -1};
  char got[9];
  ok(connect_pair(pair), "a connection");
  struct splicesend o = splicesend_make(pair[0], SPLICESEND_TCP);
  no_splice = true;
  splices = 0;
  ok(splicesend_send(&o, span_str("text")) == 4 && o.splices == 0 && splices == 1,
     "a text that cannot be spliced is sent");
  ok(splicesend_send(&o, span_str("more")) == 4 && splices == 1, "and the next one at once");
  no_splice = false;
  ok(recv(pair[1], got, sizeof got, MSG_WAITALL | MSG_DONTWAIT) == 8 &&
         memcmp(got, "textmore", 8) == 0,
     "both arrive, once");
  close(pair[0]);
  close(pair[1]);
}

static void others(void) {
  int pipes[2];
  char got[8];
  ok(pipe(pipes) == 0, "a pipe");
  struct splicesend o = splicesend_make(pipes[1], SPLICESEND_FILE);
  ok(splicesend_send(&o, span_str("text")) == 4 && read(pipes[0], got, sizeof got) == 4 &&
         memcmp(got, "text", 4) == 0,
     "what is no socket is written");
  o = splicesend_make(-1, SPLICESEND_TCP);
  ok(o.splices == 0 && splicesend_send(&o, span_str("text")) == -1, "no descriptor: an error");
}

int main(void) {
  signal(SIGPIPE, SIG_IGN);
  bytes();
  no_pipe();
  refused();
  others();
  return done();
}
