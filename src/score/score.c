#include "score/score.h"
#include "base/number.h"
#include "score/families.h"

static struct verdict_input verdict_input_of(const struct parsedline *s, bool exempt) {
  bool silent = s->line->bytes == 0 && sessionline_has(s->line, "bytes");
  return (struct verdict_input){exempt, silent, s->got_mail, s->got_451};
}

bool score_line(const struct sessionline *line, const struct rules *rules, struct judgement *out) {
  const struct parsedline *s = &out->parsed;
  parsedline_init(&out->parsed, line);
  hits_init(&out->hits, rules);
  hits_fire_did(&out->hits, s);
  conduct_sins(s, &out->hits);
  helo_sins(s, &out->hits);
  envelope_sins(s, &out->hits);
  source_sins(s, &out->hits);
  bool exempt = source_is_exempt(s, &out->hits, &out->exempt_by);
  verdict_total(&out->hits, &out->total);
  struct verdict_input in = verdict_input_of(s, exempt);
  out->verdict = verdict_of(&out->hits, &out->total, &in);
  return !out->hits.damaged;
}

struct text {
  char *at;
  size_t len;
};

static void add(struct text *t, struct span s) {
  memcpy(t->at + t->len, s.s, s.len);
  t->len += s.len;
}

size_t score_format_number(char *out, int score) {
  size_t n = 0;
  if (score < 0) out[n++] = '-';
  return n + number_format(out + n, (uint64_t)(score < 0 ? -score : score));
}

size_t score_format(const struct judgement *j, char *out) {
  struct text t = {out, 0};
  bool first = true;
  add(&t, span_str(" rules="));
  add(&t, span_str(j->hits.rules->table.version));
  add(&t, span_str(" sins="));
  for (int sin = 0; sin < SIN_COUNT; sin++) {
    if (!j->hits.fired[sin]) continue;
    if (!first) t.at[t.len++] = ',';
    add(&t, span_str(sin_names[j->hits.hit[sin].row]));
    first = false;
  }
  add(&t, span_str(" score="));
  t.len += score_format_number(out + t.len, j->total.score);
  add(&t, span_str(" verdict="));
  add(&t, span_str(verdict_name(j->verdict)));
  return t.len;
}

bool score_is_on(const struct sessionline *line) {
  return line->rules.s || line->sins.s || line->verdict != VERDICT_NONE ||
         sessionline_has(line, "score");
}

size_t score_strip(struct span line, char *out) {
  static const char *const keys[] = {"rules", "sins", "score", "verdict", NULL};
  return field_line_without(line, keys, out);
}
