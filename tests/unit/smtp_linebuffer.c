/* Bytes into command lines. */
#include "smtp/linebuffer.h"
#include "tap.h"

#define BYTES(s) s, sizeof(s) - 1

static struct linebuffer in;

static const struct {
  const char *name, *bytes;
  size_t len;
  const char *want;
  bool bare_lf, bare_cr, nul;
} lines[] = {
    {"CRLF", BYTES("NOOP\r\n"), "NOOP", false, false, false},
    {"LF", BYTES("NOOP\n"), "NOOP", true, false, false},
    {"a CR within", BYTES("NO\rOP\r\n"), "NO\rOP", false, true, false},
    {"CR CR LF", BYTES("NOOP\r\r\n"), "NOOP\r", false, true, false},
    {"a CR within and LF", BYTES("NO\rOP\n"), "NO\rOP", true, true, false},
    {"an empty line", BYTES("\r\n"), "", false, false, false},
    {"LF alone", BYTES("\n"), "", true, false, false},
    {"blanks and NULs", BYTES(" \t\0 \r\n"), "", false, false, true},
    {"CRs and LF", BYTES("\r\r\r\n"), "", false, false, false},
    {"blanks before a word", BYTES(" \t NOOP x\r\n"), "NOOP x", false, false, false},
    {"NULs before it", BYTES("\0\0NOOP\r\n"), "NOOP", false, false, true},
    {"a CR before it", BYTES("\rNOOP\r\n"), "NOOP", false, false, false},
    {"blanks after it stay", BYTES("NOOP \t\r\n"), "NOOP \t", false, false, false},
};

static void whole_lines(void) {
  for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
    size_t ends = 0;
    in = (struct linebuffer){.len = 0};
    for (size_t n = 0; n < lines[i].len; n++) ends += linebuffer_byte(&in, lines[i].bytes[n]);
    ok(ends == 1 && !linebuffer_partial(&in), "%s: one line", lines[i].name);
    is_text(linebuffer_line(&in), lines[i].want, "%s", lines[i].name);
    ok(in.bare_lf == lines[i].bare_lf && in.bare_cr == lines[i].bare_cr && in.nul == lines[i].nul,
       "%s: its marks", lines[i].name);
  }
}

static void feed(const char *bytes) {
  while (*bytes) linebuffer_byte(&in, *bytes++);
}

static void unfinished(void) {
  in = (struct linebuffer){.len = 0};
  ok(!linebuffer_partial(&in), "no byte is not a line");
  feed(" \r\t");
  ok(!linebuffer_partial(&in), "blanks are not a line");
  feed("N");
  ok(linebuffer_partial(&in), "a byte is part of a line");
  feed("\r");
  ok(linebuffer_partial(&in), "a byte and a CR are part of a line");
  feed("\n");
  ok(!linebuffer_partial(&in), "a complete line is not unfinished");
  is_text(linebuffer_line(&in), "N", "a complete line is kept until the next byte");
  feed("\r");
  ok(linebuffer_line(&in).len == 0, "the next byte begins another line");
  linebuffer_byte(&in, '\0');
  feed("a\rb\nc");
  ok(!in.nul && !in.bare_cr && !in.bare_lf, "marks are of one line");
}

static void long_lines(void) {
  in = (struct linebuffer){.len = 0};
  for (int i = 0; i < 9; i++) feed(" ");
  for (int i = 0; i < LINEBUFFER_MAX; i++) feed("x");
  ok(!linebuffer_is_long(&in) && linebuffer_line(&in).len == LINEBUFFER_MAX,
     "the longest line that is kept whole");
  feed("y");
  ok(linebuffer_is_long(&in) && linebuffer_line(&in).len == LINEBUFFER_MAX,
     "one byte more is a long line");
  ok(in.len == LINEBUFFER_MAX + 1 && in.text[LINEBUFFER_MAX - 1] == 'x',
     "one byte more is counted, not kept");
  feed("\r\n");
  ok(linebuffer_is_long(&in), "the line stays long until the next");
  feed("z");
  ok(!linebuffer_is_long(&in), "the next line is not long");
}

int main(void) {
  whole_lines();
  unfinished();
  long_lines();
  return done();
}
