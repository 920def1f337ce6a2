#include "resolve/inflight.h"
#include <stdlib.h>

static const struct dnsresult unknown = {.status = DNS_UNKNOWN};

bool inflight_init(struct inflight *f, const struct inflight_options *o, const uint8_t *key) {
  *f = (struct inflight){.options = *o, .stop_at = INT64_MAX};
  if (!o->lines_max) f->options.lines_max = o->pending_max;
  if (!o->late_deadline_ms) f->options.late_deadline_ms = o->deadline_ms;
  f->line = calloc(f->options.lines_max, sizeof *f->line);
  return f->line && budget_init(&f->budget, o->network_budget, key) &&
         dnscache_init(&f->cache, o->cache_bytes, key);
}

static struct inflight_line *line_at(const struct inflight *f, size_t i) {
  return &f->line[(f->first + i) % f->options.lines_max];
}

static void free_pending(struct inflight *f, struct pending_line *p) {
  *(p->older ? &p->older->newer : &f->oldest) = p->newer;
  *(p->newer ? &p->newer->older : &f->newest) = p->older;
  f->pending--;
  lookups_free(&p->lookups);
  free(p);
}

static void clear_line(struct inflight *f, struct inflight_line *line) {
  f->bytes -= line->len;
  free(line->text);
  line->text = NULL;
}

void inflight_free(struct inflight *f) {
  while (f->oldest) free_pending(f, f->oldest);
  for (size_t i = 0; i < f->count; i++) clear_line(f, line_at(f, i));
  free(f->line);
  dnscache_free(&f->cache);
  budget_free(&f->budget);
}

bool inflight_has_room(const struct inflight *f) {
  return f->count < f->options.lines_max && f->bytes < INFLIGHT_BYTES_MAX &&
         f->pending < f->options.pending_max;
}

static bool is_mostly_used(size_t used, size_t max) {
  return used >= max - max / 4;
}

static bool is_late(const struct inflight *f) {
  return is_mostly_used(f->count, f->options.lines_max) ||
         is_mostly_used(f->bytes, INFLIGHT_BYTES_MAX) ||
         is_mostly_used(f->pending, f->options.pending_max);
}

/* ---- waiting for queries ---- */

static void link_waiter(struct waiter *w, struct dnscache_entry *e) {
  w->next = e->waiters;
  w->at = &e->waiters;
  if (w->next) w->next->at = &w->next;
  e->waiters = w;
}

static void unlink_waiter(struct waiter *w) {
  *w->at = w->next;
  if (w->next) w->next->at = w->at;
  w->at = NULL;
}

/* Appends the fields; add_line left room for them. */
static void make_ready(struct inflight *f, struct pending_line *p) {
  struct inflight_line *line = p->line;
  for (int slot = 0; slot < SLOTS; slot++)
    if (p->waiter[slot].at) unlink_waiter(&p->waiter[slot]);
  size_t added = dnsfields_format(&p->lookups, line->text + line->len);
  line->len += added;
  f->bytes += added;
  char *smaller = realloc(line->text, line->len + 1);
  if (smaller) line->text = smaller;
  line->pending = NULL;
  free_pending(f, p);
}

/* ---- questions ---- */

/* A due slot of a line. */
struct due_slot {
  struct pending_line *pending;
  int slot;
  struct question question;
};

static void wait_for(const struct due_slot *due, struct dnscache_entry *e) {
  struct waiter *w = &due->pending->waiter[due->slot];
  w->pending = due->pending;
  w->slot = due->slot;
  link_waiter(w, e);
}

/* A list that refuses to answer is muted until it passes its next test. */
static void put_result(struct inflight *f, struct pending_line *p, int slot,
                       const struct dnsresult *result) {
  lookups_put(&p->lookups, slot, result);
  if (slot < SLOT_LIST || p->lookups.listed[slot - SLOT_LIST] != LISTED_REFUSED) return;
  f->lists->list[slot - SLOT_LIST].passing[dnslist_family(&p->lookups.peer)] = false;
}

static bool has_too_many_queries(const struct inflight *f) {
  return f->cache.pending >= f->options.pending_max * INFLIGHT_QUERIES_PER_LINE + SLOTS;
}

/* NULL if the question must not be asked. */
static struct dnscache_entry *add_entry(struct inflight *f, const struct due_slot *due,
                                        int64_t now) {
  const struct budget_use use = {&due->question, &due->pending->lookups.peer,
                                 due->slot >= SLOT_LIST};
  enum budget_result result = BUDGET_ALLOWED;
  struct dnscache_entry *e = NULL;
  if (!has_too_many_queries(f)) e = dnscache_add(&f->cache, &due->question);
  if (e) result = budget_charge(&f->budget, &e->charge, &use, now);
  if (e && result == BUDGET_ALLOWED) return e;
  f->counters.refused[result]++;
  if (e) dnscache_remove(&f->cache, e);
  return NULL;
}

static void on_answer(struct dnsquery *query, const struct dnsresult *result, int64_t now);

/* start_query, share_query and ask return the result if it is known at once, and NULL if the slot
   waits for a query. */
static const struct dnsresult *start_query(struct inflight *f, const struct due_slot *due,
                                           int64_t now) {
  struct dnscache_entry *e = add_entry(f, due, now);
  if (!e) return &unknown;
  f->counters.queries++;
  wait_for(due, e);
  e->query =
      (struct dnsquery){.question = &e->question, .answered = on_answer, .owner = f, .since = now};
  f->sender.send(f->sender.client, &e->query);
  return NULL;
}

static const struct dnsresult *share_query(struct inflight *f, const struct due_slot *due,
                                           struct dnscache_entry *e, int64_t now) {
  if (budget_is_slow(&f->budget, &e->charge, now)) {
    f->counters.refused[due->question.type == TYPE_PTR ? BUDGET_NETWORK : BUDGET_ZONE]++;
    return &unknown;
  }
  f->counters.shared++;
  wait_for(due, e);
  return NULL;
}

static const struct dnsresult *ask(struct inflight *f, const struct due_slot *due, int64_t now) {
  struct dnscache_entry *e = dnscache_find(&f->cache, &due->question, now);
  if (!e) return start_query(f, due, now);
  if (!e->result) return share_query(f, due, e, now);
  f->counters.cached++;
  return e->result;
}

/* Asks until no slot is due: a result may make another slot due. The line may be ready then. */
static void ask_due(struct inflight *f, struct pending_line *p, int64_t now) {
  struct due_slot due = {.pending = p};
  while ((due.slot = lookups_next(&p->lookups, &due.question)) >= 0) {
    const struct dnsresult *result = ask(f, &due, now);
    if (result) put_result(f, p, due.slot, result);
  }
  if (lookups_is_done(&p->lookups)) make_ready(f, p);
}

/* The list of waiters is moved to a variable first, because dnscache_put may free the entry. */
static void on_answer(struct dnsquery *query, const struct dnsresult *result, int64_t now) {
  struct inflight *f = query->owner;
  struct dnscache_entry *e =
      (struct dnscache_entry *)((char *)query - offsetof(struct dnscache_entry, query));
  struct waiter *waiters = e->waiters;
  if (waiters) waiters->at = &waiters;
  budget_release(&f->budget, &e->charge, result->status != DNS_UNKNOWN, now);
  dnscache_put(&f->cache, e, result, now);
  while (waiters) {
    struct waiter *w = waiters;
    unlink_waiter(w);
    put_result(f, w->pending, w->slot, result);
    ask_due(f, w->pending, now);
  }
}

/* ---- lines ---- */

/* Copies the text, with room for the fields. NULL if there is no memory. */
static struct inflight_line *add_line(struct inflight *f, struct span text) {
  char *copy = malloc(text.len + DNSFIELDS_TEXT_MAX + 1);
  if (!copy) return NULL;
  struct inflight_line *line = line_at(f, f->count++);
  *line = (struct inflight_line){.text = copy, .len = text.len};
  if (text.len) memcpy(copy, text.s, text.len);
  f->bytes += text.len;
  return line;
}

static bool has_fields(const struct sessionline *l) {
  for (size_t i = 0; dnsfields_keys[i]; i++)
    if (sessionline_has(l, dnsfields_keys[i])) return true;
  return false;
}

/* Removes the fields of an earlier run. False if the line has no room for new ones even so. */
static bool strip_line(struct inflight *f, struct inflight_line *line) {
  char bare[LINE_BYTES_MAX];
  size_t len = field_line_without(span_of(line->text, line->len), dnsfields_keys, bare);
  if (len + DNSFIELDS_TEXT_MAX >= LINE_BYTES_MAX) return false;
  memcpy(line->text, bare, len);
  f->bytes -= line->len - len;
  line->len = len;
  return true;
}

static struct pending_line *add_pending(struct inflight *f, struct inflight_line *line,
                                        int64_t now) {
  struct pending_line *p = calloc(1, sizeof *p);
  if (!p) return NULL;
  int64_t deadline = now + f->options.deadline_ms;
  p->line = line;
  p->since = now;
  p->deadline = deadline < f->stop_at ? deadline : f->stop_at;
  p->older = f->newest;
  *(f->newest ? &f->newest->newer : &f->oldest) = p;
  f->newest = p;
  f->pending++;
  return p;
}

/* line is the one that was added last. Without memory it is removed again. */
static bool start_line(struct inflight *f, struct inflight_line *line, const struct sessionline *l,
                       int64_t now) {
  line->pending = add_pending(f, line, now);
  if (!line->pending) {
    clear_line(f, line);
    f->count--;
    return false;
  }
  f->counters.sessions++;
  lookups_init(&line->pending->lookups, l, f->lists, f->options.ask_special);
  ask_due(f, line->pending, now);
  return true;
}

enum added inflight_add(struct inflight *f, struct span line, int64_t now, struct span *bad) {
  struct sessionline session;
  struct inflight_line *added = add_line(f, line);
  if (!added) return ADDED_NO_MEMORY;
  *bad = line;
  if (field_line_is_passthrough(line, SESSION_KIND)) return ADDED_PASSTHROUGH;
  if (line.len >= LINE_BYTES_MAX) return ADDED_LONG;
  if (!sessionline_decode(span_of(added->text, added->len), &session, bad)) return ADDED_MALFORMED;
  if (has_fields(&session)) {
    if (!strip_line(f, added)) return ADDED_LONG;
    sessionline_decode(span_of(added->text, added->len), &session, bad);
  } else if (added->len + DNSFIELDS_TEXT_MAX >= LINE_BYTES_MAX) {
    return ADDED_LONG;
  }
  return start_line(f, added, &session, now) ? ADDED_SESSION : ADDED_NO_MEMORY;
}

bool inflight_add_partial(struct inflight *f, struct span text) {
  struct inflight_line *line = add_line(f, text);
  if (line) line->is_partial = true;
  return line != NULL;
}

static int64_t deadline_of(const struct inflight *f, const struct pending_line *p) {
  int64_t late_deadline = p->since + f->options.late_deadline_ms;
  return is_late(f) && late_deadline < p->deadline ? late_deadline : p->deadline;
}

void inflight_expire(struct inflight *f, int64_t now) {
  while (f->oldest && deadline_of(f, f->oldest) <= now) {
    if (f->oldest->deadline <= now) f->counters.expired++;
    else f->counters.late++;
    make_ready(f, f->oldest);
  }
}

int64_t inflight_next(const struct inflight *f) {
  return f->oldest ? deadline_of(f, f->oldest) : INT64_MAX;
}

size_t inflight_flush(struct inflight *f, char *out, size_t cap) {
  size_t used = 0;
  while (f->count && !line_at(f, 0)->pending) {
    struct inflight_line *line = line_at(f, 0);
    if (line->len + 1 > cap - used) break;
    if (line->len) memcpy(out + used, line->text, line->len);
    used += line->len;
    if (!line->is_partial) out[used++] = '\n';
    clear_line(f, line);
    f->first = (f->first + 1) % f->options.lines_max;
    f->count--;
  }
  return used;
}
