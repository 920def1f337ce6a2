#include "publish/publication.h"

struct progress {
  struct publication *publication;
  int64_t now;
  int64_t newest;
  unsigned int base;
  bool no_memory;
};

static bool note(void *context, const struct listing_row *l) {
  struct progress *p = context;
  if (l->changed > p->newest) p->newest = l->changed;
  p->no_memory = !published_note(p->publication->published, l, p->now);
  return !p->no_memory;
}

static enum reader_result note_changes(struct progress *p, struct reader *reader) {
  enum reader_result result = reader_changed(reader, p->publication->seen, note, p);
  return p->no_memory ? READER_MEMORY : result;
}

static bool add_to_base(void *context, const struct listing_row *l) {
  struct progress *p = context;
  const struct output *output = &p->publication->output;
  uint8_t answers;
  p->no_memory = !published_base_add(p->publication->published, p->base, l, p->now, &answers) ||
                 (answers && !output->add(output->context, l, answers));
  return !p->no_memory;
}

static enum reader_result write_base(struct progress *p, struct reader *reader, unsigned int base) {
  struct published *published = p->publication->published;
  const struct output *output = &p->publication->output;
  struct addr range[2];
  p->base = base;
  partition_range(base, &range[0], &range[1]);
  published_base_begin(published, base);
  if (!output->begin(output->context, base)) return READER_MEMORY;
  enum reader_result result = reader_range(reader, range, add_to_base, p);
  if (p->no_memory) return READER_MEMORY;
  if (result != READER_OK) return result;
  if (!output->end(output->context)) return READER_STOPPED;
  published_base_end(published, base);
  return READER_OK;
}

static enum reader_result write_hot(const struct publication *p, unsigned int partition) {
  const struct output *output = &p->output;
  if (!output->begin(output->context, partition)) return READER_MEMORY;
  for (size_t i = 0; i < published_hot_count(p->published); i++) {
    uint8_t answers;
    const struct listing_row *l = published_hot(p->published, i, &answers);
    if (partition_hot(&l->ip) != partition) continue;
    if (!output->add(output->context, l, answers)) return READER_MEMORY;
  }
  return output->end(output->context) ? READER_OK : READER_STOPPED;
}

static enum reader_result publish(struct progress *p, struct reader *reader) {
  struct publication *publication = p->publication;
  published_expire(publication->published, p->now);
  enum reader_result result = note_changes(p, reader);
  for (unsigned int base = 0; base < BASES && result == READER_OK; base++)
    if (published_is_due(publication->published, base)) result = write_base(p, reader, base);
  if (result == READER_OK) result = write_hot(publication, PARTITION_HOT4);
  if (result == READER_OK) result = write_hot(publication, PARTITION_HOT6);
  if (result == READER_OK) publication->seen = p->newest;
  return result;
}

enum reader_result publication_run(struct publication *p, struct reader *reader, int64_t now) {
  struct progress progress = {.publication = p, .now = now, .newest = p->seen};
  enum reader_result result = reader_begin(reader);
  if (result != READER_OK) return result;
  result = publish(&progress, reader);
  reader_end(reader);
  return result;
}
