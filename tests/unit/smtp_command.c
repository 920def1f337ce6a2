/* Command lines, parsed. */
#include "smtp/command.h"
#include "tap.h"

static const struct {
  const char *line;
  enum command command;
  const char *verb, *argument;
} rows[] = {
    {"HELO a", COMMAND_HELO, "HELO", "a"},
    {"ehlo a", COMMAND_EHLO, "ehlo", "a"},
    {"MaIl FROM:<a@b> X=1", COMMAND_MAIL, "MaIl", "FROM:<a@b> X=1"},
    {"RCPT TO:<a@b>", COMMAND_RCPT, "RCPT", "TO:<a@b>"},
    {"DATA", COMMAND_DATA, "DATA", ""},
    {"RSET", COMMAND_RSET, "RSET", ""},
    {"NOOP", COMMAND_NOOP, "NOOP", ""},
    {"QUIT", COMMAND_QUIT, "QUIT", ""},
    {"VRFY a", COMMAND_VRFY, "VRFY", "a"},
    {"HELP", COMMAND_HELP, "HELP", ""},
    {"AUTH PLAIN x", COMMAND_AUTH, "AUTH", "PLAIN x"},
    {"STARTTLS", COMMAND_STARTTLS, "STARTTLS", ""},
    {"BDAT 1", COMMAND_BDAT, "BDAT", "1"},
    {"EXPN a", COMMAND_FOREIGN, "EXPN", "a"},
    {"ETRN a", COMMAND_FOREIGN, "ETRN", "a"},
    {"ATRN", COMMAND_FOREIGN, "ATRN", ""},
    {"TURN", COMMAND_FOREIGN, "TURN", ""},
    {"SEND a", COMMAND_FOREIGN, "SEND", "a"},
    {"SOML a", COMMAND_FOREIGN, "SOML", "a"},
    {"SAML a", COMMAND_FOREIGN, "SAML", "a"},
    {"DATAX", COMMAND_UNKNOWN, "DATAX", ""},
    {"DAT", COMMAND_UNKNOWN, "DAT", ""},
    {"DATA:", COMMAND_UNKNOWN, "DATA:", ""},
    {"", COMMAND_UNKNOWN, "", ""},
    {"EHLO\ta", COMMAND_EHLO, "EHLO", "a"},
    {"EHLO \t a\tb \t ", COMMAND_EHLO, "EHLO", "a\tb"},
    {"EHLO a\t", COMMAND_EHLO, "EHLO", "a"},
    {"EHLO  \t", COMMAND_EHLO, "EHLO", ""},
};

static const struct {
  const char *line;
  bool body;
} bodies[] = {
    {"Subject: x", true}, {"Subject:x", true},       {"SUBJECT : x", true}, {".", true},
    {"buy now", true},    {"--ABC", true},           {"Hello,", true},      {"word", false},
    {"WORD", false},      {"XCLIENT a=b", false},    {"X-FOO", false},      {"AB x", true},
    {"RSET", false},      {"MAIL FROM:<a@b>", false}};

static void line_ends(void) {
  struct command_line c = command_parse(span_of("NOOP x\0\0", 8));
  ok(c.command == COMMAND_NOOP && c.line.len == 6, "NULs at the end of a command are left out");
  is_text(c.argument, "x", "NULs at the end are not part of the argument");
  c = command_parse(span_of("QUIT\0", 5));
  ok(c.command == COMMAND_QUIT, "NULs at the end are not part of a verb");
  c = command_parse(span_str("RCPT TO:<a@b>\r\r"));
  is_text(c.argument, "TO:<a@b>", "CRs at the end are not part of the argument");
  c = command_parse(span_str("\xef\xbb\xbfHELO a"));
  ok(c.command == COMMAND_HELO, "a byte order mark is not part of a verb");
  is_text(c.argument, "a", "nor of the argument");
  c = command_parse(span_str("\xef\xbb\xbfWHAT"));
  ok(c.command == COMMAND_UNKNOWN && c.line.len == 7, "it is kept in an unknown command");
  c = command_parse(span_str("QUIT\r"));
  ok(c.command == COMMAND_QUIT, "CRs at the end are not part of a verb");
  c = command_parse(span_of("WHAT\0", 5));
  ok(c.command == COMMAND_UNKNOWN && c.line.len == 5,
     "NULs at the end of an unknown command are kept");
  c = command_parse(span_of("QU\0IT", 5));
  ok(c.command == COMMAND_UNKNOWN, "NULs within a verb are kept");
}

int main(void) {
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    struct command_line c = command_parse(span_str(rows[i].line));
    ok(c.command == rows[i].command, "%s", rows[i].line);
    is_text(c.verb, rows[i].verb, "%s: verb", rows[i].line);
    is_text(c.argument, rows[i].argument, "%s: argument", rows[i].line);
  }
  for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
    struct command_line c = command_parse(span_str(bodies[i].line));
    ok(command_is_body(&c) == bodies[i].body, "%s: %s", bodies[i].line,
       bodies[i].body ? "a message" : "a command");
  }
  line_ends();
  return done();
}
