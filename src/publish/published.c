#include "publish/published.h"
#include "publish/basekeys.h"
#include "publish/hotrows.h"
#include <stdlib.h>

struct base {
  struct basekeys keys;
  struct basekeys building;   /* keys since published_base_begin */
  int64_t next_end, last_end; /* the first and the last `until` of keys */
  int64_t ended;              /* the last `until` of the rows that were left out as ended */
  int64_t next_begin;         /* when the first of the rows counts that are too far ahead now */
  int64_t stale_since;        /* INT64_MAX: its TXT records are those of the store */
  bool due;
};

struct published {
  struct published_limits limits;
  struct base base[BASES];
  struct hotrows hot;
};

struct published *published_new(struct published_limits limits) {
  struct published *p = calloc(1, sizeof *p);
  if (!p) return NULL;
  p->limits = limits;
  for (int i = 0; i < BASES; i++) {
    p->base[i].due = true;
    p->base[i].next_end = p->base[i].next_begin = p->base[i].stale_since = INT64_MAX;
    p->base[i].last_end = p->base[i].ended = INT64_MIN;
  }
  return p;
}

void published_free(struct published *p) {
  if (!p) return;
  for (int i = 0; i < BASES; i++) {
    basekeys_free(&p->base[i].keys);
    basekeys_free(&p->base[i].building);
  }
  hotrows_free(&p->hot);
  free(p);
}

static int64_t max(int64_t a, int64_t b) {
  return a > b ? a : b;
}

static int64_t min(int64_t a, int64_t b) {
  return a < b ? a : b;
}

/* INT64_MAX is never. */
static int64_t after(int64_t time, int64_t seconds) {
  return time > INT64_MAX - seconds ? INT64_MAX : time + seconds;
}

static void make_due(struct published *p, unsigned int base) {
  p->base[base].due = true;
  hotrows_remove_base(&p->hot, base);
}

/* ---- time */

static void note_end(struct base *base, int64_t until) {
  base->next_end = min(base->next_end, until);
  base->last_end = max(base->last_end, until);
}

static void find_ends(struct base *base) {
  base->next_end = INT64_MAX;
  base->last_end = INT64_MIN;
  for (size_t i = 0; i < base->keys.count; i++) note_end(base, (int64_t)base->keys.key[i].until);
}

/* Notes the time at which a row that has no answers now would have some. */
static void note_left_out(struct base *base, const struct listing_row *l, int64_t now) {
  if (l->colour == COLOUR_NONE) return;
  if (l->until <= now) base->ended = max(base->ended, l->until);
  else base->next_begin = min(base->next_begin, answers_begin(l->until));
}

/* The earliest time at which every row of the base has the answers that it has now. */
static int64_t base_valid_from(const struct base *base) {
  return base->due ? INT64_MIN : max(base->ended, answers_begin(base->last_end));
}

static int64_t linger_ends(const struct published *p, const struct base *base) {
  return after(base->next_end, p->limits.linger);
}

static int64_t refresh_begins(const struct published *p, const struct base *base) {
  return after(base->stale_since, p->limits.refresh);
}

/* If the listing that ends first was prolonged, next_end is too early. So it is computed again
   before the base is written for it. */
static bool is_outdated(const struct published *p, struct base *base, int64_t now) {
  if (linger_ends(p, base) <= now) find_ends(base);
  return linger_ends(p, base) <= now || base->next_begin <= now || now < base_valid_from(base) ||
         refresh_begins(p, base) <= now;
}

static void expire_hot(struct published *p, int64_t now) {
  for (size_t i = 0; i < p->hot.count; i++) {
    const struct listing_row *l = &p->hot.row[i]->row;
    if (l->until <= now) note_left_out(&p->base[partition_of(&l->ip)], l, now);
  }
  hotrows_remove_ended(&p->hot, now);
}

/* After the clock was set back, the end of a hot row can be too far ahead. Its base is then due, and
   leaves the row out. */
static void recall_hot(struct published *p, int64_t now) {
  bool recalled[BASES] = {false};
  for (size_t i = 0; i < p->hot.count; i++) {
    const struct listing_row *l = &p->hot.row[i]->row;
    if (now < answers_begin(l->until)) recalled[partition_of(&l->ip)] = true;
  }
  for (unsigned int i = 0; i < BASES; i++)
    if (recalled[i]) make_due(p, i);
}

void published_expire(struct published *p, int64_t now) {
  expire_hot(p, now);
  recall_hot(p, now);
  for (unsigned int i = 0; i < BASES; i++) {
    struct base *base = &p->base[i];
    if (base->stale_since != INT64_MAX) base->stale_since = min(base->stale_since, now);
    if (is_outdated(p, base, now)) make_due(p, i);
  }
}

int64_t published_valid_from(const struct published *p) {
  int64_t from = INT64_MIN;
  for (size_t i = 0; i < p->hot.count; i++)
    from = max(from, answers_begin(p->hot.row[i]->row.until));
  for (int i = 0; i < BASES; i++) from = max(from, base_valid_from(&p->base[i]));
  return from;
}

int64_t published_valid_until(const struct published *p) {
  int64_t until = INT64_MAX;
  for (size_t i = 0; i < p->hot.count; i++) until = min(until, p->hot.row[i]->row.until);
  for (int i = 0; i < BASES; i++) {
    const struct base *base = &p->base[i];
    until = min(until, min(base->next_begin, min(linger_ends(p, base), refresh_begins(p, base))));
    if (base->due) until = INT64_MIN;
  }
  return until;
}

/* ---- changes */

static void note_in_base(struct published *p, struct basekey *key, const struct listing_row *l,
                         int64_t now) {
  unsigned int partition = partition_of(&l->ip);
  struct base *base = &p->base[partition];
  uint8_t answers = answers_of(l, now);
  bool ended = answers == 0 && l->colour != COLOUR_NONE && l->until <= now;
  if (ended) answers = key->answers; /* it may linger */
  if (answers != key->answers) {
    make_due(p, partition);
    return;
  }
  *key = basekeys_key(&l->ip, l->until, answers);
  if (!ended && base->stale_since == INT64_MAX) base->stale_since = now;
  note_end(base, (int64_t)key->until);
}

/* False if the row does not become hot: its base, which will hold it, is now due. */
static bool make_room(struct published *p, unsigned int base) {
  unsigned int fullest = base;
  if (p->hot.count < p->limits.hot_max) return true;
  for (unsigned int i = 0; i < BASES; i++)
    if (p->hot.of[i] > p->hot.of[fullest]) fullest = i;
  make_due(p, fullest);
  return fullest != base;
}

bool published_note(struct published *p, const struct listing_row *l, int64_t now) {
  unsigned int base = partition_of(&l->ip);
  if (!answers_are_published(&l->ip) || p->base[base].due) return true;
  struct basekey *key = basekeys_find(&p->base[base].keys, &l->ip);
  if (key) {
    note_in_base(p, key, l, now);
    return true;
  }
  uint8_t answers = answers_of(l, now);
  hotrows_remove(&p->hot, &l->ip);
  if (answers == 0) note_left_out(&p->base[base], l, now);
  return answers == 0 || !make_room(p, base) || hotrows_add(&p->hot, l, answers);
}

/* ---- writing a base */

bool published_is_due(const struct published *p, unsigned int base) {
  return p->base[base].due;
}

void published_base_begin(struct published *p, unsigned int base) {
  struct base *b = &p->base[base];
  basekeys_free(&b->building);
  b->ended = INT64_MIN;
  b->next_begin = INT64_MAX;
}

bool published_base_add(struct published *p, unsigned int base, const struct listing_row *l,
                        int64_t now, uint8_t *answers) {
  struct base *b = &p->base[base];
  *answers = answers_of(l, now);
  if (*answers) return basekeys_add(&b->building, basekeys_key(&l->ip, l->until, *answers));
  if (answers_are_published(&l->ip)) note_left_out(b, l, now);
  return true;
}

void published_base_end(struct published *p, unsigned int base) {
  struct base *b = &p->base[base];
  basekeys_free(&b->keys);
  b->keys = b->building;
  b->building = (struct basekeys){0};
  b->stale_since = INT64_MAX;
  b->due = false;
  find_ends(b);
}

/* ---- hot rows */

size_t published_hot_count(const struct published *p) {
  return p->hot.count;
}

const struct listing_row *published_hot(const struct published *p, size_t i, uint8_t *answers) {
  *answers = p->hot.row[i]->answers;
  return &p->hot.row[i]->row;
}
