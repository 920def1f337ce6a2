#include "policy/breaker.h"
#include <stdlib.h>
#include <string.h>

/* Rounds down, also before 1970. */
static int64_t minute_of(int64_t time) {
  return time / 60 - (time % 60 < 0);
}

/* The first minute at the beginning of which the listing is over. */
static int64_t minute_after(int64_t time) {
  return time <= 0 ? 0 : time / 60 + (time % 60 > 0);
}

static uint32_t *endings_at(struct breaker *b, int64_t minute) {
  int64_t at = minute % BREAKER_SLOTS;
  return &b->endings[at < 0 ? at + BREAKER_SLOTS : at];
}

/* The count of the minute in which a running listing ends. */
static uint32_t *end_slot(struct breaker *b, int64_t until) {
  int64_t minute = minute_after(until);
  if (minute <= b->minute) minute = b->minute + 1;
  if (minute > b->minute + BREAKER_MINUTES) minute = b->minute + BREAKER_MINUTES;
  return endings_at(b, minute);
}

/* ---- the additions of the hour ---- */

int64_t breaker_additions(const struct breaker *b) {
  return (int64_t)(b->end - b->first);
}

static void uncount(struct breaker *b, const struct breaker_entry *e) {
  if (e->counted) netcount_remove(&b->networks, &e->addition.key);
}

static void drop_oldest(struct breaker *b) {
  uncount(b, &b->log[b->first++]);
  if (b->first == b->end) b->first = b->end = 0;
}

static bool grow(struct breaker *b) {
  size_t room = b->room ? 2 * b->room : 1024;
  struct breaker_entry *log = realloc(b->log, room * sizeof *log);
  if (!log) return false;
  b->log = log;
  b->room = room;
  return true;
}

/* If there is no memory, or the log is full, the oldest addition is dropped. */
static bool make_room(struct breaker *b) {
  if (b->end < b->room) return true;
  bool full = b->first == 0 && (b->room >= BREAKER_LOG || !grow(b));
  if (b->room == 0) return false;
  if (full) drop_oldest(b);
  if (b->first == 0) return true;
  memmove(b->log, b->log + b->first, (b->end - b->first) * sizeof *b->log);
  b->end -= b->first;
  b->first = 0;
  return true;
}

static void log_addition(struct breaker *b, const struct addition *a, int64_t minute) {
  b->networks.max = BREAKER_NETWORKS;
  if (!make_room(b)) return;
  b->log[b->end++] = (struct breaker_entry){
      .minute = minute, .addition = *a, .counted = netcount_add(&b->networks, &a->key)};
}

/* ---- time ---- */

static void next_minute(struct breaker *b) {
  b->minute++;
  uint32_t *leaving = endings_at(b, b->minute - BREAKER_HOUR);
  b->ended += *endings_at(b, b->minute);
  b->running -= *endings_at(b, b->minute);
  b->ended -= *leaving;
  *leaving = 0;
}

/* A slot that has left the hour is used again for a minute far ahead. */
static void advance(struct breaker *b, int64_t now) {
  int64_t minute = minute_of(now);
  if (minute - b->minute > BREAKER_SLOTS) {
    breaker_clear(b, now);
    return;
  }
  while (b->minute < minute) next_minute(b);
  while (b->first < b->end && b->log[b->first].minute <= b->minute - BREAKER_HOUR) drop_oldest(b);
}

void breaker_clear(struct breaker *b, int64_t now) {
  memset(b->endings, 0, sizeof b->endings);
  netcount_clear(&b->networks);
  b->running = b->ended = 0;
  b->first = b->end = 0;
  b->minute = minute_of(now);
}

void breaker_free(struct breaker *b) {
  netcount_clear(&b->networks);
  free(b->log);
  b->log = NULL;
  b->first = b->end = b->room = 0;
}

bool breaker_is_lost(const struct breaker *b, int64_t now) {
  return minute_of(now) < b->minute - BREAKER_HOUR;
}

void breaker_count(struct breaker *b, int64_t until) {
  int64_t over = minute_after(until);
  if (over > b->minute) {
    ++*end_slot(b, until);
    b->running++;
  } else if (over > b->minute - BREAKER_HOUR) {
    ++*endings_at(b, over);
    b->ended++;
  }
}

void breaker_added(struct breaker *b, const struct addition *a, int64_t at) {
  int64_t minute = minute_of(at);
  if (minute > b->minute) minute = b->minute;
  if (b->least && minute > b->minute - BREAKER_HOUR) log_addition(b, a, minute);
}

/* ---- limits ---- */

int64_t breaker_limit(const struct breaker *b) {
  int64_t before = b->running - breaker_additions(b) + b->ended;
  int64_t share = before > 0 ? before * b->percent / 100 : 0;
  return share > b->least ? share : b->least;
}

int64_t breaker_network_limit(const struct breaker *b, enum network_size size) {
  static const int64_t times[NETWORK_SIZES] = {1, 8, 20};
  int64_t limit = b->network * times[size], whole = breaker_limit(b);
  return whole > b->least && b->least > 0
             ? (int64_t)((double)limit * (double)whole / (double)b->least)
             : limit;
}

/* ---- freezes ---- */

static bool is_about(const struct freeze *f, const struct addition *a) {
  if (f->kind == FREEZE_NETWORK) return network_has(&f->network, &a->key);
  return f->kind == FREEZE_ALL || f->detector == a->detector;
}

static bool is_same(const struct freeze *f, const struct freeze *g) {
  if (f->kind != g->kind) return false;
  if (f->kind == FREEZE_DETECTOR) return f->detector == g->detector;
  return f->kind == FREEZE_ALL || (f->network.size == g->network.size &&
                                   addr_compare(&f->network.base, &g->network.base) == 0);
}

static void end_freeze(struct breaker *b, size_t i) {
  b->freeze_count--;
  memmove(&b->freezes[i], &b->freezes[i + 1], (b->freeze_count - i) * sizeof *b->freezes);
  b->changed = true;
}

static struct freeze *put_freeze(struct breaker *b, const struct freeze *f) {
  for (size_t i = 0; i < b->freeze_count; i++)
    if (is_same(&b->freezes[i], f)) return &b->freezes[i];
  if (b->freeze_count == FREEZES_MAX) end_freeze(b, 0);
  b->freezes[b->freeze_count] = *f;
  b->changed = true;
  return &b->freezes[b->freeze_count++];
}

void breaker_freeze(struct breaker *b, const struct freeze *f) {
  put_freeze(b, f);
}

/* A freeze that began later than now was made before the clock was set back: it begins now. */
static bool is_over(struct freeze *f, int64_t now) {
  if (f->since > now) f->since = now;
  return (uint64_t)now - (uint64_t)f->since >= BREAKER_SPAN;
}

void breaker_tick(struct breaker *b, int64_t now) {
  for (size_t i = b->freeze_count; i-- > 0;)
    if (is_over(&b->freezes[i], now)) end_freeze(b, i);
}

static struct freeze *find_freeze(struct breaker *b, const struct addition *a) {
  for (size_t i = 0; i < b->freeze_count; i++)
    if (is_about(&b->freezes[i], a)) return &b->freezes[i];
  return NULL;
}

const struct freeze *breaker_worst(const struct breaker *b) {
  const struct freeze *worst = NULL;
  for (size_t i = 0; i < b->freeze_count; i++) {
    const struct freeze *f = &b->freezes[i];
    if (!worst || f->kind != FREEZE_NETWORK || worst->kind == FREEZE_NETWORK) worst = f;
  }
  return worst;
}

/* Removes the additions that the freeze is about. True if there were any. */
static bool remove_additions(struct breaker *b, const struct freeze *f) {
  size_t kept = b->first, end = b->end;
  for (size_t i = b->first; i < end; i++) {
    if (is_about(f, &b->log[i].addition)) uncount(b, &b->log[i]);
    else b->log[kept++] = b->log[i];
  }
  b->end = kept;
  return kept < end;
}

/* ---- the cause of a wave ---- */

/* A few additions do not show a cause. */
static bool is_half(const struct breaker *b, uint64_t count) {
  return count >= BREAKER_CAUSE && 2 * count >= (uint64_t)breaker_additions(b);
}

/* The smallest network of the address that has half of all additions. */
static bool own_network(const struct breaker *b, const struct addition *a, struct freeze *out) {
  for (int size = NETWORK_SMALL; size < NETWORK_SIZES; size++) {
    *out = (struct freeze){.kind = FREEZE_NETWORK,
                           .network = network_of(&a->key, (enum network_size)size)};
    if (is_half(b, netcount_get(&b->networks, &out->network))) return true;
  }
  return false;
}

/* A possible cause of an addition: its network of that size, or its detector if size is
   NETWORK_SIZES. */
static struct freeze cause_of(const struct addition *a, int size) {
  if (size == NETWORK_SIZES)
    return (struct freeze){.kind = FREEZE_DETECTOR, .detector = a->detector};
  return (struct freeze){.kind = FREEZE_NETWORK,
                         .network = network_of(&a->key, (enum network_size)size)};
}

static uint64_t count_cause(const struct breaker *b, const struct freeze *cause) {
  uint64_t count = 0;
  for (size_t i = b->first; i < b->end; i++) count += is_about(cause, &b->log[i].addition);
  return count;
}

/* The possible cause that has half of all additions, if there is one. This is the majority vote of
   Boyer and Moore: if every addition is paired with one of another cause, the cause with more than
   half is what is left. */
static bool majority(const struct breaker *b, int size, struct freeze *out) {
  uint64_t lead = 0;
  for (size_t i = b->first; i < b->end; i++) {
    if (lead == 0) *out = cause_of(&b->log[i].addition, size);
    if (is_about(out, &b->log[i].addition)) lead++;
    else lead--;
  }
  return b->end > b->first && is_half(b, count_cause(b, out));
}

static struct freeze find_cause(const struct breaker *b, const struct addition *a) {
  struct freeze cause;
  if (own_network(b, a, &cause)) return cause;
  for (int size = NETWORK_SMALL; size <= NETWORK_SIZES; size++)
    if (majority(b, size, &cause)) return cause;
  return (struct freeze){.kind = FREEZE_ALL};
}

static bool is_full(const struct breaker *b) {
  return breaker_additions(b) - b->ended >= breaker_limit(b);
}

static struct freeze *trip_network(struct breaker *b, const struct addition *a, int64_t now) {
  for (int size = NETWORK_SMALL; b->network && size < NETWORK_SIZES; size++) {
    struct freeze f = cause_of(a, size);
    int64_t limit = breaker_network_limit(b, (enum network_size)size);
    f.since = now;
    if (netcount_get(&b->networks, &f.network) >= (uint64_t)limit) return put_freeze(b, &f);
  }
  return NULL;
}

/* What is frozen already is not counted for the whole list. */
static void remove_frozen(struct breaker *b) {
  for (size_t i = 0; is_full(b) && i < b->freeze_count; i++) remove_additions(b, &b->freezes[i]);
}

static struct freeze *trip_all(struct breaker *b, const struct addition *a, int64_t now) {
  if (is_full(b)) remove_frozen(b);
  while (is_full(b)) {
    struct freeze cause = find_cause(b, a);
    cause.since = now;
    struct freeze *f = put_freeze(b, &cause);
    if (f->kind == FREEZE_ALL) return f;
    if (!remove_additions(b, f) || is_about(f, a)) return f;
  }
  return NULL;
}

/* The freeze that refuses it; NULL: it may begin. */
static struct freeze *refusal(struct breaker *b, const struct addition *a, int64_t now) {
  struct freeze *f = find_freeze(b, a);
  if (!f) f = trip_network(b, a, now);
  return f ? f : trip_all(b, a, now);
}

bool breaker_admit(struct breaker *b, const struct addition *a, int64_t until, int64_t now) {
  advance(b, now);
  breaker_tick(b, now);
  struct freeze *f = b->least ? refusal(b, a, now) : NULL;
  if (f) {
    f->refused++;
    return false;
  }
  if (b->least) log_addition(b, a, b->minute);
  ++*end_slot(b, until);
  b->running++;
  return true;
}

void breaker_move(struct breaker *b, int64_t from, int64_t to, int64_t now) {
  advance(b, now);
  uint32_t *slot = end_slot(b, from);
  if (*slot) --*slot;
  else b->running++; /* it had been counted as ended */
  ++*end_slot(b, to);
}

void breaker_thaw(struct breaker *b, int64_t when, int64_t now) {
  advance(b, now);
  if (when > now) return;
  for (size_t i = b->freeze_count; i-- > 0;)
    if (b->freezes[i].since <= when) end_freeze(b, i);
  while (b->first < b->end && b->log[b->first].minute <= minute_of(when)) drop_oldest(b);
}
