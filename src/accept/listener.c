#include "accept/listener.h"
#include "sys/clock.h"
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <time.h>

struct ruleset {
  struct peerrules rules;
  size_t users; /* the listener is one of them */
};

bool listener_open(struct listener *h, const struct siphash_key *key, int out) {
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
  h->wake_main = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  h->wake_workers = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  return h->wake_main >= 0 && h->wake_workers >= 0 &&
         peertable_open(&h->peertable, &h->limits, key);
}

void listener_count(struct listener *h, enum counter what) {
  atomic_fetch_add_explicit(&h->counter.count[what], 1, memory_order_relaxed);
}

static bool is_below_limit(const struct listener *h) {
  return h->counter.count[COUNTER_STARTED] < h->handlers_allowed;
}

/* With limit_lock held. */
static void await_limit(struct listener *h) {
  struct timespec until;
  uint64_t before = h->limits_set;
  int64_t ms = clock_monotonic_ms() + LISTENER_WAIT_MS;
  until = (struct timespec){ms / 1000, ms % 1000 * 1000000L};
  h->limit_wanted = true;
  listener_wake_main(h);
  while (h->limits_set == before)
    if (pthread_cond_timedwait(&h->limit_set, &h->limit_lock, &until) != 0) return;
}

bool listener_may_start(struct listener *h) {
  if (is_below_limit(h)) return true;
  pthread_mutex_lock(&h->limit_lock);
  if (h->limit_allowed_some || clock_monotonic_ms() - h->limit_at >= LISTENER_LIMIT_MS)
    await_limit(h);
  pthread_mutex_unlock(&h->limit_lock);
  return is_below_limit(h);
}

void listener_allow(struct listener *h, uint64_t handlers) {
  pthread_mutex_lock(&h->limit_lock);
  h->handlers_allowed = handlers;
  h->limit_allowed_some = is_below_limit(h);
  h->limit_at = clock_monotonic_ms();
  h->limits_set++;
  h->limit_wanted = false;
  pthread_cond_broadcast(&h->limit_set);
  pthread_mutex_unlock(&h->limit_lock);
}

bool listener_limit_is_wanted(struct listener *h) {
  pthread_mutex_lock(&h->limit_lock);
  bool wanted = h->limit_wanted;
  pthread_mutex_unlock(&h->limit_lock);
  return wanted;
}

void listener_add_error(struct listener *h, enum listener_error what, int error) {
  pthread_mutex_lock(&h->lock);
  h->errors[what].count++;
  h->errors[what].error = error;
  pthread_mutex_unlock(&h->lock);
  listener_wake_main(h);
}

struct error_count listener_take_errors(struct listener *h, enum listener_error what) {
  pthread_mutex_lock(&h->lock);
  struct error_count errors = h->errors[what];
  h->errors[what].count = 0;
  pthread_mutex_unlock(&h->lock);
  return errors;
}

void listener_socket_failed(struct listener *h, size_t socket, int error) {
  pthread_mutex_lock(&h->lock);
  if (!h->dead.found) h->dead = (struct failed_socket){true, socket, error};
  pthread_mutex_unlock(&h->lock);
  listener_wake_main(h);
}

struct failed_socket listener_failed_socket(struct listener *h) {
  pthread_mutex_lock(&h->lock);
  struct failed_socket dead = h->dead;
  pthread_mutex_unlock(&h->lock);
  return dead;
}

bool listener_put_line(struct listener *h, struct span line) {
  pthread_mutex_lock(&h->lock);
  bool put = linequeue_put(&h->out, line), left = h->out.len > 0;
  pthread_mutex_unlock(&h->lock);
  if (left) listener_wake_main(h);
  return put;
}

bool listener_flush(struct listener *h) {
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

bool listener_set_rules(struct listener *h, const struct peerrules *fresh) {
  struct ruleset *set = malloc(sizeof *set);
  if (!set) return false;
  *set = (struct ruleset){*fresh, 1};
  let_go(h->rules);
  h->rules = set;
  return true;
}

/* Looking a peer up moves a cursor in the struct: so each thread has its own, on the same map. */
void listener_use_rules(struct listener *h, struct ruleset **set, struct peerrules *rules) {
  if (*set == h->rules) return;
  let_go(*set);
  *set = h->rules;
  (*set)->users++;
  *rules = (*set)->rules;
}

/* The count cannot overflow within the life of a machine, so neither can fail. */
void listener_wake_workers(struct listener *h) {
  eventfd_write(h->wake_workers, 1);
}

void listener_wake_main(struct listener *h) {
  eventfd_write(h->wake_main, 1);
}

void listener_signal(struct listener *h, int signal) {
  h->signal = signal;
  h->signals++;
  h->closing = true;
  listener_wake_workers(h);
}
