#include "smtp/session_internal.h"

/* The checks of a single command. They run before the order of commands is checked
   (transaction.h). Each returns the reply that refuses the command, or REPLIES, and notes facts and
   the envelope. */

static enum reply check_helo(struct session *s, const struct command_line *c) {
  if (s->helos < UINT32_MAX) s->helos++;
  s->verb = c->command;
  if (c->argument.len == 0) {
    fact_note(&s->facts, FACT_HELO_EMPTY);
    return REPLY_SYNTAX;
  }
  envelope_helo(&s->envelope, c->argument);
  return REPLIES;
}

static void note_path(struct session *s, const struct path *path) {
  if (path->odd_space) fact_note(&s->facts, FACT_ODD_SPACE);
  if (!path->brackets) fact_note(&s->facts, FACT_NO_BRACKETS);
  if (path->parameters.len == 0) return;
  fact_note(&s->facts, FACT_UNOFFERED);
  if (s->verb == COMMAND_HELO) fact_note(&s->facts, FACT_PARAMS_AFTER_HELO);
}

static enum reply check_mail(struct session *s, const struct path *path) {
  s->mail_seen = true;
  if (path->result != PATH_OK) return REPLY_SYNTAX;
  note_path(s, path);
  return path->parameters.len ? REPLY_PARAMETER : REPLIES;
}

static enum reply check_rcpt(struct session *s, const struct path *path) {
  if (path->result != PATH_OK || path->address.len == 0) return REPLY_SYNTAX;
  note_path(s, path);
  envelope_to(&s->envelope, path->address);
  if (path->parameters.len) return REPLY_PARAMETER;
  return s->transaction.recipients >= s->config->max_recipients ? REPLY_TOO_MANY : REPLIES;
}

static enum reply check_bare(const struct command_line *c) {
  return c->argument.len ? REPLY_SYNTAX : REPLIES;
}

static enum reply check_unknown(struct session *s) {
  if (s->unknown < UINT32_MAX) s->unknown++;
  return REPLIES;
}

static enum reply note_unoffered(struct session *s, enum fact fact) {
  fact_note(&s->facts, fact);
  return REPLIES;
}

static enum reply check(struct session *s, const struct command_line *c, const struct path *path) {
  switch (c->command) {
  case COMMAND_HELO:
  case COMMAND_EHLO: return check_helo(s, c);
  case COMMAND_MAIL: return check_mail(s, path);
  case COMMAND_RCPT: return check_rcpt(s, path);
  case COMMAND_DATA:
  case COMMAND_RSET: return check_bare(c);
  case COMMAND_VRFY: return c->argument.len ? REPLIES : REPLY_SYNTAX;
  case COMMAND_AUTH: return note_unoffered(s, FACT_AUTH);
  case COMMAND_STARTTLS: return note_unoffered(s, FACT_STARTTLS);
  case COMMAND_BDAT: return note_unoffered(s, FACT_UNOFFERED);
  case COMMAND_UNKNOWN: return check_unknown(s);
  default: return REPLIES;
  }
}

static enum delay_kind delay_kind_of(enum command command) {
  switch (command) {
  case COMMAND_HELO:
  case COMMAND_EHLO: return DELAY_HELO;
  case COMMAND_MAIL: return DELAY_MAIL;
  case COMMAND_RCPT: return DELAY_RCPT;
  case COMMAND_DATA: return DELAY_DATA;
  default: return DELAY_NONE;
  }
}

/* If RCPT is answered 451, further RCPT commands belong to the same step; they do not come after
   the 451. */
static bool follows_451(const struct session *s, const struct command_line *c) {
  if (!s->after_refusal) return false;
  return s->config->refuse_at != REFUSE_AT_RCPT || c->command != COMMAND_RCPT;
}

static void note_after_451(struct session *s, const struct command_line *c) {
  if (!follows_451(s, c)) return;
  enum after after = ending_after_451(c);
  if (s->after == AFTER_NONE) s->after = after;
  if (after == AFTER_BODY && s->transaction.state == STATE_REFUSED)
    fact_note(&s->facts, FACT_BODY_AFTER_451);
  s->after_refusal = false;
  s->dialect_closed = true;
}

static void note_line(struct session *s, const struct command_line *c, const struct path *path) {
  const struct linebuffer *in = &s->line;
  struct dialect_line typed = {c, path, in->bare_lf, in->bare_cr};
  if (in->bare_lf) fact_note(&s->facts, FACT_BARE_LF);
  if (in->bare_cr) fact_note(&s->facts, FACT_BARE_CR);
  if (linebuffer_is_long(in)) fact_note(&s->facts, FACT_LONG_LINE);
  if (!s->dialect_closed) dialect_add(&s->dialect, &typed);
}

/* Keeps the last accepted sender or, if no sender was accepted, the last sender. Counts the
   recipients of the last accepted sender that were answered 250 or 451. */
static void note_envelope(struct session *s, const struct path *path, enum reply reply,
                          enum command command) {
  bool accepted = reply == REPLY_SENDER || reply == REPLY_RECIPIENT || reply == REPLY_REFUSAL;
  if (path->result != PATH_OK) return;
  if (command == COMMAND_MAIL && (accepted || !s->sender_accepted))
    envelope_from(&s->envelope, path->address);
  if (command == COMMAND_MAIL && accepted) {
    s->sender_accepted = true;
    recipients_clear(&s->recipients);
  }
  if (command == COMMAND_RCPT && accepted) recipients_add(&s->recipients, path->address);
}

static void handle_command(struct session *s, int64_t now, const struct command_line *c,
                           const struct path *path) {
  bool fits = !linebuffer_is_long(&s->line) || c->command == COMMAND_QUIT;
  enum reply objection = fits ? check(s, c, path) : REPLY_LONG;
  enum reply reply = transaction_answer(&s->transaction, c->command, objection, &s->facts);
  note_envelope(s, path, reply, c->command);
  if (reply == REPLY_REFUSAL) s->after_refusal = true;
  if (reply == REPLY_GO_AHEAD) s->dataend = dataend_begin(!s->line.bare_lf);
  if (c->command == COMMAND_DATA && (reply == REPLY_REFUSAL || reply == REPLY_GO_AHEAD))
    s->dialect_closed = true;
  if (c->command == COMMAND_QUIT) s->quit = true;
  session_queue_reply(s, now, reply, delay_kind_of(c->command));
}

/* A line without a command is answered if no other reply is pending; see drop_empty_answer. */
static void handle_empty_line(struct session *s, int64_t now) {
  if (replyqueue_is_empty(&s->replyqueue)) session_queue_reply(s, now, REPLY_EMPTY, DELAY_NONE);
}

static void handle_command_line(struct session *s, int64_t now) {
  struct command_line c = command_parse(linebuffer_line(&s->line));
  struct path path = {.result = PATH_NO_KEYWORD};
  bool whole = !linebuffer_is_long(&s->line);
  if (whole && c.command == COMMAND_MAIL) path = path_parse(c.argument, "FROM:");
  if (whole && c.command == COMMAND_RCPT) path = path_parse(c.argument, "TO:");
  session_check_first_line(s);
  session_check_tls(s, c.command);
  earlytalk_line(&s->earlytalk, c.command);
  earlydata_line(&s->earlydata, c.command, s->refused, &s->facts);
  note_after_451(s, &c);
  note_line(s, &c, &path);
  handle_command(s, now, &c, &path);
}

static void handle_line(struct session *s, int64_t now) {
  if (++s->lines > s->config->max_lines) session_finish(s, now, END_LIMIT);
  else if (linebuffer_line(&s->line).len == 0) handle_empty_line(s, now);
  else handle_command_line(s, now);
}

/* A line of a message matters only if it came before the 354. A QUIT is not a line of a message. */
static void handle_body_line(struct session *s) {
  struct command_line c = command_parse(linebuffer_line(&s->line));
  earlydata_line(&s->earlydata, c.command == COMMAND_QUIT ? c.command : COMMAND_UNKNOWN, s->refused,
                 &s->facts);
}

static void end_body(struct session *s, int64_t now) {
  transaction_body_end(&s->transaction);
  s->after_refusal = true;
  session_queue_reply(s, now, REPLY_REFUSAL, DELAY_DATA);
}

static const char *stage_due(const struct session *s) {
  static const char *const names[] = {
      [DELAY_GREETING] = "banner", [DELAY_HELO] = "helo", [DELAY_MAIL] = "mail",
      [DELAY_RCPT] = "rcpt",       [DELAY_DATA] = "data", [DELAY_NONE] = "other"};
  return s->greeted ? names[replyqueue_first(&s->replyqueue).delay] : names[DELAY_GREETING];
}

/* True if the client should wait for a reply. It need not wait for the reply to an empty line. If a
   reply was sent to it twice, it may be one reply ahead. */
static bool is_awaited(const struct session *s) {
  return s->replyqueue.count > replyqueue_has_empty(&s->replyqueue) + s->repeat.sent;
}

/* Each byte of a command that comes while a reply is pending came too early. */
static void note_timing(struct session *s, int64_t now, char c) {
  bool begins = !linebuffer_partial(&s->line);
  if (begins && linebuffer_is_blank(c)) return;
  s->repeat.armed = false;
  if (!is_awaited(s)) return;
  earlydata_byte(&s->earlydata, now - s->started, stage_due(s), c);
  if (s->greeted) s->earlydata.line = true;
  else earlytalk_byte(&s->earlytalk, now, begins);
}

/* More bytes came in the same moment as an empty line: that line is not answered. */
static void drop_empty_answer(struct session *s) {
  if (!replyqueue_has_empty(&s->replyqueue) || s->replyqueue.writing) return;
  replyqueue_drop_first(&s->replyqueue);
  s->bad--;
}

/* Returns false if the byte exceeds a limit. */
static bool count_byte(struct session *s, int64_t now) {
  const struct session_config *config = s->config;
  if (s->bytes < UINT32_MAX) s->bytes++;
  if (s->transaction.state != STATE_BODY) {
    if (++s->command_bytes <= config->max_bytes) return true;
    session_finish(s, now, END_LIMIT);
    return false;
  }
  if (++s->body_bytes <= config->max_body) return true;
  session_finish(s, now, END_LIMIT);
  return false;
}

static void feed_byte(struct session *s, int64_t now, char c) {
  s->last_activity = now;
  if (!count_byte(s, now) || s->quit) return;
  drop_empty_answer(s);
  note_timing(s, now, c);
  if (!linebuffer_partial(&s->line)) s->line_started = now;
  bool body = s->transaction.state == STATE_BODY;
  bool whole = linebuffer_byte(&s->line, c);
  if (body && whole) handle_body_line(s);
  if (body && dataend_byte(&s->dataend, c)) end_body(s, now);
  if (!body && whole) handle_line(s, now);
}

void session_feed(struct session *s, int64_t now, struct span bytes) {
  for (size_t i = 0; i < bytes.len && !s->closing; i++) feed_byte(s, now, bytes.s[i]);
}
