#include "smtp/earlydata.h"
#include "base/escape.h"
#include "base/number.h"

void earlydata_byte(struct earlydata *u, int64_t ms, const char *stage, char c) {
  if (u->closed) return;
  if (!u->stage) {
    u->stage = stage;
    u->ms = ms;
  }
  if (u->bytes < sizeof u->text) u->text[u->bytes] = c;
  if (u->bytes < UINT32_MAX) u->bytes++;
}

static void settle_rset(struct earlydata *u, bool quit, fact_set *facts) {
  if (u->rset) fact_note(facts, quit ? FACT_PIPELINED : FACT_TALK_IN_DELAY);
  u->rset = false;
}

void earlydata_line(struct earlydata *u, enum command command, bool refused, fact_set *facts) {
  bool quit = command == COMMAND_QUIT;
  bool excused = quit || (u->after_rset && command != COMMAND_UNKNOWN);
  settle_rset(u, quit, facts);
  if (u->line && excused) fact_note(facts, FACT_PIPELINED);
  else if (u->line && command == COMMAND_RSET) u->rset = true;
  else if (u->line) fact_note(facts, FACT_TALK_IN_DELAY);
  u->after_rset = refused && command == COMMAND_RSET && !u->line;
  u->line = false;
}

void earlydata_end(struct earlydata *u, bool quit, fact_set *facts) {
  settle_rset(u, quit, facts);
  if (u->line) fact_note(facts, quit ? FACT_PIPELINED : FACT_TALK_IN_DELAY);
  u->line = false;
  if (fact_seen(*facts, FACT_TALK_IN_DELAY)) fact_drop(facts, FACT_PIPELINED);
}

size_t earlydata_format(const struct earlydata *u, bool hidden, char *out) {
  size_t n, used;
  size_t kept = u->bytes < sizeof u->text ? u->bytes : sizeof u->text;
  if (!u->stage) return 0;
  n = strlen(u->stage);
  memcpy(out, u->stage, n);
  out[n++] = ':';
  n += number_format_ms(out + n, (uint64_t)u->ms);
  out[n++] = ':';
  n += number_format(out + n, u->bytes);
  out[n++] = ':';
  if (hidden) return n;
  return n + escape_put(out + n, 3 * sizeof u->text, span_of(u->text, kept), ESCAPE_VALUE, &used);
}
