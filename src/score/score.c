#include "score/score.h"
#include "base/number.h"
#include "base/textbuf.h"
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

size_t score_format_number(char *out, int score) {
  size_t n = 0;
  if (score < 0) out[n++] = '-';
  return n + number_format(out + n, (uint64_t)(score < 0 ? -score : score));
}

size_t score_format(const struct judgement *j, char *out) {
  struct textbuf t = textbuf_of(out, SCORE_TEXT_MAX);
  char score[NUMBER_MAX];
  bool first = true;
  textbuf_put_str(&t, " rules=");
  textbuf_put_str(&t, j->hits.rules->table.version);
  textbuf_put_str(&t, " sins=");
  for (int sin = 0; sin < SIN_COUNT; sin++) {
    if (!j->hits.fired[sin]) continue;
    if (!first) textbuf_put_byte(&t, ',');
    textbuf_put_str(&t, sin_names[j->hits.hit[sin].row]);
    first = false;
  }
  textbuf_put_str(&t, " score=");
  textbuf_put(&t, span_of(score, score_format_number(score, j->total.score)));
  textbuf_put_str(&t, " verdict=");
  textbuf_put_str(&t, verdict_name(j->verdict));
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
