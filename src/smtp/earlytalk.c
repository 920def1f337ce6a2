#include "smtp/earlytalk.h"

void earlytalk_teaser(struct earlytalk *e, int64_t now) {
  e->teaser_sent = now;
  e->teaser_was_sent = true;
}

static void begin_command(struct earlytalk *e, int64_t now) {
  e->commands++;
  e->open = true;
  if (e->commands == 1) e->too_soon = !e->teaser_was_sent || now - e->teaser_sent < e->round_trip;
  if (e->commands == 2) e->in_one_piece = now == e->last || now - e->last < e->round_trip;
}

void earlytalk_byte(struct earlytalk *e, int64_t now, bool begins) {
  if (begins) begin_command(e, now);
  e->last = now;
}

void earlytalk_line(struct earlytalk *e, enum command command) {
  if (!e->open) return;
  e->open = false;
  if (e->commands == 1) e->first = command;
  if (e->commands == 2) e->second = command;
}

static bool is_quit(const struct earlytalk *e) {
  if (e->commands == 1) return e->first == COMMAND_QUIT;
  return e->commands == 2 && e->first == COMMAND_RSET && e->second == COMMAND_QUIT;
}

static bool is_impatient(const struct earlytalk *e) {
  return e->commands == 2 && e->second == COMMAND_QUIT && !e->in_one_piece;
}

void earlytalk_end(const struct earlytalk *e, fact_set *facts) {
  if (e->commands == 0) return;
  bool one = e->commands == 1 || is_impatient(e);
  if (is_quit(e)) {
    fact_note(facts, FACT_EARLY_QUIT);
  } else if (e->too_soon || !one || fact_seen(*facts, FACT_TALK_IN_DELAY)) {
    fact_note(facts, FACT_EARLY_TALK);
  } else {
    fact_note(facts, FACT_TEASER_TALK);
    if (e->commands == 2) fact_note(facts, FACT_PIPELINED);
  }
}
