#include "smtp/dialect.h"
#include "base/addr.h"
#include "base/number.h"
#include "base/textbuf.h"

static void put_word(struct textbuf *p, struct span word) {
  word = span_head(word, DIALECT_WORD);
  for (size_t i = 0; i < word.len; i++) {
    unsigned char c = (unsigned char)word.s[i];
    bool plain = ascii_is_letter(c) || ascii_is_digit(c) || c == '-';
    textbuf_put(p, plain ? span_of(word.s + i, 1) : span_of("?", 1));
  }
}

/* Puts the leading blanks of *rest and removes them from it. */
static void put_blanks(struct textbuf *p, struct span *rest) {
  size_t n = 0;
  while (n < rest->len && ascii_is_blank(rest->s[n])) n++;
  textbuf_put(p, span_head(*rest, n));
  *rest = span_from(*rest, n);
}

static struct span next_word(struct span *rest) {
  size_t n = 0;
  while (n < rest->len && !ascii_is_blank(rest->s[n])) n++;
  struct span word = span_head(*rest, n);
  *rest = span_from(*rest, n);
  return word;
}

/* The words after AUTH that cannot be a credential. */
static const char *const mechanisms[] = {
    "PLAIN",       "LOGIN",       "CRAM-MD5",         "DIGEST-MD5",    "NTLM",
    "GSSAPI",      "GSS-SPNEGO",  "EXTERNAL",         "ANONYMOUS",     "XOAUTH2",
    "OAUTHBEARER", "SCRAM-SHA-1", "SCRAM-SHA-1-PLUS", "SCRAM-SHA-256", "SCRAM-SHA-256-PLUS"};

#define COUNT(list) (sizeof(list) / sizeof *(list))

static bool is_among(struct span word, const char *const *words, size_t n) {
  for (size_t i = 0; i < n; i++)
    if (span_is_nocase(word, words[i])) return true;
  return false;
}

/* The parameters of RFCs and of known servers. */
static const char *const parameters[] = {
    "SIZE",  "BODY",        "SMTPUTF8",   "RET",       "ENVID",    "NOTIFY",
    "ORCPT", "AUTH",        "BY",         "MTRK",      "HOLDFOR",  "HOLDUNTIL",
    "RRVS",  "MT-PRIORITY", "REQUIRETLS", "SUBMITTER", "XFORWARD", "XOORG"};

/* hidden: an unknown parameter may be a part of an address. */
static void put_parameters(struct textbuf *p, struct span rest, bool hidden) {
  while (rest.len) {
    put_blanks(p, &rest);
    struct span word = next_word(&rest);
    if (word.len == 0) return;
    struct span name = span_head(word, span_find(word, '='));
    if (hidden && !is_among(name, parameters, COUNT(parameters))) {
      textbuf_put_str(p, "X");
      continue;
    }
    textbuf_put_str(p, "P=");
    put_word(p, name);
  }
}

static void put_helo(struct textbuf *p, struct span rest) {
  struct addr ignored;
  put_blanks(p, &rest);
  struct span word = next_word(&rest);
  if (word.len == 0) return;
  textbuf_put_str(p, word.s[0] == '[' ? "L" : addr_parse(word, &ignored) ? "I" : "H");
  put_blanks(p, &rest);
  if (rest.len) textbuf_put_str(p, "X");
}

/* rest: the line after the verb. The text before the address is kept as typed. */
static void put_path(struct textbuf *p, struct span rest, const struct path *path, bool hidden) {
  struct span whole = rest;
  put_blanks(p, &rest);
  if (path->result == PATH_NO_KEYWORD) {
    if (rest.len) textbuf_put_str(p, "X");
    return;
  }
  size_t colon = span_find(rest, ':');
  textbuf_put(p, span_head(rest, colon + 1));
  rest = span_from(rest, colon + 1);
  put_blanks(p, &rest);
  if (path->result == PATH_MISSING) return;
  if (path->brackets) textbuf_put_str(p, "<");
  if (path->typed.len) textbuf_put_str(p, "A");
  rest = span_from(whole, (size_t)(path->typed.s - whole.s) + path->typed.len);
  if (path->brackets && rest.len) {
    textbuf_put_str(p, ">");
    rest = span_from(rest, 1);
  }
  put_parameters(p, rest, hidden);
}

static void put_other(struct textbuf *p, struct span rest) {
  put_blanks(p, &rest);
  if (rest.len) textbuf_put_str(p, "X");
}

/* Puts a known mechanism. The text after it, and any other word, may be a secret. */
static void put_auth(struct textbuf *p, struct span rest) {
  put_blanks(p, &rest);
  struct span after = rest, word = next_word(&after);
  if (is_among(word, mechanisms, COUNT(mechanisms))) {
    textbuf_put_str(p, "P=");
    textbuf_put(p, word);
    rest = after;
  }
  put_other(p, rest);
}

static void put_line(struct textbuf *p, const struct dialect_line *line, bool hidden) {
  const struct command_line *c = line->command;
  struct span rest = span_from(c->line, c->verb.len);
  if (hidden && c->command == COMMAND_UNKNOWN && c->verb.len) textbuf_put_str(p, "?");
  else put_word(p, c->verb);
  switch (c->command) {
  case COMMAND_HELO:
  case COMMAND_EHLO: put_helo(p, rest); break;
  case COMMAND_MAIL:
  case COMMAND_RCPT: put_path(p, rest, line->path, hidden); break;
  case COMMAND_AUTH: put_auth(p, rest); break;
  default: put_other(p, rest);
  }
}

static void put_ending(struct textbuf *p, const struct dialect_line *line) {
  if (line->bare_cr) textbuf_put_str(p, "/CR");
  if (line->bare_lf) textbuf_put_str(p, "/LF");
}

/* The lines after AUTH are credentials, up to the next known command. */
static bool is_secret(struct dialect *d, enum command command) {
  bool secret = d->after_auth && command == COMMAND_UNKNOWN;
  d->after_auth = secret || command == COMMAND_AUTH;
  return secret;
}

/* Returns false if the text does not fit. One byte is always left for the `+`. */
static bool append(struct dialect *d, struct span s) {
  if (s.len >= sizeof d->text - d->len) return false;
  if (s.len) memcpy(d->text + d->len, s.s, s.len);
  d->len = (uint16_t)(d->len + s.len);
  return true;
}

static void cut(struct dialect *d) {
  d->text[d->len++] = '+';
  d->cut = true;
}

static void fold(struct dialect *d) {
  char mark[NUMBER_MAX + 1] = "*";
  if (d->repeats < UINT16_MAX) d->repeats++;
  uint16_t before = d->len;
  d->len = (uint16_t)(d->last + d->last_len);
  if (append(d, span_of(mark, 1 + number_format(mark + 1, d->repeats)))) return;
  d->len = before;
  cut(d);
}

void dialect_add(struct dialect *d, const struct dialect_line *line) {
  char text_of_line[DIALECT_MAX];
  struct textbuf piece = textbuf_of(text_of_line, sizeof text_of_line);
  if (d->cut) return;
  if (is_secret(d, line->command->command)) textbuf_put_str(&piece, "X");
  else put_line(&piece, line, d->hide_local);
  put_ending(&piece, line);
  struct span text = textbuf_span(&piece);
  if (line->command->command == COMMAND_RCPT && d->len &&
      span_equal(text, span_of(d->text + d->last, d->last_len))) {
    fold(d);
    return;
  }
  uint16_t before = d->len;
  if (!piece.full && (before == 0 || append(d, span_of("|", 1)))) {
    d->last = d->len;
    d->last_len = (uint16_t)text.len;
    d->repeats = 1;
    if (append(d, text)) return;
  }
  d->len = before;
  cut(d);
}
