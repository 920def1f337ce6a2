#include "accept/door.h"
#include "accept/proxy.h"
#include "sys/clock.h"
#include "sys/connection.h"
#include "sys/listening.h"
#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>

/* A connection on its way in. */
struct visit {
  int fd;
  struct addr peer, local;
  uint16_t pport, lport;
  bool proxied;
};

struct door_child {
  struct addr peer;
  int64_t at_ms, started; /* wall clock, monotonic */
  int pidfd;              /* -1: the slot is free */
  uint32_t seat;
  uint16_t pport;
};

struct door_waiting {
  struct visit visit; /* fd -1: the slot is free */
  int64_t deadline;
};

bool door_open(struct door *d, struct hall *hall) {
  uint32_t most = hall->limits.total;
  *d = (struct door){.hall = hall, .epoll = -1, .spawn = hall->spawn};
  d->children = calloc(most, sizeof *d->children);
  d->waiting = calloc(hall->waiting_max, sizeof *d->waiting);
  return d->children && d->waiting && slots_open(&d->child_slots, most) &&
         slots_open(&d->waiting_slots, hall->waiting_max) && spawn_stack(&d->spawn) &&
         vector_open(&d->vector, hall->environment);
}

bool door_watch(struct door *d, int fd, uint32_t events, enum door_kind kind, uint32_t number) {
  struct epoll_event event = {.events = events, .data.u64 = (uint64_t)kind << 32 | number};
  return epoll_ctl(d->epoll, EPOLL_CTL_ADD, fd, &event) == 0;
}

uint32_t door_held(const struct door *d) {
  return slots_lent(&d->child_slots);
}

bool door_is_waiting(const struct door *d) {
  return slots_lent(&d->waiting_slots) > 0;
}

/* Tells the peer why, where it is to be told, and closes. */
static void turn_away(struct door *d, int fd, enum tally reason) {
  hall_count(d->hall, reason);
  connection_refuse(fd, tally_refusal(reason));
}

/* False where the handler's end could not be seen, and so it was killed. */
static bool note_child(struct door *d, const struct visit *v, uint32_t seat, int pidfd) {
  uint32_t slot;
  if (!slots_take(&d->child_slots, &slot)) return false;
  if (!door_watch(d, pidfd, EPOLLIN, DOOR_CHILD, slot)) {
    hall_complain(d->hall, HALL_BLIND, errno);
    d->children[slot].pidfd = -1;
    slots_give(&d->child_slots, slot);
    spawn_signal(pidfd, SIGKILL);
    spawn_end(pidfd, true);
    return false;
  }
  d->children[slot] =
      (struct door_child){v->peer, clock_wall_ms(), clock_monotonic_ms(), pidfd, seat, v->pport};
  hall_count(d->hall, TALLY_STARTED);
  return true;
}

static void start_handler(struct door *d, const struct visit *v, const struct peerrule *rule) {
  struct crowd_arrival arrival;
  bool executed;
  if (!hall_may_start(d->hall)) {
    turn_away(d, v->fd, TALLY_QUEUE);
    return;
  }
  crowd_arrive(&d->hall->crowd, &v->peer, d->now, &arrival);
  if (arrival.answer != CROWD_WELCOME) {
    turn_away(d, v->fd, tally_of(arrival.answer));
    return;
  }
  struct vector_facts facts = {v->peer,       v->local,       v->pport,       v->lport,
                               arrival.peers, arrival.recent, arrival.stress, v->proxied};
  int pidfd = spawn_start(&d->spawn, v->fd, vector_fill(&d->vector, &facts, rule), &executed);
  if (pidfd >= 0 && note_child(d, v, arrival.seat, pidfd)) {
    connection_close(v->fd);
    return;
  }
  if (pidfd < 0) hall_complain(d->hall, executed ? HALL_NO_PROCESS : HALL_NO_HANDLER, errno);
  crowd_leave(&d->hall->crowd, arrival.seat);
  turn_away(d, v->fd, TALLY_FORK);
  d->out_of_something |= executed;
}

/* The count is of all doors, so it comes first; the slots are as many. */
static bool take_waiting_slot(struct door *d, uint32_t *slot) {
  if (d->hall->waiting++ < d->hall->waiting_max && slots_take(&d->waiting_slots, slot)) return true;
  d->hall->waiting--;
  return false;
}

static void give_waiting_slot(struct door *d, uint32_t slot) {
  d->waiting[slot].visit.fd = -1;
  slots_give(&d->waiting_slots, slot);
  d->hall->waiting--;
}

static void await_header(struct door *d, const struct visit *v) {
  uint32_t slot;
  if (!take_waiting_slot(d, &slot)) {
    turn_away(d, v->fd, TALLY_WAITING);
    return;
  }
  d->waiting[slot] = (struct door_waiting){*v, d->now + d->hall->proxy_ms};
  /* Edge-triggered: an incomplete header stays in the socket and must not wake us again. */
  if (door_watch(d, v->fd, EPOLLIN | EPOLLRDHUP | EPOLLET, DOOR_WAITING, slot)) return;
  give_waiting_slot(d, slot);
  turn_away(d, v->fd, TALLY_WAITING);
}

static void meet(struct door *d, const struct visit *v, bool may_be_proxy) {
  struct peerrule rule = {.deny = false};
  if (d->rules && peerrules_find(d->rules, &v->peer, &rule) < 0) {
    hall_complain(d->hall, HALL_NO_RULES, 0);
    turn_away(d, v->fd, TALLY_RULES);
  } else if (rule.deny) turn_away(d, v->fd, TALLY_DENIED);
  else if (rule.proxy && may_be_proxy) await_header(d, v);
  else start_handler(d, v, &rule);
}

static void welcome(struct door *d, struct visit *v) {
  hall_count(d->hall, TALLY_ACCEPTED);
  if (listening_name(v->fd, &v->local, &v->lport)) meet(d, v, true);
  else turn_away(d, v->fd, TALLY_GONE);
}

static void accept_no_more(struct door *d, int error) {
  hall_complain(d->hall, HALL_NO_ACCEPT, error);
  d->out_of_something = true;
}

/* An error may be of one connection and may be there to stay; where there was nothing else it is
   taken for the latter. */
bool door_take(struct door *d, int socket, int most) {
  int gone = 0;
  for (int i = 0; i < most && !d->out_of_something; i++) {
    struct visit v = {.proxied = false};
    switch (connection_accept(socket, &v.fd, &v.peer, &v.pport)) {
    case CONNECTION_ACCEPTED: welcome(d, &v); break;
    case CONNECTION_NONE: return true;
    case CONNECTION_NO_RESOURCES: accept_no_more(d, errno); break;
    case CONNECTION_SOCKET_FAILED: d->out_of_something = true; return false;
    case CONNECTION_GONE:
      hall_count(d->hall, TALLY_GONE);
      if (++gone == most) accept_no_more(d, errno);
      break;
    }
  }
  return true;
}

/* Ends the wait: the socket must leave the epoll set by itself, since the handler keeps it open. */
static struct visit end_wait(struct door *d, uint32_t slot) {
  struct visit v = d->waiting[slot].visit;
  give_waiting_slot(d, slot);
  epoll_ctl(d->epoll, EPOLL_CTL_DEL, v.fd, NULL);
  return v;
}

void door_header(struct door *d, uint32_t slot, uint32_t events) {
  char bytes[PROXY_BYTES_MAX];
  struct proxy_header header;
  int fd = d->waiting[slot].visit.fd;
  if (fd < 0) return;
  ssize_t got = connection_peek(fd, bytes, sizeof bytes);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
  enum proxy_result result = PROXY_MALFORMED;
  if (got > 0) result = proxy_decode(span_of(bytes, (size_t)got), &header);
  if (result == PROXY_MORE && !(events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR))) return;
  struct visit v = end_wait(d, slot);
  if (result == PROXY_MORE || result == PROXY_MALFORMED ||
      !connection_consume(fd, bytes, header.len)) {
    turn_away(d, fd, TALLY_PROXY);
    return;
  }
  if (result == PROXY_ADDRESS)
    v = (struct visit){fd, header.peer, header.local, header.pport, header.lport, true};
  meet(d, &v, false);
}

void door_expire(struct door *d, bool all) {
  if (slots_lent(&d->waiting_slots) == 0) return;
  for (uint32_t i = 0; i < d->waiting_slots.fresh; i++)
    if (d->waiting[i].visit.fd >= 0 && (all || d->now >= d->waiting[i].deadline))
      turn_away(d, end_wait(d, i).fd, TALLY_PROXY);
}

static void report_lost(struct door *d, const struct door_child *c, int status) {
  char text[LOST_TEXT_MAX];
  struct lost lost = {c->peer, c->pport, c->at_ms, clock_monotonic_ms() - c->started, status};
  hall_count(d->hall, TALLY_LOST);
  if (!hall_put_line(d->hall, span_of(text, lost_format(&lost, text))))
    hall_count(d->hall, TALLY_UNLOGGED);
}

void door_collect(struct door *d, uint32_t slot) {
  struct door_child *c = &d->children[slot];
  int status = c->pidfd >= 0 ? spawn_end(c->pidfd, false) : SPAWN_RUNNING;
  if (status == SPAWN_RUNNING) return;
  c->pidfd = -1;
  if (status != 0) report_lost(d, c, status);
  crowd_leave(&d->hall->crowd, c->seat);
  slots_give(&d->child_slots, slot);
}

void door_signal(struct door *d, int signal) {
  for (uint32_t i = 0; i < d->child_slots.fresh; i++)
    if (d->children[i].pidfd >= 0) spawn_signal(d->children[i].pidfd, signal);
}
