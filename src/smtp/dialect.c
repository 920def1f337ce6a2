#include "smtp/dialect.h"
#include "base/addr.h"
#include "base/number.h"

/* One piece under construction. */
struct piece {
  char text[DIALECT_MAX];
  size_t len;
  bool full;
};

static void put(struct piece *p, struct span s) {
  if (s.len > sizeof p->text - p->len) p->full = true;
  else if (s.len) {
    memcpy(p->text + p->len, s.s, s.len);
    p->len += s.len;
  }
}

static void put_text(struct piece *p, const char *text) {
  put(p, span_str(text));
}

static void put_word(struct piece *p, struct span word) {
  word = span_head(word, DIALECT_WORD);
  for (size_t i = 0; i < word.len; i++) {
    unsigned char c = (unsigned char)word.s[i];
    bool plain = ascii_is_letter(c) || ascii_is_digit(c) || c == '-';
    put(p, plain ? span_of(word.s + i, 1) : span_of("?", 1));
  }
}

/* Puts the blanks that *rest begins with and takes them off it. */
static void put_blanks(struct piece *p, struct span *rest) {
  size_t n = 0;
  while (n < rest->len && ascii_is_blank(rest->s[n])) n++;
  put(p, span_head(*rest, n));
  *rest = span_from(*rest, n);
}

static struct span take_word(struct span *rest) {
  size_t n = 0;
  while (n < rest->len && !ascii_is_blank(rest->s[n])) n++;
  struct span word = span_head(*rest, n);
  *rest = span_from(*rest, n);
  return word;
}

/* What is typed behind AUTH that can be no credential. */
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

/* Parameters that some RFC or some server has. */
static const char *const parameters[] = {
    "SIZE",  "BODY",        "SMTPUTF8",   "RET",       "ENVID",    "NOTIFY",
    "ORCPT", "AUTH",        "BY",         "MTRK",      "HOLDFOR",  "HOLDUNTIL",
    "RRVS",  "MT-PRIORITY", "REQUIRETLS", "SUBMITTER", "XFORWARD", "XOORG"};

/* hidden: a word that is no known parameter may be a piece of an address. */
static void put_parameters(struct piece *p, struct span rest, bool hidden) {
  while (rest.len) {
    put_blanks(p, &rest);
    struct span word = take_word(&rest);
    if (word.len == 0) return;
    struct span name = span_head(word, span_find(word, '='));
    if (hidden && !is_among(name, parameters, COUNT(parameters))) {
      put_text(p, "X");
      continue;
    }
    put_text(p, "P=");
    put_word(p, name);
  }
}

static void put_helo(struct piece *p, struct span rest) {
  struct addr ignored;
  put_blanks(p, &rest);
  struct span word = take_word(&rest);
  if (word.len == 0) return;
  put_text(p, word.s[0] == '[' ? "L" : addr_parse(word, &ignored) ? "I" : "H");
  put_blanks(p, &rest);
  if (rest.len) put_text(p, "X");
}

/* rest: the line behind the verb. All that comes before the address is kept as it was typed. */
static void put_path(struct piece *p, struct span rest, const struct path *path, bool hidden) {
  struct span whole = rest;
  put_blanks(p, &rest);
  if (path->result == PATH_NO_KEYWORD) {
    if (rest.len) put_text(p, "X");
    return;
  }
  size_t colon = span_find(rest, ':');
  put(p, span_head(rest, colon + 1));
  rest = span_from(rest, colon + 1);
  put_blanks(p, &rest);
  if (path->result == PATH_MISSING) return;
  if (path->brackets) put_text(p, "<");
  if (path->typed.len) put_text(p, "A");
  rest = span_from(whole, (size_t)(path->typed.s - whole.s) + path->typed.len);
  if (path->brackets && rest.len) {
    put_text(p, ">");
    rest = span_from(rest, 1);
  }
  put_parameters(p, rest, hidden);
}

static void put_other(struct piece *p, struct span rest) {
  put_blanks(p, &rest);
  if (rest.len) put_text(p, "X");
}

/* A mechanism that is known; all behind it, and any other word, may be a secret. */
static void put_auth(struct piece *p, struct span rest) {
  put_blanks(p, &rest);
  struct span behind = rest, word = take_word(&behind);
  if (is_among(word, mechanisms, COUNT(mechanisms))) {
    put_text(p, "P=");
    put(p, word);
    rest = behind;
  }
  put_other(p, rest);
}

static void put_line(struct piece *p, const struct dialect_line *line, bool hidden) {
  const struct command_line *c = line->command;
  struct span rest = span_from(c->line, c->verb.len);
  if (hidden && c->command == COMMAND_UNKNOWN && c->verb.len) put_text(p, "?");
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

static void put_ending(struct piece *p, const struct dialect_line *line) {
  if (line->bare_cr) put_text(p, "/CR");
  if (line->bare_lf) put_text(p, "/LF");
}

/* Behind an AUTH come credentials, until a command does. */
static bool is_secret(struct dialect *d, enum command command) {
  bool secret = d->behind_auth && command == COMMAND_UNKNOWN;
  d->behind_auth = secret || command == COMMAND_AUTH;
  return secret;
}

/* Room is always left for the `+`. False where the text does not fit. */
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
  struct piece piece = {.len = 0, .full = false};
  if (d->cut) return;
  if (is_secret(d, line->command->command)) put_text(&piece, "X");
  else put_line(&piece, line, d->hide_local);
  put_ending(&piece, line);
  struct span text = span_of(piece.text, piece.len);
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
