/* sinbin-listen: the trap's acceptor. It takes connections, counts them per peer, turns away what
   is too much, and starts the handler with the connection on descriptor 0. It never reads a byte
   that a peer sent, except the header of a named proxy. See sinbin-listen(8). */
#include "accept/options.h"
#include "accept/porter.h"
#include "base/clock.h"
#include "base/env.h"
#include "base/fatal.h"
#include "base/listening.h"
#include "base/notify.h"
#include "base/process.h"
#include "base/seldom.h"
#include "base/socketfacts.h"
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

#define SYNOPSIS                                                                        \
  "[-b address/port] [-c total] [-4 per-address] [-6 per-net] [-n per-network] "        \
  "[-m per-network-minute] [-M per-minute] [-r per-second] [-x rules.cdb] "             \
  "[-p waiting] [-t seconds] [-q backlog] [-j threads] [-u uid:gid] [-R root] [-d fd] " \
  "[-g grace] [-i interval] program [argument ...]"
#define WHERE_MAX (ADDR_TEXT_MAX + NUMBER_MAX + 2)
#define STOP_MS   100   /* while stopping: the bell rings earlier, as a rule */
#define TICK_MS   250   /* while lines wait to be written */
#define SELDOM_MS 10000 /* between two diagnostics of one kind */
#define STATUS_MS 10000 /* between two reports to the service manager */
#define KILLED_MS 2000  /* for the kernel to end what was killed */

extern char **environ;

/* The main thread: it looks after the hall, and the porters look after connections. */
struct listener {
  struct options options;
  struct hall hall;
  struct porter porters[OPTIONS_THREADS_MAX];
  int sockets[PORTER_SOCKETS_MAX];
  struct endpoint names[PORTER_SOCKETS_MAX]; /* of the sockets, as they were bound */
  size_t socket_count;
  int signals;
  struct notify notify;
  int64_t now, next_status, next_notify;
  bool lines_left; /* some wait to be written */
  int64_t stop_at; /* 0: not stopping; else when what is left is killed */
  bool deaf;       /* stopping since a socket is dead */
  struct seldom troubles[HALL_TROUBLES];
  /* With hall.rules_lock held only: */
  struct stat rules_file; /* as it was read last */
  int64_t rules_checked;
  struct seldom rules_gone;
};

/* One diagnostic of a kind in ten seconds, with how often it was due since. */
static void complain(struct seldom *when, int64_t now, const char *what, int error) {
  char times[NUMBER_MAX + 1];
  uint64_t occurred;
  if (!seldom_due(when, now, SELDOM_MS, &occurred)) return;
  times[number_format(times, occurred)] = '\0';
  fatal_report("warning", error, fatal_pieces(what, " (", times, " times)"));
}

static void tell_troubles(struct listener *l) {
  static const char *const what[HALL_TROUBLES] = {
      "unable to accept", "unable to start a process", "unable to run the handler",
      "the rules are damaged, refusing connections", "unable to watch a handler"};
  for (int i = 0; i < HALL_TROUBLES; i++) {
    struct hall_news news = hall_take_news(&l->hall, (enum hall_trouble)i);
    if (news.count == 0) continue;
    l->troubles[i].count += news.count - 1;
    complain(&l->troubles[i], l->now, what[i], news.error);
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
  if (!hall_set_rules(&l->hall, &fresh)) {
    peerrules_close(&fresh);
    errno = ENOMEM;
    return false;
  }
  if (fresh.unmatched)
    warn_plain(l->options.rules,
               ": rules that never match any address, the first one: ", fresh.first_unmatched);
  return true;
}

static void reload_rules(struct listener *l) {
  if (!l->options.rules) return;
  if (!load_rules(l)) warn_system("unable to read ", l->options.rules, ", keeping the old rules");
  else info_plain("reading new rules from ", l->options.rules);
}

/* At most once a second, and only when somebody comes: in the porter's thread. */
static void check_rules(void *listener, int64_t now) {
  struct listener *l = listener;
  struct stat st;
  if (now - l->rules_checked < 1000) return;
  l->rules_checked = now;
  if (stat(l->options.rules, &st) != 0) {
    complain(&l->rules_gone, now, "the rules are gone, keeping the old ones", errno);
    return;
  }
  const struct stat *old = &l->rules_file;
  if (st.st_ino != old->st_ino || st.st_dev != old->st_dev || st.st_size != old->st_size ||
      st.st_mtim.tv_sec != old->st_mtim.tv_sec || st.st_mtim.tv_nsec != old->st_mtim.tv_nsec) {
    l->rules_file = st; /* also where it cannot be read: one warning is enough */
    reload_rules(l);
  }
}

/* The crowd first: who has left it has been counted before. */
static struct span status_text(struct listener *l, char *buf) {
  struct crowd_state crowd = crowd_look(&l->hall.crowd);
  size_t len = tally_status(&l->hall.tally, &crowd, buf);
  buf[len] = '\0';
  return span_of(buf, len);
}

static void say_status(struct listener *l) {
  char text[TALLY_TEXT_MAX + 1];
  status_text(l, text);
  tell_troubles(l); /* what is counted has been told before */
  info_plain(text);
}

static void tell_manager(struct listener *l, const char *state) {
  char text[TALLY_TEXT_MAX + 64] = "";
  size_t len = strlen(state);
  if (l->notify.fd < 0) return;
  memcpy(text, state, len);
  memcpy(text + len, "STATUS=", 7);
  status_text(l, text + len + 7);
  notify_send(&l->notify, text);
  l->next_notify = l->now + STATUS_MS;
}

static void stop(struct listener *l) {
  if (!l->stop_at) {
    tell_manager(l, "STOPPING=1\n");
    l->stop_at = l->now + (int64_t)l->options.grace * 1000;
  }
  hall_signal(&l->hall, SIGTERM);
}

/* ADDRESS/PORT, as -b has it. */
static const char *write_name(char *out, const struct addr *address, uint16_t port) {
  size_t len = addr_format(out, address);
  out[len++] = '/';
  out[len + number_format(out + len, port)] = '\0';
  return out;
}

/* Whoever shares a socket can end its listening, and only a start anew mends that. */
static void look_for_the_dead(struct listener *l) {
  char where[WHERE_MAX];
  struct hall_dead dead = hall_find_dead(&l->hall);
  if (!dead.found || l->stop_at) return;
  const struct endpoint *name = &l->names[dead.socket];
  write_name(where, &name->ip, name->port);
  fatal_report("fatal", dead.error,
               fatal_pieces("the socket ", where, " listens no more, stopping"));
  l->deaf = true;
  stop(l);
}

static void take_signal(struct listener *l) {
  struct signalfd_siginfo info;
  while (read(l->signals, &info, sizeof info) == (ssize_t)sizeof info) {
    if (info.ssi_signo == SIGTERM || info.ssi_signo == SIGINT) stop(l);
    else if (info.ssi_signo == SIGHUP) {
      pthread_mutex_lock(&l->hall.rules_lock);
      reload_rules(l);
      pthread_mutex_unlock(&l->hall.rules_lock);
    } else if (info.ssi_signo == SIGUSR1) say_status(l);
  }
}

static void do_what_is_due(struct listener *l) {
  l->lines_left = !hall_flush(&l->hall);
  if (l->options.interval && l->now >= l->next_status) {
    say_status(l);
    l->next_status = l->now + (int64_t)l->options.interval * 1000;
  }
  if (l->now >= l->next_notify) tell_manager(l, "");
}

static int time_to_sleep(const struct listener *l) {
  if (l->stop_at) return STOP_MS;
  if (l->lines_left) return TICK_MS;
  return l->options.interval || l->notify.fd >= 0 ? 1000 : -1;
}

static void turn(struct listener *l) {
  uint64_t rung;
  struct pollfd wait[] = {{.fd = l->signals, .events = POLLIN},
                          {.fd = l->hall.bell, .events = POLLIN}};
  poll(wait, 2, time_to_sleep(l));
  l->now = clock_monotonic_ms();
  if (read(l->hall.bell, &rung, sizeof rung) == (ssize_t)sizeof rung) {
    tell_troubles(l);
    look_for_the_dead(l);
  }
  take_signal(l);
  do_what_is_due(l);
}

/* A porter that has closed its door lets nobody in any more. */
static bool is_over(struct listener *l) {
  return l->hall.closed == l->options.threads && crowd_look(&l->hall.crowd).live == 0;
}

static void serve(struct listener *l) {
  while (!l->stop_at) turn(l);
  while (!is_over(l) && l->now < l->stop_at) turn(l);
  hall_signal(&l->hall, SIGKILL);
  l->stop_at = l->now + KILLED_MS;
  while ((!is_over(l) || l->lines_left) && l->now < l->stop_at) turn(l);
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
  l->hall.spawn.argv = argv + optind;
}

static void settle_limits(struct listener *l) {
  struct rlimit ignored;
  char total[NUMBER_MAX + 1];
  struct options_system system = {.pid_max = process_pid_max()};
  system.files = process_raise_limit(RLIMIT_NOFILE, &l->hall.spawn.files);
  system.processors = process_processors();
  system.processes = process_raise_limit(RLIMIT_NPROC, &ignored);
  l->hall.spawn.restore_files = l->hall.spawn.files.rlim_cur != l->hall.spawn.files.rlim_max;
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
  char where[WHERE_MAX];
  int fd = listening_bind(&b->address, b->ipv6, b->port, (int)l->options.backlog);
  if (fd < 0) fatal_system("unable to listen on ", write_name(where, &b->address, b->port));
  l->sockets[l->socket_count++] = fd;
}

static void inherit_sockets(struct listener *l) {
  const char *wrong;
  int count = listening_inherit(l->sockets, PORTER_SOCKETS_MAX, &wrong);
  if (count < 0) fatal_permanent(wrong);
  if (count == 0)
    fatal_permanent("no socket: neither -b, nor LISTEN_FDS, nor a listening socket as "
                    "descriptor 0");
  l->socket_count = (size_t)count;
}

static void open_sockets(struct listener *l) {
  for (size_t i = 0; i < l->options.bind_count; i++) bind_one(l, &l->options.binds[i]);
  if (!l->socket_count) inherit_sockets(l);
  for (size_t i = 0; i < l->socket_count; i++)
    if (!listening_name(l->sockets[i], &l->names[i].ip, &l->names[i].port))
      fatal_system("unable to find out where a socket listens");
}

static void open_hall(struct listener *l, const sigset_t *signals) {
  struct hash_key key;
  struct hall *h = &l->hall;
  h->limits = l->options.limits;
  h->environment = (const char *const *)environ;
  h->waiting_max = (uint32_t)l->options.waiting;
  h->proxy_ms = (int64_t)l->options.proxy_ms;
  h->unwanted = l->options.notify_fd >= 3 ? l->options.notify_fd : -1;
  h->look_at_rules = l->options.rules ? check_rules : NULL;
  h->context = l;
  if (getrandom(&key, sizeof key, 0) != (ssize_t)sizeof key) fatal_system("no random numbers");
  if (!hall_open(h, &key, 1)) fatal_system("unable to allocate the tables");
  l->signals = signalfd(-1, signals, SFD_CLOEXEC | SFD_NONBLOCK);
  if (l->signals < 0) fatal_system("unable to wait for signals");
}

/* Afterwards the sockets are theirs alone. The first porter may have let somebody in before the
   next one is started: so from then on there is no way back. */
static void start_porters(struct listener *l) {
  uint64_t started = 0;
  while (started < l->options.threads &&
         porter_start(&l->porters[started], &l->hall, l->sockets, l->socket_count))
    started++;
  if (started == 0) fatal_system("unable to start an accepting thread");
  if (started < l->options.threads) warn_system("accepting in fewer threads than wanted");
  l->options.threads = started;
  for (size_t i = 0; i < l->socket_count; i++) close(l->sockets[i]);
}

/* From here on names of files, the program's too, are those of the new root. */
static void give_up_the_rest(struct listener *l) {
  const char *root = l->options.root;
  if (root && !process_enter_root(root)) fatal_system("unable to make ", root, " the root");
  if (!spawn_find(&l->hall.spawn, getenv("PATH")))
    fatal_system("unable to run ", l->hall.spawn.argv[0]);
  if (l->options.drop && !process_drop(l->options.uid, l->options.gid))
    fatal_system("unable to drop privileges");
  if (l->options.rules && !load_rules(l)) fatal_system("unable to read ", l->options.rules);
}

static void say_ready(struct listener *l) {
  int fd = l->options.notify_fd;
  if (!l->options.drop && geteuid() == 0)
    warn_plain("running as root, and every handler too: -u names another user");
  l->now = clock_monotonic_ms();
  l->next_status = l->now + (int64_t)l->options.interval * 1000;
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
  if (!spawn_prepare(&l.hall.spawn, &signals)) fatal_system("unable to prepare for handlers");
  open_hall(&l, &signals);
  if (!notify_open(&l.notify, getenv("NOTIFY_SOCKET"))) fatal_permanent("malformed NOTIFY_SOCKET");
  give_up_the_rest(&l);
  start_porters(&l);
  say_ready(&l);
  serve(&l);
  return l.deaf ? EXIT_TEMPORARY : EXIT_DONE;
}
