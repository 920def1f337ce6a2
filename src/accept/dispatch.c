#include "accept/dispatch.h"
#include "accept/lostline.h"
#include "accept/proxy.h"
#include "sys/clock.h"
#include "sys/connection.h"
#include "sys/listening.h"
#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

/* A connection without a handler yet. */
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

struct dispatch_waiting {
  struct connection connection; /* fd -1: the slot is free */
  int64_t deadline;
};

bool dispatch_init(struct dispatch *d, struct listener *listener) {
  uint32_t most = listener->limits.total;
  *d = (struct dispatch){.listener = listener, .epoll = -1, .spawn = listener->spawn};
  d->handlers = calloc(most, sizeof *d->handlers);
  d->waiting = calloc(listener->waiting_max, sizeof *d->waiting);
  return d->handlers && d->waiting && slots_init(&d->handler_slots, most) &&
         slots_init(&d->waiting_slots, listener->waiting_max) && spawn_stack(&d->spawn) &&
         handlerenv_init(&d->env, listener->environment);
}

bool dispatch_watch(struct dispatch *d, int fd, uint32_t events, enum dispatch_kind kind,
                    uint32_t number) {
  struct epoll_event event = {.events = events, .data.u64 = (uint64_t)kind << 32 | number};
  return epoll_ctl(d->epoll, EPOLL_CTL_ADD, fd, &event) == 0;
}

uint32_t dispatch_held(const struct dispatch *d) {
  return slots_used(&d->handler_slots);
}

bool dispatch_has_waiting(const struct dispatch *d) {
  return slots_used(&d->waiting_slots) > 0;
}

/* Sends the reply for this reason, if there is one, and closes the connection. */
static void refuse(struct dispatch *d, int fd, enum counter reason) {
  listener_count(d->listener, reason);
  connection_refuse(fd, counters_reply(reason));
}

/* False if the handler cannot be watched. It was killed then. */
static bool add_handler(struct dispatch *d, const struct connection *c, uint32_t entry, int pidfd) {
  uint32_t slot;
  if (!slots_get(&d->handler_slots, &slot)) return false;
  if (!dispatch_watch(d, pidfd, EPOLLIN, DISPATCH_HANDLER, slot)) {
    listener_add_error(d->listener, LISTENER_WATCH_FAILED, errno);
    d->handlers[slot].pidfd = -1;
    slots_put(&d->handler_slots, slot);
    spawn_signal(pidfd, SIGKILL);
    spawn_end(pidfd, true);
    return false;
  }
  d->handlers[slot] = (struct dispatch_handler){c->peer, clock_wall_ms(), clock_monotonic_ms(),
                                                pidfd,   entry,           c->pport};
  listener_count(d->listener, COUNTER_STARTED);
  return true;
}

static void start_handler(struct dispatch *d, const struct connection *c,
                          const struct peerrule *rule) {
  struct admission_result result;
  bool executed;
  if (!listener_may_start(d->listener)) {
    refuse(d, c->fd, COUNTER_QUEUE);
    return;
  }
  peertable_admit(&d->listener->peertable, &c->peer, d->now, &result);
  if (result.admission != ADMITTED) {
    refuse(d, c->fd, counters_of_admission(result.admission));
    return;
  }
  struct connection_info info = {c->peer,      c->local,      c->pport,      c->lport,
                                 result.peers, result.recent, result.stress, c->proxied};
  int pidfd = spawn_start(&d->spawn, c->fd, handlerenv_set(&d->env, &info, rule), &executed);
  if (pidfd >= 0 && add_handler(d, c, result.entry, pidfd)) {
    close(c->fd);
    return;
  }
  if (pidfd < 0)
    listener_add_error(d->listener, executed ? LISTENER_FORK_FAILED : LISTENER_EXEC_FAILED, errno);
  peertable_release(&d->listener->peertable, result.entry);
  refuse(d, c->fd, COUNTER_FORK);
  d->resources_exhausted |= executed;
}

/* waiting_max is the limit of all dispatches together, and each has as many slots. */
static bool get_waiting_slot(struct dispatch *d, uint32_t *slot) {
  if (d->listener->waiting++ < d->listener->waiting_max && slots_get(&d->waiting_slots, slot))
    return true;
  d->listener->waiting--;
  return false;
}

static void put_waiting_slot(struct dispatch *d, uint32_t slot) {
  d->waiting[slot].connection.fd = -1;
  slots_put(&d->waiting_slots, slot);
  d->listener->waiting--;
}

static void wait_for_header(struct dispatch *d, const struct connection *c) {
  uint32_t slot;
  if (!get_waiting_slot(d, &slot)) {
    refuse(d, c->fd, COUNTER_WAITING);
    return;
  }
  d->waiting[slot] = (struct dispatch_waiting){*c, d->now + d->listener->proxy_ms};
  /* Edge-triggered: an incomplete header stays in the socket buffer and must not wake us again. */
  if (dispatch_watch(d, c->fd, EPOLLIN | EPOLLRDHUP | EPOLLET, DISPATCH_PROXY, slot)) return;
  put_waiting_slot(d, slot);
  refuse(d, c->fd, COUNTER_WAITING);
}

static void check_peer(struct dispatch *d, const struct connection *c, bool may_be_proxy) {
  struct peerrule rule = {.deny = false};
  if (d->rules && peerrules_find(d->rules, &c->peer, &rule) < 0) {
    listener_add_error(d->listener, LISTENER_RULES_DAMAGED, 0);
    refuse(d, c->fd, COUNTER_RULES);
  } else if (rule.deny) refuse(d, c->fd, COUNTER_DENIED);
  else if (rule.proxy && may_be_proxy) wait_for_header(d, c);
  else start_handler(d, c, &rule);
}

static void accept_connection(struct dispatch *d, struct connection *c) {
  listener_count(d->listener, COUNTER_ACCEPTED);
  if (listening_name(c->fd, &c->local, &c->lport)) check_peer(d, c, true);
  else refuse(d, c->fd, COUNTER_GONE);
}

static void note_accept_error(struct dispatch *d, int error) {
  listener_add_error(d->listener, LISTENER_ACCEPT_FAILED, error);
  d->resources_exhausted = true;
}

/* A failed accept may concern one connection only, or may be permanent. If all `most` calls failed, it
   is treated as permanent. */
bool dispatch_accept(struct dispatch *d, int socket, int most) {
  int gone = 0;
  for (int i = 0; i < most && !d->resources_exhausted; i++) {
    struct connection c = {.proxied = false};
    switch (connection_accept(socket, &c.fd, &c.peer, &c.pport)) {
    case CONNECTION_ACCEPTED: accept_connection(d, &c); break;
    case CONNECTION_NONE: return true;
    case CONNECTION_NO_RESOURCES: note_accept_error(d, errno); break;
    case CONNECTION_SOCKET_FAILED: d->resources_exhausted = true; return false;
    case CONNECTION_GONE:
      listener_count(d->listener, COUNTER_GONE);
      if (++gone == most) note_accept_error(d, errno);
      break;
    }
  }
  return true;
}

/* The socket must be removed from the epoll set explicitly, because the handler keeps it open. */
static struct connection end_wait(struct dispatch *d, uint32_t slot) {
  struct connection c = d->waiting[slot].connection;
  put_waiting_slot(d, slot);
  epoll_ctl(d->epoll, EPOLL_CTL_DEL, c.fd, NULL);
  return c;
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
  struct connection c = end_wait(d, slot);
  if (result == PROXY_MORE || result == PROXY_MALFORMED ||
      !connection_consume(fd, bytes, header.len)) {
    refuse(d, fd, COUNTER_PROXY);
    return;
  }
  if (result == PROXY_ADDRESS)
    c = (struct connection){fd, header.peer, header.local, header.pport, header.lport, true};
  check_peer(d, &c, false);
}

void dispatch_expire(struct dispatch *d, bool all) {
  if (slots_used(&d->waiting_slots) == 0) return;
  for (uint32_t i = 0; i < d->waiting_slots.fresh; i++)
    if (d->waiting[i].connection.fd >= 0 && (all || d->now >= d->waiting[i].deadline))
      refuse(d, end_wait(d, i).fd, COUNTER_PROXY);
}

static void report_lost(struct dispatch *d, const struct dispatch_handler *h, int status) {
  char text[LOSTLINE_MAX];
  struct lostline lost = {h->peer, h->pport, h->at_ms, clock_monotonic_ms() - h->started, status};
  listener_count(d->listener, COUNTER_LOST);
  if (!listener_put_line(d->listener, span_of(text, lostline_format(&lost, text))))
    listener_count(d->listener, COUNTER_UNLOGGED);
}

void dispatch_reap(struct dispatch *d, uint32_t slot) {
  struct dispatch_handler *h = &d->handlers[slot];
  int status = h->pidfd >= 0 ? spawn_end(h->pidfd, false) : SPAWN_RUNNING;
  if (status == SPAWN_RUNNING) return;
  h->pidfd = -1;
  if (status != 0) report_lost(d, h, status);
  peertable_release(&d->listener->peertable, h->entry);
  slots_put(&d->handler_slots, slot);
}

void dispatch_signal(struct dispatch *d, int signal) {
  for (uint32_t i = 0; i < d->handler_slots.fresh; i++)
    if (d->handlers[i].pidfd >= 0) spawn_signal(d->handlers[i].pidfd, signal);
}
