#include "resolve/inflight.h"
#include <stdlib.h>

bool inflight_init(struct inflight *d, const struct inflight_options *o, const uint8_t *key) {
  *d = (struct inflight){
      .rows = o->rows, .deadline_ms = o->deadline_ms, .ask_special = o->ask_special};
  d->limit = INT64_MAX;
  d->late = o->late ? o->late : o->deadline_ms;
  d->queue = o->queue ? o->queue : o->rows;
  d->row = calloc(d->queue, sizeof *d->row);
  return d->row && budget_init(&d->budget, o->budget, key) &&
         dnscache_init(&d->cache, o->dnscache_bytes, key);
}

static struct row *row_at(const struct inflight *d, size_t i) {
  return &d->row[(d->first + i) % d->queue];
}

static void free_work(struct inflight *d, struct work *w) {
  *(w->older ? &w->older->newer : &d->oldest) = w->newer;
  *(w->newer ? &w->newer->older : &d->newest) = w->older;
  d->waiting--;
  lookups_free(&w->inquiry);
  free(w);
}

static void clear_row(struct inflight *d, struct row *row) {
  d->bytes -= row->len;
  free(row->text);
  row->text = NULL;
}

void inflight_free(struct inflight *d) {
  while (d->oldest) free_work(d, d->oldest);
  for (size_t i = 0; i < d->count; i++) clear_row(d, row_at(d, i));
  free(d->row);
  dnscache_free(&d->cache);
  budget_free(&d->budget);
}

bool inflight_has_room(const struct inflight *d) {
  return d->count < d->queue && d->bytes < INFLIGHT_BYTES && d->waiting < d->rows;
}

static bool is_late(const struct inflight *d) {
  return d->count >= d->queue - d->queue / 4 || d->bytes >= INFLIGHT_BYTES - INFLIGHT_BYTES / 4 ||
         d->waiting >= d->rows - d->rows / 4;
}

/* ---- waiting ---- */

static void wait_for(struct work *work, int slot, struct dnscache_entry *e) {
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
static void make_ready(struct inflight *d, struct work *work) {
  struct row *row = work->row;
  for (int slot = 0; slot < SLOTS; slot++)
    if (work->waiter[slot].at) unlink_waiter(&work->waiter[slot]);
  size_t more = dnsfields_format(&work->inquiry, row->text + row->len);
  row->len += more;
  d->bytes += more;
  char *smaller = realloc(row->text, row->len + 1);
  if (smaller) row->text = smaller;
  row->work = NULL;
  free_work(d, work);
}

/* A list that refuses to answer is muted at once; its next test may bring it back. */
static void take_finding(struct inflight *d, struct work *work, int slot,
                         const struct dnsresult *f) {
  lookups_put(&work->inquiry, slot, f);
  if (slot < SLOT_LIST || work->inquiry.listed[slot - SLOT_LIST] != LISTED_REFUSED) return;
  struct dnslist *l = &d->lists->list[slot - SLOT_LIST];
  l->passing[dnslist_family(&work->inquiry.peer)] = false;
}

static void on_answer(struct dnsquery *a, const struct dnsresult *f, int64_t now);

/* NULL if it is not asked. */
static struct dnscache_entry *open_question(struct inflight *d, const struct work *work, int slot,
                                            const struct question *q, int64_t now) {
  enum budget_result answer = BUDGET_ALLOWED;
  bool bounded = d->cache.open >= d->rows * INFLIGHT_OPEN_A_ROW + SLOTS;
  struct dnscache_entry *e = bounded ? NULL : dnscache_add(&d->cache, q);
  if (e)
    answer = budget_charge(&d->budget, &e->charge, q, &work->inquiry.peer, slot >= SLOT_LIST, now);
  if (e && answer == BUDGET_ALLOWED) return e;
  d->tally.refused[answer]++;
  if (e) dnscache_remove(&d->cache, e);
  return NULL;
}

static void ask_slots(struct inflight *d, struct work *work, int64_t now) {
  static const struct dnsresult unknown = {.status = DNS_UNKNOWN};
  struct question q;
  int slot;
  while ((slot = lookups_next(&work->inquiry, &q)) >= 0) {
    struct dnscache_entry *e = dnscache_find(&d->cache, &q, now);
    if (e && e->result) {
      d->tally.kept++;
      take_finding(d, work, slot, e->result);
      continue;
    }
    if (e && budget_is_slow(&d->budget, &e->charge, now)) {
      d->tally.refused[q.type == TYPE_PTR ? BUDGET_NETWORK : BUDGET_ZONE]++;
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
    e->asked = (struct dnsquery){
        .question = &e->question, .answered = on_answer, .owner = d, .since = now};
    d->ask.ask(d->ask.client, &e->asked);
  }
  if (lookups_is_done(&work->inquiry)) make_ready(d, work);
}

/* The entry is settled, and may be gone, before those who waited ask on. */
static void on_answer(struct dnsquery *a, const struct dnsresult *f, int64_t now) {
  struct inflight *d = a->owner;
  struct dnscache_entry *e =
      (struct dnscache_entry *)((char *)a - offsetof(struct dnscache_entry, asked));
  struct waiter *waiting = e->waiters;
  if (waiting) waiting->at = &waiting;
  budget_release(&d->budget, &e->charge, f->status != DNS_UNKNOWN, now);
  dnscache_put(&d->cache, e, f, now);
  while (waiting) {
    struct waiter *w = waiting;
    unlink_waiter(w);
    take_finding(d, w->work, w->slot, f);
    ask_slots(d, w->work, now);
  }
}

/* ---- lines ---- */

/* With room for the facts. */
static struct row *add_row(struct inflight *d, struct span text) {
  char *copy = malloc(text.len + DNSFIELDS_TEXT_MAX + 1);
  if (!copy) return NULL;
  struct row *row = row_at(d, d->count++);
  *row = (struct row){.text = copy, .len = text.len};
  if (text.len) memcpy(copy, text.s, text.len);
  d->bytes += text.len;
  return row;
}

static bool has_facts(const struct sessionline *l) {
  for (size_t i = 0; dnsfields_keys[i]; i++)
    if (sessionline_has(l, dnsfields_keys[i])) return true;
  return false;
}

/* Takes off the fields of an earlier run. False where the line is too long to get new ones. */
static bool strip_row(struct inflight *d, struct row *row) {
  char bare[LINE_BYTES_MAX];
  size_t len = field_line_without(span_of(row->text, row->len), dnsfields_keys, bare);
  if (len + DNSFIELDS_TEXT_MAX >= LINE_BYTES_MAX) return false;
  memcpy(row->text, bare, len);
  d->bytes -= row->len - len;
  row->len = len;
  return true;
}

static struct work *add_work(struct inflight *d, struct row *row, int64_t now) {
  struct work *w = calloc(1, sizeof *w);
  if (!w) return NULL;
  w->row = row;
  w->since = now;
  w->deadline = now + d->deadline_ms < d->limit ? now + d->deadline_ms : d->limit;
  w->older = d->newest;
  *(d->newest ? &d->newest->newer : &d->oldest) = w;
  d->newest = w;
  d->waiting++;
  return w;
}

/* Without memory for it the line is taken back. */
static bool start_row(struct inflight *d, struct row *row, const struct sessionline *l,
                      int64_t now) {
  row->work = add_work(d, row, now);
  if (!row->work) {
    clear_row(d, row);
    d->count--;
    return false;
  }
  d->tally.sessions++;
  lookups_init(&row->work->inquiry, l, d->lists, d->ask_special);
  ask_slots(d, row->work, now);
  return true;
}

enum added inflight_add(struct inflight *d, struct span line, int64_t now, struct span *bad) {
  struct sessionline session;
  struct row *row = add_row(d, line);
  if (!row) return ADDED_NO_MEMORY;
  *bad = line;
  if (field_line_is_passthrough(line, SESSION_KIND)) return ADDED_PASSTHROUGH;
  if (line.len >= LINE_BYTES_MAX) return ADDED_LONG;
  if (!sessionline_decode(span_of(row->text, row->len), &session, bad)) return ADDED_MALFORMED;
  if (has_facts(&session)) {
    if (!strip_row(d, row)) return ADDED_LONG;
    sessionline_decode(span_of(row->text, row->len), &session, bad);
  } else if (row->len + DNSFIELDS_TEXT_MAX >= LINE_BYTES_MAX) {
    return ADDED_LONG;
  }
  return start_row(d, row, &session, now) ? ADDED_SESSION : ADDED_NO_MEMORY;
}

bool inflight_add_partial(struct inflight *d, struct span text) {
  struct row *row = add_row(d, text);
  if (row) row->is_unended = true;
  return row != NULL;
}

static int64_t due_at(const struct inflight *d, const struct work *w) {
  int64_t early = w->since + d->late;
  return is_late(d) && early < w->deadline ? early : w->deadline;
}

void inflight_expire(struct inflight *d, int64_t now) {
  while (d->oldest && due_at(d, d->oldest) <= now) {
    (*(d->oldest->deadline <= now ? &d->tally.expired : &d->tally.late))++;
    make_ready(d, d->oldest);
  }
}

int64_t inflight_next(const struct inflight *d) {
  return d->oldest ? due_at(d, d->oldest) : INT64_MAX;
}

size_t inflight_flush(struct inflight *d, char *out, size_t cap) {
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
