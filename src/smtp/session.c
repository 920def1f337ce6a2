#include "smtp/session.h"
#include "smtp/firstline.h"
#include "smtp/intern.h"

void session_start(struct session *s, const struct session_config *config, int64_t now,
                   uint64_t seed) {
  s->config = config;
  s->random = seed;
  s->started = s->touched = s->replied = now;
  s->verb = COMMAND_UNKNOWN;
  s->transaction.refuse_at = config->refuse_at;
  s->envelope.hide_local = s->dialect.hide_local = config->hide_local;
  if (config->teaser) session_owe(s, now, REPLY_TEASER, WAIT_NOT);
  session_owe(s, now, REPLY_GREETING, WAIT_GREETING);
}

/* splitmix64: spread, not secrecy. */
static uint64_t draw(struct session *s) {
  uint64_t z = s->random += UINT64_C(0x9e3779b97f4a7c15);
  z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
  z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
  return z ^ z >> 31;
}

static int64_t delay_of(struct session *s, unsigned int wait) {
  if (wait >= WAITS) return 0;
  int64_t delay = s->config->delay[wait], jitter = s->config->jitter;
  if (jitter) delay += delay * ((int64_t)(draw(s) % (uint64_t)(2 * jitter + 1)) - jitter) / 100;
  if (wait == WAIT_GREETING && delay > SESSION_GREETING_MAX) delay = SESSION_GREETING_MAX;
  return delay;
}

static void take_turn(struct session *s, int64_t now) {
  if (!outbox_is_empty(&s->outbox))
    outbox_wait(&s->outbox, now + delay_of(s, outbox_first(&s->outbox).wait));
}

void session_owe(struct session *s, int64_t now, enum reply reply, enum wait wait) {
  bool first;
  if (!outbox_add(&s->outbox, (struct owed){(uint8_t)reply, (uint8_t)wait}, &first)) {
    session_finish(s, now, END_LIMIT);
    return;
  }
  if (first) take_turn(s, now);
  if (reply_code(reply) >= 500) s->bad++;
}

void session_judge_first(struct session *s) {
  if (s->first_line) return;
  s->first_line = true;
  s->nosmtp = firstline_kind(assembly_line(&s->typed), s->typed.nul);
}

/* An unfinished line still says what the first line of a connection is, and whether it is a QUIT.
 */
static void judge_partial(struct session *s, bool hangup) {
  if (!assembly_partial(&s->typed)) return;
  struct command_line command = command_parse(assembly_line(&s->typed));
  bool in_body = s->transaction.state == STATE_BODY;
  if (in_body || s->quit) return;
  if (hangup && command.command == COMMAND_QUIT) s->quit = true;
  earlytalk_line(&s->earlytalk, s->quit ? COMMAND_QUIT : COMMAND_UNKNOWN);
  session_judge_first(s);
  if (assembly_is_long(&s->typed)) fact_note(&s->facts, FACT_LONG_LINE);
  if (s->typed.bare_cr) fact_note(&s->facts, FACT_BARE_CR);
  if (s->after_refusal && s->after == AFTER_NONE && !s->quit) s->after = AFTER_OTHER;
}

/* Facts that only the whole session shows. */
static void settle_facts(struct session *s) {
  untimely_end(&s->untimely, s->quit, &s->facts);
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
  judge_partial(s, how == END_FIN || how == END_RST);
  struct last_moment moment = {.how = how,
                               .quit = s->quit,
                               .refused = s->refused,
                               .waiting = s->outbox.count > outbox_has_empty(&s->outbox),
                               .partial = assembly_partial(&s->typed),
                               .in_body = s->transaction.state == STATE_BODY,
                               .watch = s->config->watch};
  enum reply words = ending_last_words(&moment);
  bool torn = outbox_is_torn(&s->outbox);
  s->closing = true;
  s->ended = now;
  s->end = ending_judge(&moment, &s->facts);
  if (words == REPLY_REFUSAL && !torn) s->refused = true;
  settle_facts(s);
  while (!outbox_is_empty(&s->outbox)) outbox_drop_first(&s->outbox);
  if (words != REPLIES && !torn) outbox_replace(&s->outbox, words, &s->config->texts);
}

void session_hangup(struct session *s, int64_t now, enum end how) {
  session_finish(s, now, how);
}

void session_stop(struct session *s, int64_t now) {
  session_finish(s, now, END_STOP);
}

static void reach(struct session *s, enum stage stage) {
  if (s->stage < stage) s->stage = stage;
}

/* A client that talked early has its first reply, and has sent nothing since. */
static void expect_silence(struct session *s, int64_t now, enum reply reply) {
  bool first = !s->repeat.used && s->config->teaser && earlytalk_seen(&s->earlytalk);
  s->repeat.used = true;
  if (!first || !outbox_is_empty(&s->outbox) || assembly_partial(&s->typed)) return;
  s->repeat.armed = true;
  s->repeat.reply = reply;
  s->repeat.due = now + SESSION_REPEAT;
}

/* The first reply owed has been handed over: only now it counts as given. */
static void reply_sent(struct session *s, int64_t now) {
  struct owed sent = outbox_first(&s->outbox);
  outbox_drop_first(&s->outbox);
  s->touched = s->replied = now;
  if (sent.reply == REPLY_TEASER) earlytalk_teaser(&s->earlytalk, now);
  else untimely_reply(&s->untimely);
  if (s->greeted) expect_silence(s, now, (enum reply)sent.reply);
  switch (sent.reply) {
  case REPLY_GREETING: s->greeted = true; break;
  case REPLY_HELO: reach(s, STAGE_HELO); break;
  case REPLY_SENDER: reach(s, STAGE_MAIL); break;
  case REPLY_RECIPIENT: reach(s, STAGE_RCPT); break;
  case REPLY_GO_AHEAD: reach(s, STAGE_DATA); break;
  case REPLY_REFUSAL:
    s->refused = true;
    reach(s, sent.wait == WAIT_RCPT ? STAGE_RCPT : STAGE_DATA);
    break;
  case REPLY_BYE:
    session_finish(s, now, END_FIN);
    outbox_drop_first(&s->outbox);
    return;
  default: break;
  }
  take_turn(s, now);
}

static int64_t silence_end(const struct session *s) {
  if (assembly_partial(&s->typed))
    return (s->line_began > s->replied ? s->line_began : s->replied) + s->config->line;
  return s->touched + (s->refused ? s->config->watch : s->config->idle);
}

/* A client that talked after the teaser took it for the greeting: no other line of it follows. */
static void begin_reply(struct session *s, int64_t now) {
  enum reply reply = (enum reply)outbox_first(&s->outbox).reply;
  if (reply == REPLY_GREETING && s->config->teaser && earlytalk_seen(&s->earlytalk)) {
    reply_sent(s, now);
    return;
  }
  outbox_begin(&s->outbox, &s->config->texts, s->config->stutter && s->greeted);
  if (s->config->stutter) outbox_wait(&s->outbox, now + OUTBOX_STUTTER);
}

static void repeat_reply(struct session *s, int64_t now) {
  bool first;
  s->repeat.armed = false;
  s->repeat.sent = true;
  if (outbox_add(&s->outbox, (struct owed){(uint8_t)s->repeat.reply, WAIT_NOT}, &first))
    outbox_wait(&s->outbox, now);
}

void session_tick(struct session *s, int64_t now) {
  struct outbox *o = &s->outbox;
  if (s->closing) return;
  if (now >= s->started + s->config->cap) {
    session_finish(s, now, END_CAP);
  } else if (!outbox_is_empty(o)) {
    if (now < o->due) return;
    if (!o->writing) begin_reply(s, now);
    else if (o->ready < o->len) {
      outbox_stutter(o);
      outbox_wait(o, now + OUTBOX_STUTTER);
    }
  } else if (s->repeat.armed && now >= s->repeat.due) {
    repeat_reply(s, now);
  } else if (now >= silence_end(s)) {
    session_finish(s, now, END_IDLE);
  }
}

struct span session_output(const struct session *s) {
  return outbox_ready(&s->outbox);
}

void session_wrote(struct session *s, int64_t now, size_t n) {
  if (outbox_wrote(&s->outbox, n) && !s->closing) reply_sent(s, now);
}

int64_t session_deadline(const struct session *s) {
  const struct outbox *o = &s->outbox;
  int64_t cap = s->started + s->config->cap, next = cap;
  if (outbox_is_empty(o)) {
    next = silence_end(s);
    if (s->repeat.armed && s->repeat.due < next) next = s->repeat.due;
  } else if (!o->writing || o->ready < o->len) next = o->due;
  return next < cap ? next : cap;
}
