/* Lines passed on to a reader that does not read: what waits, what is written, and when it stops.
 */
#include "sys/pipeout.h"
#include "tap.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <unistd.h>

static volatile sig_atomic_t stop;
static sigset_t mask;
static struct pipeout out;
static char line[65536], taken[1 << 20];

static void open_pipe(int fd[2], int size) {
  if (pipe(fd) != 0) _exit(111);
  if (size) fcntl(fd[1], F_SETPIPE_SZ, size);
  fcntl(fd[0], F_SETFL, O_NONBLOCK);
  stop = 0;
  pipeout_init(&out, fd[1], &mask, &stop);
}

static void close_pipe(const int fd[2]) {
  close(fd[0]);
  close(fd[1]);
}

/* All that is in the pipe now. */
static struct span take(int fd) {
  size_t len = 0;
  ssize_t got;
  while ((got = read(fd, taken + len, sizeof taken - len)) > 0) len += (size_t)got;
  return span_of(taken, len);
}

static size_t bytes_of(int fd) {
  return take(fd).len;
}

static void gathering(void) {
  int fd[2];
  open_pipe(fd, 1 << 20);
  ok(pipeout_put_line(&out, span_str("one")) && pipeout_put_line(&out, span_str("")), "two lines");
  ok(bytes_of(fd[0]) == 0, "are gathered");
  ok(pipeout_put(&out, span_str("rest")) && pipeout_flush(&out) && out.len == 0, "and flushed");
  is_text(take(fd[0]), "one\n\nrest", "as they are");
  for (int i = 0; i < 3; i++)
    ok(pipeout_put_line(&out, span_of(line, 40000)), "a line of 40,000 bytes, number %d", i + 1);
  ok(bytes_of(fd[0]) == 2 * 40001 && out.len == 40001, "what has no room is written first");
  ok(pipeout_flush(&out) && bytes_of(fd[0]) == 40001, "and the last one by the flush");
  ok(pipeout_put_line(&out, span_of(line, PIPEOUT_BYTES - 1)) && out.len == PIPEOUT_BYTES,
     "the longest line");
  ok(pipeout_put_line(&out, span_str("x")) && out.len == 2, "and another one after it");
  ok(bytes_of(fd[0]) == PIPEOUT_BYTES, "never without its LF");
  close_pipe(fd);
}

/* The reader takes one read a while; nothing that it finds ends within a line. */
struct reader {
  int fd;
  size_t bytes, lines, torn;
};

static void *read_slowly(void *arg) {
  struct reader *r = arg;
  char buf[65536];
  fcntl(r->fd, F_SETFL, 0);
  for (ssize_t got; (got = read(r->fd, buf, sizeof buf)) > 0; usleep(2000)) {
    r->bytes += (size_t)got;
    r->torn += buf[got - 1] != '\n' && got < (ssize_t)sizeof buf;
    for (ssize_t i = 0; i < got; i++) r->lines += buf[i] == '\n';
  }
  return NULL;
}

static void whole_lines(void) {
  int fd[2];
  pthread_t thread;
  open_pipe(fd, 0);
  struct reader reader = {.fd = fd[0]};
  if (pthread_create(&thread, NULL, read_slowly, &reader) != 0) _exit(111);
  size_t bytes = 0;
  bool put = true;
  for (size_t i = 0; i < 2000; i++) {
    size_t len = i % 7 == 0 ? 5000 + i : i % 900;
    put = put && pipeout_put_line(&out, span_of(line, len));
    bytes += len + 1;
  }
  ok(put && pipeout_flush(&out), "two thousand lines, short and long, to a slow reader");
  close(fd[1]);
  pthread_join(thread, NULL);
  ok(reader.bytes == bytes && reader.lines == 2000, "all arrive");
  ok(reader.torn == 0, "and whatever it reads ends with a line");
  close(fd[0]);
}

static void *drain_later(void *arg) {
  const int *fd = arg;
  usleep(300000);
  if (read(*fd, taken, PIPE_BUF) != PIPE_BUF) _exit(111); /* not what is written next */
  return NULL;
}

static void stopping(void) {
  int fd[2];
  pthread_t thread;
  open_pipe(fd, PIPE_BUF);
  pipeout_put_line(&out, span_of(line, PIPE_BUF - 1));
  ok(pipeout_flush(&out), "a pipe is filled");
  pipeout_put_line(&out, span_str("more"));
  stop = 1;
  if (pthread_create(&thread, NULL, drain_later, &fd[0]) != 0) _exit(111);
  ok(pipeout_flush(&out), "after a stop a reader still has some seconds");
  pthread_join(thread, NULL);
  is_text(take(fd[0]), "more\n", "and gets the line");
  pipeout_put_line(&out, span_of(line, PIPE_BUF - 1));
  pipeout_flush(&out);
  pipeout_put_line(&out, span_str("more"));
  ok(!pipeout_flush(&out) && errno == EINTR && out.len == 5, "one that never reads is given up");
  close(fd[0]);
  ok(!pipeout_flush(&out) && errno == EPIPE && out.len == 5, "as is one that is gone");
  close(fd[1]);
}

static void no_handler(int number) {
  (void)number;
}

struct waiting {
  pthread_t thread;
  int fd;
};

static void *interrupt_and_drain(void *arg) {
  const struct waiting *w = arg;
  usleep(100000);
  pthread_kill(w->thread, SIGUSR1);
  usleep(100000);
  if (read(w->fd, taken, PIPE_BUF) != PIPE_BUF) _exit(111);
  return NULL;
}

/* A signal that does not stop the program does not end the wait. */
static void interrupted(void) {
  int fd[2];
  pthread_t thread;
  signal(SIGUSR1, no_handler);
  open_pipe(fd, PIPE_BUF);
  struct waiting self = {pthread_self(), fd[0]};
  pipeout_put_line(&out, span_of(line, PIPE_BUF - 1));
  ok(pipeout_flush(&out), "a pipe is filled");
  pipeout_put_line(&out, span_str("more"));
  if (pthread_create(&thread, NULL, interrupt_and_drain, &self) != 0) _exit(111);
  ok(pipeout_flush(&out), "a signal comes, and then there is room");
  pthread_join(thread, NULL);
  is_text(take(fd[0]), "more\n", "the line is written");
  close_pipe(fd);
}

/* A pipe that takes a short line, but not a long one. */
static void no_room_for_a_long_line(void) {
  int fd[2];
  open_pipe(fd, 4 * PIPE_BUF);
  pipeout_put_line(&out, span_of(line, PIPE_BUF - 1));
  ok(pipeout_flush(&out), "a page of four");
  pipeout_put_line(&out, span_str("x"));
  ok(pipeout_flush(&out), "and a bit of the next one");
  stop = 1;
  pipeout_put_line(&out, span_of(line, PIPE_BUF));
  ok(!pipeout_flush(&out) && errno == EINTR && out.len == PIPE_BUF + 1,
     "a line for which there never is room is given up");
  ok(bytes_of(fd[0]) == PIPE_BUF + 2, "whole");
  ok(pipeout_flush(&out) && bytes_of(fd[0]) == PIPE_BUF + 1, "and written when there is room");
  close_pipe(fd);
}

int main(void) {
  alarm(120);
  signal(SIGPIPE, SIG_IGN);
  memset(line, 'x', sizeof line);
  gathering();
  whole_lines();
  stopping();
  interrupted();
  no_room_for_a_long_line();
  return done();
}
