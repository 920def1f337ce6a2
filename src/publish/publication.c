#include "publish/publication.h"

struct progress {
  struct publication *round;
  int64_t now;
  int64_t newest;
  unsigned int base;
  bool memory; /* there was none */
};

static bool see(void *context, const struct listing_row *l) {
  struct progress *p = context;
  if (l->changed > p->newest) p->newest = l->changed;
  p->memory = !published_note(p->round->published, l, p->now);
  return !p->memory;
}

static bool add_to_base(void *context, const struct listing_row *l) {
  struct progress *p = context;
  struct publication *r = p->round;
  uint8_t answers;
  p->memory = !published_base_add(r->published, p->base, l, p->now, &answers) ||
              !datasets_text_add(&r->sheet, l, answers, r->head->url);
  return !p->memory;
}

static enum reader_result run_base(struct progress *p, struct reader *reader, unsigned int base) {
  struct publication *r = p->round;
  struct addr range[2];
  p->base = base;
  partition_range(base, &range[0], &range[1]);
  published_base_begin(r->published, base);
  if (!datasets_text_begin(&r->sheet, base, r->head)) return READER_MEMORY;
  enum reader_result result = reader_range(reader, range, add_to_base, p);
  if (result != READER_OK) return p->memory ? READER_MEMORY : result;
  if (!r->write_dataset(r->context, base, &r->sheet)) return READER_STOPPED;
  published_base_end(r->published, base);
  return READER_OK;
}

static enum reader_result run_hot(struct progress *p, unsigned int partition) {
  struct publication *r = p->round;
  if (!datasets_text_begin(&r->sheet, partition, r->head)) return READER_MEMORY;
  for (size_t i = 0; i < published_hot_count(r->published); i++) {
    uint8_t answers;
    const struct listing_row *l = published_hot(r->published, i, &answers);
    if (partition_hot(&l->ip) == partition &&
        !datasets_text_add(&r->sheet, l, answers, r->head->url))
      return READER_MEMORY;
  }
  return r->write_dataset(r->context, partition, &r->sheet) ? READER_OK : READER_STOPPED;
}

static enum reader_result run_all(struct progress *p, struct reader *reader) {
  struct publication *r = p->round;
  published_expire(r->published, p->now);
  enum reader_result result = reader_changed(reader, r->seen, see, p);
  if (result != READER_OK) return p->memory ? READER_MEMORY : result;
  for (unsigned int base = 0; base < BASES && result == READER_OK; base++)
    if (published_due(r->published, base)) result = run_base(p, reader, base);
  if (result == READER_OK) result = run_hot(p, PARTITION_HOT4);
  if (result == READER_OK) result = run_hot(p, PARTITION_HOT6);
  if (result == READER_OK) r->seen = p->newest;
  return result;
}

enum reader_result publication_run(struct publication *r, struct reader *reader, int64_t now) {
  struct progress p = {.round = r, .now = now, .newest = r->seen};
  enum reader_result result = reader_begin(reader);
  if (result != READER_OK) return result;
  result = run_all(&p, reader);
  reader_end(reader);
  return result;
}
