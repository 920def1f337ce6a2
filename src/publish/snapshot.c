#include "publish/snapshot.h"
#include "publish/answers.h"
#include "publish/partition.h"

struct progress {
  struct snapshot *snapshot;
  const struct output *output;
  int64_t now;
  bool no_memory;
};

static void earlier(int64_t *time, int64_t other) {
  if (other < *time) *time = other;
}

static bool add(void *context, const struct listing_row *l) {
  struct progress *p = context;
  struct snapshot *s = p->snapshot;
  uint8_t answers = answers_of(l, p->now);
  if (l->changed > s->newest) s->newest = l->changed;
  if (answers) {
    earlier(&s->next_end, l->until);
    p->no_memory = !p->output->add(p->output->context, l, answers);
  } else if (l->colour != COLOUR_NONE && p->now < answers_begin(l->until)) {
    earlier(&s->next_begin, answers_begin(l->until));
  }
  return !p->no_memory;
}

static enum reader_result read_base(struct progress *p, struct reader *reader, unsigned int base) {
  struct addr range[2];
  partition_range(base, &range[0], &range[1]);
  if (!p->output->begin(p->output->context, base)) return READER_MEMORY;
  enum reader_result result = reader_range(reader, range, add, p);
  if (p->no_memory) return READER_MEMORY;
  if (result == READER_OK && !p->output->end(p->output->context)) return READER_STOPPED;
  return result;
}

enum reader_result snapshot_read(struct snapshot *s, struct reader *reader,
                                 const struct output *output, int64_t now) {
  struct progress p = {.snapshot = s, .output = output, .now = now};
  *s = (struct snapshot){.newest = -1, .next_end = INT64_MAX, .next_begin = INT64_MAX};
  enum reader_result result = reader_begin(reader);
  if (result != READER_OK) return result;
  for (unsigned int base = 0; base < BASES && result == READER_OK; base++)
    result = read_base(&p, reader, base);
  reader_end(reader);
  return result;
}
