#include "publish/published.h"
#include <stdlib.h>

struct base_key {
  struct addr ip;
  uint64_t until : 56, answers : 8;
};
_Static_assert(sizeof(struct base_key) == 24, "a million keys are 24 MB");

struct base {
  struct base_key *keys, *building;
  size_t count, built, cap;
  int64_t next_end, last_end; /* the first and the last `until` of keys */
  int64_t ended;              /* the last `until` of what was left out as over */
  int64_t next_begin;         /* when the first row that was left out as too far ahead counts */
  int64_t stale_since;        /* INT64_MAX: its texts are fresh */
  bool due;
};

struct hot_row {
  struct listing_row row; /* its sins point behind the struct */
  uint8_t answers;
};

struct published {
  struct published_limits limits;
  struct base base[BASES];
  struct hot_row **hot; /* ascending */
  size_t hot_count, hot_cap;
  size_t hot_of[BASES]; /* rows of each base in hot */
};

struct published *published_new(struct published_limits limits) {
  struct published *b = calloc(1, sizeof *b);
  if (!b) return NULL;
  b->limits = limits;
  for (int i = 0; i < BASES; i++) {
    b->base[i].due = true;
    b->base[i].next_end = b->base[i].next_begin = b->base[i].stale_since = INT64_MAX;
    b->base[i].last_end = b->base[i].ended = INT64_MIN;
  }
  return b;
}

void published_free(struct published *b) {
  if (!b) return;
  for (int i = 0; i < BASES; i++) {
    free(b->base[i].keys);
    free(b->base[i].building);
  }
  for (size_t i = 0; i < b->hot_count; i++) free(b->hot[i]);
  free(b->hot);
  free(b);
}

static struct base_key *base_find(const struct base *base, const struct addr *ip) {
  size_t low = 0, high = base->count;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    int order = addr_compare(&base->keys[middle].ip, ip);
    if (order == 0) return &base->keys[middle];
    if (order < 0) low = middle + 1;
    else high = middle;
  }
  return NULL;
}

/* The index of the key, or where it belongs. */
static size_t hot_find(const struct published *b, const struct addr *ip, bool *found) {
  size_t low = 0, high = b->hot_count;
  *found = false;
  while (low < high && !*found) {
    size_t middle = low + (high - low) / 2;
    int order = addr_compare(&b->hot[middle]->row.ip, ip);
    if (order == 0) {
      *found = true;
      return middle;
    }
    if (order < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

static int64_t max(int64_t a, int64_t b) {
  return a > b ? a : b;
}

static int64_t min(int64_t a, int64_t b) {
  return a < b ? a : b;
}

static int64_t later(int64_t time, int64_t by) {
  return time > INT64_MAX - by ? INT64_MAX : time + by;
}

/* Notes when a row that has no answers now would have some. */
static void note_left_out(struct base *base, const struct listing_row *l, int64_t now) {
  if (l->colour == COLOUR_NONE) return;
  if (l->until <= now) base->ended = max(base->ended, l->until);
  else base->next_begin = min(base->next_begin, listed_begin(l->until));
}

/* Drops the hot rows that have ended (base == BASES) or that a base takes. */
static void hot_drop(struct published *b, unsigned int base, int64_t now) {
  size_t kept = 0;
  for (size_t i = 0; i < b->hot_count; i++) {
    struct listing_row *row = &b->hot[i]->row;
    unsigned int of = partition_of(&row->ip);
    if (base == BASES ? row->until <= now : of == base) {
      if (base == BASES) note_left_out(&b->base[of], row, now);
      b->hot_of[of]--;
      free(b->hot[i]);
    } else {
      b->hot[kept++] = b->hot[i];
    }
  }
  b->hot_count = kept;
}

static void make_due(struct published *b, unsigned int base) {
  b->base[base].due = true;
  hot_drop(b, base, 0);
}

/* Listings are prolonged all the time: their ends are looked for again before anything is written.
 */
static void find_ends(struct base *base) {
  base->next_end = INT64_MAX;
  base->last_end = INT64_MIN;
  for (size_t i = 0; i < base->count; i++) {
    base->next_end = min(base->next_end, (int64_t)base->keys[i].until);
    base->last_end = max(base->last_end, (int64_t)base->keys[i].until);
  }
}

/* The earliest time at which everything in the base has the answers that it has now. */
static int64_t base_first(const struct base *base) {
  return base->due ? INT64_MIN : max(base->ended, listed_begin(base->last_end));
}

/* A hot row whose end is too far ahead, after the clock was set back, is for its base to leave out.
 */
static void hot_recall(struct published *b, int64_t now) {
  bool recalled[BASES] = {false};
  for (size_t i = 0; i < b->hot_count; i++)
    if (now < listed_begin(b->hot[i]->row.until)) recalled[partition_of(&b->hot[i]->row.ip)] = true;
  for (unsigned int i = 0; i < BASES; i++)
    if (recalled[i]) make_due(b, i);
}

void published_expire(struct published *b, int64_t now) {
  hot_drop(b, BASES, now);
  hot_recall(b, now);
  for (unsigned int i = 0; i < BASES; i++) {
    struct base *base = &b->base[i];
    if (base->stale_since != INT64_MAX) base->stale_since = min(base->stale_since, now);
    if (later(base->next_end, b->limits.sweep) <= now) find_ends(base);
    if (later(base->next_end, b->limits.sweep) <= now || base->next_begin <= now ||
        now < base_first(base) || later(base->stale_since, b->limits.refresh) <= now)
      make_due(b, i);
  }
}

#define KEY_UNTIL_MAX (INT64_C(1) << 55)

static struct base_key key_of(const struct listing_row *l, uint8_t answers) {
  return (struct base_key){l->ip, (uint64_t)max(0, min(l->until, KEY_UNTIL_MAX)), answers};
}

static void see_in_base(struct published *b, struct base_key *key, const struct listing_row *l,
                        int64_t now) {
  unsigned int partition = partition_of(&l->ip);
  struct base *base = &b->base[partition];
  uint8_t answers = listed_answers(l, now);
  if (answers == 0 && l->colour != COLOUR_NONE && l->until <= now) {
    /* ended by time: the sweep takes it */
    *key = key_of(l, key->answers);
  } else if (answers != key->answers) {
    make_due(b, partition);
    return;
  } else {
    *key = key_of(l, answers);
    if (base->stale_since == INT64_MAX) base->stale_since = now;
  }
  base->next_end = min(base->next_end, (int64_t)key->until);
  base->last_end = max(base->last_end, (int64_t)key->until);
}

static struct hot_row *hot_row_new(const struct listing_row *l, uint8_t answers) {
  struct hot_row *r = malloc(sizeof *r + l->sins.len);
  if (!r) return NULL;
  r->row = *l;
  r->answers = answers;
  r->row.sins.s = (const char *)(r + 1);
  if (l->sins.len) memcpy(r + 1, l->sins.s, l->sins.len);
  return r;
}

static void hot_remove(struct published *b, size_t at) {
  b->hot_of[partition_of(&b->hot[at]->row.ip)]--;
  free(b->hot[at]);
  memmove(b->hot + at, b->hot + at + 1, (b->hot_count - at - 1) * sizeof *b->hot);
  b->hot_count--;
}

static bool hot_insert(struct published *b, size_t at, struct hot_row *r) {
  if (b->hot_count == b->hot_cap) {
    size_t cap = b->hot_cap ? 2 * b->hot_cap : 64;
    struct hot_row **grown = realloc(b->hot, cap * sizeof *grown);
    if (!grown) return false;
    b->hot = grown;
    b->hot_cap = cap;
  }
  memmove(b->hot + at + 1, b->hot + at, (b->hot_count - at) * sizeof *b->hot);
  b->hot[at] = r;
  b->hot_count++;
  b->hot_of[partition_of(&r->row.ip)]++;
  return true;
}

/* True where hot has room for a row of this base. */
static bool make_room(struct published *b, unsigned int base) {
  unsigned int fullest = base;
  if (b->hot_count < b->limits.hot_max) return true;
  for (unsigned int i = 0; i < BASES; i++)
    if (b->hot_of[i] > b->hot_of[fullest]) fullest = i;
  make_due(b, fullest);
  return fullest != base;
}

bool published_note(struct published *b, const struct listing_row *l, int64_t now) {
  unsigned int partition = partition_of(&l->ip);
  bool found;
  if (!listed_is_publishable(&l->ip) || b->base[partition].due) return true;
  struct base_key *key = base_find(&b->base[partition], &l->ip);
  if (key) {
    see_in_base(b, key, l, now);
    return true;
  }
  uint8_t answers = listed_answers(l, now);
  size_t at = hot_find(b, &l->ip, &found);
  if (found) hot_remove(b, at);
  if (answers == 0) note_left_out(&b->base[partition], l, now);
  if (answers == 0 || !make_room(b, partition)) return true;
  struct hot_row *r = hot_row_new(l, answers);
  if (r && hot_insert(b, hot_find(b, &l->ip, &found), r)) return true;
  free(r);
  return false;
}

bool published_due(const struct published *b, unsigned int base) {
  return b->base[base].due;
}

void published_base_begin(struct published *b, unsigned int base) {
  struct base *p = &b->base[base];
  free(p->building);
  p->building = NULL;
  p->built = p->cap = 0;
  p->ended = INT64_MIN;
  p->next_begin = INT64_MAX;
}

bool published_base_add(struct published *b, unsigned int base, const struct listing_row *l,
                        int64_t now, uint8_t *answers) {
  struct base *p = &b->base[base];
  *answers = listed_answers(l, now);
  if (*answers == 0) {
    if (listed_is_publishable(&l->ip)) note_left_out(p, l, now);
    return true;
  }
  if (p->built == p->cap) {
    size_t cap = p->cap ? p->cap + p->cap / 2 : 256;
    struct base_key *grown = realloc(p->building, cap * sizeof *grown);
    if (!grown) return false;
    p->building = grown;
    p->cap = cap;
  }
  p->building[p->built++] = key_of(l, *answers);
  return true;
}

void published_base_end(struct published *b, unsigned int base) {
  struct base *p = &b->base[base];
  free(p->keys);
  p->keys = p->building;
  p->count = p->built;
  p->building = NULL;
  p->built = p->cap = 0;
  p->stale_since = INT64_MAX;
  p->due = false;
  find_ends(p);
}

size_t published_hot_count(const struct published *b) {
  return b->hot_count;
}

const struct listing_row *published_hot(const struct published *b, size_t i, uint8_t *answers) {
  *answers = b->hot[i]->answers;
  return &b->hot[i]->row;
}

int64_t published_next(const struct published *b) {
  int64_t next = INT64_MAX;
  for (size_t i = 0; i < b->hot_count; i++)
    if (b->hot[i]->row.until < next) next = b->hot[i]->row.until;
  for (int i = 0; i < BASES; i++) {
    int64_t end = later(b->base[i].next_end, b->limits.sweep);
    int64_t refresh = later(b->base[i].stale_since, b->limits.refresh);
    next = min(next, min(b->base[i].next_begin, min(end, refresh)));
    if (b->base[i].due) next = INT64_MIN;
  }
  return next;
}

int64_t published_first(const struct published *b) {
  int64_t first = INT64_MIN;
  for (size_t i = 0; i < b->hot_count; i++) first = max(first, listed_begin(b->hot[i]->row.until));
  for (int i = 0; i < BASES; i++) first = max(first, base_first(&b->base[i]));
  return first;
}
