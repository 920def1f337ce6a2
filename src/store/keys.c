/* The keys in memory: what gets and puts work on. */
#include "store/rowcodec.h"
#include "store/store_internal.h"
#include <stdlib.h>

static const struct span listing_name = SPAN_LITERAL("");

bool keys_add(struct keys *keys, const struct addr *key) {
  if (keys->count == keys->room) {
    size_t room = keys->room ? 2 * keys->room : 256;
    struct addr *grown = realloc(keys->key, room * sizeof *grown);
    if (!grown) return false;
    keys->key = grown;
    keys->room = room;
  }
  keys->key[keys->count++] = *key;
  return true;
}

/* Where every entry waits to be merged there is nothing to drop; then they are merged now. What was
   put in this transaction is among them, and will be in a row behind the journal's top: no row goes
   that is not merged whole. */
static bool make_room(struct store *s) {
  if (!keycache_is_full(&s->recent) || keycache_make_room(&s->recent)) return true;
  return store_begin(s) && merge_everything(s) && keycache_make_room(&s->recent);
}

struct keycache_entry *store_entry(struct store *s, const struct addr *key) {
  struct keycache_entry *e = keycache_find(&s->recent, key);
  if (e) {
    e->referenced = true;
    return e;
  }
  if (!make_room(s)) return NULL;
  e = keycache_add(&s->recent, key);
  if (!e) store_no_memory(s);
  else if (!rows_load(s, e)) e = NULL;
  return e;
}

bool store_put_record(struct store *s, struct keycache_entry *e, struct span name,
                      struct span body) {
  struct keycache_record r = {.dirty = true, .name = name, .body = body};
  if (!keycache_entry_put(e, &r)) return store_no_memory(s);
  if (!e->dirty && !keys_add(&s->dirty, &e->key)) return store_no_memory(s);
  e->dirty = true;
  return true;
}

static bool put(struct store *s, struct keycache_entry *e, struct span name, struct span body) {
  s->puts++;
  return store_put_record(s, e, name, body) && journal_add(s, &e->key, name, body);
}

/* Our own encoding: only a fault of the machine, or of this program, damages it. */
static bool damaged(struct store *s) {
  return store_malformed(s, "a malformed record in memory");
}

static int found(struct store *s, bool sound) {
  return sound || damaged(s) ? 1 : -1;
}

/* ---- evidence ---- */

int store_get_evidence(struct store *s, const struct addr *key, struct span detector,
                       struct evidence *out) {
  struct keycache_record r;
  struct keycache_entry *e = store_entry(s, key);
  if (!e) return -1;
  if (!keycache_entry_get(e, detector, &r)) return 0;
  return found(s, rowcodec_read_evidence(r.body, out));
}

bool store_put_evidence(struct store *s, const struct addr *key, struct span detector,
                        const struct evidence *e) {
  char image[IMAGE_EVIDENCE_MAX];
  if (!store_begin(s)) return false;
  struct keycache_entry *entry = store_entry(s, key);
  return entry && put(s, entry, detector, span_of(image, rowcodec_evidence(e, image)));
}

bool store_get_testimonies(struct store *s, const struct addr *key, const struct registry *r,
                           struct testimony *out, size_t *count) {
  struct keycache_record record;
  const struct keycache_entry *e = store_entry(s, key);
  *count = 0;
  if (!e) return false;
  for (size_t at = 0; *count < DETECTORS_MAX && keycache_entry_next(e, &at, &record);) {
    const struct detector *d = record.name.len ? registry_find(r, record.name) : NULL;
    if (!d || d->effective_weight == 0) continue;
    struct testimony *w = &out[(*count)++];
    w->weight = d->effective_weight;
    w->group = span_str(d->group);
    if (!rowcodec_read_evidence(record.body, &w->evidence)) return damaged(s);
  }
  return true;
}

/* ---- listings ---- */

int store_get_listing(struct store *s, const struct addr *key, struct listing *out) {
  struct keycache_record r;
  struct keycache_entry *e = store_entry(s, key);
  if (!e) return -1;
  if (!keycache_entry_get(e, listing_name, &r)) return 0;
  return found(s, rowcodec_read_listing(r.body, out));
}

/* New to those who read the tables: another colour, or a run that begins. A mere extension is
   not. */
static bool is_urgent(const struct keycache_entry *e, const struct listing *l) {
  struct keycache_record r;
  struct listing was;
  return !keycache_entry_get(e, listing_name, &r) || !rowcodec_read_listing(r.body, &was) ||
         was.colour != l->colour || was.since != l->since;
}

bool store_put_listing(struct store *s, const struct addr *key, const struct listing *l) {
  char image[IMAGE_LISTING_MAX];
  if (!store_begin(s)) return false;
  struct keycache_entry *e = store_entry(s, key);
  if (!e) return false;
  if (!e->urgent && is_urgent(e, l)) {
    if (!keys_add(&s->urgent, key)) return store_no_memory(s);
    e->urgent = true;
  }
  return put(s, e, listing_name, span_of(image, rowcodec_listing(l, image)));
}
