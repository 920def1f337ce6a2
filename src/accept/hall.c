#include "accept/hall.h"
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/eventfd.h>

struct ruleset {
  struct peerrules rules;
  size_t users; /* the hall is one of them */
};

bool hall_open(struct hall *h, const struct hash_key *key, int out) {
  pthread_mutex_init(&h->lock, NULL);
  pthread_mutex_init(&h->rules_lock, NULL);
  lineq_open(&h->out, out);
  h->bell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  h->call = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  return h->bell >= 0 && h->call >= 0 && crowd_open(&h->crowd, &h->limits, key);
}

void hall_count(struct hall *h, enum tally what) {
  atomic_fetch_add_explicit(&h->tally.count[what], 1, memory_order_relaxed);
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
  bool put = lineq_put(&h->out, line), left = h->out.len > 0;
  pthread_mutex_unlock(&h->lock);
  if (left) hall_ring(h);
  return put;
}

bool hall_flush(struct hall *h) {
  pthread_mutex_lock(&h->lock);
  bool flushed = lineq_flush(&h->out);
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
