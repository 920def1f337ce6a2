/* Lines into a pipe that may be full, into a file, and what is refused. */
#include "sys/linequeue.h"
#include "tap.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

static struct linequeue q;
static int ends[2];

static void open_pipe(void) {
  if (pipe(ends) != 0) exit(111);
  linequeue_open(&q, ends[1]);
}

static void close_pipe(void) {
  close(ends[0]);
  close(ends[1]);
  if (q.fd != ends[1]) close(q.fd);
}

static size_t fill_pipe(void) {
  char page[4096];
  size_t bytes = 0;
  memset(page, '.', sizeof page);
  for (ssize_t got; (got = write(q.fd, page, sizeof page)) > 0;) bytes += (size_t)got;
  return bytes;
}

/* Takes exactly as many bytes away. */
static void drain(size_t bytes) {
  char page[4096];
  while (bytes) {
    ssize_t got = read(ends[0], page, bytes < sizeof page ? bytes : sizeof page);
    if (got <= 0) exit(111);
    bytes -= (size_t)got;
  }
}

static struct span waiting(char *buf, size_t cap) {
  fcntl(ends[0], F_SETFL, O_NONBLOCK);
  ssize_t got = read(ends[0], buf, cap);
  return span_of(buf, got > 0 ? (size_t)got : 0);
}

static void test_pipe(void) {
  char buf[256];
  open_pipe();
  ok(q.fd != ends[1], "a pipe is opened for ourselves");
  ok(!(fcntl(ends[1], F_GETFL) & O_NONBLOCK), "the one that others have blocks as before");
  ok(fcntl(q.fd, F_GETFD) & FD_CLOEXEC, "ours does not go to programs");
  ok(linequeue_put(&q, span_str("one")) && linequeue_put(&q, span_str("")), "two lines");
  is_text(waiting(buf, sizeof buf), "one\n\n", "are there at once");
  ok(q.len == 0 && linequeue_flush(&q), "nothing is left");
  close_pipe();
}

static void test_full(void) {
  char buf[256];
  open_pipe();
  size_t bytes = fill_pipe();
  ok(bytes >= 4096 && errno == EAGAIN, "a full pipe");
  ok(linequeue_put(&q, span_str("first")) && linequeue_put(&q, span_str("second")),
     "lines are kept");
  ok(q.len == 13 && !linequeue_flush(&q), "as long as it is full");
  drain(bytes);
  ok(linequeue_flush(&q) && q.len == 0, "and written when there is room");
  is_text(waiting(buf, sizeof buf), "first\nsecond\n", "in order");
  close_pipe();
}

static void test_limits(void) {
  static char line[4096];
  memset(line, 'x', sizeof line);
  open_pipe();
  size_t bytes = fill_pipe(), kept = 0;
  ok(!linequeue_put(&q, span_of(line, 4096)), "a line that no pipe takes whole is refused");
  ok(linequeue_put(&q, span_of(line, 4095)), "the longest is not");
  for (kept = 1; linequeue_put(&q, span_of(line, 4095)); kept++) {
  }
  ok(kept == LINEQUEUE_BYTES / 4096 && q.len == LINEQUEUE_BYTES, "%zu lines are kept, then none",
     kept);
  ok(!linequeue_put(&q, span_str("")), "not even an empty one");
  drain(bytes);
  ok(linequeue_put(&q, span_str("last")), "with room again the next one is taken");
  ok(q.len == 5, "and the older ones went first: %zu bytes are left", q.len);
  close_pipe();
}

static void test_file(void) {
  char path[] = "/tmp/sinbin-linequeue-XXXXXX", buf[64];
  int fd = mkstemp(path), append = open(path, O_WRONLY | O_APPEND);
  ok(write(fd, "before\n", 7) == 7, "a file with a line");
  linequeue_open(&q, append);
  ok(q.fd == append, "is written as it is");
  ok(linequeue_put(&q, span_str("after")), "a line");
  ssize_t got = pread(fd, buf, sizeof buf, 0);
  is_text(span_of(buf, got > 0 ? (size_t)got : 0), "before\nafter\n", "is appended");
  close(fd);
  close(append);
  unlink(path);
}

static void test_no_reader(void) {
  signal(SIGPIPE, SIG_IGN);
  open_pipe();
  close(ends[0]);
  ok(linequeue_put(&q, span_str("kept")) && q.len == 5, "without a reader a line is kept");
  close(ends[1]);
  close(q.fd);
}

int main(void) {
  test_pipe();
  test_full();
  test_limits();
  test_file();
  test_no_reader();
  return done();
}
