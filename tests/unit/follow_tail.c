/* Lines of a growing file, however they were written, and what is no line. */
#include "follow/tail.h"
#include "line/unread.h"
#include "tap.h"
#include <stdlib.h>
#include <unistd.h>

#define CAP 2048

static char buf[CAP];
static int file;
static struct tail in;

static void begin(const char *text) {
  ok(ftruncate(file, 0) == 0 && pwrite(file, text, strlen(text), 0) == (ssize_t)strlen(text),
     "%zu bytes", strlen(text));
  tail_init(&in, file, buf, sizeof buf);
}

static void is_next(enum tail_result result, const char *want, uint64_t offset) {
  struct span line = {"", 0};
  enum tail_result got = tail_next(&in, &line);
  ok(got == result, "result %d", result);
  if (got == TAIL_LINE) is_text(line, want, "the line");
  ok(in.offset == offset, "the offset behind it");
}

static void add(const char *text) {
  off_t end = lseek(file, 0, SEEK_END);
  if (pwrite(file, text, strlen(text), end) != (ssize_t)strlen(text)) abort();
}

static void test_lines(void) {
  struct span rest;
  begin("one\n\ntwo\nthr");
  is_next(TAIL_LINE, "one", 4);
  is_next(TAIL_LINE, "", 5);
  is_next(TAIL_LINE, "two", 9);
  is_next(TAIL_END, "", 9);
  add("ee");
  is_next(TAIL_END, "", 9);
  add("\nfour");
  is_next(TAIL_LINE, "three", 15);
  is_next(TAIL_END, "", 15);
  ok(tail_take_partial(&in, &rest), "the rest is taken");
  is_text(rest, "four", "for a line");
  ok(in.offset == 19 && in.length == 4 && !tail_take_partial(&in, &rest), "once");
  tail_seek(&in, file, 5);
  is_next(TAIL_LINE, "two", 9);
  tail_seek(&in, file, 5);
  is_next(TAIL_LINE, "two", 9);
}

/* A line of len bytes, written in pieces, between two others. */
static void test_long(size_t len, size_t piece) {
  static char text[4 * CAP];
  struct span line;
  enum tail_result got = TAIL_END;
  memset(text, 'x', sizeof text);
  begin("a\n");
  is_next(TAIL_LINE, "a", 2);
  for (size_t done = 0; done < len; done += piece) {
    size_t n = len - done < piece ? len - done : piece;
    if (pwrite(file, text, n, (off_t)(2 + done)) != (ssize_t)n) abort();
    got = tail_next(&in, &line);
    if (got != TAIL_END) break;
  }
  ok(got == TAIL_END, "%zu bytes by %zu are no line yet", len, piece);
  add("\nb\n");
  got = tail_next(&in, &line);
  ok(got == (len < CAP ? TAIL_LINE : TAIL_LONG), "then they are one, long or not");
  ok(line.len == (len < CAP ? len : TAIL_HEAD) && line.s[0] == 'x' && line.s[line.len - 1] == 'x' &&
         in.length == len && in.offset == len + 3,
     "of that length");
  is_next(TAIL_LINE, "b", len + 5);
}

static const struct {
  const char *name, *line, *want;
  uint64_t length;
} unread[] = {
    {"text", "a b%", "unread1 why=long bytes=9000 text=a%20b%25", 9000},
    {"a label", "@400000006b04de0c0cc3c80f a=b",
     "@400000006b04de0c0cc3c80f unread1 why=long bytes=3 text=a=b", 29},
    {"a label alone", "@400000006b04de0c0cc3c80f",
     "unread1 why=long bytes=25 text=@400000006b04de0c0cc3c80f", 25},
    {"nothing", "", "unread1 why=long bytes=0 text=", 0},
};

static void test_unread(void) {
  static char out[UNREAD_TEXT_MAX], many[UNREAD_HEAD_MAX + 40];
  for (size_t i = 0; i < sizeof unread / sizeof *unread; i++) {
    size_t len = unread_format(span_str(unread[i].line), unread[i].length, "long", out);
    is_text(span_of(out, len), unread[i].want, "unread: %s", unread[i].name);
  }
  memset(many, '\0', sizeof many);
  memcpy(many, "@400000006b04de0c0cc3c80f ", 26);
  size_t len = unread_format(span_of(many, sizeof many), UINT64_MAX, "long", out);
  ok(len > 3 * UNREAD_HEAD_MAX && len <= sizeof out, "the longest fits");
}

int main(void) {
  char path[] = "/tmp/sinbin-linefile-XXXXXX";
  file = mkstemp(path);
  ok(file >= 0, "a file");
  unlink(path);
  test_lines();
  const size_t lengths[] = {CAP - 2, CAP - 1, CAP, CAP + 1, 2 * CAP, 3 * CAP + 17};
  for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
    test_long(lengths[i], 500);
    test_long(lengths[i], 4 * CAP);
  }
  test_unread();
  return done();
}
