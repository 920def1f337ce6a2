/* From memory into the tables: which keys, when, and how many at a time.

   Two sweeps take turns with the commits of reports. The quick one writes the listings that are
   news, the other one everything that has changed; both go through their keys in ascending order,
   so that neighbours share the pages that are written. A sweep of all begins with the keys that are
   dirty then; when it is through, the journal rows of before are in the tables. What changes
   meanwhile is in rows behind them. */
#include "store/rowcodec.h"
#include "store/store_internal.h"
#include <endian.h>
#include <stdlib.h>

#define QUIET_PART    8
#define SLICE_ROWS    32
#define FORCED_KEYS   20000
#define FORCED_ROWS   1000
#define JOURNAL_BYTES ((size_t)128 << 20) /* a sweep begins early where so much was put */

/* ---- one key ---- */

static bool damaged(struct store *s) {
  return store_malformed(s, "a malformed record in memory");
}

static bool write_record(struct store *s, const struct addr *key, const struct keycache_record *r) {
  struct evidence e;
  struct listing l;
  if (r->name.len)
    return rowcodec_read_evidence(r->body, &e) ? row_put_evidence(s, key, r->name, &e) : damaged(s);
  return rowcodec_read_listing(r->body, &l) ? row_put_listing(s, key, &l) : damaged(s);
}

/* Writes the dirty records of an entry, or only its listing. */
static bool merge_entry(struct store *s, struct keycache_entry *e, bool only_listing) {
  struct keycache_record r;
  if (!(only_listing ? e->urgent : e->dirty)) return true;
  for (size_t at = 0; keycache_entry_next(e, &at, &r);) {
    if (!r.dirty || (only_listing && r.name.len)) continue;
    if (!write_record(s, &e->key, &r)) return false;
    keycache_entry_clean(e, &r);
  }
  if (!e->stored) bloom_add(&s->filter, &e->key);
  e->stored = true;
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

/* As addr_compare, which a sort of so many keys would spend its time in. */
static int compare(const void *a, const void *b) {
  uint64_t x = half_of(a, 0), y = half_of(b, 0);
  if (x == y) {
    x = half_of(a, 1);
    y = half_of(b, 1);
  }
  return (x > y) - (x < y);
}

/* The keys become the sweep's, and its old array the new keys' room. */
static void begin(struct sweep *w, struct keys *keys) {
  struct keys empty = {.key = w->keys.key, .room = w->keys.room};
  if (keys->count) qsort(keys->key, keys->count, sizeof *keys->key, compare);
  *w = (struct sweep){.keys = *keys, .runs = true};
  *keys = empty;
}

static size_t smaller(size_t a, size_t b) {
  return a < b ? a : b;
}

/* The next few keys of the sweep. */
static bool merge_few(struct store *s, struct sweep *w, size_t count, bool only_listing) {
  struct keycache_entry *found[KEYCACHE_MANY];
  keycache_find_many(&s->recent, &w->keys.key[w->done], count, found);
  w->done += count;
  for (size_t i = 0; i < count; i++)
    if (found[i] && !merge_entry(s, found[i], only_listing)) return false;
  return true;
}

static bool advance(struct store *s, struct sweep *w, size_t limit, bool only_listing) {
  size_t until = limit < w->keys.count - w->done ? w->done + limit : w->keys.count;
  while (w->done < until)
    if (!merge_few(s, w, smaller(until - w->done, KEYCACHE_MANY), only_listing)) return false;
  w->runs = w->done < w->keys.count;
  return true;
}

static void begin_all(struct store *s) {
  begin(&s->all, &s->dirty);
  s->journal.swept = s->journal.top;
  s->journal.bytes = 0;
  s->all_at = 0;
}

static bool advance_all(struct store *s, size_t limit) {
  if (!advance(s, &s->all, limit, false)) return false;
  if (!s->all.runs) s->journal.merged = s->journal.swept;
  return true;
}

static void begin_quick(struct store *s) {
  begin(&s->quick, &s->urgent);
  s->quick_at = 0;
}

bool merge_everything(struct store *s) {
  if (s->all.runs && !advance_all(s, SIZE_MAX)) return false;
  begin_all(s);
  s->urgent.count = 0;
  s->quick_at = 0;
  return advance_all(s, SIZE_MAX);
}

/* ---- when, and how much ---- */

static bool has_unmerged(const struct store *s) {
  return s->dirty.count || s->journal.merged < s->journal.top;
}

void merge_schedule(struct store *s, int64_t at) {
  if (s->quick_at == 0 && s->urgent.count) s->quick_at = at + STORE_URGENT_MS;
  if (s->all_at == 0 && has_unmerged(s)) s->all_at = at + s->options.sweep_ms;
  if (s->puts) s->quiet_at = at + s->options.sweep_ms / QUIET_PART;
}

/* Once nothing comes any more there is nothing to gather for. */
static int64_t all_time(const struct store *s) {
  return s->all_at < s->quiet_at ? s->all_at : s->quiet_at;
}

static bool all_is_early(const struct store *s) {
  return s->journal.bytes > JOURNAL_BYTES || s->dirty.count > s->options.cache / 2;
}

int64_t merge_due(const struct store *s, int64_t at) {
  int64_t due = INT64_MAX;
  if (s->all.runs || s->quick.runs || s->journal.merged >= s->journal.first) return 0;
  if (s->urgent.count && s->quick_at) due = s->quick_at - at;
  if (has_unmerged(s) && s->all_at && all_time(s) - at < due) due = all_time(s) - at;
  if (has_unmerged(s) && all_is_early(s)) due = 0;
  return due == INT64_MAX ? -1 : due < 0 ? 0 : due;
}

bool merge_slices(struct store *s, int64_t at) {
  size_t limit = s->options.slice + 2 * s->puts;
  if (!s->quick.runs && s->urgent.count && s->quick_at && at >= s->quick_at) begin_quick(s);
  if (!s->all.runs && has_unmerged(s) && ((s->all_at && at >= all_time(s)) || all_is_early(s)))
    begin_all(s);
  return (!s->quick.runs || advance(s, &s->quick, limit, true)) &&
         (!s->all.runs || advance_all(s, limit)) && journal_drop(s, SLICE_ROWS);
}

bool merge_force(struct store *s) {
  if (!s->all.runs) begin_all(s);
  return advance_all(s, FORCED_KEYS) && journal_drop(s, FORCED_ROWS);
}

bool merge_is_small(const struct store *s) {
  return !s->all.runs && journal_is_empty(&s->journal) && s->dirty.count <= s->options.at_once;
}

bool merge_is_through(const struct store *s) {
  return !s->all.runs && s->dirty.count == 0 && journal_is_empty(&s->journal);
}
