#include "score/explain.h"
#include "base/number.h"
#include "base/textbuf.h"

#define FAMILY_WIDTH 10
#define SIN_WIDTH    23
#define WEIGHT_WIDTH 8
#define COUNTS_WIDTH 6
#define WHY_MAX      200

static const char *const families[FAMILY_COUNT] = {
    [FAMILY_TOPOLOGY] = "topology", [FAMILY_TIMING] = "timing",     [FAMILY_WIRE] = "wire",
    [FAMILY_HELO] = "helo",         [FAMILY_ENVELOPE] = "envelope", [FAMILY_SOURCE] = "source",
    [FAMILY_ENDING] = "ending",
};

/* The table. One byte of its buffer is left for the last line end. */
struct text {
  struct textbuf all;
  size_t line; /* where the current line begins */
};

static void add(struct text *t, struct span s) {
  textbuf_cut(&t->all, s);
}

static void add_text(struct text *t, const char *s) {
  textbuf_cut_str(&t->all, s);
}

static void end_line(struct text *t) {
  if (t->all.len < EXPLAIN_TEXT_MAX) t->all.at[t->all.len++] = '\n';
  t->line = t->all.len;
}

static void pad_to(struct text *t, size_t column) {
  for (size_t at = t->all.len - t->line; at < column; at++) add_text(t, " ");
}

static void add_count(struct text *t, uint64_t value) {
  char digits[NUMBER_MAX];
  add(t, span_of(digits, number_format(digits, value)));
}

static void add_number(struct text *t, int value) {
  if (value < 0) add_text(t, "-");
  add_count(t, (uint64_t)(value < 0 ? -value : value));
}

/* Rule text may hold any byte; only printable ones are shown. */
static void add_shown(struct text *t, struct span s) {
  s = span_head(s, WHY_MAX);
  for (size_t i = 0; i < s.len; i++) {
    char c = s.s[i] >= 0x20 && s.s[i] < 0x7f ? s.s[i] : '?';
    add(t, span_of(&c, 1));
  }
}

static bool is_heaviest(const struct hits *h, int sin) {
  for (int other = 0; other < SIN_COUNT; other++) {
    if (!h->fired[other] || sin_families[other] != sin_families[sin]) continue;
    int more = h->hit[other].points - h->hit[sin].points;
    if (h->hit[sin].points < 0) more = -more;
    if (more > 0 || (more == 0 && other < sin)) return false;
  }
  return true;
}

static int counted_points(const struct judgement *j, int sin) {
  int points = j->hits.hit[sin].points;
  if (points < 0) return j->total.sure || !is_heaviest(&j->hits, sin) ? 0 : points;
  return is_heaviest(&j->hits, sin) ? points : points / 2;
}

static void add_address(struct text *t, const struct addr *a) {
  char text[ADDR_TEXT_MAX];
  add(t, span_of(text, addr_format(text, a)));
}

static void add_source(struct text *t, const struct table_source *source) {
  add_text(t, " (");
  add_shown(t, source->file);
  add_text(t, ":");
  add_number(t, (int)source->line);
  add_text(t, ")");
}

static void add_reason(struct text *t, const struct table *table, const struct reason *why) {
  struct table_source source;
  int found = 0;
  add_shown(t, why->text);
  if (why->count) {
    add_text(t, " ");
    add_count(t, why->count);
  }
  if (!why->table) return;
  if (why->address) found = table_source_addr(table, why->table, why->address, &source);
  else if (why->key.len) found = table_source_name(table, why->table, why->key, &source);
  if (why->address) {
    add_text(t, " ");
    add_address(t, why->address);
  }
  if (found == 1) {
    add_source(t, &source);
    return;
  }
  add_text(t, " (");
  add_text(t, why->table);
  add_text(t, ")");
}

static void add_weight(struct text *t, int points, bool sure, bool hint) {
  add_number(t, points);
  if (sure) add_text(t, " sure");
  if (hint) add_text(t, " hint");
}

static void add_list_hit(struct text *t, const struct judgement *j, const struct list_hit *list,
                         size_t column) {
  pad_to(t, column);
  add_reason(t, &j->hits.rules->table, &list->why);
  if (j->hits.list_hits > 1) {
    add_text(t, ": ");
    add_weight(t, list->weight.points, list->weight.sure, list->weight.hint);
  }
  end_line(t);
}

/* Every list that adds to `listed`, one in each line, the sure ones first. */
static void add_list_hits(struct text *t, const struct judgement *j, size_t column) {
  for (int sure = 1; sure >= 0; sure--)
    for (size_t i = 0; i < j->hits.list_hits; i++)
      if (j->hits.list_hit[i].weight.sure == sure) add_list_hit(t, j, &j->hits.list_hit[i], column);
}

static void add_sin(struct text *t, const struct judgement *j, int sin) {
  const struct hit *hit = &j->hits.hit[sin];
  size_t column = 2;
  add_text(t, "  ");
  add_text(t, families[sin_families[sin]]);
  pad_to(t, column += FAMILY_WIDTH);
  add_text(t, sin_names[hit->row]);
  pad_to(t, column += SIN_WIDTH);
  add_weight(t, hit->points, hit->sure, hit->points > 0 && hit->witness == 0);
  pad_to(t, column += WEIGHT_WIDTH);
  add_number(t, counted_points(j, sin));
  pad_to(t, column += COUNTS_WIDTH + 2);
  if (sin == SIN_LISTED) {
    add_list_hits(t, j, column);
    return;
  }
  add_reason(t, &j->hits.rules->table, &hit->why);
  end_line(t);
}

static void add_heading(struct text *t) {
  size_t column = 2;
  add_text(t, "  family");
  pad_to(t, column += FAMILY_WIDTH);
  add_text(t, "sin");
  pad_to(t, column += SIN_WIDTH);
  add_text(t, "weight");
  pad_to(t, column += WEIGHT_WIDTH);
  add_text(t, "counts");
  pad_to(t, column += COUNTS_WIDTH + 2);
  add_text(t, "why");
  end_line(t);
}

/* Why the client is not a bot although the score reaches the threshold. */
static const char *why_not_bot(const struct judgement *j) {
  if (!j->parsed.got_451)
    return j->total.sure ? ": its first line was not SMTP, and no 451 was sent"
                         : ": no sin is sure, and no 451 was sent";
  return verdict_families(&j->total) ? ": no sin is sure, and only one family is a witness"
                                     : ": no sin is sure, and no family is a witness";
}

static const char *decision(const struct judgement *j) {
  switch (j->verdict) {
  case VERDICT_EXEMPT: return ": whitelisted, ";
  case VERDICT_SCANNER:
    return j->hits.fired[SIN_NO_SMTP] ? ": its first line was not SMTP" : ": no byte came";
  case VERDICT_BOT:
    return j->total.sure ? ": a sin is sure"
                         : ": the 451 was sent, and two families or more are witnesses";
  default: return j->total.score >= j->hits.rules->bot ? why_not_bot(j) : "";
  }
}

size_t explain_line(const struct judgement *j, char *out) {
  struct text t = {textbuf_of(out, EXPLAIN_TEXT_MAX - 1), 0};
  bool heading = false;
  add_address(&t, &j->parsed.line->peer);
  add_text(&t, " ");
  add_text(&t, verdict_name(j->verdict));
  add_text(&t, ", score ");
  add_number(&t, j->total.score);
  add_text(&t, decision(j));
  if (j->verdict == VERDICT_EXEMPT) add_reason(&t, &j->hits.rules->table, &j->exempt_by);
  end_line(&t);
  for (int sin = 0; sin < SIN_COUNT; sin++) {
    if (!j->hits.fired[sin]) continue;
    if (!heading) add_heading(&t);
    heading = true;
    add_sin(&t, j, sin);
  }
  return t.all.len;
}
