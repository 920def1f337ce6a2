#include "smtp/summary.h"
#include "base/escape.h"

/* Each text of a session fits into the room that the line has for it. */
_Static_assert(ENVELOPE_HELO_MAX <= HELO_TEXT_MAX && ENVELOPE_FROM_MAX <= FROM_TEXT_MAX &&
                   ENVELOPE_TO_MAX <= TO_TEXT_MAX && EARLYDATA_TEXT_MAX <= TALK_TEXT_MAX &&
                   FACT_TEXT_MAX <= DID_TEXT_MAX && SUMMARY_DIALECT_MAX <= DIALECT_TEXT_MAX,
               "a text would overflow the session line");

static struct span present(const char *text, size_t len) {
  return len ? span_of(text, len) : span_of(NULL, 0);
}

static size_t add_key(char *out, size_t at, bool cut, const char *key) {
  size_t len = strlen(key);
  if (!cut) return at;
  if (at) out[at++] = ',';
  memcpy(out + at, key, len);
  return at + len;
}

static size_t cut_keys(const struct session *s, char *out) {
  size_t n = add_key(out, 0, s->envelope.helo_cut, "helo");
  n = add_key(out, n, s->envelope.from_cut, "from");
  n = add_key(out, n, s->envelope.to_cut, "to");
  return add_key(out, n, s->dialect.cut, "dialect");
}

void summary_fill(struct summary *r, const struct session *s) {
  const struct envelope *e = &s->envelope;
  size_t used;
  struct span dialect = span_of(s->dialect.text, s->dialect.len);
  size_t dialect_len =
      escape_put(r->dialect_text, sizeof r->dialect_text, dialect, ESCAPE_VALUE, &used);
  r->helo = present(e->helo, e->helo_len);
  r->from = present(e->from, e->from_len);
  r->to = present(e->to, e->to_len);
  r->nosmtp = s->nosmtp ? span_str(s->nosmtp) : span_of(NULL, 0);
  r->talk = present(r->talk_text, earlydata_format(&s->earlydata, e->hide_local, r->talk_text));
  r->did = present(r->did_text, fact_list(s->facts, r->did_text));
  r->dialect = present(r->dialect_text, dialect_len);
  r->cut = present(r->cut_text, cut_keys(s, r->cut_text));
}

/* The fields that every line has. */
static void set_counts(struct sessionline *line, const struct session *s) {
  static const char *const always[] = {"at",    "peer",  "ms",  "helos",
                                       "rcpts", "lines", "bad", "bytes"};
  line->ms = (uint64_t)(s->ended - s->started);
  line->stage = s->stage;
  line->end = s->end;
  line->after = s->after;
  line->helos = s->helos;
  line->rcpts = s->recipients.count;
  line->lines = s->lines;
  line->bad = s->bad;
  line->bytes = s->bytes;
  line->r451 = s->refused ? ANSWER_YES : ANSWER_NO;
  if (s->verb == COMMAND_EHLO) line->verb = VERB_EHLO;
  if (s->verb == COMMAND_HELO) line->verb = VERB_HELO;
  for (size_t i = 0; i < sizeof always / sizeof *always; i++) sessionline_set(line, always[i]);
}

static void set_texts(struct sessionline *line, const struct summary *texts) {
  line->helo = texts->helo;
  line->from = texts->from;
  line->to = texts->to;
  line->nosmtp = texts->nosmtp;
  line->talk = texts->talk;
  line->did = texts->did;
  line->dialect = texts->dialect;
  line->cut = texts->cut;
}

/* A number of 0 is left out. */
static void set_number(struct sessionline *line, const char *key, uint64_t *member,
                       uint64_t value) {
  *member = value;
  if (value) sessionline_set(line, key);
}

static void set_connection(struct sessionline *line, const struct summary_connection *c) {
  line->at = c->at;
  line->peer = c->peer;
  line->local = c->local;
  line->rtt = c->rtt;
  if (c->has_local) sessionline_set(line, "local");
  if (c->has_rtt) sessionline_set(line, "rtt");
  if (c->highmx) line->mx = span_str("high");
  set_number(line, "pport", &line->pport, c->pport);
  set_number(line, "lport", &line->lport, c->lport);
  set_number(line, "peers", &line->peers, c->peers);
  set_number(line, "recent", &line->recent, c->recent);
}

size_t summary_format(const struct session *s, const struct summary_connection *c, char *out) {
  struct summary texts;
  struct sessionline line = {.has = 0};
  summary_fill(&texts, s);
  set_counts(&line, s);
  set_texts(&line, &texts);
  set_connection(&line, c);
  size_t len = sessionline_encode(&line, out, SESSION_BYTES_MAX - 1);
  out[len++] = '\n';
  return len;
}
