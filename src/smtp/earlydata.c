#include "smtp/earlydata.h"
#include "base/escape.h"
#include "base/number.h"

void earlydata_byte(struct earlydata *e, int64_t ms, const char *stage, char c) {
  if (e->closed) return;
  if (!e->stage) {
    e->stage = stage;
    e->ms = ms;
  }
  if (e->bytes < sizeof e->text) e->text[e->bytes] = c;
  if (e->bytes < UINT32_MAX) e->bytes++;
}

static void note_early_rset(struct earlydata *e, bool quit, fact_set *facts) {
  if (e->rset) fact_note(facts, quit ? FACT_PIPELINED : FACT_TALK_IN_DELAY);
  e->rset = false;
}

void earlydata_line(struct earlydata *e, enum command command, bool refused, fact_set *facts) {
  bool quit = command == COMMAND_QUIT;
  bool excused = quit || (e->after_rset && command != COMMAND_UNKNOWN);
  note_early_rset(e, quit, facts);
  if (e->line && excused) fact_note(facts, FACT_PIPELINED);
  else if (e->line && command == COMMAND_RSET) e->rset = true;
  else if (e->line) fact_note(facts, FACT_TALK_IN_DELAY);
  e->after_rset = refused && command == COMMAND_RSET && !e->line;
  e->line = false;
}

void earlydata_end(struct earlydata *e, bool quit, fact_set *facts) {
  note_early_rset(e, quit, facts);
  if (e->line) fact_note(facts, quit ? FACT_PIPELINED : FACT_TALK_IN_DELAY);
  e->line = false;
  if (fact_seen(*facts, FACT_TALK_IN_DELAY)) fact_drop(facts, FACT_PIPELINED);
}

size_t earlydata_format(const struct earlydata *e, bool hidden, char *out) {
  size_t n, used;
  size_t kept = e->bytes < sizeof e->text ? e->bytes : sizeof e->text;
  if (!e->stage) return 0;
  n = strlen(e->stage);
  memcpy(out, e->stage, n);
  out[n++] = ':';
  n += number_format_ms(out + n, (uint64_t)e->ms);
  out[n++] = ':';
  n += number_format(out + n, e->bytes);
  out[n++] = ':';
  if (hidden) return n;
  return n + escape_put(out + n, 3 * sizeof e->text, span_of(e->text, kept), ESCAPE_VALUE, &used);
}
