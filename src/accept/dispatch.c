#include "accept/dispatch.h"
#include "accept/proxy.h"
#include "sys/clock.h"
#include "sys/connection.h"
#include "sys/listening.h"
#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>

/* A connection on its way in. */
struct connection {
  int fd;
  struct addr peer, local;
  uint16_t pport, lport;
  bool proxied;
};

struct dispatch_handler {
  struct addr peer;
  int64_t at_ms, started; /* wall clock, monotonic */
  int pidfd;              /* -1: the slot is free */
  uint32_t entry;
  uint16_t pport;
};

struct dispatch_pending {
  struct connection connection; /* fd -1: the slot is free */
  int64_t deadline;
};

bool dispatch_open(struct dispatch *d, struct listener *listener) {
  uint32_t most = listener->limits.total;
  *d = (struct dispatch){.listener = listener, .epoll = -1, .spawn = listener->spawn};
  d->children = calloc(most, sizeof *d->children);
  d->waiting = calloc(listener->waiting_max, sizeof *d->waiting);
  return d->children && d->waiting && slots_open(&d->child_slots, most) &&
         slots_open(&d->waiting_slots, listener->waiting_max) && spawn_stack(&d->spawn) &&
         handlerenv_open(&d->vector, listener->environment);
}

bool dispatch_watch(struct dispatch *d, int fd, uint32_t events, enum dispatch_kind kind,
                    uint32_t number) {
  struct epoll_event event = {.events = events, .data.u64 = (uint64_t)kind << 32 | number};
  return epoll_ctl(d->epoll, EPOLL_CTL_ADD, fd, &event) == 0;
}

uint32_t dispatch_held(const struct dispatch *d) {
  return slots_lent(&d->child_slots);
}

bool dispatch_is_waiting(const struct dispatch *d) {
  return slots_lent(&d->waiting_slots) > 0;
}

/* Tells the peer why, where it is to be told, and closes. */
static void refuse(struct dispatch *d, int fd, enum counter reason) {
  listener_count(d->listener, reason);
  connection_refuse(fd, refusal_reply(reason));
}

/* False where the handler's end could not be seen, and so it was killed. */
static bool note_child(struct dispatch *d, const struct connection *v, uint32_t entry, int pidfd) {
  uint32_t slot;
  if (!slots_take(&d->child_slots, &slot)) return false;
  if (!dispatch_watch(d, pidfd, EPOLLIN, DISPATCH_HANDLER, slot)) {
    listener_add_error(d->listener, LISTENER_WATCH_FAILED, errno);
    d->children[slot].pidfd = -1;
    slots_give(&d->child_slots, slot);
    spawn_signal(pidfd, SIGKILL);
    spawn_end(pidfd, true);
    return false;
  }
  d->children[slot] = (struct dispatch_handler){v->peer, clock_wall_ms(), clock_monotonic_ms(),
                                                pidfd,   entry,           v->pport};
  listener_count(d->listener, COUNTER_STARTED);
  return true;
}

static void start_handler(struct dispatch *d, const struct connection *v,
                          const struct peerrule *rule) {
  struct admission_result arrival;
  bool executed;
  if (!listener_may_start(d->listener)) {
    refuse(d, v->fd, COUNTER_QUEUE);
    return;
  }
  peertable_admit(&d->listener->peertable, &v->peer, d->now, &arrival);
  if (arrival.answer != ADMITTED) {
    refuse(d, v->fd, counter_of(arrival.answer));
    return;
  }
  struct connection_info facts = {v->peer,       v->local,       v->pport,       v->lport,
                                  arrival.peers, arrival.recent, arrival.stress, v->proxied};
  int pidfd = spawn_start(&d->spawn, v->fd, handlerenv_fill(&d->vector, &facts, rule), &executed);
  if (pidfd >= 0 && note_child(d, v, arrival.entry, pidfd)) {
    connection_close(v->fd);
    return;
  }
  if (pidfd < 0)
    listener_add_error(d->listener, executed ? LISTENER_FORK_FAILED : LISTENER_EXEC_FAILED, errno);
  peertable_release(&d->listener->peertable, arrival.entry);
  refuse(d, v->fd, COUNTER_FORK);
  d->resources_exhausted |= executed;
}

/* The count is of all dispatches, so it comes first; the slots are as many. */
static bool take_waiting_slot(struct dispatch *d, uint32_t *slot) {
  if (d->listener->waiting++ < d->listener->waiting_max && slots_take(&d->waiting_slots, slot))
    return true;
  d->listener->waiting--;
  return false;
}

static void give_waiting_slot(struct dispatch *d, uint32_t slot) {
  d->waiting[slot].connection.fd = -1;
  slots_give(&d->waiting_slots, slot);
  d->listener->waiting--;
}

static void await_header(struct dispatch *d, const struct connection *v) {
  uint32_t slot;
  if (!take_waiting_slot(d, &slot)) {
    refuse(d, v->fd, COUNTER_WAITING);
    return;
  }
  d->waiting[slot] = (struct dispatch_pending){*v, d->now + d->listener->proxy_ms};
  /* Edge-triggered: an incomplete header stays in the socket and must not wake us again. */
  if (dispatch_watch(d, v->fd, EPOLLIN | EPOLLRDHUP | EPOLLET, DISPATCH_PROXY, slot)) return;
  give_waiting_slot(d, slot);
  refuse(d, v->fd, COUNTER_WAITING);
}

static void check_peer(struct dispatch *d, const struct connection *v, bool may_be_proxy) {
  struct peerrule rule = {.deny = false};
  if (d->rules && peerrules_find(d->rules, &v->peer, &rule) < 0) {
    listener_add_error(d->listener, LISTENER_RULES_DAMAGED, 0);
    refuse(d, v->fd, COUNTER_RULES);
  } else if (rule.deny) refuse(d, v->fd, COUNTER_DENIED);
  else if (rule.proxy && may_be_proxy) await_header(d, v);
  else start_handler(d, v, &rule);
}

static void accept_connection(struct dispatch *d, struct connection *v) {
  listener_count(d->listener, COUNTER_ACCEPTED);
  if (listening_name(v->fd, &v->local, &v->lport)) check_peer(d, v, true);
  else refuse(d, v->fd, COUNTER_GONE);
}

static void accept_no_more(struct dispatch *d, int error) {
  listener_add_error(d->listener, LISTENER_ACCEPT_FAILED, error);
  d->resources_exhausted = true;
}

/* An error may be of one connection and may be there to stay; where there was nothing else it is
   taken for the latter. */
bool dispatch_accept(struct dispatch *d, int socket, int most) {
  int gone = 0;
  for (int i = 0; i < most && !d->resources_exhausted; i++) {
    struct connection v = {.proxied = false};
    switch (connection_accept(socket, &v.fd, &v.peer, &v.pport)) {
    case CONNECTION_ACCEPTED: accept_connection(d, &v); break;
    case CONNECTION_NONE: return true;
    case CONNECTION_NO_RESOURCES: accept_no_more(d, errno); break;
    case CONNECTION_SOCKET_FAILED: d->resources_exhausted = true; return false;
    case CONNECTION_GONE:
      listener_count(d->listener, COUNTER_GONE);
      if (++gone == most) accept_no_more(d, errno);
      break;
    }
  }
  return true;
}

/* Ends the wait: the socket must leave the epoll set by itself, since the handler keeps it open. */
static struct connection end_wait(struct dispatch *d, uint32_t slot) {
  struct connection v = d->waiting[slot].connection;
  give_waiting_slot(d, slot);
  epoll_ctl(d->epoll, EPOLL_CTL_DEL, v.fd, NULL);
  return v;
}

void dispatch_read_proxy(struct dispatch *d, uint32_t slot, uint32_t events) {
  char bytes[PROXY_BYTES_MAX];
  struct proxy_header header;
  int fd = d->waiting[slot].connection.fd;
  if (fd < 0) return;
  ssize_t got = connection_peek(fd, bytes, sizeof bytes);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
  enum proxy_result result = PROXY_MALFORMED;
  if (got > 0) result = proxy_decode(span_of(bytes, (size_t)got), &header);
  if (result == PROXY_MORE && !(events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR))) return;
  struct connection v = end_wait(d, slot);
  if (result == PROXY_MORE || result == PROXY_MALFORMED ||
      !connection_consume(fd, bytes, header.len)) {
    refuse(d, fd, COUNTER_PROXY);
    return;
  }
  if (result == PROXY_ADDRESS)
    v = (struct connection){fd, header.peer, header.local, header.pport, header.lport, true};
  check_peer(d, &v, false);
}

void dispatch_expire(struct dispatch *d, bool all) {
  if (slots_lent(&d->waiting_slots) == 0) return;
  for (uint32_t i = 0; i < d->waiting_slots.fresh; i++)
    if (d->waiting[i].connection.fd >= 0 && (all || d->now >= d->waiting[i].deadline))
      refuse(d, end_wait(d, i).fd, COUNTER_PROXY);
}

static void report_lost(struct dispatch *d, const struct dispatch_handler *c, int status) {
  char text[LOST_TEXT_MAX];
  struct lost lost = {c->peer, c->pport, c->at_ms, clock_monotonic_ms() - c->started, status};
  listener_count(d->listener, COUNTER_LOST);
  if (!listener_put_line(d->listener, span_of(text, lost_format(&lost, text))))
    listener_count(d->listener, COUNTER_UNLOGGED);
}

void dispatch_reap(struct dispatch *d, uint32_t slot) {
  struct dispatch_handler *c = &d->children[slot];
  int status = c->pidfd >= 0 ? spawn_end(c->pidfd, false) : SPAWN_RUNNING;
  if (status == SPAWN_RUNNING) return;
  c->pidfd = -1;
  if (status != 0) report_lost(d, c, status);
  peertable_release(&d->listener->peertable, c->entry);
  slots_give(&d->child_slots, slot);
}

void dispatch_signal(struct dispatch *d, int signal) {
  for (uint32_t i = 0; i < d->child_slots.fresh; i++)
    if (d->children[i].pidfd >= 0) spawn_signal(d->children[i].pidfd, signal);
}
