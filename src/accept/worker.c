#include "accept/worker.h"
#include "sys/clock.h"
#include <errno.h>
#include <sched.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#define EVENTS_MAX  256
#define ACCEPTS_MAX 32  /* connections accepted from one socket before other events are handled */
#define PAUSE_MS    100 /* without accepting, when resources are exhausted */
#define TICK_MS     250 /* while a connection waits for its proxy header */
#define STACK_SIZE  (256 * 1024)

/* EPOLLEXCLUSIVE allows no EPOLL_CTL_MOD, only ADD and DEL. */
static bool watch_sockets(struct worker *w) {
  bool watched = true;
  for (uint32_t i = 0; i < w->socket_count; i++)
    watched &=
        dispatch_watch(&w->dispatch, w->sockets[i], EPOLLIN | EPOLLEXCLUSIVE, DISPATCH_SOCKET, i);
  return watched;
}

static void ignore_sockets(struct worker *w) {
  for (uint32_t i = 0; i < w->socket_count; i++) {
    epoll_ctl(w->dispatch.epoll, EPOLL_CTL_DEL, w->sockets[i], NULL);
    w->ready[i] = false;
  }
}

/* The kernel may have woken only this worker for a connection, so wake the others. */
static void pause_accepting(struct worker *w) {
  listener_count(w->dispatch.listener, COUNTER_PAUSE);
  w->paused_until = w->dispatch.now + PAUSE_MS;
  ignore_sockets(w);
  listener_wake_workers(w->dispatch.listener);
}

static void end_pause(struct worker *w) {
  w->paused_until = 0;
  if (watch_sockets(w)) return;
  ignore_sockets(w);
  w->paused_until = w->dispatch.now + PAUSE_MS;
}

static void wake_main_if_idle(struct worker *w) {
  if (w->dispatch.listener->closing && dispatch_held(&w->dispatch) == 0)
    listener_wake_main(w->dispatch.listener);
}

static void close_sockets(struct worker *w) {
  /* close(2) alone does not remove them from the epoll set if a supervisor has them open as well. */
  if (!w->paused_until) ignore_sockets(w);
  for (size_t i = 0; i < w->socket_count; i++) close(w->sockets[i]);
  w->socket_count = 0;
  w->paused_until = 0;
  dispatch_expire(&w->dispatch, true);
  w->dispatch.listener->closed++;
}

static void handle_wake(struct worker *w) {
  struct listener *listener = w->dispatch.listener;
  if (!listener->closing) {
    for (size_t i = 0; i < w->socket_count; i++) w->ready[i] = !w->paused_until;
    return;
  }
  if (w->socket_count) close_sockets(w);
  uint32_t signals = listener->signals;
  if (signals != w->signals) dispatch_signal(&w->dispatch, listener->signal);
  w->signals = signals;
  wake_main_if_idle(w);
}

static void handle_event(struct worker *w, const struct epoll_event *event) {
  uint32_t number = (uint32_t)event->data.u64;
  switch ((enum dispatch_kind)(event->data.u64 >> 32)) {
  case DISPATCH_SOCKET: w->ready[number] = number < w->socket_count && !w->paused_until; break;
  case DISPATCH_WAKE: handle_wake(w); break;
  case DISPATCH_HANDLER:
    dispatch_reap(&w->dispatch, number);
    wake_main_if_idle(w);
    break;
  case DISPATCH_PROXY: dispatch_read_proxy(&w->dispatch, number, event->events); break;
  }
}

static void check_rules(struct worker *w) {
  struct listener *listener = w->dispatch.listener;
  if (!listener->check_rules) return;
  pthread_mutex_lock(&listener->rules_lock);
  listener->check_rules(listener->context, w->dispatch.now);
  listener_use_rules(listener, &w->set, &w->rules);
  pthread_mutex_unlock(&listener->rules_lock);
  w->dispatch.rules = &w->rules;
}

/* Called after the other events, so that the places of handlers that have just ended are free. */
static void accept_connections(struct worker *w) {
  for (size_t i = 0; i < w->socket_count; i++) {
    if (!w->ready[i] || w->dispatch.resources_exhausted) continue;
    check_rules(w);
    if (!dispatch_accept(&w->dispatch, w->sockets[i], ACCEPTS_MAX))
      listener_socket_failed(w->dispatch.listener, i, errno);
    w->ready[i] = false;
  }
  if (w->dispatch.resources_exhausted && w->socket_count && !w->paused_until) pause_accepting(w);
  w->dispatch.resources_exhausted = false;
}

static int wait_ms(const struct worker *w) {
  if (w->paused_until) return PAUSE_MS;
  return dispatch_has_waiting(&w->dispatch) ? TICK_MS : -1;
}

static void run_once(struct worker *w) {
  struct epoll_event events[EVENTS_MAX];
  int count = epoll_wait(w->dispatch.epoll, events, EVENTS_MAX, wait_ms(w));
  w->dispatch.now = clock_monotonic_ms();
  for (int i = 0; i < count; i++) handle_event(w, &events[i]);
  accept_connections(w);
  dispatch_expire(&w->dispatch, false);
  if (w->paused_until && w->dispatch.now >= w->paused_until) end_pause(w);
}

static bool begin(struct worker *w) {
  struct listener *listener = w->dispatch.listener;
  if (unshare(CLONE_FILES) != 0) return false;
  if (listener->close_in_workers >= 0) close(listener->close_in_workers);
  w->dispatch.epoll = epoll_create1(EPOLL_CLOEXEC);
  /* Edge-triggered: each write wakes all workers, and no worker has to read the eventfd. */
  return w->dispatch.epoll >= 0 &&
         dispatch_watch(&w->dispatch, listener->wake_workers, EPOLLIN | EPOLLET, DISPATCH_WAKE,
                        0) &&
         watch_sockets(w);
}

static void *run(void *worker) {
  struct worker *w = worker;
  bool begun = begin(w);
  w->error = begun ? 0 : errno;
  sem_post(&w->started);
  while (begun) run_once(w);
  return NULL;
}

bool worker_start(struct worker *w, struct listener *listener, const int *sockets, size_t count) {
  pthread_attr_t plain;
  pthread_t thread;
  memset(w, 0, sizeof *w);
  memcpy(w->sockets, sockets, count * sizeof *sockets);
  w->socket_count = count;
  if (!dispatch_init(&w->dispatch, listener)) return false;
  sem_init(&w->started, 0, 0);
  pthread_attr_init(&plain);
  pthread_attr_setstacksize(&plain, STACK_SIZE);
  pthread_attr_setdetachstate(&plain, PTHREAD_CREATE_DETACHED);
  errno = pthread_create(&thread, &plain, run, w);
  pthread_attr_destroy(&plain);
  if (errno) return false;
  while (sem_wait(&w->started) != 0) {
  }
  errno = w->error;
  return errno == 0;
}
