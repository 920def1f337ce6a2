#include "publish/round.h"

struct progress {
  struct round *round;
  int64_t now;
  int64_t newest;
  unsigned int base;
  bool memory; /* there was none */
};

static bool see(void *context, const struct listed *l) {
  struct progress *p = context;
  if (l->changed > p->newest) p->newest = l->changed;
  p->memory = !board_see(p->round->board, l, p->now);
  return !p->memory;
}

static bool add_to_base(void *context, const struct listed *l) {
  struct progress *p = context;
  struct round *r = p->round;
  uint8_t answers;
  p->memory = !board_base_add(r->board, p->base, l, p->now, &answers) ||
              !sheet_add(&r->sheet, l, answers, r->head->url);
  return !p->memory;
}

static enum reader_result run_base(struct progress *p, struct reader *reader, unsigned int base) {
  struct round *r = p->round;
  struct addr range[2];
  p->base = base;
  place_range(base, &range[0], &range[1]);
  board_base_begin(r->board, base);
  if (!sheet_begin(&r->sheet, base, r->head)) return READER_MEMORY;
  enum reader_result result = reader_range(reader, range, add_to_base, p);
  if (result != READER_OK) return p->memory ? READER_MEMORY : result;
  if (!r->emit(r->context, base, &r->sheet)) return READER_STOPPED;
  board_base_end(r->board, base);
  return READER_OK;
}

static enum reader_result run_hot(struct progress *p, unsigned int place) {
  struct round *r = p->round;
  if (!sheet_begin(&r->sheet, place, r->head)) return READER_MEMORY;
  for (size_t i = 0; i < board_hot_count(r->board); i++) {
    uint8_t answers;
    const struct listed *l = board_hot(r->board, i, &answers);
    if (place_hot(&l->ip) == place && !sheet_add(&r->sheet, l, answers, r->head->url))
      return READER_MEMORY;
  }
  return r->emit(r->context, place, &r->sheet) ? READER_OK : READER_STOPPED;
}

static enum reader_result run_all(struct progress *p, struct reader *reader) {
  struct round *r = p->round;
  board_expire(r->board, p->now);
  enum reader_result result = reader_changed(reader, r->seen, see, p);
  if (result != READER_OK) return p->memory ? READER_MEMORY : result;
  for (unsigned int base = 0; base < BASES && result == READER_OK; base++)
    if (board_due(r->board, base)) result = run_base(p, reader, base);
  if (result == READER_OK) result = run_hot(p, PLACE_HOT4);
  if (result == READER_OK) result = run_hot(p, PLACE_HOT6);
  if (result == READER_OK) r->seen = p->newest;
  return result;
}

enum reader_result round_run(struct round *r, struct reader *reader, int64_t now) {
  struct progress p = {.round = r, .now = now, .newest = r->seen};
  enum reader_result result = reader_begin(reader);
  if (result != READER_OK) return result;
  result = run_all(&p, reader);
  reader_end(reader);
  return result;
}
