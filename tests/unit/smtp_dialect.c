/* Templates of commands: equal recipients, what is hidden, and the end of the room. */
#include "smtp/dialect.h"
#include "tap.h"

static struct dialect d;

static void add(const char *text) {
  struct command_line command = command_parse(span_str(text));
  bool mail = command.command == COMMAND_MAIL, rcpt = command.command == COMMAND_RCPT;
  struct path path = {.result = PATH_NO_KEYWORD};
  if (mail || rcpt) path = path_parse(command.argument, mail ? "FROM:" : "TO:");
  dialect_add(&d, &(struct dialect_line){&command, &path, false, false});
}

/* Lines that are separated by `|`. */
static struct span template_of(const char *lines, bool hide_local) {
  d = (struct dialect){.hide_local = hide_local};
  for (struct span rest = span_str(lines); rest.len;) {
    struct span one = span_cut(&rest, '|');
    char line[300];
    snprintf(line, sizeof line, "%.*s", (int)one.len, one.s);
    add(line);
  }
  return span_of(d.text, d.len);
}

static const struct {
  const char *lines, *shown, *hidden;
} rows[] = {
    {"", "", ""},
    {"EHLO a.example|MAIL FROM:<a@b>|RCPT TO:<c@d>|DATA", "EHLO H|MAIL FROM:<A>|RCPT TO:<A>|DATA",
     "EHLO H|MAIL FROM:<A>|RCPT TO:<A>|DATA"},
    {"RCPT TO:<a@b>|RCPT TO:<c@d>|RCPT TO:c@d|RCPT TO:<e@f>", "RCPT TO:<A>*2|RCPT TO:A|RCPT TO:<A>",
     "RCPT TO:<A>*2|RCPT TO:A|RCPT TO:<A>"},
    {"NOOP|NOOP", "NOOP|NOOP", "NOOP|NOOP"},
    {"MAIL FROM:<a b@c> SIZE=1 joe=x body=8BIT", "MAIL FROM:<A> P=SIZE P=joe P=body",
     "MAIL FROM:<A> P=SIZE X P=body"},
    {"secret|XYZ-1 x", "secret|XYZ-1 X", "?|? X"},
    {"abcdefghijklmnopq", "abcdefghijklmnop", "?"},
    {"HELO 192.0.2.1|HELO [192.0.2.1] x|HELO", "HELO I|HELO L X|HELO", "HELO I|HELO L X|HELO"},
    {"AUTH login|am9l|x y|NOOP|am9l", "AUTH P=login|X|X|NOOP|am9l", "AUTH P=login|X|X|NOOP|?"},
};

static void templates(void) {
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    is_text(template_of(rows[i].lines, false), rows[i].shown, "%s", rows[i].lines);
    is_text(template_of(rows[i].lines, true), rows[i].hidden, "%s: hidden", rows[i].lines);
  }
}

static void fill(int noops) {
  d = (struct dialect){.len = 0};
  for (int i = 0; i < noops; i++) add("NOOP");
}

static bool ends(size_t len, bool cut, const char *text) {
  size_t n = strlen(text);
  return d.len == len && d.cut == cut && memcmp(d.text + d.len - n, text, n) == 0;
}

/* One byte is left for the mark. */
static void room(void) {
  fill(40);
  ok(ends(DIALECT_MAX - 1, false, "|NOOP"), "what just fits");
  add("NOOP");
  ok(ends(DIALECT_MAX, true, "|NOOP+"), "one more is cut");
  add("NOOP");
  ok(ends(DIALECT_MAX, true, "|NOOP+"), "and nothing follows");
  fill(39);
  add("NOOP x");
  ok(ends(DIALECT_MAX - 5, true, "|NOOP+"), "a piece that does not fit is left out whole");
  fill(37);
  add("RCPT TO:<a@b>");
  add("RCPT TO:<c@d>");
  ok(ends(DIALECT_MAX - 2, false, "|RCPT TO:<A>*2"), "there is room for the number of recipients");
  fill(36);
  add("NOOP x");
  add("RCPT TO:<a@b>");
  ok(ends(DIALECT_MAX - 2, false, "|RCPT TO:<A>"), "and none");
  add("RCPT TO:<c@d>");
  ok(ends(DIALECT_MAX - 1, true, "|RCPT TO:<A>+"), "then the mark is in its place");
}

/* The number of recipients stops at its maximum. */
static void many(void) {
  d = (struct dialect){.len = 0};
  for (int i = 0; i < 10; i++) add("RCPT TO:<a@b>");
  ok(ends(14, false, "RCPT TO:<A>*10"), "ten recipients");
  d.repeats = UINT16_MAX - 1;
  add("RCPT TO:<a@b>");
  add("RCPT TO:<a@b>");
  ok(ends(17, false, "RCPT TO:<A>*65535"), "more than are counted");
}

int main(void) {
  templates();
  room();
  many();
  return done();
}
