#include "store/rowcodec.h"
#include "store/store_internal.h"
#include <stdlib.h>

static const struct span listing_name = SPAN_LITERAL("");

const char *store_error(const struct store *s) {
  return backend_error(s->database);
}

bool store_needs_repair(const struct store *s) {
  return backend_needs_repair(s->database);
}

/* ---- the entries of keys ---- */

/* If every entry is dirty, none can be dropped; then all are merged now. The records of this
   transaction are merged as well, and will be in a row after the journal's top: a row is removed
   only if all of it is merged. */
static bool make_room(struct store *s) {
  struct keycache *c = &s->keys.cache;
  if (!keycache_is_full(c) || keycache_make_room(c)) return true;
  return store_begin(s) && merge_everything(&s->merge) && keycache_make_room(c);
}

/* The entry of a key, loaded if it is not in the cache. NULL on an error. */
static struct keycache_entry *entry_of(struct store *s, const struct addr *key) {
  struct keycache_entry *e = keycache_find(&s->keys.cache, key);
  if (e) {
    e->referenced = true;
    return e;
  }
  return make_room(s) ? keys_load(&s->keys, key) : NULL;
}

static bool set_record(struct store *s, struct keycache_entry *e, struct span name,
                       struct span body) {
  const struct keycache_record r = {.dirty = true, .name = name, .body = body};
  return (keycache_entry_put(e, &r) || backend_no_memory(s->database)) &&
         merge_add_dirty(&s->merge, e);
}

static bool put_record(struct store *s, struct keycache_entry *e, struct span name,
                       struct span body) {
  s->merge.puts++;
  return set_record(s, e, name, body) && journal_add(&s->journal, &e->key, name, body);
}

static bool replay_record(void *context, const struct journal_record *r) {
  struct store *s = context;
  struct keycache_entry *e = entry_of(s, &r->key);
  return e && set_record(s, e, r->name, r->body);
}

/* ---- opening ---- */

static struct store *new_store(const struct store_options *o) {
  struct store *s = calloc(1, sizeof *s);
  struct backend *db = s ? backend_new() : NULL;
  if (!db) {
    free(s);
    return NULL;
  }
  s->database = db;
  s->journal.database = db;
  s->merge =
      (struct merge){.database = db, .keys = &s->keys, .journal = &s->journal, .options = *o};
  s->purge = (struct purge){.database = db, .keys = &s->keys};
  return s;
}

static bool start(struct store *s) {
  return keys_init(&s->keys, s->database, s->merge.options.cache) && keys_init_filter(&s->keys) &&
         purge_load(&s->purge) && backend_try_writing(s->database) && store_begin(s) &&
         journal_each(&s->journal, replay_record, s) && store_flush(s);
}

enum store_open store_open(const char *path, const struct store_options *o, struct store **out) {
  struct store *s = *out = new_store(o);
  enum store_open result = s ? backend_open(s->database, path) : STORE_FAILED;
  return result == STORE_OPEN && !start(s) ? STORE_FAILED : result;
}

static bool start_readonly(struct store *s) {
  return keys_init(&s->keys, s->database, s->merge.options.cache) &&
         journal_each(&s->journal, replay_record, s);
}

enum store_open store_open_readonly(const char *path, struct store **out) {
  static const struct store_options all_in_memory = {.cache = INT32_MAX, .sweep_ms = 1};
  struct store *s = *out = new_store(&all_in_memory);
  enum store_open result = s ? backend_open_readonly(s->database, path) : STORE_FAILED;
  return result == STORE_OPEN && !start_readonly(s) ? STORE_FAILED : result;
}

void store_close(struct store *s) {
  if (!s) return;
  backend_close(s->database);
  keys_free(&s->keys);
  merge_free(&s->merge);
  journal_free(&s->journal);
  free(s);
}

/* ---- transactions ---- */

bool store_begin(struct store *s) {
  return backend_begin(s->database);
}

bool store_is_running(const struct store *s) {
  return backend_is_running(s->database);
}

/* If little is left to merge, writing the tables costs no more than writing the journal. */
static bool write_batch(struct store *s) {
  if (merge_is_small(&s->merge)) {
    journal_clear_batch(&s->journal);
    return merge_everything(&s->merge);
  }
  return s->journal.len == 0 || journal_write(&s->journal);
}

bool store_commit(struct store *s, int64_t at) {
  if (!store_is_running(s) && merge_due(&s->merge, at) != 0)
    return backend_check_files(s->database);
  if (!store_begin(s) || !write_batch(s) || !merge_slices(&s->merge, at) ||
      !backend_commit(s->database))
    return false;
  merge_schedule(&s->merge, at);
  return true;
}

int64_t store_due(const struct store *s, int64_t at) {
  return store_is_running(s) ? 0 : merge_due(&s->merge, at);
}

bool store_flush(struct store *s) {
  if (store_is_running(s) && !store_commit(s, 0)) return false;
  while (!merge_is_done(&s->merge))
    if (!store_begin(s) || !merge_force(&s->merge) || !backend_commit(s->database)) return false;
  return true;
}

/* ---- evidence ---- */

/* This program has encoded the records in memory: only a bug or faulty memory damages one. */
static bool malformed(struct store *s) {
  return backend_malformed(s->database, "a malformed record in memory");
}

int store_get_evidence(struct store *s, const struct addr *key, struct span detector,
                       struct evidence *out) {
  struct keycache_record r;
  const struct keycache_entry *e = entry_of(s, key);
  if (!e) return -1;
  if (!keycache_entry_get(e, detector, &r)) return 0;
  return rowcodec_decode_evidence(r.body, out) || malformed(s) ? 1 : -1;
}

bool store_put_evidence(struct store *s, const struct addr *key, struct span detector,
                        const struct evidence *e) {
  char body[ROWCODEC_EVIDENCE_MAX];
  if (!store_begin(s)) return false;
  struct keycache_entry *entry = entry_of(s, key);
  return entry && put_record(s, entry, detector, span_of(body, rowcodec_encode_evidence(e, body)));
}

bool store_get_testimonies(struct store *s, const struct addr *key, const struct registry *r,
                           struct testimony *out, size_t *count) {
  struct keycache_record record;
  const struct keycache_entry *e = entry_of(s, key);
  *count = 0;
  if (!e) return false;
  for (size_t at = 0; *count < DETECTORS_MAX && keycache_entry_next(e, &at, &record);) {
    const struct detector *d = record.name.len ? registry_find(r, record.name) : NULL;
    if (!d || d->effective_weight == 0) continue;
    struct testimony *t = &out[(*count)++];
    t->weight = d->effective_weight;
    t->group = span_str(d->group);
    if (!rowcodec_decode_evidence(record.body, &t->evidence)) return malformed(s);
  }
  return true;
}

bool store_each_evidence(struct store *s, const struct addr *key, store_visit_evidence *visit,
                         void *context) {
  struct keycache_record r;
  struct evidence e;
  const struct keycache_entry *entry = entry_of(s, key);
  if (!entry) return false;
  for (size_t at = 0; keycache_entry_next(entry, &at, &r);) {
    if (r.name.len == 0) continue;
    if (!rowcodec_decode_evidence(r.body, &e)) return malformed(s);
    visit(context, r.name, &e);
  }
  return true;
}

/* ---- listings ---- */

int store_get_listing(struct store *s, const struct addr *key, struct listing *out) {
  struct keycache_record r;
  const struct keycache_entry *e = entry_of(s, key);
  if (!e) return -1;
  if (!keycache_entry_get(e, listing_name, &r)) return 0;
  return rowcodec_decode_listing(r.body, out) || malformed(s) ? 1 : -1;
}

/* True if readers of the tables have to learn of it soon: another colour, or another beginning. A
   listing that only ends later is not urgent. */
static bool is_urgent(const struct keycache_entry *e, const struct listing *l) {
  struct keycache_record r;
  struct listing was;
  return !keycache_entry_get(e, listing_name, &r) || !rowcodec_decode_listing(r.body, &was) ||
         was.colour != l->colour || was.since != l->since;
}

bool store_put_listing(struct store *s, const struct addr *key, const struct listing *l) {
  char body[ROWCODEC_LISTING_MAX];
  if (!store_begin(s)) return false;
  struct keycache_entry *e = entry_of(s, key);
  if (!e) return false;
  if (!e->urgent && is_urgent(e, l) && !merge_add_urgent(&s->merge, e)) return false;
  return put_record(s, e, listing_name, span_of(body, rowcodec_encode_listing(l, body)));
}

struct ending {
  struct store *store;
  int64_t now;
  bool (*is_never)(const void *context, const struct addr *key);
  const void *context;
};

static bool end_never_listed(void *context, const struct addr *key) {
  const struct ending *e = context;
  if (!e->is_never(e->context, key)) return true;
  if (!store_begin(e->store)) return false;
  keys_drop(&e->store->keys, key);
  return tables_end_listing(e->store->database, key, e->now);
}

/* After a flush no entry in memory is newer than its row. */
bool store_end_listings(struct store *s, int64_t now,
                        bool (*is_never)(const void *context, const struct addr *key),
                        const void *context) {
  struct ending e = {s, now, is_never, context};
  return store_flush(s) &&
         tables_each_running(s->database, now, (struct key_visitor){end_never_listed, &e}) &&
         store_flush(s);
}

bool store_each_end(struct store *s, int64_t after, store_visit_end *visit, void *context) {
  return store_flush(s) && tables_each_end(s->database, after, visit, context);
}

/* ---- purging ---- */

bool store_purge(struct store *s, int64_t now, bool *more) {
  return store_begin(s) && purge_step(&s->purge, now, more);
}

int64_t store_purge_lag(const struct store *s, int64_t now) {
  return purge_lag(&s->purge, now);
}

/* ---- detectors, freezes, additions, unread lines: straight from and to the tables ---- */

bool store_load_detector(struct store *s, struct detector *d) {
  return tables_load_detector(s->database, d);
}

bool store_save_detector(struct store *s, struct detector *d, int64_t now) {
  return store_begin(s) && tables_save_detector(s->database, d, now);
}

bool store_put_heartbeat(struct store *s, const struct heartbeat *h, int64_t now) {
  return store_begin(s) && tables_put_heartbeat(s->database, h, now);
}

bool store_load_detector_state(struct store *s, struct detector *d) {
  return tables_load_detector_state(s->database, d);
}

bool store_save_detector_state(struct store *s, const struct detector *d) {
  return store_begin(s) && tables_save_detector_state(s->database, d);
}

bool store_each_detector(struct store *s, store_visit_detector *visit, void *context) {
  return tables_each_detector(s->database, visit, context);
}

bool store_each_freeze(struct store *s, store_visit_freeze *visit, void *context) {
  return tables_each_freeze(s->database, visit, context);
}

bool store_remove_freezes(struct store *s) {
  return store_begin(s) && tables_remove_freezes(s->database);
}

bool store_add_freeze(struct store *s, struct span what, int64_t since) {
  return store_begin(s) && tables_add_freeze(s->database, what, since);
}

bool store_add_addition(struct store *s, const struct addr *key, struct span detector,
                        int64_t now) {
  return store_begin(s) && tables_add_addition(s->database, key, detector, now);
}

bool store_remove_additions(struct store *s, int64_t before, int64_t after) {
  return store_begin(s) && tables_remove_additions(s->database, before, after);
}

bool store_each_addition(struct store *s, int64_t now, store_visit_addition *visit, void *context) {
  return tables_each_addition(s->database, now, visit, context);
}

int store_add_unread(struct store *s, struct span detector, int64_t now, struct span text) {
  return tables_add_unread(s->database, detector, now, text);
}
