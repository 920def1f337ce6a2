#include "accept/hall.h"
#include "sys/clock.h"
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <time.h>

struct ruleset {
  struct peerrules rules;
  size_t users; /* the hall is one of them */
};

bool hall_open(struct hall *h, const struct siphash_key *key, int out) {
  pthread_mutex_init(&h->lock, NULL);
  pthread_mutex_init(&h->rules_lock, NULL);
  pthread_mutex_init(&h->limit_lock, NULL);
  pthread_condattr_t monotonic;
  pthread_condattr_init(&monotonic);
  pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
  pthread_cond_init(&h->limit_set, &monotonic);
  pthread_condattr_destroy(&monotonic);
  linequeue_open(&h->out, out);
  h->handlers_allowed = UINT64_MAX;
  h->bell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  h->call = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  return h->bell >= 0 && h->call >= 0 && crowd_open(&h->crowd, &h->limits, key);
}

void hall_count(struct hall *h, enum tally what) {
  atomic_fetch_add_explicit(&h->tally.count[what], 1, memory_order_relaxed);
}

static bool is_below_limit(const struct hall *h) {
  return h->tally.count[TALLY_STARTED] < h->handlers_allowed;
}

/* With limit_lock held. */
static void await_limit(struct hall *h) {
  struct timespec until;
  uint64_t before = h->limits_set;
  int64_t ms = clock_monotonic_ms() + HALL_WAIT_MS;
  until = (struct timespec){ms / 1000, ms % 1000 * 1000000L};
  h->limit_wanted = true;
  hall_ring(h);
  while (h->limits_set == before)
    if (pthread_cond_timedwait(&h->limit_set, &h->limit_lock, &until) != 0) return;
}

bool hall_may_start(struct hall *h) {
  if (is_below_limit(h)) return true;
  pthread_mutex_lock(&h->limit_lock);
  if (h->limit_allowed_some || clock_monotonic_ms() - h->limit_at >= HALL_LIMIT_MS) await_limit(h);
  pthread_mutex_unlock(&h->limit_lock);
  return is_below_limit(h);
}

void hall_allow(struct hall *h, uint64_t handlers) {
  pthread_mutex_lock(&h->limit_lock);
  h->handlers_allowed = handlers;
  h->limit_allowed_some = is_below_limit(h);
  h->limit_at = clock_monotonic_ms();
  h->limits_set++;
  h->limit_wanted = false;
  pthread_cond_broadcast(&h->limit_set);
  pthread_mutex_unlock(&h->limit_lock);
}

bool hall_limit_is_wanted(struct hall *h) {
  pthread_mutex_lock(&h->limit_lock);
  bool wanted = h->limit_wanted;
  pthread_mutex_unlock(&h->limit_lock);
  return wanted;
}

void hall_complain(struct hall *h, enum hall_trouble what, int error) {
  pthread_mutex_lock(&h->lock);
  h->news[what].count++;
  h->news[what].error = error;
  pthread_mutex_unlock(&h->lock);
  hall_ring(h);
}

struct hall_news hall_take_news(struct hall *h, enum hall_trouble what) {
  pthread_mutex_lock(&h->lock);
  struct hall_news news = h->news[what];
  h->news[what].count = 0;
  pthread_mutex_unlock(&h->lock);
  return news;
}

void hall_tell_dead(struct hall *h, size_t socket, int error) {
  pthread_mutex_lock(&h->lock);
  if (!h->dead.found) h->dead = (struct hall_dead){true, socket, error};
  pthread_mutex_unlock(&h->lock);
  hall_ring(h);
}

struct hall_dead hall_find_dead(struct hall *h) {
  pthread_mutex_lock(&h->lock);
  struct hall_dead dead = h->dead;
  pthread_mutex_unlock(&h->lock);
  return dead;
}

bool hall_put_line(struct hall *h, struct span line) {
  pthread_mutex_lock(&h->lock);
  bool put = linequeue_put(&h->out, line), left = h->out.len > 0;
  pthread_mutex_unlock(&h->lock);
  if (left) hall_ring(h);
  return put;
}

bool hall_flush(struct hall *h) {
  pthread_mutex_lock(&h->lock);
  bool flushed = linequeue_flush(&h->out);
  pthread_mutex_unlock(&h->lock);
  return flushed;
}

static void let_go(struct ruleset *set) {
  if (!set || --set->users) return;
  peerrules_close(&set->rules);
  free(set);
}

bool hall_set_rules(struct hall *h, const struct peerrules *fresh) {
  struct ruleset *set = malloc(sizeof *set);
  if (!set) return false;
  *set = (struct ruleset){*fresh, 1};
  let_go(h->rules);
  h->rules = set;
  return true;
}

/* Looking a peer up moves a cursor in the struct: so each thread has its own, on the same map. */
void hall_follow(struct hall *h, struct ruleset **set, struct peerrules *rules) {
  if (*set == h->rules) return;
  let_go(*set);
  *set = h->rules;
  (*set)->users++;
  *rules = (*set)->rules;
}

/* The count cannot overflow within the life of a machine, so neither can fail. */
void hall_call(struct hall *h) {
  eventfd_write(h->call, 1);
}

void hall_ring(struct hall *h) {
  eventfd_write(h->bell, 1);
}

void hall_signal(struct hall *h, int signal) {
  h->signal = signal;
  h->signals++;
  h->closing = true;
  hall_call(h);
}
