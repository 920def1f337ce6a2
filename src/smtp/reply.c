#include "smtp/reply.h"
#include "base/textbuf.h"

enum piece { PLAIN, NAMED, REFUSAL, TEASER, HELP };

static const struct {
  char code[5]; /* with its separator: RFC 5321 section 4.2.1 */
  enum piece piece;
  const char *text;
} replies[REPLIES] = {
    [REPLY_TEASER] = {"220-", TEASER, ""},
    [REPLY_GREETING] = {"220 ", NAMED, " ESMTP"},
    [REPLY_HELO] = {"250 ", NAMED, ""},
    [REPLY_SENDER] = {"250 ", PLAIN, "OK"},
    [REPLY_RECIPIENT] = {"250 ", PLAIN, "OK"},
    [REPLY_REFUSAL] = {"451 ", REFUSAL, ""},
    [REPLY_GO_AHEAD] = {"354 ", PLAIN, "Start mail input; end with <CRLF>.<CRLF>"},
    [REPLY_RESET] = {"250 ", PLAIN, "OK"},
    [REPLY_NOTHING] = {"250 ", PLAIN, "OK"},
    [REPLY_VERIFY] = {"252 ", PLAIN, "Cannot verify users here"},
    [REPLY_HELP] = {"214 ", HELP, ""},
    [REPLY_BYE] = {"221 ", NAMED, " closing"},
    [REPLY_TOO_MANY] = {"452 ", PLAIN, "Too many recipients"},
    [REPLY_UNKNOWN] = {"500 ", PLAIN, "Command unrecognized"},
    [REPLY_EMPTY] = {"500 ", PLAIN, "Command unrecognized"},
    [REPLY_LONG] = {"500 ", PLAIN, "Line too long"},
    [REPLY_SYNTAX] = {"501 ", PLAIN, "Syntax error in parameters or arguments"},
    [REPLY_NOT_HERE] = {"502 ", PLAIN, "Command not implemented"},
    [REPLY_ORDER] = {"503 ", PLAIN, "Bad sequence of commands"},
    [REPLY_NESTED] = {"503 ", PLAIN, "Sender already given"},
    [REPLY_PARAMETER] = {"555 ", PLAIN, "Parameters not recognized"},
    [REPLY_IDLE] = {"421 ", NAMED, " Timeout, closing"},
    [REPLY_LIMIT] = {"421 ", NAMED, " Too much input, closing"},
    [REPLY_STOP] = {"421 ", NAMED, " Service shutting down, closing"},
    [REPLY_UNABLE] = {"421 ", NAMED, " Service not available, closing"},
};

size_t reply_compose(enum reply reply, const struct reply_texts *texts, char *out) {
  struct textbuf t = textbuf_of(out, REPLY_MAX - 2);
  enum piece piece = replies[reply].piece;
  textbuf_put(&t, span_of(replies[reply].code, 4));
  if (piece == NAMED || piece == TEASER) textbuf_cut(&t, texts->name);
  if (piece == REFUSAL) textbuf_cut(&t, texts->refusal);
  if (piece == TEASER) textbuf_cut_str(&t, " ");
  if (piece == TEASER) textbuf_cut(&t, texts->teaser);
  if (piece == HELP) textbuf_cut(&t, texts->help);
  textbuf_cut_str(&t, replies[reply].text);
  out[t.len++] = '\r';
  out[t.len++] = '\n';
  return t.len;
}

int reply_code(enum reply reply) {
  const char *code = replies[reply].code;
  return (code[0] - '0') * 100 + (code[1] - '0') * 10 + (code[2] - '0');
}

static bool is_printable(struct span text, unsigned char lowest) {
  for (size_t i = 0; i < text.len; i++)
    if ((unsigned char)text.s[i] < lowest || (unsigned char)text.s[i] > 0x7e) return false;
  return true;
}

bool reply_text_is_valid(struct span text) {
  return text.len > 0 && text.len <= REPLY_TEXT_MAX && is_printable(text, 0x20);
}

bool reply_teaser_is_valid(struct span text) {
  return reply_text_is_valid(text) && text.len <= REPLY_TEASER_MAX;
}

bool reply_name_is_valid(struct span name) {
  return name.len > 0 && name.len <= REPLY_NAME_MAX && is_printable(name, 0x21);
}
