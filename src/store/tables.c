/* The store's two big tables: evidence and listings, row by row. */
#include "store/rowcodec.h"
#include "store/store_internal.h"
#include <sodium.h>

#define FILTER_MIN 4000000 /* keys: 8 MiB */

/* ---- the filter ---- */

/* Room for growth; beyond it the filter only saves less. */
static bool make_filter(struct store *s, int64_t keys) {
  struct siphash_key hash;
  randombytes_buf(&hash, sizeof hash);
  size_t room = 4 * (size_t)keys > FILTER_MIN ? 4 * (size_t)keys : FILTER_MIN;
  return bloom_create(&s->filter, room, hash) || store_no_memory(s);
}

bool rows_filter(struct store *s) {
  sqlite3_stmt *count = store_use(s, SQL_COUNT_KEYS), *all = store_use(s, SQL_ALL_KEYS);
  int found = store_row(count);
  bool made = found == 1 && make_filter(s, sqlite3_column_int64(count, 0));
  store_done(count);
  while (made && (found = store_row(all)) == 1) {
    struct addr key;
    memcpy(key.byte, column_span(all, 0).s, sizeof key.byte);
    bloom_add(&s->filter, &key);
  }
  store_done(all);
  return made && found == 0;
}

/* ---- evidence ---- */

static const char evidence_damage[] = "a malformed row in table evidence";

/* The members in the order of EVIDENCE_COLUMNS; a damaged row is an error, never half a value. */
static bool read_evidence(struct store *s, sqlite3_stmt *row, struct evidence *e) {
  struct span sins = column_span(row, 10);
  *e = (struct evidence){
      .first = sqlite3_column_int64(row, 0),
      .last = sqlite3_column_int64(row, 1),
      .last_bot = sqlite3_column_int64(row, 2),
      .last_suspect = sqlite3_column_int64(row, 3),
      .last_clean = sqlite3_column_int64(row, 4),
      .bots = sqlite3_column_int64(row, 5),
      .suspects = sqlite3_column_int64(row, 6),
      .cleans = sqlite3_column_int64(row, 7),
      .future = sqlite3_column_int64(row, 8),
      .score = sqlite3_column_int64(row, 9),
      .quits = sqlite3_column_int64(row, 11),
      .noquits = sqlite3_column_int64(row, 12),
      .received = sqlite3_column_int64(row, 15),
      .sins_len = sins.len,
  };
  if (report_sins_are_valid(sins) && hourcounts_parse(column_span(row, 13), &e->recent_bots) &&
      hourcounts_parse(column_span(row, 14), &e->recent_cleans)) {
    memcpy(e->sins, sins.s, sins.len);
    return true;
  }
  return store_malformed(s, evidence_damage);
}

bool row_put_evidence(struct store *s, const struct addr *key, struct span detector,
                      const struct evidence *e) {
  sqlite3_stmt *put = store_use(s, SQL_PUT_EVIDENCE);
  char bots[HOURCOUNTS_TEXT_MAX], cleans[HOURCOUNTS_TEXT_MAX];
  const int64_t numbers[] = {e->first, e->last,     e->last_bot, e->last_suspect, e->last_clean,
                             e->bots,  e->suspects, e->cleans,   e->future,       e->score};
  for (int i = 0; i < (int)(sizeof numbers / sizeof *numbers); i++)
    bind_number(put, i + 1, numbers[i]);
  bind_text(put, 11, evidence_sins(e));
  bind_number(put, 12, e->quits);
  bind_number(put, 13, e->noquits);
  bind_text(put, 14, span_of(bots, hourcounts_format(&e->recent_bots, bots)));
  bind_text(put, 15, span_of(cleans, hourcounts_format(&e->recent_cleans, cleans)));
  bind_number(put, 16, e->received);
  bind_key(put, 17, key);
  bind_text(put, 18, detector);
  return store_run(put);
}

static bool load(struct store *s, struct keycache_entry *e, const struct keycache_record *r) {
  e->stored = true;
  return keycache_entry_put(e, r) || store_no_memory(s);
}

static bool load_evidence(struct store *s, struct keycache_entry *entry) {
  sqlite3_stmt *get = store_use(s, SQL_GET_EVIDENCE);
  char image[IMAGE_EVIDENCE_MAX];
  struct evidence e;
  int found;
  bool loaded = true;
  bind_key(get, 1, &entry->key);
  while (loaded && (found = store_row(get)) == 1) {
    struct keycache_record r = {.name = column_span(get, 16)};
    loaded = (origin_detector_is_valid(r.name) || store_malformed(s, evidence_damage)) &&
             read_evidence(s, get, &e);
    r.body = span_of(image, loaded ? rowcodec_evidence(&e, image) : 0);
    loaded = loaded && load(s, entry, &r);
  }
  store_done(get);
  return loaded && found == 0;
}

/* ---- listings ---- */

static bool read_listing(struct store *s, sqlite3_stmt *row, struct listing *l) {
  struct span sins = column_span(row, 5);
  *l = (struct listing){
      .exists = true,
      .since = sqlite3_column_int64(row, 1),
      .until = sqlite3_column_int64(row, 2),
      .times = sqlite3_column_int64(row, 3),
      .last = sqlite3_column_int64(row, 4),
      .detectors = sqlite3_column_int64(row, 6),
      .quits = sqlite3_column_int64(row, 7),
      .noquits = sqlite3_column_int64(row, 8),
      .sins_len = sins.len,
  };
  if (sins.len <= sizeof l->sins && colour_parse(column_span(row, 0), &l->colour)) {
    memcpy(l->sins, sins.s, sins.len);
    return true;
  }
  return store_malformed(s, "a malformed row in table listing");
}

static bool load_listing(struct store *s, struct keycache_entry *e) {
  sqlite3_stmt *get = store_use(s, SQL_GET_LISTING);
  char image[IMAGE_LISTING_MAX];
  struct listing l;
  bind_key(get, 1, &e->key);
  int found = store_row(get);
  if (found == 1) {
    struct keycache_record r = {.dirty = false};
    if (!read_listing(s, get, &l)) found = -1;
    else r.body = span_of(image, rowcodec_listing(&l, image));
    if (found == 1 && !load(s, e, &r)) found = -1;
  }
  store_done(get);
  return found >= 0;
}

bool rows_load(struct store *s, struct keycache_entry *e) {
  if (s->filter.words && !bloom_may_contain(&s->filter, &e->key)) return true;
  return load_listing(s, e) && load_evidence(s, e);
}

bool row_put_listing(struct store *s, const struct addr *key, const struct listing *l) {
  sqlite3_stmt *put = store_use(s, SQL_PUT_LISTING);
  s->listing_put = true;
  bind_text(put, 1, span_str(colour_name(l->colour)));
  bind_number(put, 2, l->since);
  bind_number(put, 3, l->until);
  bind_number(put, 4, l->times);
  bind_number(put, 5, l->last);
  bind_text(put, 6, span_of(l->sins, l->sins_len));
  bind_number(put, 7, l->detectors);
  bind_number(put, 8, l->quits);
  bind_number(put, 9, l->noquits);
  bind_key(put, 10, key);
  bind_number(put, 11, s->changed + 1);
  return store_run(put);
}
