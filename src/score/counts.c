#include "score/counts.h"
#include "base/textbuf.h"

void counts_add(struct counts *c, const struct judgement *j) {
  c->sessions++;
  c->verdict[j->verdict]++;
  for (int sin = 0; sin < SIN_COUNT; sin++)
    if (j->hits.fired[sin]) c->sin[j->hits.hit[sin].row]++;
}

void counts_compare(struct counts *c, const struct judgement *old, const struct judgement *new) {
  c->sessions++;
  c->moved[old->verdict][new->verdict]++;
}

static void add_count(struct textbuf *t, const char *const words[], uint64_t count) {
  for (; *words; words++) textbuf_put_str(t, *words);
  textbuf_put_byte(t, ' ');
  textbuf_put_number(t, count);
  textbuf_put_byte(t, '\n');
}

#define WORDS(...) ((const char *const[]){__VA_ARGS__, NULL})

size_t counts_format(const struct counts *c, char *out) {
  struct textbuf t = textbuf_of(out, COUNTS_TEXT_MAX);
  add_count(&t, WORDS("sessions"), c->sessions);
  if (c->unread) add_count(&t, WORDS("unread"), c->unread);
  for (int v = VERDICT_EXEMPT; v < VERDICTS; v++)
    if (c->verdict[v]) add_count(&t, WORDS("verdict ", verdict_name(v)), c->verdict[v]);
  for (int sin = 0; sin < SIN_COUNT; sin++)
    if (c->sin[sin]) add_count(&t, WORDS("sin ", sin_names[sin]), c->sin[sin]);
  return t.len;
}

size_t counts_format_moved(const struct counts *c, char *out) {
  struct textbuf t = textbuf_of(out, COUNTS_TEXT_MAX);
  uint64_t moved = 0;
  for (int from = 0; from < VERDICTS; from++)
    for (int to = 0; to < VERDICTS; to++) moved += from == to ? 0 : c->moved[from][to];
  add_count(&t, WORDS("# sessions"), c->sessions);
  if (c->unread) add_count(&t, WORDS("# unread"), c->unread);
  add_count(&t, WORDS("# changed"), moved);
  for (int from = 0; from < VERDICTS; from++)
    for (int to = 0; to < VERDICTS; to++)
      if (from != to && c->moved[from][to])
        add_count(&t, WORDS("# ", verdict_name(from), " -> ", verdict_name(to)),
                  c->moved[from][to]);
  return t.len;
}
