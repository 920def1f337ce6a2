#include "accept/listener.h"
#include "sys/clock.h"
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <time.h>

struct ruleset {
  struct peerrules rules;
  size_t users; /* workers, and the listener */
};

bool listener_open(struct listener *l, const struct siphash_key *key, int out) {
  pthread_mutex_init(&l->lock, NULL);
  pthread_mutex_init(&l->rules_lock, NULL);
  pthread_mutex_init(&l->limit_lock, NULL);
  pthread_condattr_t monotonic;
  pthread_condattr_init(&monotonic);
  pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
  pthread_cond_init(&l->limit_set, &monotonic);
  pthread_condattr_destroy(&monotonic);
  linequeue_open(&l->out, out);
  l->handlers_allowed = UINT64_MAX;
  l->wake_main = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  l->wake_workers = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  return l->wake_main >= 0 && l->wake_workers >= 0 &&
         peertable_init(&l->peertable, &l->limits, key);
}

void listener_count(struct listener *l, enum counter which) {
  atomic_fetch_add_explicit(&l->counters.count[which], 1, memory_order_relaxed);
}

static bool is_below_limit(const struct listener *l) {
  return l->counters.count[COUNTER_STARTED] < l->handlers_allowed;
}

/* With limit_lock held. */
static void wait_for_limit(struct listener *l) {
  struct timespec until;
  uint64_t before = l->limits_set;
  int64_t ms = clock_monotonic_ms() + LISTENER_WAIT_MS;
  until = (struct timespec){ms / 1000, ms % 1000 * 1000000L};
  l->limit_wanted = true;
  listener_wake_main(l);
  while (l->limits_set == before)
    if (pthread_cond_timedwait(&l->limit_set, &l->limit_lock, &until) != 0) return;
}

bool listener_may_start(struct listener *l) {
  if (is_below_limit(l)) return true;
  pthread_mutex_lock(&l->limit_lock);
  if (l->limit_allowed_some || clock_monotonic_ms() - l->limit_at >= LISTENER_LIMIT_MS)
    wait_for_limit(l);
  pthread_mutex_unlock(&l->limit_lock);
  return is_below_limit(l);
}

void listener_allow(struct listener *l, uint64_t handlers) {
  pthread_mutex_lock(&l->limit_lock);
  l->handlers_allowed = handlers;
  l->limit_allowed_some = is_below_limit(l);
  l->limit_at = clock_monotonic_ms();
  l->limits_set++;
  l->limit_wanted = false;
  pthread_cond_broadcast(&l->limit_set);
  pthread_mutex_unlock(&l->limit_lock);
}

bool listener_limit_is_wanted(struct listener *l) {
  pthread_mutex_lock(&l->limit_lock);
  bool wanted = l->limit_wanted;
  pthread_mutex_unlock(&l->limit_lock);
  return wanted;
}

void listener_add_error(struct listener *l, enum listener_error kind, int error) {
  pthread_mutex_lock(&l->lock);
  l->errors[kind].count++;
  l->errors[kind].error = error;
  pthread_mutex_unlock(&l->lock);
  listener_wake_main(l);
}

struct error_count listener_take_errors(struct listener *l, enum listener_error kind) {
  pthread_mutex_lock(&l->lock);
  struct error_count errors = l->errors[kind];
  l->errors[kind].count = 0;
  pthread_mutex_unlock(&l->lock);
  return errors;
}

void listener_socket_failed(struct listener *l, size_t socket, int error) {
  pthread_mutex_lock(&l->lock);
  if (!l->failed.found) l->failed = (struct failed_socket){true, socket, error};
  pthread_mutex_unlock(&l->lock);
  listener_wake_main(l);
}

struct failed_socket listener_failed_socket(struct listener *l) {
  pthread_mutex_lock(&l->lock);
  struct failed_socket failed = l->failed;
  pthread_mutex_unlock(&l->lock);
  return failed;
}

bool listener_put_line(struct listener *l, struct span line) {
  pthread_mutex_lock(&l->lock);
  bool put = linequeue_put(&l->out, line), left = l->out.len > 0;
  pthread_mutex_unlock(&l->lock);
  if (left) listener_wake_main(l);
  return put;
}

bool listener_flush(struct listener *l) {
  pthread_mutex_lock(&l->lock);
  bool flushed = linequeue_flush(&l->out);
  pthread_mutex_unlock(&l->lock);
  return flushed;
}

static void release_rules(struct ruleset *set) {
  if (!set || --set->users) return;
  peerrules_close(&set->rules);
  free(set);
}

bool listener_set_rules(struct listener *l, const struct peerrules *fresh) {
  struct ruleset *set = malloc(sizeof *set);
  if (!set) return false;
  *set = (struct ruleset){*fresh, 1};
  release_rules(l->rules);
  l->rules = set;
  return true;
}

/* A lookup moves a cursor in struct peerrules. So each thread has a struct of its own for the same map. */
void listener_use_rules(struct listener *l, struct ruleset **set, struct peerrules *rules) {
  if (*set == l->rules) return;
  release_rules(*set);
  *set = l->rules;
  (*set)->users++;
  *rules = (*set)->rules;
}

/* Both could fail only if the counter of the eventfd overflowed, which takes longer than a machine lasts. */
void listener_wake_workers(struct listener *l) {
  eventfd_write(l->wake_workers, 1);
}

void listener_wake_main(struct listener *l) {
  eventfd_write(l->wake_main, 1);
}

void listener_signal(struct listener *l, int signal) {
  l->signal = signal;
  l->signals++;
  l->closing = true;
  listener_wake_workers(l);
}
