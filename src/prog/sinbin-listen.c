/* sinbin-listen: the trap's acceptor. It takes connections, counts them per peer, turns away what
   is too much, and starts the handler with the connection on descriptor 0. It never reads a byte
   that a peer sent, except the header of a named proxy. See sinbin-listen(8). */
#include "accept/door.h"
#include "accept/options.h"
#include "base/clock.h"
#include "base/env.h"
#include "base/fatal.h"
#include "base/listening.h"
#include "base/notify.h"
#include "base/process.h"
#include "base/seldom.h"
#include <fcntl.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/random.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

#define SYNOPSIS                                                                                  \
  "[-b address/port] [-c total] [-4 per-address] [-6 per-net] [-r per-second] [-x rules.cdb] "    \
  "[-p waiting] [-t seconds] [-q backlog] [-u uid:gid] [-d fd] [-g grace] [-i interval] program " \
  "[argument ...]"
#define SOCKETS_MAX 64
#define EVENTS_MAX  256
#define TURN        32    /* connections taken from one socket before anything else is looked at */
#define PAUSE_MS    100   /* without accepting, when the system is out of something */
#define TICK_MS     250   /* while something is due */
#define SELDOM_MS   10000 /* between two diagnostics of one kind */
#define STATUS_MS   10000 /* between two reports to the service manager */
#define KILLED_MS   2000  /* for the kernel to end what was killed */

extern char **environ;

struct listener {
  struct options options;
  struct door door;
  int sockets[SOCKETS_MAX];
  size_t socket_count;
  bool ready[SOCKETS_MAX];
  int signals;
  struct peerrules rules;
  struct stat rules_file; /* as it was read last */
  int64_t rules_checked;
  struct notify notify;
  int64_t next_status, next_notify;
  int64_t paused_until; /* 0: accepting */
  int64_t stop_at;      /* 0: not stopping; else when what is left is killed */
  struct seldom troubles[DOOR_TROUBLES], rules_gone;
};

static void watch_sockets(struct listener *l, uint32_t events) {
  for (size_t i = 0; i < l->socket_count; i++) {
    struct epoll_event event = {.events = events, .data.u64 = (uint64_t)DOOR_SOCKET << 32 | i};
    epoll_ctl(l->door.epoll, EPOLL_CTL_MOD, l->sockets[i], &event);
    l->ready[i] = false;
  }
}

static void pause_accepting(struct listener *l) {
  l->door.tally.count[TALLY_PAUSE]++;
  l->paused_until = l->door.now + PAUSE_MS;
  watch_sockets(l, 0);
}

/* One diagnostic of a kind in ten seconds, with how often it was due since. */
static void complain(struct listener *l, struct seldom *when, const char *what, int error) {
  char times[NUMBER_MAX + 1];
  uint64_t occurred;
  if (!seldom_due(when, l->door.now, SELDOM_MS, &occurred)) return;
  times[number_format(times, occurred)] = '\0';
  fatal_report("warning", error, fatal_pieces(what, " (", times, " times)"));
}

static void tell_troubles(struct listener *l) {
  static const char *const what[DOOR_TROUBLES] = {
      "unable to accept", "unable to start a process", "unable to run the handler",
      "the rules are damaged, refusing connections", "unable to watch a handler"};
  for (int i = 0; i < DOOR_TROUBLES; i++) {
    if (l->door.trouble[i].count == 0) continue;
    l->troubles[i].count += l->door.trouble[i].count - 1;
    l->door.trouble[i].count = 0;
    complain(l, &l->troubles[i], what[i], l->door.trouble[i].error);
  }
}

static bool load_rules(struct listener *l) {
  struct peerrules fresh;
  int fd = open(l->options.rules, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return false;
  bool good = fstat(fd, &l->rules_file) == 0 && peerrules_open(&fresh, fd);
  int error = errno;
  close(fd);
  errno = error;
  if (!good) return false;
  if (l->door.rules) peerrules_close(&l->rules);
  l->rules = fresh;
  l->door.rules = &l->rules;
  if (fresh.unmatched)
    warn_plain(l->options.rules,
               ": rules that never match any address, the first one: ", l->rules.first_unmatched);
  return true;
}

static void reload_rules(struct listener *l) {
  if (!l->options.rules) return;
  if (!load_rules(l)) warn_system("unable to read ", l->options.rules, ", keeping the old rules");
  else info_plain("reading new rules from ", l->options.rules);
}

/* At most once a second, and only when somebody comes. */
static void check_rules(struct listener *l) {
  struct stat st;
  if (l->door.now - l->rules_checked < 1000) return;
  l->rules_checked = l->door.now;
  if (stat(l->options.rules, &st) != 0) {
    complain(l, &l->rules_gone, "the rules are gone, keeping the old ones", errno);
    return;
  }
  const struct stat *old = &l->rules_file;
  if (st.st_ino != old->st_ino || st.st_dev != old->st_dev || st.st_size != old->st_size ||
      st.st_mtim.tv_sec != old->st_mtim.tv_sec || st.st_mtim.tv_nsec != old->st_mtim.tv_nsec) {
    l->rules_file = st; /* also where it cannot be read: one warning is enough */
    reload_rules(l);
  }
}

static struct span status_text(const struct listener *l, char *buf) {
  size_t len = tally_status(&l->door.tally, &l->door.crowd, buf);
  buf[len] = '\0';
  return span_of(buf, len);
}

static void say_status(const struct listener *l) {
  char text[TALLY_TEXT_MAX + 1];
  info_plain(status_text(l, text).s);
}

static void tell_manager(struct listener *l, const char *state) {
  char text[TALLY_TEXT_MAX + 64] = "";
  size_t len = strlen(state);
  if (l->notify.fd < 0) return;
  memcpy(text, state, len);
  memcpy(text + len, "STATUS=", 7);
  status_text(l, text + len + 7);
  notify_send(&l->notify, text);
  l->next_notify = l->door.now + STATUS_MS;
}

static void begin_stop(struct listener *l) {
  if (!l->stop_at) {
    tell_manager(l, "STOPPING=1\n");
    for (size_t i = 0; i < l->socket_count; i++) {
      /* Closing alone would leave it in the set: a supervisor may have it open, too. */
      epoll_ctl(l->door.epoll, EPOLL_CTL_DEL, l->sockets[i], NULL);
      close(l->sockets[i]);
    }
    l->socket_count = 0;
    door_expire(&l->door, true);
    l->stop_at = l->door.now + (int64_t)l->options.grace * 1000;
  }
  door_signal(&l->door, SIGTERM);
}

static void take_signal(struct listener *l) {
  struct signalfd_siginfo info;
  while (read(l->signals, &info, sizeof info) == (ssize_t)sizeof info) {
    if (info.ssi_signo == SIGTERM || info.ssi_signo == SIGINT) begin_stop(l);
    else if (info.ssi_signo == SIGHUP) reload_rules(l);
    else if (info.ssi_signo == SIGUSR1) say_status(l);
  }
}

static void take_event(struct listener *l, const struct epoll_event *event) {
  uint32_t number = (uint32_t)event->data.u64;
  switch ((enum door_kind)(event->data.u64 >> 32)) {
  case DOOR_SOCKET: l->ready[number] = !l->paused_until; break;
  case DOOR_SIGNAL: take_signal(l); break;
  case DOOR_CHILD: door_collect(&l->door, number); break;
  case DOOR_WAITING: door_header(&l->door, number, event->events); break;
  }
}

/* Newcomers are taken last, so that they find the seats of those that have just left. */
static void take_newcomers(struct listener *l) {
  for (size_t i = 0; i < l->socket_count; i++) {
    if (!l->ready[i] || l->door.out_of_something) continue;
    if (l->options.rules) check_rules(l);
    door_take(&l->door, l->sockets[i], TURN);
    l->ready[i] = false;
  }
  if (l->door.out_of_something && !l->stop_at) pause_accepting(l);
  l->door.out_of_something = false;
}

static void do_what_is_due(struct listener *l) {
  door_expire(&l->door, false);
  lineq_flush(&l->door.out);
  if (l->paused_until && l->door.now >= l->paused_until) {
    l->paused_until = 0;
    watch_sockets(l, EPOLLIN);
  }
  if (l->options.interval && l->door.now >= l->next_status) {
    say_status(l);
    l->next_status = l->door.now + (int64_t)l->options.interval * 1000;
  }
  if (l->door.now >= l->next_notify) tell_manager(l, "");
}

static int time_to_sleep(const struct listener *l) {
  if (l->paused_until || l->stop_at) return PAUSE_MS;
  if (door_is_waiting(&l->door) || l->door.out.len) return TICK_MS;
  return l->options.interval || l->notify.fd >= 0 ? 1000 : -1;
}

static void turn(struct listener *l) {
  struct epoll_event events[EVENTS_MAX];
  int count = epoll_wait(l->door.epoll, events, EVENTS_MAX, time_to_sleep(l));
  l->door.now = clock_monotonic_ms();
  for (int i = 0; i < count; i++) take_event(l, &events[i]);
  take_newcomers(l);
  tell_troubles(l);
  do_what_is_due(l);
}

static void serve(struct listener *l) {
  while (!l->stop_at) turn(l);
  while (door_held(&l->door) && l->door.now < l->stop_at) turn(l);
  door_signal(&l->door, SIGKILL);
  l->stop_at = l->door.now + KILLED_MS;
  while ((door_held(&l->door) || l->door.out.len) && l->door.now < l->stop_at) turn(l);
  say_status(l);
}

static void read_options(struct listener *l, int argc, char **argv) {
  const char *want;
  int letter;
  struct env_error bad = {.name = NULL};
  l->options = options_default;
  l->options.notify_fd = (int)env_number("NOTIFY_FD", 0, 3, 1000000, &bad);
  if (bad.name)
    fatal_permanent("malformed NOTIFY_FD=", bad.value, ": want a descriptor, 3 or above");
  opterr = 0;
  while ((letter = getopt(argc, argv, OPTIONS_LETTERS)) != -1) {
    char name[2] = {(char)letter, '\0'};
    if (letter == '?') fatal_usage(SYNOPSIS);
    if (!options_set(&l->options, letter, optarg, &want))
      fatal_permanent("malformed option -", name, " ", optarg, ": want ", want);
  }
  if (optind == argc) fatal_usage(SYNOPSIS);
  l->door.spawn.argv = argv + optind;
  if (!spawn_find(&l->door.spawn, getenv("PATH"))) fatal_system("unable to run ", argv[optind]);
}

static void settle_limits(struct listener *l) {
  struct rlimit ignored;
  char total[NUMBER_MAX + 1];
  struct options_system system = {.pid_max = process_pid_max()};
  system.files = process_raise_limit(RLIMIT_NOFILE, &l->door.spawn.files);
  system.processes = process_raise_limit(RLIMIT_NPROC, &ignored);
  l->door.spawn.restore_files = l->door.spawn.files.rlim_cur != l->door.spawn.files.rlim_max;
  if (!l->options.drop && geteuid() == 0)
    system.processes = UINT64_MAX; /* root has no such limit */
  int changed = options_finish(&l->options, &system);
  total[number_format(total, l->options.limits.total)] = '\0';
  if (changed & OPTIONS_OVER_FILES)
    warn_plain("at most ", total, " connections: the limit of open files allows no more");
  if (changed & OPTIONS_OVER_PROCESSES)
    warn_plain("at most ", total, " connections: the limit of processes allows no more");
  if (changed & OPTIONS_OVER_PIDS)
    warn_plain("-c ", total,
               " is more than half of kernel.pid_max: a full house stops every program");
}

static void bind_one(struct listener *l, const struct options_bind *b) {
  char where[ADDR_TEXT_MAX + NUMBER_MAX + 2];
  size_t len = addr_format(where, &b->address);
  where[len++] = '/';
  where[len + number_format(where + len, b->port)] = '\0';
  int fd = listening_bind(&b->address, b->ipv6, b->port, (int)l->options.backlog);
  if (fd < 0) fatal_system("unable to listen on ", where);
  l->sockets[l->socket_count++] = fd;
}

static void open_sockets(struct listener *l) {
  const char *wrong;
  for (size_t i = 0; i < l->options.bind_count; i++) bind_one(l, &l->options.binds[i]);
  if (l->socket_count) return;
  int count = listening_inherit(l->sockets, SOCKETS_MAX, &wrong);
  if (count < 0) fatal_permanent(wrong);
  if (count == 0)
    fatal_permanent("no socket: neither -b, nor LISTEN_FDS, nor a listening socket as "
                    "descriptor 0");
  l->socket_count = (size_t)count;
}

static void open_tables(struct listener *l) {
  struct hash_key key;
  l->door.waiting_max = (uint32_t)l->options.waiting;
  l->door.proxy_ms = (int64_t)l->options.proxy_ms;
  if (getrandom(&key, sizeof key, 0) != (ssize_t)sizeof key) fatal_system("no random numbers");
  if (!door_open(&l->door, &l->options.limits, &key, (const char *const *)environ))
    fatal_system("unable to allocate the tables");
}

static void open_loop(struct listener *l, const sigset_t *signals) {
  l->door.epoll = epoll_create1(EPOLL_CLOEXEC);
  l->signals = signalfd(-1, signals, SFD_CLOEXEC | SFD_NONBLOCK);
  if (l->door.epoll < 0 || l->signals < 0 ||
      !door_watch(&l->door, l->signals, EPOLLIN, DOOR_SIGNAL, 0))
    fatal_system("unable to prepare the loop");
  for (uint32_t i = 0; i < l->socket_count; i++)
    if (!door_watch(&l->door, l->sockets[i], EPOLLIN, DOOR_SOCKET, i))
      fatal_system("unable to watch a socket");
  lineq_open(&l->door.out, 1);
}

static void say_ready(struct listener *l) {
  int fd = l->options.notify_fd;
  l->door.now = clock_monotonic_ms();
  l->next_status = l->door.now + (int64_t)l->options.interval * 1000;
  if (fd >= 3 && !notify_newline(fd)) warn_system("unable to notify the supervisor");
  tell_manager(l, "READY=1\n");
}

int main(int argc, char **argv) {
  static struct listener l;
  sigset_t signals;
  fatal_set_program(argv[0]);
  if (!process_standard_files()) fatal_permanent("descriptor 1 must be open");
  read_options(&l, argc, argv);
  settle_limits(&l);
  open_sockets(&l);
  if (!spawn_prepare(&l.door.spawn, &signals)) fatal_system("unable to prepare for handlers");
  open_tables(&l);
  if (!notify_open(&l.notify, getenv("NOTIFY_SOCKET"))) fatal_permanent("malformed NOTIFY_SOCKET");
  if (l.options.drop && !process_drop(l.options.uid, l.options.gid))
    fatal_system("unable to drop privileges");
  if (l.options.rules && !load_rules(&l)) fatal_system("unable to read ", l.options.rules);
  open_loop(&l, &signals);
  say_ready(&l);
  serve(&l);
  return EXIT_DONE;
}
