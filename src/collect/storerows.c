/* The store's two big tables: evidence and listings, row by row. */
#include "collect/storedb.h"

/* ---- evidence ---- */

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
      .sins_len = sins.len,
  };
  if (sins_are_valid(sins) && tally_parse(column_span(row, 13), &e->recent_bots) &&
      tally_parse(column_span(row, 14), &e->recent_cleans)) {
    memcpy(e->sins, sins.s, sins.len);
    return true;
  }
  s->problem = "a malformed row in table evidence";
  return false;
}

int store_get_evidence(struct store *s, const struct addr *key, struct span detector,
                       struct evidence *out) {
  sqlite3_stmt *get = store_use(s, SQL_GET_EVIDENCE);
  bind_key(get, 1, key);
  bind_text(get, 2, detector);
  int found = store_row(get);
  if (found == 1 && !read_evidence(s, get, out)) found = -1;
  store_done(get);
  return found;
}

static void bind_tally(sqlite3_stmt *put, int at, const struct tally *t) {
  char text[TALLY_TEXT_MAX];
  bind_text(put, at, span_of(text, tally_format(t, text)));
}

bool store_put_evidence(struct store *s, const struct addr *key, struct span detector,
                        const struct evidence *e) {
  sqlite3_stmt *put = store_use(s, SQL_PUT_EVIDENCE);
  const int64_t numbers[] = {e->first, e->last,     e->last_bot, e->last_suspect, e->last_clean,
                             e->bots,  e->suspects, e->cleans,   e->future,       e->score};
  for (int i = 0; i < (int)(sizeof numbers / sizeof *numbers); i++)
    bind_number(put, i + 1, numbers[i]);
  bind_text(put, 11, evidence_sins(e));
  bind_number(put, 12, e->quits);
  bind_number(put, 13, e->noquits);
  bind_tally(put, 14, &e->recent_bots);
  bind_tally(put, 15, &e->recent_cleans);
  bind_key(put, 16, key);
  bind_text(put, 17, detector);
  return store_begin(s) && store_run(put);
}

bool store_get_witnesses(struct store *s, const struct addr *key, const struct registry *r,
                         struct witness *out, size_t *count) {
  sqlite3_stmt *get = store_use(s, SQL_GET_WITNESSES);
  int found;
  bind_key(get, 1, key);
  *count = 0;
  while ((found = store_row(get)) == 1 && *count < DETECTORS_MAX) {
    const struct detector *d = registry_find(r, column_span(get, 15));
    if (!d || d->weight == 0) continue;
    struct witness *w = &out[(*count)++];
    w->weight = d->weight;
    w->group = span_str(d->group);
    if (!read_evidence(s, get, &w->evidence)) {
      found = -1;
      break;
    }
  }
  store_done(get);
  return found >= 0;
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
  s->problem = "a malformed row in table listing";
  return false;
}

int store_get_listing(struct store *s, const struct addr *key, struct listing *out) {
  sqlite3_stmt *get = store_use(s, SQL_GET_LISTING);
  bind_key(get, 1, key);
  int found = store_row(get);
  if (found == 1 && !read_listing(s, get, out)) found = -1;
  store_done(get);
  return found;
}

bool store_put_listing(struct store *s, const struct addr *key, const struct listing *l) {
  if (!store_begin(s)) return false;
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

static bool end_listing(struct store *s, const struct addr *key, int64_t now) {
  if (!store_begin(s)) return false;
  sqlite3_stmt *end = store_use(s, SQL_END_LISTING);
  s->listing_put = true;
  bind_key(end, 1, key);
  bind_number(end, 2, now);
  bind_number(end, 3, s->changed + 1);
  return store_run(end);
}

bool store_end_listings(struct store *s, int64_t now,
                        bool (*is_never)(const void *context, const struct addr *key),
                        const void *context) {
  sqlite3_stmt *running = store_use(s, SQL_RUNNING);
  int found;
  bool ended = true;
  bind_number(running, 1, now);
  while (ended && (found = store_row(running)) == 1) {
    struct addr key;
    memcpy(key.byte, column_span(running, 0).s, sizeof key.byte);
    if (is_never(context, &key)) ended = end_listing(s, &key, now);
  }
  store_done(running);
  return ended && found == 0 && store_commit(s);
}
