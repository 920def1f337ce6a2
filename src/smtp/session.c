#include "smtp/session.h"
#include "smtp/firstline.h"
#include "smtp/session_internal.h"

void session_start(struct session *s, const struct session_config *config, int64_t now,
                   uint64_t seed) {
  s->config = config;
  s->random = seed;
  s->started = s->last_activity = s->last_reply = now;
  s->verb = COMMAND_UNKNOWN;
  s->transaction.refuse_at = config->refuse_at;
  s->envelope.hide_local = s->dialect.hide_local = config->hide_local;
  if (config->teaser) session_queue_reply(s, now, REPLY_TEASER, DELAY_NONE);
  session_queue_reply(s, now, REPLY_GREETING, DELAY_GREETING);
}

/* splitmix64. The numbers need to be spread evenly, not to be secret. */
static uint64_t next_random(struct session *s) {
  uint64_t z = s->random += UINT64_C(0x9e3779b97f4a7c15);
  z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
  z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
  return z ^ z >> 31;
}

static int64_t delay_of(struct session *s, unsigned int kind) {
  if (kind >= DELAYS) return 0;
  int64_t delay = s->config->delay[kind], jitter = s->config->jitter;
  if (jitter)
    delay += delay * ((int64_t)(next_random(s) % (uint64_t)(2 * jitter + 1)) - jitter) / 100;
  if (kind == DELAY_GREETING && delay > SESSION_GREETING_MAX) delay = SESSION_GREETING_MAX;
  return delay;
}

static void schedule_next(struct session *s, int64_t now) {
  if (!replyqueue_is_empty(&s->replyqueue))
    replyqueue_wait(&s->replyqueue, now + delay_of(s, replyqueue_first(&s->replyqueue).delay));
}

void session_queue_reply(struct session *s, int64_t now, enum reply reply, enum delay_kind kind) {
  bool first;
  if (!replyqueue_add(&s->replyqueue, (struct pending_reply){(uint8_t)reply, (uint8_t)kind},
                      &first)) {
    session_finish(s, now, END_LIMIT);
    return;
  }
  if (first) schedule_next(s, now);
  if (reply_code(reply) >= 500) s->bad++;
}

void session_check_first_line(struct session *s) {
  if (s->first_line) return;
  s->first_line = true;
  s->nosmtp = firstline_kind(linebuffer_line(&s->line), s->line.nul);
}

void session_check_tls(struct session *s, enum command command) {
  s->tls = s->tls || firstline_is_tls(linebuffer_line(&s->line));
  if (s->tls && command == COMMAND_UNKNOWN) s->earlydata.line = false;
}

/* An unfinished line can be the first line of the connection, and it can be a QUIT. */
static void note_partial_line(struct session *s, bool hangup) {
  if (!linebuffer_partial(&s->line)) return;
  struct command_line command = command_parse(linebuffer_line(&s->line));
  bool in_body = s->transaction.state == STATE_BODY;
  if (in_body || s->quit) return;
  if (hangup && command.command == COMMAND_QUIT) s->quit = true;
  earlytalk_line(&s->earlytalk, s->quit ? COMMAND_QUIT : COMMAND_UNKNOWN);
  session_check_first_line(s);
  session_check_tls(s, command.command);
  if (linebuffer_is_long(&s->line)) fact_note(&s->facts, FACT_LONG_LINE);
  if (s->line.bare_cr) fact_note(&s->facts, FACT_BARE_CR);
  if (s->after_refusal && s->after == AFTER_NONE && !s->quit) s->after = AFTER_OTHER;
}

/* Facts that are known only at the end of the session. */
static void final_facts(struct session *s) {
  earlydata_end(&s->earlydata, s->quit, &s->facts);
  earlytalk_end(&s->earlytalk, &s->facts);
  if (s->mail_seen && s->helos == 0) fact_note(&s->facts, FACT_NO_HELO);
  if (s->unknown >= 4) fact_note(&s->facts, FACT_GARBAGE);
  if (!s->refused) {
    s->after = AFTER_NONE;
    fact_drop(&s->facts, FACT_BODY_AFTER_451);
  }
}

void session_finish(struct session *s, int64_t now, enum end how) {
  if (s->closing) return;
  note_partial_line(s, how == END_FIN || how == END_RST);
  struct end_state state = {.how = how,
                            .quit = s->quit,
                            .refused = s->refused,
                            .waiting = s->replyqueue.count > replyqueue_has_empty(&s->replyqueue),
                            .partial = linebuffer_partial(&s->line),
                            .in_body = s->transaction.state == STATE_BODY,
                            .watch = s->config->watch};
  enum reply last = ending_final_reply(&state);
  bool torn = replyqueue_is_torn(&s->replyqueue);
  s->closing = true;
  s->ended = now;
  s->end = ending_classify(&state, &s->facts);
  if (last == REPLY_REFUSAL && !torn) s->refused = true;
  final_facts(s);
  while (!replyqueue_is_empty(&s->replyqueue)) replyqueue_drop_first(&s->replyqueue);
  if (last != REPLIES && !torn) replyqueue_replace(&s->replyqueue, last, &s->config->texts);
}

void session_hangup(struct session *s, int64_t now, enum end how) {
  session_finish(s, now, how);
}

void session_stop(struct session *s, int64_t now) {
  session_finish(s, now, END_STOP);
}

static void raise_stage(struct session *s, enum stage stage) {
  if (s->stage < stage) s->stage = stage;
}

/* Repeats the first reply if the client talked early and sends nothing after that reply. */
static void arm_repeat(struct session *s, int64_t now, enum reply reply) {
  bool first = !s->repeat.used && s->config->teaser && earlytalk_seen(&s->earlytalk);
  s->repeat.used = true;
  if (!first || !replyqueue_is_empty(&s->replyqueue) || linebuffer_partial(&s->line)) return;
  s->repeat.armed = true;
  s->repeat.reply = reply;
  s->repeat.due = now + SESSION_REPEAT;
}

/* The first pending reply was sent completely. A reply counts as given from here on. */
static void reply_sent(struct session *s, int64_t now) {
  struct pending_reply sent = replyqueue_first(&s->replyqueue);
  replyqueue_drop_first(&s->replyqueue);
  s->last_activity = s->last_reply = now;
  if (sent.reply == REPLY_TEASER) earlytalk_teaser(&s->earlytalk, now);
  else earlydata_reply(&s->earlydata);
  if (s->greeted) arm_repeat(s, now, (enum reply)sent.reply);
  switch (sent.reply) {
  case REPLY_GREETING: s->greeted = true; break;
  case REPLY_HELO: raise_stage(s, STAGE_HELO); break;
  case REPLY_SENDER: raise_stage(s, STAGE_MAIL); break;
  case REPLY_RECIPIENT: raise_stage(s, STAGE_RCPT); break;
  case REPLY_GO_AHEAD: raise_stage(s, STAGE_DATA); break;
  case REPLY_REFUSAL:
    s->refused = true;
    raise_stage(s, sent.delay == DELAY_RCPT ? STAGE_RCPT : STAGE_DATA);
    break;
  case REPLY_BYE:
    session_finish(s, now, END_FIN);
    replyqueue_drop_first(&s->replyqueue);
    return;
  default: break;
  }
  schedule_next(s, now);
}

static int64_t silence_end(const struct session *s) {
  if (linebuffer_partial(&s->line))
    return (s->line_started > s->last_reply ? s->line_started : s->last_reply) + s->config->line;
  return s->last_activity + (s->refused ? s->config->watch : s->config->idle);
}

/* A client that talked after the teaser treats it as the whole greeting; the last line is not
   sent. */
static void begin_reply(struct session *s, int64_t now) {
  enum reply reply = (enum reply)replyqueue_first(&s->replyqueue).reply;
  if (reply == REPLY_GREETING && s->config->teaser && earlytalk_seen(&s->earlytalk)) {
    reply_sent(s, now);
    return;
  }
  replyqueue_begin(&s->replyqueue, &s->config->texts, s->config->stutter && s->greeted);
  if (s->config->stutter) replyqueue_wait(&s->replyqueue, now + REPLYQUEUE_STUTTER);
}

static void repeat_reply(struct session *s, int64_t now) {
  bool first;
  s->repeat.armed = false;
  s->repeat.sent = true;
  if (replyqueue_add(&s->replyqueue, (struct pending_reply){(uint8_t)s->repeat.reply, DELAY_NONE},
                     &first))
    replyqueue_wait(&s->replyqueue, now);
}

void session_tick(struct session *s, int64_t now) {
  struct replyqueue *q = &s->replyqueue;
  if (s->closing) return;
  if (now >= s->started + s->config->cap) {
    session_finish(s, now, END_CAP);
  } else if (!replyqueue_is_empty(q)) {
    if (now < q->due) return;
    if (!q->writing) begin_reply(s, now);
    else if (q->ready < q->len) {
      replyqueue_stutter(q);
      replyqueue_wait(q, now + REPLYQUEUE_STUTTER);
    }
  } else if (s->repeat.armed && now >= s->repeat.due) {
    repeat_reply(s, now);
  } else if (now >= silence_end(s)) {
    session_finish(s, now, END_IDLE);
  }
}

struct span session_output(const struct session *s) {
  return replyqueue_ready(&s->replyqueue);
}

void session_wrote(struct session *s, int64_t now, size_t n) {
  if (replyqueue_wrote(&s->replyqueue, n) && !s->closing) reply_sent(s, now);
}

int64_t session_deadline(const struct session *s) {
  const struct replyqueue *q = &s->replyqueue;
  int64_t cap = s->started + s->config->cap, next = cap;
  if (replyqueue_is_empty(q)) {
    next = silence_end(s);
    if (s->repeat.armed && s->repeat.due < next) next = s->repeat.due;
  } else if (!q->writing || q->ready < q->len) next = q->due;
  return next < cap ? next : cap;
}
