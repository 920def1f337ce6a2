#include "accept/porter.h"
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
static bool watch_sockets(struct porter *p) {
  bool watched = true;
  for (uint32_t i = 0; i < p->socket_count; i++)
    watched &= door_watch(&p->door, p->sockets[i], EPOLLIN | EPOLLEXCLUSIVE, DOOR_SOCKET, i);
  return watched;
}

static void ignore_sockets(struct porter *p) {
  for (uint32_t i = 0; i < p->socket_count; i++) {
    epoll_ctl(p->door.epoll, EPOLL_CTL_DEL, p->sockets[i], NULL);
    p->ready[i] = false;
  }
}

/* Whoever knocked may have woken nobody but us. */
static void pause_accepting(struct porter *p) {
  hall_count(p->door.hall, TALLY_PAUSE);
  p->paused_until = p->door.now + PAUSE_MS;
  ignore_sockets(p);
  hall_call(p->door.hall);
}

static void end_pause(struct porter *p) {
  p->paused_until = 0;
  if (watch_sockets(p)) return;
  ignore_sockets(p);
  p->paused_until = p->door.now + PAUSE_MS;
}

static void tell_if_empty(struct porter *p) {
  if (p->door.hall->closing && door_held(&p->door) == 0) hall_ring(p->door.hall);
}

static void close_door(struct porter *p) {
  /* Closing alone would leave them in the set: a supervisor may have them open, too. */
  if (!p->paused_until) ignore_sockets(p);
  for (size_t i = 0; i < p->socket_count; i++) connection_close(p->sockets[i]);
  p->socket_count = 0;
  p->paused_until = 0;
  door_expire(&p->door, true);
  p->door.hall->closed++;
}

static void answer_call(struct porter *p) {
  struct hall *hall = p->door.hall;
  if (!hall->closing) {
    for (size_t i = 0; i < p->socket_count; i++) p->ready[i] = !p->paused_until;
    return;
  }
  if (p->socket_count) close_door(p);
  uint32_t signals = hall->signals;
  if (signals != p->signals) door_signal(&p->door, hall->signal);
  p->signals = signals;
  tell_if_empty(p);
}

static void take_event(struct porter *p, const struct epoll_event *event) {
  uint32_t number = (uint32_t)event->data.u64;
  switch ((enum door_kind)(event->data.u64 >> 32)) {
  case DOOR_SOCKET: p->ready[number] = number < p->socket_count && !p->paused_until; break;
  case DOOR_CALL: answer_call(p); break;
  case DOOR_CHILD:
    door_collect(&p->door, number);
    tell_if_empty(p);
    break;
  case DOOR_WAITING: door_header(&p->door, number, event->events); break;
  }
}

static void look_at_rules(struct porter *p) {
  struct hall *hall = p->door.hall;
  if (!hall->look_at_rules) return;
  pthread_mutex_lock(&hall->rules_lock);
  hall->look_at_rules(hall->context, p->door.now);
  hall_follow(hall, &p->set, &p->rules);
  pthread_mutex_unlock(&hall->rules_lock);
  p->door.rules = &p->rules;
}

/* Newcomers are taken last, so that they find the seats of those that have just left. */
static void take_newcomers(struct porter *p) {
  for (size_t i = 0; i < p->socket_count; i++) {
    if (!p->ready[i] || p->door.out_of_something) continue;
    look_at_rules(p);
    if (!door_take(&p->door, p->sockets[i], TURN)) hall_tell_dead(p->door.hall, i, errno);
    p->ready[i] = false;
  }
  if (p->door.out_of_something && p->socket_count && !p->paused_until) pause_accepting(p);
  p->door.out_of_something = false;
}

static int time_to_sleep(const struct porter *p) {
  if (p->paused_until) return PAUSE_MS;
  return door_is_waiting(&p->door) ? TICK_MS : -1;
}

static void turn(struct porter *p) {
  struct epoll_event events[EVENTS_MAX];
  int count = epoll_wait(p->door.epoll, events, EVENTS_MAX, time_to_sleep(p));
  p->door.now = clock_monotonic_ms();
  for (int i = 0; i < count; i++) take_event(p, &events[i]);
  take_newcomers(p);
  door_expire(&p->door, false);
  if (p->paused_until && p->door.now >= p->paused_until) end_pause(p);
}

static bool begin(struct porter *p) {
  struct hall *hall = p->door.hall;
  if (unshare(CLONE_FILES) != 0) return false;
  if (hall->unwanted >= 0) connection_close(hall->unwanted);
  p->door.epoll = epoll_create1(EPOLL_CLOEXEC);
  /* Edge-triggered: every call is heard by all, and nobody has to take it back. */
  return p->door.epoll >= 0 && door_watch(&p->door, hall->call, EPOLLIN | EPOLLET, DOOR_CALL, 0) &&
         watch_sockets(p);
}

static void *run(void *porter) {
  struct porter *p = porter;
  bool begun = begin(p);
  p->error = begun ? 0 : errno;
  sem_post(&p->started);
  while (begun) turn(p);
  return NULL;
}

bool porter_start(struct porter *p, struct hall *hall, const int *sockets, size_t count) {
  pthread_attr_t plain;
  pthread_t thread;
  memset(p, 0, sizeof *p);
  memcpy(p->sockets, sockets, count * sizeof *sockets);
  p->socket_count = count;
  if (!door_open(&p->door, hall)) return false;
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
