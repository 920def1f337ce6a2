#include "publish/rbldnsd.h"
#include "publish/expiry.h"

_Static_assert(DATASET_NAME_MAX <= FILES_NAME_MAX && sizeof EXPIRY_NAME <= FILES_NAME_MAX,
               "the names fit into a path");

static bool begin(void *context, unsigned int partition) {
  struct rbldnsd *r = context;
  r->partition = partition;
  return dataset_texts_begin(&r->texts, partition, r->zone);
}

static bool add(void *context, const struct listing_row *l, uint8_t answers) {
  struct rbldnsd *r = context;
  return dataset_texts_add(&r->texts, l, answers, r->zone->url);
}

static struct span text_of(const struct rbldnsd *r, unsigned int kind) {
  return span_of(r->texts.of[kind].s, r->texts.of[kind].len);
}

static bool end(void *context) {
  struct rbldnsd *r = context;
  for (unsigned int kind = 0; kind < DATASET_KINDS; kind++) {
    char name[DATASET_NAME_MAX];
    if (!dataset_exists(r->partition, (enum dataset_kind)kind)) continue;
    if (*r->stop) return false;
    dataset_name(name, r->partition, (enum dataset_kind)kind);
    if (!files_update(&r->files, name, &r->dataset[r->partition][kind], text_of(r, kind)))
      return false;
  }
  return true;
}

struct output rbldnsd_output(struct rbldnsd *r) {
  return (struct output){begin, add, end, r};
}

void rbldnsd_free(struct rbldnsd *r) {
  dataset_texts_free(&r->texts);
}

static bool create_dataset(struct rbldnsd *r, unsigned int kind) {
  struct file_state *file = &r->dataset[r->partition][kind];
  char name[DATASET_NAME_MAX];
  bool exists;
  dataset_name(name, r->partition, (enum dataset_kind)kind);
  return files_find(&r->files, name, file, &exists) &&
         (exists || files_replace(&r->files, name, file, text_of(r, kind)));
}

bool rbldnsd_create_missing(struct rbldnsd *r, int64_t now) {
  bool exists;
  for (unsigned int partition = 0; partition < PARTITIONS; partition++) {
    if (!begin(r, partition)) return false;
    for (unsigned int kind = 0; kind < DATASET_KINDS; kind++)
      if (dataset_exists(partition, (enum dataset_kind)kind) && !create_dataset(r, kind))
        return false;
  }
  return files_find(&r->files, EXPIRY_NAME, &r->expiry, &exists) &&
         (exists || rbldnsd_write_expiry(r, now));
}

bool rbldnsd_expiry_is_due(const struct rbldnsd *r, int64_t now) {
  return expiry_is_due(r->end, now, r->lifetime);
}

bool rbldnsd_write_expiry(struct rbldnsd *r, int64_t now) {
  char text[EXPIRY_TEXT_MAX];
  int64_t date = expiry_end(now, r->lifetime);
  size_t len = expiry_format(text, date);
  if (!files_replace(&r->files, EXPIRY_NAME, &r->expiry, span_of(text, len))) return false;
  r->end = date;
  return true;
}
