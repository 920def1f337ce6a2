#include "smtp/command.h"

static const struct {
  const char *verb;
  enum command command;
} verbs[] = {
    {"HELO", COMMAND_HELO},    {"EHLO", COMMAND_EHLO},    {"MAIL", COMMAND_MAIL},
    {"RCPT", COMMAND_RCPT},    {"DATA", COMMAND_DATA},    {"RSET", COMMAND_RSET},
    {"NOOP", COMMAND_NOOP},    {"QUIT", COMMAND_QUIT},    {"VRFY", COMMAND_VRFY},
    {"HELP", COMMAND_HELP},    {"AUTH", COMMAND_AUTH},    {"STARTTLS", COMMAND_STARTTLS},
    {"BDAT", COMMAND_BDAT},    {"EXPN", COMMAND_FOREIGN}, {"ETRN", COMMAND_FOREIGN},
    {"ATRN", COMMAND_FOREIGN}, {"TURN", COMMAND_FOREIGN}, {"SEND", COMMAND_FOREIGN},
    {"SOML", COMMAND_FOREIGN}, {"SAML", COMMAND_FOREIGN},
};

static struct span verb_of(struct span line) {
  size_t end = 0;
  while (end < line.len && line.s[end] != ' ' && line.s[end] != '\t') end++;
  return span_head(line, end);
}

static struct span without_line_end(struct span s) {
  while (s.len && (s.s[s.len - 1] == '\0' || s.s[s.len - 1] == '\r')) s.len--;
  return s;
}

static struct span without_blanks(struct span s) {
  while (s.len && ascii_is_blank(s.s[0])) s = span_from(s, 1);
  while (s.len && ascii_is_blank(s.s[s.len - 1])) s.len--;
  return s;
}

static struct command_line parse(struct span line) {
  struct command_line parsed = {.command = COMMAND_UNKNOWN, .line = line, .verb = verb_of(line)};
  parsed.argument = without_blanks(span_from(line, parsed.verb.len));
  for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
    if (span_is_nocase(parsed.verb, verbs[i].verb)) parsed.command = verbs[i].command;
  return parsed;
}

struct span command_without_mark(struct span line) {
  return span_from(line, span_starts_nocase(line, "\xef\xbb\xbf") ? 3 : 0);
}

struct command_line command_parse(struct span line) {
  struct command_line parsed = parse(command_without_mark(without_line_end(line)));
  return parsed.command == COMMAND_UNKNOWN ? parse(line) : parsed;
}

static bool is_word(struct span s) {
  for (size_t i = 0; i < s.len; i++)
    if (!ascii_is_letter((unsigned char)s.s[i])) return false;
  return true;
}

/* True for the spelling of an extension's verb. Shorter words, such as I and A, begin sentences. A
   MIME boundary begins with hyphens, and a header name (`Word:`) ends in a colon. */
static bool is_verb(struct span s) {
  if (s.len < 3 || s.len > 16 || !ascii_is_letter((unsigned char)s.s[0])) return false;
  for (size_t i = 0; i < s.len; i++) {
    unsigned char c = (unsigned char)s.s[i];
    if (!(c >= 'A' && c <= 'Z') && !ascii_is_digit(c) && c != '-') return false;
  }
  return true;
}

bool command_is_body(const struct command_line *command) {
  if (command->command != COMMAND_UNKNOWN) return false;
  if (is_verb(command->verb)) return command->argument.len && command->argument.s[0] == ':';
  return command->argument.len > 0 || !is_word(command->verb);
}
