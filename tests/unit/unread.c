/* The line that replaces one which cannot be read. */
#include "line/unread.h"
#include "tap.h"

static const struct {
  const char *name, *line, *why;
  uint64_t length;
  const char *want;
} rows[] = {
    {"a line", "what is it", "kind", 10, "unread1 why=kind bytes=10 text=what%20is%20it"},
    {"with a label", "@4000000068a0c0de00000000 what", "kind", 30,
     "@4000000068a0c0de00000000 unread1 why=kind bytes=4 text=what"},
    {"a label alone", "@4000000068a0c0de00000000", "kind", 25,
     "unread1 why=kind bytes=25 text=@4000000068a0c0de00000000"},
    {"nothing", "", "kind", 0, "unread1 why=kind bytes=0 text="},
    {"the beginning of a longer line", "what", "long", 70000,
     "unread1 why=long bytes=70000 text=what"},
    {"bytes of a peer", "a\t\x80%,=", "byte", 6, "unread1 why=byte bytes=6 text=a%09%80%25,="},
};

static void forms(void) {
  char out[UNREAD_TEXT_MAX];
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    size_t len = unread_format(span_str(rows[i].line), rows[i].length, rows[i].why, out);
    is_text(span_of(out, len), rows[i].want, "%s", rows[i].name);
  }
}

/* The longest: every byte of the head takes three. */
static void longest(void) {
  static char line[UNREAD_HEAD_MAX + 1], out[UNREAD_TEXT_MAX + 1];
  memset(line, '\n', sizeof line);
  out[UNREAD_TEXT_MAX] = '\x7f';
  size_t len = unread_format(span_of(line, sizeof line), UINT64_MAX, "long", out);
  struct span text = span_of(out, len);
  ok(len <= UNREAD_TEXT_MAX && out[UNREAD_TEXT_MAX] == '\x7f', "the longest one fits");
  struct span head = span_str("unread1 why=long bytes=18446744073709551615 text=");
  ok(span_equal(span_head(text, head.len), head), "with its words");
  ok(len == head.len + 3 * UNREAD_HEAD_MAX, "and with so many bytes of the line");
}

int main(void) {
  forms();
  longest();
  return done();
}
