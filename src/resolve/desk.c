#include "resolve/desk.h"
#include <stdlib.h>

bool desk_init(struct desk *d, const struct desk_options *o, const uint8_t *key) {
  *d = (struct desk){.rows = o->rows, .patience = o->patience, .specials = o->specials};
  d->limit = INT64_MAX;
  d->row = calloc(o->rows, sizeof *d->row);
  return d->row && dnscache_init(&d->cache, o->dnscache_bytes, key);
}

static struct row *row_at(const struct desk *d, size_t i) {
  return &d->row[(d->first + i) % d->rows];
}

static void clear_row(struct desk *d, struct row *row) {
  inquiry_end(&row->inquiry);
  d->bytes -= row->len;
  free(row->text);
  row->text = NULL;
}

void desk_free(struct desk *d) {
  for (size_t i = 0; i < d->count; i++) clear_row(d, row_at(d, i));
  free(d->row);
  dnscache_free(&d->cache);
}

bool desk_has_room(const struct desk *d) {
  return d->count < d->rows && d->bytes < DESK_BYTES &&
         d->cache.open < d->rows * DESK_OPEN_A_ROW + SLOTS;
}

/* ---- waiting ---- */

static void wait_for(struct row *row, int slot, struct entry *e) {
  struct waiter *w = &row->waiter[slot];
  *w = (struct waiter){.next = e->waiters, .at = &e->waiters, .row = row, .slot = slot};
  if (w->next) w->next->at = &w->next;
  e->waiters = w;
}

static void unlink_waiter(struct waiter *w) {
  *w->at = w->next;
  if (w->next) w->next->at = w->at;
  w->at = NULL;
}

static void make_ready(struct row *row) {
  for (int slot = 0; slot < SLOTS; slot++)
    if (row->waiter[slot].at) unlink_waiter(&row->waiter[slot]);
  row->is_ready = true;
}

/* A list that refuses to answer is muted at once; its next test may bring it back. */
static void take_finding(struct desk *d, struct row *row, int slot, const struct finding *f) {
  inquiry_take(&row->inquiry, slot, f);
  if (slot < SLOT_LIST || row->inquiry.listed[slot - SLOT_LIST] != LISTED_REFUSED) return;
  struct list *l = &d->lists->list[slot - SLOT_LIST];
  l->passing[list_family_of(&row->inquiry.peer)] = false;
}

static void on_answer(struct asked *a, const struct finding *f, int64_t now);

static void ask_slots(struct desk *d, struct row *row, int64_t now) {
  static const struct finding unknown = {.found = FOUND_UNKNOWN};
  struct question q;
  int slot;
  while ((slot = inquiry_next(&row->inquiry, &q)) >= 0) {
    struct entry *e = dnscache_find(&d->cache, &q, now);
    if (e && e->finding) {
      d->tally.kept++;
      take_finding(d, row, slot, e->finding);
      continue;
    }
    if (e) {
      d->tally.shared++;
      wait_for(row, slot, e);
      continue;
    }
    e = dnscache_open(&d->cache, &q);
    if (!e) {
      take_finding(d, row, slot, &unknown);
      continue;
    }
    wait_for(row, slot, e);
    d->tally.questions++;
    e->asked =
        (struct asked){.question = &e->question, .answered = on_answer, .owner = d, .since = now};
    d->ask.ask(d->ask.asker, &e->asked);
  }
  if (inquiry_is_done(&row->inquiry)) make_ready(row);
}

/* The entry is settled, and may be gone, before those who waited ask on. */
static void on_answer(struct asked *a, const struct finding *f, int64_t now) {
  struct desk *d = a->owner;
  struct entry *e = (struct entry *)((char *)a - offsetof(struct entry, asked));
  struct waiter *waiting = e->waiters;
  if (waiting) waiting->at = &waiting;
  dnscache_settle(&d->cache, e, f, now);
  while (waiting) {
    struct waiter *w = waiting;
    unlink_waiter(w);
    take_finding(d, w->row, w->slot, f);
    ask_slots(d, w->row, now);
  }
}

/* ---- lines ---- */

static struct row *add_row(struct desk *d, struct span text, int64_t now) {
  char *copy = malloc(text.len + 1);
  if (!copy) return NULL;
  struct row *row = row_at(d, d->count++);
  *row = (struct row){.text = copy, .len = text.len, .deadline = now + d->patience};
  if (row->deadline > d->limit) row->deadline = d->limit;
  if (text.len) memcpy(copy, text.s, text.len);
  d->bytes += text.len;
  row->is_ready = true;
  return row;
}

static bool has_facts(const struct sessionline *l) {
  for (size_t i = 0; facts_keys[i]; i++)
    if (sessionline_has(l, facts_keys[i])) return true;
  return false;
}

/* Takes off the fields of an earlier run. False where the line is too long to get new ones. */
static bool strip_row(struct desk *d, struct row *row) {
  char bare[LINE_BYTES_MAX];
  size_t len = line_without(span_of(row->text, row->len), facts_keys, bare);
  if (len + FACTS_TEXT_MAX >= LINE_BYTES_MAX) return false;
  memcpy(row->text, bare, len);
  d->bytes -= row->len - len;
  row->len = len;
  return true;
}

static void start_row(struct desk *d, struct row *row, const struct sessionline *l, int64_t now) {
  d->tally.sessions++;
  row->is_session = true;
  row->is_ready = false;
  inquiry_start(&row->inquiry, l, d->lists, d->specials);
  ask_slots(d, row, now);
}

enum taken desk_take(struct desk *d, struct span line, int64_t now, struct span *bad) {
  struct sessionline session;
  struct row *row = add_row(d, line, now);
  if (!row) return TAKEN_NO_MEMORY;
  *bad = line;
  if (line_is_of_others(line, SESSION_KIND)) return TAKEN_OTHER;
  if (line.len >= LINE_BYTES_MAX) return TAKEN_LONG;
  if (!sessionline_decode(span_of(row->text, row->len), &session, bad)) return TAKEN_MALFORMED;
  if (has_facts(&session)) {
    if (!strip_row(d, row)) return TAKEN_LONG;
    sessionline_decode(span_of(row->text, row->len), &session, bad);
  } else if (row->len + FACTS_TEXT_MAX >= LINE_BYTES_MAX) {
    return TAKEN_LONG;
  }
  start_row(d, row, &session, now);
  return TAKEN_SESSION;
}

bool desk_take_unended(struct desk *d, struct span text, int64_t now) {
  struct row *row = add_row(d, text, now);
  if (row) row->is_unended = true;
  return row != NULL;
}

void desk_expire(struct desk *d, int64_t now) {
  for (size_t i = 0; i < d->count; i++) {
    struct row *row = row_at(d, i);
    if (row->deadline > now) return;
    if (!row->is_ready) d->tally.expired++;
    make_ready(row);
  }
}

int64_t desk_next(const struct desk *d) {
  return d->count && !row_at(d, 0)->is_ready ? row_at(d, 0)->deadline : INT64_MAX;
}

size_t desk_give(struct desk *d, char *out, size_t cap) {
  size_t used = 0;
  while (d->count && row_at(d, 0)->is_ready) {
    struct row *row = row_at(d, 0);
    if (row->len + FACTS_TEXT_MAX + 1 > cap - used) break;
    if (row->len) memcpy(out + used, row->text, row->len);
    used += row->len;
    if (row->is_session) used += facts_format(&row->inquiry, out + used);
    if (!row->is_unended) out[used++] = '\n';
    clear_row(d, row);
    d->first = (d->first + 1) % d->rows;
    d->count--;
  }
  return used;
}
