/* Lines from a descriptor: the same lines however the bytes arrive, and every kind of end apart. */
#include "sys/linereader.h"
#include "tap.h"
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

/* What a reader with a 8-byte buffer says of the input, one letter a result. */
static void describe(const char *input, size_t chunk, char *out) {
  char buf[8];
  int fds[2];
  struct linereader in;
  struct span line = {0};
  enum linereader_result got;
  size_t sent = 0, len = strlen(input);
  if (pipe2(fds, O_NONBLOCK) != 0) return;
  linereader_init(&in, fds[0], buf, sizeof buf);
  do {
    got = linereader_next(&in, &line);
    if (got == LINE_READER_AGAIN) {
      size_t n = len - sent < chunk ? len - sent : chunk;
      if (n == 0) close(fds[1]);
      else if (write(fds[1], input + sent, n) != (ssize_t)n) return;
      sent += n;
      continue;
    }
    *out++ = "LPOAEX"[got];
    if (got <= LINE_READER_LONG) {
      memcpy(out, line.s, line.len);
      out += line.len;
    }
    *out++ = ' ';
  } while (got != LINE_READER_END && got != LINE_READER_ERROR);
  *out = '\0';
  close(fds[0]);
}

struct row {
  const char *name, *input, *want;
};

static const struct row rows[] = {
    {"nothing", "", "E "},
    {"one line", "abc\n", "Labc E "},
    {"an empty line is a line", "\n\nx\n", "L L Lx E "},
    {"no LF at the end", "a\nbc", "La Pbc E "},
    {"a line that just fits", "1234567\n", "L1234567 E "},
    {"one byte too long", "12345678\nok\n", "O12345678 Lok E "},
    {"much too long", "12345678901234567890\nok\n", "O12345678 Lok E "},
    {"too long and no end", "1234567890", "O12345678 E "},
    {"two long ones", "123456789\n123456789\nz\n", "O12345678 O12345678 Lz E "},
    {"a CR is a byte", "a\r\n", "La\r E "},
};

static void test_errors(void) {
  char buf[8];
  struct linereader in;
  struct span line;
  linereader_init(&in, -1, buf, sizeof buf);
  ok(linereader_next(&in, &line) == LINE_READER_ERROR && errno == EBADF,
     "an error is an error, not an end");
}

static void test_ready(void) {
  char buf[16];
  int fds[2];
  struct linereader in;
  struct span line;
  ok(pipe(fds) == 0 && write(fds[1], "a\nb\nc", 5) == 5, "three lines, the last unfinished");
  linereader_init(&in, fds[0], buf, sizeof buf);
  ok(!linereader_ready(&in), "nothing is read yet");
  ok(linereader_next(&in, &line) == LINE_READER_LINE && linereader_ready(&in),
     "a second line is there");
  ok(linereader_next(&in, &line) == LINE_READER_LINE && !linereader_ready(&in) && in.number == 2,
     "an unfinished one is not");
}

/* Both ends are open: a second read would wait for ever. */
static void test_polled(void) {
  char buf[16];
  int fds[2];
  struct linereader in;
  struct span line;
  ok(pipe(fds) == 0 && write(fds[1], "a\nb", 3) == 3, "a line and a half");
  linereader_init(&in, fds[0], buf, sizeof buf);
  in.polled = true;
  ok(linereader_next(&in, &line) == LINE_READER_LINE && line.len == 1, "the line");
  ok(write(fds[1], "c", 1) == 1 && linereader_next(&in, &line) == LINE_READER_AGAIN,
     "one read, no line");
  ok(write(fds[1], "\n", 1) == 1 && linereader_next(&in, &line) == LINE_READER_LINE, "it is whole");
  is_text(line, "bc", "and all there");
  close(fds[1]);
  ok(linereader_next(&in, &line) == LINE_READER_END, "the end");
}

int main(void) {
  char got[128];
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    for (size_t chunk = 1; chunk <= 32; chunk *= 2) {
      got[0] = '\0';
      describe(rows[i].input, chunk, got);
      is_text(span_str(got), rows[i].want, "%s, %zu bytes at a time", rows[i].name, chunk);
    }
  test_errors();
  test_ready();
  test_polled();
  return done();
}
