/* Writes that end with a line: how long the next one is, and whether a pipe takes it whole. */
#include "sys/wholelines.h"
#include "tap.h"
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define BIG (3 * PIPE_BUF)

/* Lines of these lengths, LF included; 0 ends them. The last may have no LF. */
static struct span text_of(const size_t *lines, bool ended) {
  static char text[8 * PIPE_BUF];
  size_t len = 0;
  for (; *lines; lines++) {
    memset(text + len, 'x', *lines);
    len += *lines;
    text[len - 1] = '\n';
  }
  if (len && !ended) text[len - 1] = 'x';
  return span_of(text, len);
}

static const struct {
  const char *name;
  size_t lines[8];
  bool unended;
  size_t want[8];
} rows[] = {
    {"nothing", {0}, false, {0}},
    {"one line", {10}, false, {10}},
    {"an empty line", {1}, false, {1}},
    {"three lines at once", {10, 20, 30}, false, {60}},
    {"exactly what a pipe takes", {PIPE_BUF - 10, 10}, false, {PIPE_BUF}},
    {"one byte more", {PIPE_BUF - 10, 11}, false, {PIPE_BUF - 10, 11}},
    {"a line of PIPE_BUF", {PIPE_BUF, 5}, false, {PIPE_BUF, 5}},
    {"a line that is longer, alone", {10, PIPE_BUF + 1, 5}, false, {10, PIPE_BUF + 1, 5}},
    {"two of them", {BIG, BIG}, false, {BIG, BIG}},
    {"a rest without LF comes after the lines", {10, 7}, true, {10, 7}},
    {"a long rest", {BIG}, true, {BIG}},
};

static void pieces(void) {
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    struct span left = text_of(rows[i].lines, !rows[i].unended);
    bool same = true;
    for (const size_t *want = rows[i].want;; want++) {
      size_t piece = wholelines_piece(left);
      same = same && piece == *want;
      if (!*want || !same) break;
      left = span_from(left, piece);
    }
    ok(same, "%s", rows[i].name);
  }
}

static void fits(void) {
  static char page[16384];
  int fd[2];
  ok(wholelines_fits(-1, BIG), "what is no pipe takes anything");
  if (pipe(fd) != 0) return;
  fcntl(fd[1], F_SETFL, O_NONBLOCK);
  ok(wholelines_fits(fd[1], BIG), "an empty pipe takes a long line");
  ok(write(fd[1], page, sizeof page) == sizeof page && wholelines_fits(fd[1], BIG),
     "one that is a quarter full does");
  ok(write(fd[1], "\n", 1) == 1 && !wholelines_fits(fd[1], BIG), "with one byte more it waits");
  ok(wholelines_fits(fd[1], PIPE_BUF), "but takes a short one");
  ok(read(fd[0], page, 1) == 1 && wholelines_fits(fd[1], BIG), "and the long one after a read");
  ok(write(fd[1], page, 2 * PIPE_BUF) == 2 * PIPE_BUF, "which is then taken at once");
  close(fd[0]);
  close(fd[1]);
}

static void *write_long(void *arg) {
  static char text[BIG];
  const int *fd = arg;
  memset(text, 'x', sizeof text - 1);
  text[sizeof text - 1] = '\n';
  return wholelines_write(*fd, span_of(text, sizeof text)) ? arg : NULL;
}

static int bytes_in(int fd) {
  int bytes = 0;
  return ioctl(fd, FIONREAD, &bytes) == 0 ? bytes : -1;
}

/* Nothing of a long line is in the pipe before there is room for all of it. */
static void waits(void) {
  static char page[20000];
  pthread_t thread;
  void *written = NULL;
  int fd[2];
  if (pipe(fd) != 0) return;
  ok(write(fd[1], page, sizeof page) == sizeof page, "a pipe that is a third full");
  if (pthread_create(&thread, NULL, write_long, &fd[1]) != 0) return;
  usleep(100000);
  ok(bytes_in(fd[0]) == sizeof page, "a long line waits");
  ok(read(fd[0], page, sizeof page) == sizeof page, "until it is read");
  pthread_join(thread, &written);
  ok(written && bytes_in(fd[0]) == BIG, "then it is written");
  close(fd[0]);
  close(fd[1]);
}

int main(void) {
  alarm(60);
  pieces();
  fits();
  waits();
  return done();
}
