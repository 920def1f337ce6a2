#include "store/merge.h"
#include "store/rowcodec.h"
#include <endian.h>
#include <stdlib.h>

#define QUIET_PART    8
#define SLICE_ROWS    32 /* of the journal, removed in a commit */
#define FORCED_KEYS   20000
#define FORCED_ROWS   1000
#define JOURNAL_BYTES ((size_t)128 << 20)

void merge_free(struct merge *m) {
  free(m->dirty_keys.key);
  free(m->urgent_keys.key);
  free(m->full_sweep.keys.key);
  free(m->listing_sweep.keys.key);
}

/* ---- marking keys ---- */

static bool keylist_add(struct keylist *keys, const struct addr *key) {
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

bool merge_add_dirty(struct merge *m, struct keycache_entry *e) {
  if (e->dirty) return true;
  e->dirty = keylist_add(&m->dirty_keys, &e->key);
  return e->dirty || backend_no_memory(m->database);
}

bool merge_add_urgent(struct merge *m, struct keycache_entry *e) {
  if (e->urgent) return true;
  e->urgent = keylist_add(&m->urgent_keys, &e->key);
  return e->urgent || backend_no_memory(m->database);
}

/* ---- one key ---- */

static bool malformed(struct merge *m) {
  return backend_malformed(m->database, "a malformed record in memory");
}

static bool write_evidence(struct merge *m, const struct addr *key,
                           const struct keycache_record *r) {
  struct evidence e;
  if (!rowcodec_decode_evidence(r->body, &e)) return malformed(m);
  return tables_put_evidence(m->database, key, r->name, &e);
}

static bool write_listing(struct merge *m, const struct addr *key,
                          const struct keycache_record *r) {
  struct listing l;
  if (!rowcodec_decode_listing(r->body, &l)) return malformed(m);
  return tables_put_listing(m->database, key, &l);
}

/* Writes the dirty records of an entry, or only its listing. */
static bool merge_entry(struct merge *m, struct keycache_entry *e, bool only_listing) {
  struct keycache_record r;
  if (!(only_listing ? e->urgent : e->dirty)) return true;
  for (size_t at = 0; keycache_entry_next(e, &at, &r);) {
    if (!r.dirty || (only_listing && r.name.len)) continue;
    if (!(r.name.len ? write_evidence : write_listing)(m, &e->key, &r)) return false;
    keycache_entry_clean(e, &r);
  }
  keys_note_stored(m->keys, e);
  e->urgent = false;
  if (!only_listing) e->dirty = false;
  return true;
}

/* ---- sweeps ---- */

static uint64_t half_of(const void *key, size_t half) {
  uint64_t value;
  memcpy(&value, (const char *)key + 8 * half, sizeof value);
  return be64toh(value);
}

/* The order of addr_compare, faster: a sort spends its time here. */
static int compare_keys(const void *a, const void *b) {
  uint64_t x = half_of(a, 0), y = half_of(b, 0);
  if (x == y) {
    x = half_of(a, 1);
    y = half_of(b, 1);
  }
  return (x > y) - (x < y);
}

/* Moves the keys to the sweep. The array of the old sweep is used again for the next keys. */
static void begin_sweep(struct sweep *w, struct keylist *keys) {
  struct keylist empty = {.key = w->keys.key, .room = w->keys.room};
  if (keys->count) qsort(keys->key, keys->count, sizeof *keys->key, compare_keys);
  *w = (struct sweep){.keys = *keys, .runs = true};
  *keys = empty;
}

static size_t smaller(size_t a, size_t b) {
  return a < b ? a : b;
}

/* The next `count` keys of the sweep. */
static bool merge_keys(struct merge *m, struct sweep *w, size_t count, bool only_listing) {
  struct keycache_entry *found[KEYCACHE_MANY];
  keycache_find_many(&m->keys->cache, &w->keys.key[w->done], count, found);
  w->done += count;
  for (size_t i = 0; i < count; i++)
    if (found[i] && !merge_entry(m, found[i], only_listing)) return false;
  return true;
}

static bool advance_sweep(struct merge *m, struct sweep *w, size_t limit, bool only_listing) {
  size_t until = limit < w->keys.count - w->done ? w->done + limit : w->keys.count;
  while (w->done < until)
    if (!merge_keys(m, w, smaller(until - w->done, KEYCACHE_MANY), only_listing)) return false;
  w->runs = w->done < w->keys.count;
  return true;
}

static void begin_full(struct merge *m) {
  begin_sweep(&m->full_sweep, &m->dirty_keys);
  m->swept = m->journal->top;
  m->journal->bytes = 0;
  m->full_at = 0;
}

static bool advance_full(struct merge *m, size_t limit) {
  if (!advance_sweep(m, &m->full_sweep, limit, false)) return false;
  if (!m->full_sweep.runs) m->journal->merged = m->swept;
  return true;
}

static void begin_listings(struct merge *m) {
  begin_sweep(&m->listing_sweep, &m->urgent_keys);
  m->listing_at = 0;
}

bool merge_everything(struct merge *m) {
  if (m->full_sweep.runs && !advance_full(m, SIZE_MAX)) return false;
  begin_full(m);
  m->urgent_keys.count = 0;
  m->listing_at = 0;
  return advance_full(m, SIZE_MAX);
}

/* ---- when, and how much ---- */

static bool has_unmerged(const struct merge *m) {
  return m->dirty_keys.count || m->journal->merged < m->journal->top;
}

void merge_schedule(struct merge *m, int64_t at) {
  if (m->listing_at == 0 && m->urgent_keys.count) m->listing_at = at + STORE_URGENT_MS;
  if (m->full_at == 0 && has_unmerged(m)) m->full_at = at + m->options.sweep_ms;
  if (m->puts) m->quiet_at = at + m->options.sweep_ms / QUIET_PART;
  m->puts = 0;
}

/* If no report comes, waiting longer would not save any writing. */
static int64_t full_time(const struct merge *m) {
  return m->full_at < m->quiet_at ? m->full_at : m->quiet_at;
}

static bool full_is_early(const struct merge *m) {
  return m->journal->bytes > JOURNAL_BYTES || m->dirty_keys.count > m->options.cache / 2;
}

int64_t merge_due(const struct merge *m, int64_t at) {
  int64_t due = INT64_MAX;
  if (m->full_sweep.runs || m->listing_sweep.runs || m->journal->merged >= m->journal->first)
    return 0;
  if (m->urgent_keys.count && m->listing_at) due = m->listing_at - at;
  if (has_unmerged(m) && m->full_at && full_time(m) - at < due) due = full_time(m) - at;
  if (has_unmerged(m) && full_is_early(m)) due = 0;
  return due == INT64_MAX ? -1 : due < 0 ? 0 : due;
}

bool merge_slices(struct merge *m, int64_t at) {
  size_t limit = m->options.slice + 2 * m->puts;
  if (!m->listing_sweep.runs && m->urgent_keys.count && m->listing_at && at >= m->listing_at)
    begin_listings(m);
  if (!m->full_sweep.runs && has_unmerged(m) &&
      ((m->full_at && at >= full_time(m)) || full_is_early(m)))
    begin_full(m);
  return (!m->listing_sweep.runs || advance_sweep(m, &m->listing_sweep, limit, true)) &&
         (!m->full_sweep.runs || advance_full(m, limit)) && journal_remove(m->journal, SLICE_ROWS);
}

bool merge_force(struct merge *m) {
  if (!m->full_sweep.runs) begin_full(m);
  return advance_full(m, FORCED_KEYS) && journal_remove(m->journal, FORCED_ROWS);
}

bool merge_is_small(const struct merge *m) {
  return !m->full_sweep.runs && journal_is_empty(m->journal) &&
         m->dirty_keys.count <= m->options.at_once;
}

bool merge_is_done(const struct merge *m) {
  return !m->full_sweep.runs && m->dirty_keys.count == 0 && journal_is_empty(m->journal);
}
