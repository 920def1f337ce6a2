/* Every reply as it is sent, and the texts that an operator may set. */
#include "smtp/reply.h"
#include "tap.h"

static const struct reply_texts texts = {.name = SPAN_LITERAL("trap.example"),
                                         .refusal = SPAN_LITERAL("not now"),
                                         .teaser = SPAN_LITERAL("wait"),
                                         .help = SPAN_LITERAL("none here")};

static const struct {
  enum reply reply;
  const char *want; /* without CRLF */
} rows[REPLIES] = {
    {REPLY_TEASER, "220-trap.example wait"},
    {REPLY_GREETING, "220 trap.example ESMTP"},
    {REPLY_HELO, "250 trap.example"},
    {REPLY_SENDER, "250 OK"},
    {REPLY_RECIPIENT, "250 OK"},
    {REPLY_REFUSAL, "451 not now"},
    {REPLY_GO_AHEAD, "354 Start mail input; end with <CRLF>.<CRLF>"},
    {REPLY_RESET, "250 OK"},
    {REPLY_NOTHING, "250 OK"},
    {REPLY_VERIFY, "252 Cannot verify users here"},
    {REPLY_HELP, "214 none here"},
    {REPLY_BYE, "221 trap.example closing"},
    {REPLY_TOO_MANY, "452 Too many recipients"},
    {REPLY_UNKNOWN, "500 Command unrecognized"},
    {REPLY_EMPTY, "500 Command unrecognized"},
    {REPLY_LONG, "500 Line too long"},
    {REPLY_SYNTAX, "501 Syntax error in parameters or arguments"},
    {REPLY_NOT_HERE, "502 Command not implemented"},
    {REPLY_ORDER, "503 Bad sequence of commands"},
    {REPLY_NESTED, "503 Sender already given"},
    {REPLY_PARAMETER, "555 Parameters not recognized"},
    {REPLY_IDLE, "421 trap.example Timeout, closing"},
    {REPLY_LIMIT, "421 trap.example Too much input, closing"},
    {REPLY_STOP, "421 trap.example Service shutting down, closing"},
    {REPLY_UNABLE, "421 trap.example Service not available, closing"},
};

static void replies(void) {
  for (size_t i = 0; i < REPLIES; i++) {
    char out[REPLY_MAX], want[REPLY_MAX];
    enum reply reply = rows[i].reply;
    snprintf(want, sizeof want, "%s\r\n", rows[i].want);
    is_text(span_of(out, reply_compose(reply, &texts, out)), want, "%s", rows[i].want);
    ok(reply_code(reply) ==
           (rows[i].want[0] - '0') * 100 + (rows[i].want[1] - '0') * 10 + rows[i].want[2] - '0',
       "its code");
  }
}

static char longest[REPLY_MAX + 1];

static struct span of_length(size_t len) {
  memset(longest, 'x', sizeof longest);
  return span_of(longest, len);
}

/* The longest texts that are valid, and texts that are not: a line never is longer than it may be. */
static void lengths(void) {
  char out[REPLY_MAX + 1];
  struct reply_texts all = {of_length(REPLY_NAME_MAX), of_length(REPLY_TEXT_MAX),
                            of_length(REPLY_TEASER_MAX), of_length(REPLY_TEXT_MAX)};
  ok(reply_compose(REPLY_TEASER, &all, out) == 5 + REPLY_NAME_MAX + REPLY_TEASER_MAX + 2,
     "the longest first line is whole");
  ok(reply_compose(REPLY_REFUSAL, &all, out) == 4 + REPLY_TEXT_MAX + 2, "the longest 451, too");
  all.help = of_length(REPLY_MAX);
  out[REPLY_MAX] = '~';
  size_t len = reply_compose(REPLY_HELP, &all, out);
  ok(len == REPLY_MAX && out[len - 3] == 'x' && out[len - 2] == '\r' && out[len - 1] == '\n' &&
         out[REPLY_MAX] == '~',
     "a longer text is cut, before the line end");
}

static const struct {
  const char *name, *text;
  bool text_is_valid, name_is_valid;
} checks[] = {
    {"a name", "trap.example", true, true},
    {"a space", "a b", true, false},
    {"the first printable byte", "!", true, true},
    {"the last one", "~", true, true},
    {"nothing", "", false, false},
    {"a byte below", "a\x1f", false, false},
    {"a byte above",
     "\x7f"
     "a",
     false, false},
    {"an eighth bit", "a\xe4", false, false},
    {"a line end", "a\r\nb", false, false},
};

static void validity(void) {
  for (size_t i = 0; i < sizeof checks / sizeof *checks; i++) {
    struct span text = span_str(checks[i].text);
    ok(reply_text_is_valid(text) == checks[i].text_is_valid &&
           reply_teaser_is_valid(text) == checks[i].text_is_valid,
       "a text: %s", checks[i].name);
    ok(reply_name_is_valid(text) == checks[i].name_is_valid, "a name: %s", checks[i].name);
  }
  ok(reply_text_is_valid(of_length(REPLY_TEXT_MAX)), "the longest text");
  ok(!reply_text_is_valid(of_length(REPLY_TEXT_MAX + 1)), "a longer one");
  ok(reply_teaser_is_valid(of_length(REPLY_TEASER_MAX)), "the longest first line");
  ok(!reply_teaser_is_valid(of_length(REPLY_TEASER_MAX + 1)), "a longer one");
  ok(reply_name_is_valid(of_length(REPLY_NAME_MAX)), "the longest name");
  ok(!reply_name_is_valid(of_length(REPLY_NAME_MAX + 1)), "a longer one");
}

int main(void) {
  replies();
  lengths();
  validity();
  return done();
}
