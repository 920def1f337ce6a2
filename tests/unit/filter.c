/* Lines of standard input, and the warnings about those that cannot be used. */
#include "sys/filter.h"
#include "sys/diag.h"
#include "tap.h"
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static char buf[16], said[4096];
static int input[2];

static void open_input(void) {
  if (pipe(input) != 0) exit(111);
  dup2(input[0], 0);
  close(input[0]);
}

static void say(const char *text) {
  if (write(input[1], text, strlen(text)) != (ssize_t)strlen(text)) exit(111);
}

/* What a child writes to standard error; *code is how it exits. */
static struct span in_child(void (*run)(void), int *code) {
  int err[2], status;
  fflush(stdout);
  if (pipe(err) != 0) exit(111);
  pid_t child = fork();
  if (child < 0) exit(111);
  if (child == 0) {
    dup2(err[1], 2);
    run();
    _exit(0);
  }
  close(err[1]);
  size_t len = 0;
  for (ssize_t got; (got = read(err[0], said + len, sizeof said - len)) > 0;) len += (size_t)got;
  close(err[0]);
  if (waitpid(child, &status, 0) != child) exit(111);
  *code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return span_of(said, len);
}

static void lines(void) {
  struct filter f;
  struct span text;
  open_input();
  filter_init(&f, buf, sizeof buf);
  f.in.polled = true;
  say("one\n\n");
  ok(filter_next(&f, &text) == FILTER_LINE, "a line");
  is_text(text, "one", "without its LF");
  ok(filter_next(&f, &text) == FILTER_LINE && text.len == 0, "an empty one");
  say("two");
  ok(filter_next(&f, &text) == FILTER_AGAIN, "one that is not whole");
  close(input[1]);
  ok(filter_next(&f, &text) == FILTER_PARTIAL, "is so at the end");
  is_text(text, "two", "what there is of it");
  ok(filter_next(&f, &text) == FILTER_END, "the end");
  ok(f.unread == 0, "all could be read");
}

static void is_too_long(void) {
  struct filter f;
  struct span text;
  open_input();
  filter_init(&f, buf, sizeof buf);
  say("first\nx\x1b 4567890123456\nnext\n");
  close(input[1]);
  if (filter_next(&f, &text) != FILTER_LINE) _exit(1);
  enum filter_result result;
  while ((result = filter_next(&f, &text)) == FILTER_AGAIN) {
  }
  if (result != FILTER_LINE || !span_is(text, "next")) _exit(2);
  if (f.unread != 1) _exit(3);
  _exit(filter_next(&f, &text) == FILTER_END ? 0 : 4);
}

/* Two warnings at once, and one a second later. */
static void warns(void) {
  struct filter f;
  char long_text[200];
  memset(long_text, '%', sizeof long_text);
  filter_init(&f, buf, sizeof buf);
  f.in.number = 7;
  filter_warn(&f, span_of(long_text, sizeof long_text), "not this");
  filter_warn(&f, span_str("b"), "not that");
  f.unread += 10; /* the caller's own */
  usleep(1010000);
  f.in.number = 9;
  filter_warn(&f, span_str("a b"), "not now");
  usleep(1010000);
  memset(long_text, 'x', sizeof long_text);
  f.in.number = UINT64_MAX;
  f.unread = UINT64_MAX - 1;
  filter_warn(&f, span_of(long_text, sizeof long_text), "the last");
  _exit(f.unread == UINT64_MAX ? 0 : 1);
}

static void fails(void) {
  struct filter f;
  struct span text;
  filter_init(&f, buf, sizeof buf);
  close(0);
  filter_next(&f, &text);
}

static void warnings(void) {
  int code;
  is_text(in_child(is_too_long, &code),
          "sinbin: warning: standard input:2: too long, dropped: x%1B%204567890123456 (1 so far)\n",
          "a line that is too long is reported");
  ok(code == 0, "and dropped (%d)", code);
  is_text(
      in_child(warns, &code),
      "sinbin: warning: standard input:7: not this: %25%25%25%25%25%25%25%25%25%25%25%25%25%25%25"
      "%25%25%25%25%25%25%25%25%25%25%25%25%25%25%25%25%25%25%25%25%25%25%25%25%25%25%25%25%25%25"
      "%25%25%25 (1 so far)\n"
      "sinbin: warning: standard input:9: not now: a%20b (13 so far)\n"
      "sinbin: warning: standard input:18446744073709551615: the last: "
      "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx (18446744073709551615 so far)\n",
      "warnings are escaped, cut, and one a second");
  ok(code == 0, "all are counted (%d)", code);
  is_text(in_child(fails, &code),
          "sinbin: fatal: unable to read standard input: Bad file descriptor\n",
          "an input that cannot be read");
  ok(code == EXIT_TEMPORARY, "ends the program (%d)", code);
}

int main(void) {
  lines();
  warnings();
  return done();
}
