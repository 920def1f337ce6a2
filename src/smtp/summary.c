#include "smtp/summary.h"
#include "base/escape.h"

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
