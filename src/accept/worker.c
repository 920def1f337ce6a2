#include "accept/worker.h"
#include "sys/clock.h"
#include "sys/connection.h"
#include <errno.h>
#include <sched.h>
#include <string.h>
#include <sys/epoll.h>

#define EVENTS_MAX 256
#define TURN       32  /* connections taken from one socket before anything else is looked at */
#define PAUSE_MS   100 /* without accepting, when the system is out of something */
#define TICK_MS    250 /* while a proxy's header is awaited */
#define STACK_SIZE (256 * 1024)

/* Watching cannot be altered where it is exclusive, only begun and ended. */
static bool watch_sockets(struct worker *p) {
  bool watched = true;
  for (uint32_t i = 0; i < p->socket_count; i++)
    watched &=
        dispatch_watch(&p->dispatch, p->sockets[i], EPOLLIN | EPOLLEXCLUSIVE, DISPATCH_SOCKET, i);
  return watched;
}

static void ignore_sockets(struct worker *p) {
  for (uint32_t i = 0; i < p->socket_count; i++) {
    epoll_ctl(p->dispatch.epoll, EPOLL_CTL_DEL, p->sockets[i], NULL);
    p->ready[i] = false;
  }
}

/* Whoever knocked may have woken nobody but us. */
static void pause_accepting(struct worker *p) {
  listener_count(p->dispatch.listener, COUNTER_PAUSE);
  p->paused_until = p->dispatch.now + PAUSE_MS;
  ignore_sockets(p);
  listener_wake_workers(p->dispatch.listener);
}

static void end_pause(struct worker *p) {
  p->paused_until = 0;
  if (watch_sockets(p)) return;
  ignore_sockets(p);
  p->paused_until = p->dispatch.now + PAUSE_MS;
}

static void tell_if_empty(struct worker *p) {
  if (p->dispatch.listener->closing && dispatch_held(&p->dispatch) == 0)
    listener_wake_main(p->dispatch.listener);
}

static void close_sockets(struct worker *p) {
  /* Closing alone would leave them in the set: a supervisor may have them open, too. */
  if (!p->paused_until) ignore_sockets(p);
  for (size_t i = 0; i < p->socket_count; i++) connection_close(p->sockets[i]);
  p->socket_count = 0;
  p->paused_until = 0;
  dispatch_expire(&p->dispatch, true);
  p->dispatch.listener->closed++;
}

static void handle_wake(struct worker *p) {
  struct listener *listener = p->dispatch.listener;
  if (!listener->closing) {
    for (size_t i = 0; i < p->socket_count; i++) p->ready[i] = !p->paused_until;
    return;
  }
  if (p->socket_count) close_sockets(p);
  uint32_t signals = listener->signals;
  if (signals != p->signals) dispatch_signal(&p->dispatch, listener->signal);
  p->signals = signals;
  tell_if_empty(p);
}

static void take_event(struct worker *p, const struct epoll_event *event) {
  uint32_t number = (uint32_t)event->data.u64;
  switch ((enum dispatch_kind)(event->data.u64 >> 32)) {
  case DISPATCH_SOCKET: p->ready[number] = number < p->socket_count && !p->paused_until; break;
  case DISPATCH_WAKE: handle_wake(p); break;
  case DISPATCH_HANDLER:
    dispatch_reap(&p->dispatch, number);
    tell_if_empty(p);
    break;
  case DISPATCH_PROXY: dispatch_read_proxy(&p->dispatch, number, event->events); break;
  }
}

static void look_at_rules(struct worker *p) {
  struct listener *listener = p->dispatch.listener;
  if (!listener->look_at_rules) return;
  pthread_mutex_lock(&listener->rules_lock);
  listener->look_at_rules(listener->context, p->dispatch.now);
  listener_use_rules(listener, &p->set, &p->rules);
  pthread_mutex_unlock(&listener->rules_lock);
  p->dispatch.rules = &p->rules;
}

/* Newcomers are taken last, so that they find the entries of those that have just left. */
static void accept_connections(struct worker *p) {
  for (size_t i = 0; i < p->socket_count; i++) {
    if (!p->ready[i] || p->dispatch.resources_exhausted) continue;
    look_at_rules(p);
    if (!dispatch_accept(&p->dispatch, p->sockets[i], TURN))
      listener_socket_failed(p->dispatch.listener, i, errno);
    p->ready[i] = false;
  }
  if (p->dispatch.resources_exhausted && p->socket_count && !p->paused_until) pause_accepting(p);
  p->dispatch.resources_exhausted = false;
}

static int time_to_sleep(const struct worker *p) {
  if (p->paused_until) return PAUSE_MS;
  return dispatch_is_waiting(&p->dispatch) ? TICK_MS : -1;
}

static void run_once(struct worker *p) {
  struct epoll_event events[EVENTS_MAX];
  int count = epoll_wait(p->dispatch.epoll, events, EVENTS_MAX, time_to_sleep(p));
  p->dispatch.now = clock_monotonic_ms();
  for (int i = 0; i < count; i++) take_event(p, &events[i]);
  accept_connections(p);
  dispatch_expire(&p->dispatch, false);
  if (p->paused_until && p->dispatch.now >= p->paused_until) end_pause(p);
}

static bool begin(struct worker *p) {
  struct listener *listener = p->dispatch.listener;
  if (unshare(CLONE_FILES) != 0) return false;
  if (listener->close_in_workers >= 0) connection_close(listener->close_in_workers);
  p->dispatch.epoll = epoll_create1(EPOLL_CLOEXEC);
  /* Edge-triggered: every call is heard by all, and nobody has to take it back. */
  return p->dispatch.epoll >= 0 &&
         dispatch_watch(&p->dispatch, listener->wake_workers, EPOLLIN | EPOLLET, DISPATCH_WAKE,
                        0) &&
         watch_sockets(p);
}

static void *run(void *worker) {
  struct worker *p = worker;
  bool begun = begin(p);
  p->error = begun ? 0 : errno;
  sem_post(&p->started);
  while (begun) run_once(p);
  return NULL;
}

bool worker_start(struct worker *p, struct listener *listener, const int *sockets, size_t count) {
  pthread_attr_t plain;
  pthread_t thread;
  memset(p, 0, sizeof *p);
  memcpy(p->sockets, sockets, count * sizeof *sockets);
  p->socket_count = count;
  if (!dispatch_open(&p->dispatch, listener)) return false;
  sem_init(&p->started, 0, 0);
  pthread_attr_init(&plain);
  pthread_attr_setstacksize(&plain, STACK_SIZE);
  pthread_attr_setdetachstate(&plain, PTHREAD_CREATE_DETACHED);
  errno = pthread_create(&thread, &plain, run, p);
  pthread_attr_destroy(&plain);
  if (errno) return false;
  while (sem_wait(&p->started) != 0) {
  }
  errno = p->error;
  return errno == 0;
}
