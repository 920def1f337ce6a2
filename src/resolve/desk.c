#include "resolve/desk.h"
#include <stdlib.h>

bool desk_init(struct desk *d, const struct desk_options *o, const uint8_t *key) {
  *d = (struct desk){.rows = o->rows, .patience = o->patience, .specials = o->specials};
  d->limit = INT64_MAX;
  d->late = o->late ? o->late : o->patience;
  d->queue = o->queue ? o->queue : o->rows;
  d->row = calloc(d->queue, sizeof *d->row);
  return d->row && budget_init(&d->budget, o->budget, key) &&
         dnscache_init(&d->cache, o->dnscache_bytes, key);
}

static struct row *row_at(const struct desk *d, size_t i) {
  return &d->row[(d->first + i) % d->queue];
}

static void free_work(struct desk *d, struct work *w) {
  *(w->older ? &w->older->newer : &d->oldest) = w->newer;
  *(w->newer ? &w->newer->older : &d->newest) = w->older;
  d->waiting--;
  inquiry_end(&w->inquiry);
  free(w);
}

static void clear_row(struct desk *d, struct row *row) {
  d->bytes -= row->len;
  free(row->text);
  row->text = NULL;
}

void desk_free(struct desk *d) {
  while (d->oldest) free_work(d, d->oldest);
  for (size_t i = 0; i < d->count; i++) clear_row(d, row_at(d, i));
  free(d->row);
  dnscache_free(&d->cache);
  budget_free(&d->budget);
}

bool desk_has_room(const struct desk *d) {
  return d->count < d->queue && d->bytes < DESK_BYTES && d->waiting < d->rows;
}

static bool is_late(const struct desk *d) {
  return d->count >= d->queue - d->queue / 4 || d->bytes >= DESK_BYTES - DESK_BYTES / 4 ||
         d->waiting >= d->rows - d->rows / 4;
}

/* ---- waiting ---- */

static void wait_for(struct work *work, int slot, struct entry *e) {
  struct waiter *w = &work->waiter[slot];
  *w = (struct waiter){.next = e->waiters, .at = &e->waiters, .work = work, .slot = slot};
  if (w->next) w->next->at = &w->next;
  e->waiters = w;
}

static void unlink_waiter(struct waiter *w) {
  *w->at = w->next;
  if (w->next) w->next->at = w->at;
  w->at = NULL;
}

/* The facts are appended to the line, which has room for them. */
static void make_ready(struct desk *d, struct work *work) {
  struct row *row = work->row;
  for (int slot = 0; slot < SLOTS; slot++)
    if (work->waiter[slot].at) unlink_waiter(&work->waiter[slot]);
  size_t more = facts_format(&work->inquiry, row->text + row->len);
  row->len += more;
  d->bytes += more;
  char *smaller = realloc(row->text, row->len + 1);
  if (smaller) row->text = smaller;
  row->work = NULL;
  free_work(d, work);
}

/* A list that refuses to answer is muted at once; its next test may bring it back. */
static void take_finding(struct desk *d, struct work *work, int slot, const struct finding *f) {
  inquiry_take(&work->inquiry, slot, f);
  if (slot < SLOT_LIST || work->inquiry.listed[slot - SLOT_LIST] != LISTED_REFUSED) return;
  struct list *l = &d->lists->list[slot - SLOT_LIST];
  l->passing[list_family_of(&work->inquiry.peer)] = false;
}

static void on_answer(struct asked *a, const struct finding *f, int64_t now);

/* NULL if it is not asked. */
static struct entry *open_question(struct desk *d, const struct work *work, int slot,
                                   const struct question *q, int64_t now) {
  enum budget_answer answer = BUDGET_ASK;
  bool bounded = d->cache.open >= d->rows * DESK_OPEN_A_ROW + SLOTS;
  struct entry *e = bounded ? NULL : dnscache_open(&d->cache, q);
  if (e)
    answer = budget_charge(&d->budget, &e->charge, q, &work->inquiry.peer, slot >= SLOT_LIST, now);
  if (e && answer == BUDGET_ASK) return e;
  d->tally.refused[answer]++;
  if (e) dnscache_drop(&d->cache, e);
  return NULL;
}

static void ask_slots(struct desk *d, struct work *work, int64_t now) {
  static const struct finding unknown = {.found = FOUND_UNKNOWN};
  struct question q;
  int slot;
  while ((slot = inquiry_next(&work->inquiry, &q)) >= 0) {
    struct entry *e = dnscache_find(&d->cache, &q, now);
    if (e && e->finding) {
      d->tally.kept++;
      take_finding(d, work, slot, e->finding);
      continue;
    }
    if (e && budget_is_slow(&d->budget, &e->charge, now)) {
      d->tally.refused[q.type == ASK_PTR ? BUDGET_NETWORK : BUDGET_ZONE]++;
      take_finding(d, work, slot, &unknown);
      continue;
    }
    if (e) {
      d->tally.shared++;
      wait_for(work, slot, e);
      continue;
    }
    e = open_question(d, work, slot, &q, now);
    if (!e) {
      take_finding(d, work, slot, &unknown);
      continue;
    }
    wait_for(work, slot, e);
    d->tally.questions++;
    e->asked =
        (struct asked){.question = &e->question, .answered = on_answer, .owner = d, .since = now};
    d->ask.ask(d->ask.asker, &e->asked);
  }
  if (inquiry_is_done(&work->inquiry)) make_ready(d, work);
}

/* The entry is settled, and may be gone, before those who waited ask on. */
static void on_answer(struct asked *a, const struct finding *f, int64_t now) {
  struct desk *d = a->owner;
  struct entry *e = (struct entry *)((char *)a - offsetof(struct entry, asked));
  struct waiter *waiting = e->waiters;
  if (waiting) waiting->at = &waiting;
  budget_release(&d->budget, &e->charge, f->found != FOUND_UNKNOWN, now);
  dnscache_settle(&d->cache, e, f, now);
  while (waiting) {
    struct waiter *w = waiting;
    unlink_waiter(w);
    take_finding(d, w->work, w->slot, f);
    ask_slots(d, w->work, now);
  }
}

/* ---- lines ---- */

/* With room for the facts. */
static struct row *add_row(struct desk *d, struct span text) {
  char *copy = malloc(text.len + FACTS_TEXT_MAX + 1);
  if (!copy) return NULL;
  struct row *row = row_at(d, d->count++);
  *row = (struct row){.text = copy, .len = text.len};
  if (text.len) memcpy(copy, text.s, text.len);
  d->bytes += text.len;
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
  size_t len = field_line_without(span_of(row->text, row->len), facts_keys, bare);
  if (len + FACTS_TEXT_MAX >= LINE_BYTES_MAX) return false;
  memcpy(row->text, bare, len);
  d->bytes -= row->len - len;
  row->len = len;
  return true;
}

static struct work *add_work(struct desk *d, struct row *row, int64_t now) {
  struct work *w = calloc(1, sizeof *w);
  if (!w) return NULL;
  w->row = row;
  w->since = now;
  w->deadline = now + d->patience < d->limit ? now + d->patience : d->limit;
  w->older = d->newest;
  *(d->newest ? &d->newest->newer : &d->oldest) = w;
  d->newest = w;
  d->waiting++;
  return w;
}

/* Without memory for it the line is taken back. */
static bool start_row(struct desk *d, struct row *row, const struct sessionline *l, int64_t now) {
  row->work = add_work(d, row, now);
  if (!row->work) {
    clear_row(d, row);
    d->count--;
    return false;
  }
  d->tally.sessions++;
  inquiry_start(&row->work->inquiry, l, d->lists, d->specials);
  ask_slots(d, row->work, now);
  return true;
}

enum taken desk_take(struct desk *d, struct span line, int64_t now, struct span *bad) {
  struct sessionline session;
  struct row *row = add_row(d, line);
  if (!row) return TAKEN_NO_MEMORY;
  *bad = line;
  if (field_line_is_passthrough(line, SESSION_KIND)) return TAKEN_OTHER;
  if (line.len >= LINE_BYTES_MAX) return TAKEN_LONG;
  if (!sessionline_decode(span_of(row->text, row->len), &session, bad)) return TAKEN_MALFORMED;
  if (has_facts(&session)) {
    if (!strip_row(d, row)) return TAKEN_LONG;
    sessionline_decode(span_of(row->text, row->len), &session, bad);
  } else if (row->len + FACTS_TEXT_MAX >= LINE_BYTES_MAX) {
    return TAKEN_LONG;
  }
  return start_row(d, row, &session, now) ? TAKEN_SESSION : TAKEN_NO_MEMORY;
}

bool desk_take_unended(struct desk *d, struct span text) {
  struct row *row = add_row(d, text);
  if (row) row->is_unended = true;
  return row != NULL;
}

static int64_t due_at(const struct desk *d, const struct work *w) {
  int64_t early = w->since + d->late;
  return is_late(d) && early < w->deadline ? early : w->deadline;
}

void desk_expire(struct desk *d, int64_t now) {
  while (d->oldest && due_at(d, d->oldest) <= now) {
    (*(d->oldest->deadline <= now ? &d->tally.expired : &d->tally.late))++;
    make_ready(d, d->oldest);
  }
}

int64_t desk_next(const struct desk *d) {
  return d->oldest ? due_at(d, d->oldest) : INT64_MAX;
}

size_t desk_give(struct desk *d, char *out, size_t cap) {
  size_t used = 0;
  while (d->count && !row_at(d, 0)->work) {
    struct row *row = row_at(d, 0);
    if (row->len + 1 > cap - used) break;
    if (row->len) memcpy(out + used, row->text, row->len);
    used += row->len;
    if (!row->is_unended) out[used++] = '\n';
    clear_row(d, row);
    d->first = (d->first + 1) % d->queue;
    d->count--;
  }
  return used;
}
