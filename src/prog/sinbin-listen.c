/* sinbin-listen: the trap's acceptor. It takes connections, counts them per peer, turns away what
   is too much, and starts the handler with the connection on descriptor 0. It never reads a byte
   that a peer sent, except the header of a named proxy. See sinbin-listen(8). */
#include "accept/options.h"
#include "accept/worker.h"
#include "sys/clock.h"
#include "sys/env.h"
#include "sys/diag.h"
#include "sys/fileid.h"
#include "sys/listening.h"
#include "sys/notify.h"
#include "sys/privileges.h"
#include "sys/process.h"
#include "sys/ratelimit.h"
#include "sys/endpoint.h"
#include "sys/systemerror.h"
#include "follow/logwatch.h"
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/random.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

#define SYNOPSIS                                                                        \
  "[-b address/port] [-c total] [-4 per-address] [-6 per-net] [-n per-network] "        \
  "[-m per-network-minute] [-M per-minute] [-r per-second] [-x rules.cdb] "             \
  "[-p waiting] [-t seconds] [-q backlog] [-j threads] [-u uid:gid] [-R root] [-d fd] " \
  "[-g grace] [-i interval] program [argument ...]"
#define WHERE_MAX    (ADDR_TEXT_MAX + NUMBER_MAX + 2)
#define STOP_MS      100   /* while stopping: the bell rings earlier, as a rule */
#define TICK_MS      250   /* while lines wait to be written */
#define RATELIMIT_MS 10000 /* between two diagnostics of one kind */
#define STATUS_MS    10000 /* between two reports to the service manager */
#define KILLED_MS    2000  /* for the kernel to end what was killed */

#define LOG_LOOK_MS   1000  /* between two looks at the session log */
#define LOG_SELDOM_MS 60000 /* between two diagnostics about it */
#define LOG_LINE_MAX  4122  /* bytes of a session line in the log: LF and TAI64N label included */
#define STALL_SECONDS 3     /* that descriptor 1 must be full until it is reported */

extern char **environ;

/* The session log as a queue: what is known of it, and what was said about it. */
struct log_queue {
  bool watched;
  struct logwatch log;
  uint64_t wanted; /* LOG_ROOM */
  int64_t looked;
  uint64_t refused; /* connections that the last diagnostic knew of */
  bool said_full;
  struct ratelimit full, trouble;
};

/* Descriptor 1 takes no lines. */
struct stall {
  int64_t next_look;
  uint64_t seconds; /* so far; 0: it takes lines */
  struct ratelimit report;
};

/* The main thread: it looks after the listener, and the workers look after connections. */
struct program {
  struct options options;
  struct listener listener;
  struct worker workers[OPTIONS_THREADS_MAX];
  int sockets[WORKER_SOCKETS_MAX];
  struct endpoint names[WORKER_SOCKETS_MAX]; /* of the sockets, as they were bound */
  size_t socket_count;
  int signals;
  struct notify notify;
  int64_t now, next_status, next_notify;
  bool lines_left;    /* some wait to be written */
  bool status_due;    /* descriptor 2 did not take it */
  int64_t stop_at;    /* 0: not stopping; else when what is left is killed */
  bool socket_failed; /* stopping since a socket is dead */
  struct ratelimit troubles[LISTENER_ERRORS];
  struct log_queue queue;
  struct stall stall;
  /* With listener.rules_lock held only: */
  struct fileid rules_file; /* as it was read last */
  int64_t rules_checked;
  struct ratelimit rules_gone;
};

/* Descriptor 2 may be the pipe to a logger that has stopped: then nothing is written to it, since
   that would stop us as well. */
static bool takes_output(int fd) {
  struct pollfd wait = {.fd = fd, .events = POLLOUT};
  return poll(&wait, 1, 0) != 0;
}

/* One diagnostic of a kind in ten seconds, with how often it was due since. */
static void rule_error(struct ratelimit *when, int64_t now, const char *what, int error) {
  char times[NUMBER_MAX + 1];
  uint64_t occurred;
  if (!takes_output(2)) {
    when->count++;
    return;
  }
  if (!ratelimit_allow(when, now, RATELIMIT_MS, &occurred)) return;
  times[number_format(times, occurred)] = '\0';
  diag_log("warning", error, diag_parts(what, " (", times, " times)"));
}

static void log_errors(struct program *l) {
  static const char *const what[LISTENER_ERRORS] = {
      "unable to accept", "unable to start a process", "unable to run the handler",
      "the rules are damaged, refusing connections", "unable to watch a handler"};
  for (int i = 0; i < LISTENER_ERRORS; i++) {
    struct error_count errors = listener_take_errors(&l->listener, (enum listener_error)i);
    if (errors.count == 0) continue;
    l->troubles[i].count += errors.count - 1;
    rule_error(&l->troubles[i], l->now, what[i], errors.error);
  }
}

static bool load_rules(struct program *l) {
  struct peerrules fresh;
  int fd = open(l->options.rules, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return false;
  bool good = fileid_of_fd(fd, &l->rules_file) && peerrules_open(&fresh, fd);
  int error = errno;
  close(fd);
  errno = error;
  if (!good) return false;
  if (!listener_set_rules(&l->listener, &fresh)) {
    peerrules_close(&fresh);
    errno = ENOMEM;
    return false;
  }
  if (fresh.unmatched)
    log_warning(l->options.rules,
                ": rules that never match any address, the first one: ", fresh.first_unmatched);
  return true;
}

static void reload_rules(struct program *l) {
  if (!l->options.rules) return;
  if (!load_rules(l))
    log_warning_errno("unable to read ", l->options.rules, ", keeping the old rules");
  else log_info("reading new rules from ", l->options.rules);
}

/* At most once a second, and only when somebody comes: in the worker's thread. */
static void check_rules(void *program, int64_t now) {
  struct program *l = program;
  struct fileid found;
  if (now - l->rules_checked < 1000) return;
  l->rules_checked = now;
  if (!fileid_of_path(l->options.rules, &found)) {
    rule_error(&l->rules_gone, now, "the rules are gone, keeping the old ones", errno);
    return;
  }
  if (!fileid_is_unchanged(&found, &l->rules_file)) {
    l->rules_file = found; /* also where it cannot be read: one warning is enough */
    reload_rules(l);
  }
}

/* The peertable first: who has left it has been counted before. */
static struct span status_text(struct program *l, char *buf) {
  struct peertable_state peertable = peertable_state(&l->listener.peertable);
  size_t len = counters_format(&l->listener.counter, &peertable, buf);
  buf[len] = '\0';
  return span_of(buf, len);
}

static void log_status(struct program *l) {
  char text[COUNTER_TEXT_MAX + 1];
  l->status_due = !takes_output(2);
  if (l->status_due) return;
  status_text(l, text);
  log_errors(l); /* what is counted has been told before */
  log_info(text);
}

static void notify_manager(struct program *l, const char *state) {
  char text[COUNTER_TEXT_MAX + 64] = "";
  size_t len = strlen(state);
  if (l->notify.fd < 0) return;
  memcpy(text, state, len);
  memcpy(text + len, "STATUS=", 7);
  status_text(l, text + len + 7);
  notify_send(&l->notify, text);
  l->next_notify = l->now + STATUS_MS;
}

static void stop(struct program *l) {
  if (!l->stop_at) {
    notify_manager(l, "STOPPING=1\n");
    l->stop_at = l->now + (int64_t)l->options.grace * 1000;
  }
  listener_signal(&l->listener, SIGTERM);
}

/* ADDRESS/PORT, as -b has it. */
static const char *write_name(char *out, const struct addr *address, uint16_t port) {
  size_t len = addr_format(out, address);
  out[len++] = '/';
  out[len + number_format(out + len, port)] = '\0';
  return out;
}

/* Whoever shares a socket can end its listening, and only a start anew mends that. */
static void check_sockets(struct program *l) {
  char where[WHERE_MAX];
  struct failed_socket dead = listener_failed_socket(&l->listener);
  if (!dead.found || l->stop_at) return;
  const struct endpoint *name = &l->names[dead.socket];
  write_name(where, &name->ip, name->port);
  diag_log("fatal", dead.error, diag_parts("the socket ", where, " listens no more, stopping"));
  l->socket_failed = true;
  stop(l);
}

/* ---- the session log as a queue ---- */

static const char *write_number(char *out, uint64_t number) {
  out[number_format(out, number)] = '\0';
  return out;
}

/* What handlers have written and the logger has not read yet. */
static uint64_t bytes_in_pipe(void) {
  struct stat st;
  int bytes = 0;
  if (fstat(1, &st) != 0 || !S_ISFIFO(st.st_mode) || ioctl(1, FIONREAD, &bytes) != 0) return 0;
  return (uint64_t)bytes;
}

/* Each handler that runs will write a line, and the lines in the pipe get labels. */
static uint64_t handlers_with_room(const struct log_queue *q, uint64_t held, uint64_t in_pipe) {
  uint64_t kept_free = q->wanted + 2 * in_pipe;
  uint64_t lines = q->log.room > kept_free ? (q->log.room - kept_free) / LOG_LINE_MAX : 0;
  return lines > held ? lines - held : 0;
}

static void report_full(struct program *l) {
  static const char *const why[] = {
      [LOGWATCH_AT] = "",
      [LOGWATCH_NONE] = ", which does not exist",
      [LOGWATCH_MALFORMED] = ", which is malformed",
      [LOGWATCH_GONE] = ", whose position is not in the log",
  };
  struct log_queue *q = &l->queue;
  char refused[NUMBER_MAX + 1], room[NUMBER_MAX + 1], wanted[NUMBER_MAX + 1], held[NUMBER_MAX + 1];
  uint32_t live = peertable_state(&l->listener.peertable).live;
  uint64_t occurred, count = l->listener.counter.count[COUNTER_QUEUE];
  if (count == q->refused || !takes_output(2)) return;
  if (!ratelimit_allow(&q->full, l->now, LOG_SELDOM_MS, &occurred)) return;
  log_warning("refused ", write_number(refused, count - q->refused),
              " connections: the session log has room for ", write_number(room, q->log.room),
              " bytes until it loses lines that were not read, LOG_ROOM is ",
              write_number(wanted, q->wanted), ", and ", write_number(held, live),
              " sessions run; the slowest reader is that of ",
              q->log.checkpoint[q->log.slowest].path, why[q->log.state]);
  q->refused = count;
  q->said_full = true;
}

static void report_room(struct program *l) {
  struct log_queue *q = &l->queue;
  char refused[NUMBER_MAX + 1], room[NUMBER_MAX + 1];
  uint64_t count = l->listener.counter.count[COUNTER_QUEUE];
  if (!q->said_full || q->log.room < q->wanted || !takes_output(2)) return;
  log_info("accepting connections again: the session log has room for ",
           write_number(room, q->log.room),
           " bytes (refused since: ", write_number(refused, count - q->refused), ")");
  q->refused = count;
  q->said_full = false;
}

/* Counts are read before the log is: what ends meanwhile is then counted twice, not left out. */
static enum logwatch_result look_at_log(struct program *l) {
  struct log_queue *q = &l->queue;
  uint64_t started = l->listener.counter.count[COUNTER_STARTED];
  uint64_t held = peertable_state(&l->listener.peertable).live, in_pipe = bytes_in_pipe();
  enum logwatch_result result = logwatch_look(&q->log);
  q->looked = l->now;
  listener_allow(&l->listener, result == LOGWATCH_ERROR
                                   ? l->listener.handlers_allowed
                                   : started + handlers_with_room(q, held, in_pipe));
  return result;
}

static void watch_log(struct program *l) {
  struct log_queue *q = &l->queue;
  if (!q->watched) return;
  if (l->now - q->looked < LOG_LOOK_MS && !listener_limit_is_wanted(&l->listener)) return;
  switch (look_at_log(l)) {
  case LOGWATCH_SEEN: break;
  case LOGWATCH_NO_LOG: rule_error(&q->trouble, l->now, "LOGDIR does not exist yet", 0); break;
  case LOGWATCH_ERROR: rule_error(&q->trouble, l->now, "unable to look at LOGDIR", errno); break;
  }
  report_full(l);
  report_room(l);
}

/* ---- the logger ---- */

static void report_stall(struct program *l) {
  char seconds[NUMBER_MAX + 1], held[NUMBER_MAX + 1];
  uint64_t occurred;
  if (!takes_output(2) || !ratelimit_allow(&l->stall.report, l->now, RATELIMIT_MS, &occurred))
    return;
  log_warning("descriptor 1 has taken no lines for ", write_number(seconds, l->stall.seconds),
              " seconds: the logger has stopped or is too slow, and handlers that are done wait "
              "for it (",
              write_number(held, peertable_state(&l->listener.peertable).live), " are held)");
}

static void watch_logger(struct program *l) {
  struct stall *s = &l->stall;
  char seconds[NUMBER_MAX + 1];
  if (l->now < s->next_look) return;
  s->next_look = l->now + 1000;
  if (!takes_output(1)) {
    listener_count(&l->listener, COUNTER_STALLED);
    if (++s->seconds >= STALL_SECONDS) report_stall(l);
    return;
  }
  if (s->seconds >= STALL_SECONDS && takes_output(2))
    log_info("descriptor 1 takes lines again, after ", write_number(seconds, s->seconds),
             " seconds");
  s->seconds = 0;
}

static void take_signal(struct program *l) {
  struct signalfd_siginfo info;
  while (read(l->signals, &info, sizeof info) == (ssize_t)sizeof info) {
    if (info.ssi_signo == SIGTERM || info.ssi_signo == SIGINT) stop(l);
    else if (info.ssi_signo == SIGHUP) {
      pthread_mutex_lock(&l->listener.rules_lock);
      reload_rules(l);
      pthread_mutex_unlock(&l->listener.rules_lock);
    } else if (info.ssi_signo == SIGUSR1) log_status(l);
  }
}

static void run_timers(struct program *l) {
  l->lines_left = !listener_flush(&l->listener);
  if (l->options.interval && l->now >= l->next_status) {
    log_status(l);
    l->next_status = l->now + (int64_t)l->options.interval * 1000;
  }
  if (l->now >= l->next_notify) notify_manager(l, "");
  if (l->status_due) log_status(l);
  watch_logger(l);
  watch_log(l);
}

static int time_to_sleep(const struct program *l) {
  if (l->stop_at) return STOP_MS;
  if (l->lines_left) return TICK_MS;
  return 1000;
}

static void run_once(struct program *l) {
  uint64_t rung;
  struct pollfd wait[] = {{.fd = l->signals, .events = POLLIN},
                          {.fd = l->listener.wake_main, .events = POLLIN}};
  poll(wait, 2, time_to_sleep(l));
  l->now = clock_monotonic_ms();
  if (read(l->listener.wake_main, &rung, sizeof rung) == (ssize_t)sizeof rung) {
    log_errors(l);
    check_sockets(l);
  }
  take_signal(l);
  run_timers(l);
}

/* A worker that has closed its dispatch lets nobody in any more. */
static bool is_over(struct program *l) {
  return l->listener.closed == l->options.threads &&
         peertable_state(&l->listener.peertable).live == 0;
}

static void serve(struct program *l) {
  while (!l->stop_at) run_once(l);
  while (!is_over(l) && l->now < l->stop_at) run_once(l);
  listener_signal(&l->listener, SIGKILL);
  l->stop_at = l->now + KILLED_MS;
  while ((!is_over(l) || l->lines_left) && l->now < l->stop_at) run_once(l);
  log_status(l);
}

/* LOGDIR and CHECKPOINTS together, or neither. An empty value is none. */
static void open_queue(struct program *l, const char *dir, const char *checkpoints) {
  struct log_queue *q = &l->queue;
  char *copy = strdup(checkpoints);
  if (!copy) diag_system("unable to read CHECKPOINTS");
  if (!*dir && !*checkpoints) return;
  if (!*dir || !*checkpoints) diag_permanent("LOGDIR and CHECKPOINTS must be set together");
  if (q->wanted >= logroom_kept(&q->log.limits))
    diag_permanent("LOG_ROOM is not less than what the logger keeps, which follows from "
                   "LOG_FILES, LOG_SIZE and LOG_TOTAL");
  if (!logwatch_open(&q->log, dir, copy))
    diag_permanent("malformed CHECKPOINTS=", checkpoints, ": want 1 to 16 files");
  q->watched = true;
}

static void read_environment(struct program *l) {
  struct env_error bad = {.name = NULL};
  struct log_queue *q = &l->queue;
  struct logroom_limits *limits = &q->log.limits;
  limits->files = env_number("LOG_FILES", 10, 1, 4000, &bad);
  limits->size = env_number("LOG_SIZE", 99999, 4096, 268435455, &bad);
  limits->total = env_number("LOG_TOTAL", 0, 0, UINT64_C(1) << 50, &bad);
  q->wanted = env_number("LOG_ROOM", logroom_kept(limits) / 10, 1, UINT64_C(1) << 50, &bad);
  env_check(&bad);
  open_queue(l, env_text("LOGDIR", ""), env_text("CHECKPOINTS", ""));
}

static void read_options(struct program *l, int argc, char **argv) {
  const char *want;
  int letter;
  struct env_error bad = {.name = NULL};
  l->options = options_default;
  l->options.notify_fd = notify_env(&bad);
  env_check(&bad);
  opterr = 0;
  while ((letter = getopt(argc, argv, OPTIONS_LETTERS)) != -1) {
    char name[2] = {(char)letter, '\0'};
    if (letter == '?') diag_usage(SYNOPSIS);
    if (!options_set(&l->options, letter, optarg, &want))
      diag_permanent("malformed option -", name, " ", optarg, ": want ", want);
  }
  if (optind == argc) diag_usage(SYNOPSIS);
  l->listener.spawn.argv = argv + optind;
}

static void settle_limits(struct program *l) {
  struct rlimit ignored;
  char total[NUMBER_MAX + 1];
  struct options_system system = {.pid_max = process_pid_max()};
  system.files = process_raise_limit(RLIMIT_NOFILE, &l->listener.spawn.files);
  system.processors = process_processors();
  system.processes = process_raise_limit(RLIMIT_NPROC, &ignored);
  l->listener.spawn.restore_files =
      l->listener.spawn.files.rlim_cur != l->listener.spawn.files.rlim_max;
  if (!l->options.drop && geteuid() == 0)
    system.processes = UINT64_MAX; /* root has no such limit */
  int changed = options_finish(&l->options, &system);
  total[number_format(total, l->options.limits.total)] = '\0';
  if (changed & OPTIONS_OVER_FILES)
    log_warning("at most ", total, " connections: the limit of open files allows no more");
  if (changed & OPTIONS_OVER_PROCESSES)
    log_warning("at most ", total, " connections: the limit of processes allows no more");
  if (changed & OPTIONS_OVER_PIDS)
    log_warning("-c ", total,
                " is more than half of kernel.pid_max: a full house stops every program");
}

static void bind_one(struct program *l, const struct options_bind *b) {
  char where[WHERE_MAX];
  int fd = listening_bind(&b->address, b->ipv6, b->port, (int)l->options.backlog);
  write_name(where, &b->address, b->port);
  if (fd >= 0) l->sockets[l->socket_count++] = fd;
  else if (errno != EAFNOSUPPORT) diag_system("unable to listen on ", where);
  else
    log_warning("not listening on ", where, ": there is no ", b->ipv6 ? "IPv6" : "IPv4", " here");
}

static void inherit_sockets(struct program *l) {
  const char *wrong;
  errno = 0; /* a malformed variable is no error of the system */
  int count = listening_inherit(l->sockets, WORKER_SOCKETS_MAX, &wrong);
  if (count < 0)
    diag_exit(systemerror_is_temporary(errno) ? EXIT_TEMPORARY : EXIT_PERMANENT, 0,
              diag_parts(wrong));
  if (count == 0)
    diag_permanent("no socket: neither -b, nor LISTEN_FDS, nor a listening socket as "
                   "descriptor 0");
  l->socket_count = (size_t)count;
}

static void open_sockets(struct program *l) {
  for (size_t i = 0; i < l->options.bind_count; i++) bind_one(l, &l->options.binds[i]);
  if (!l->options.bind_count) inherit_sockets(l);
  if (!l->socket_count) fatal_temporary("no address of -b can be listened on");
  for (size_t i = 0; i < l->socket_count; i++)
    if (!listening_name(l->sockets[i], &l->names[i].ip, &l->names[i].port))
      diag_system("unable to find out where a socket listens");
}

static void open_hall(struct program *l, const sigset_t *signals) {
  struct siphash_key key;
  struct listener *h = &l->listener;
  h->limits = l->options.limits;
  h->environment = (const char *const *)environ;
  h->waiting_max = (uint32_t)l->options.waiting;
  h->proxy_ms = (int64_t)l->options.proxy_ms;
  h->close_in_workers = l->options.notify_fd;
  h->look_at_rules = l->options.rules ? check_rules : NULL;
  h->context = l;
  if (getrandom(&key, sizeof key, 0) != (ssize_t)sizeof key) diag_system("no random numbers");
  if (!listener_open(h, &key, 1)) diag_system("unable to allocate the tables");
  l->signals = signalfd(-1, signals, SFD_CLOEXEC | SFD_NONBLOCK);
  if (l->signals < 0) diag_system("unable to wait for signals");
}

/* Afterwards the sockets are theirs alone. The first worker may have let somebody in before the
   next one is started: so from then on there is no way back. */
static void start_porters(struct program *l) {
  uint64_t started = 0;
  while (started < l->options.threads &&
         worker_start(&l->workers[started], &l->listener, l->sockets, l->socket_count))
    started++;
  if (started == 0) diag_system("unable to start an accepting thread");
  if (started < l->options.threads) log_warning_errno("accepting in fewer threads than wanted");
  l->options.threads = started;
  for (size_t i = 0; i < l->socket_count; i++) close(l->sockets[i]);
}

/* From here on names of files, the program's too, are those of the new root. */
static void drop_privileges(struct program *l) {
  const char *root = l->options.root;
  if (root && !process_enter_root(root)) diag_system("unable to make ", root, " the root");
  if (!spawn_find(&l->listener.spawn, getenv("PATH")))
    diag_system("unable to run ", l->listener.spawn.argv[0]);
  if (l->options.drop && !process_drop(l->options.uid, l->options.gid))
    diag_system("unable to drop privileges");
  privileges_refuse_root("name another user for it and its handlers with -u");
  if (l->options.rules && !load_rules(l)) diag_system("unable to read ", l->options.rules);
}

/* With the rights and the root of later looks: what cannot be read now never can. */
static void look_first(struct program *l) {
  if (!l->queue.watched) return;
  l->now = clock_monotonic_ms();
  enum logwatch_result result = look_at_log(l);
  if (result == LOGWATCH_ERROR) diag_system("unable to look at LOGDIR and CHECKPOINTS");
  if (result == LOGWATCH_NO_LOG) log_warning("LOGDIR does not exist yet");
}

static void say_ready(struct program *l) {
  if (!l->options.drop && geteuid() == 0)
    log_warning("running as root, and every handler too: -u names another user");
  l->now = clock_monotonic_ms();
  l->next_status = l->now + (int64_t)l->options.interval * 1000;
  notify_ready(l->options.notify_fd);
  notify_manager(l, "READY=1\n");
}

int main(int argc, char **argv) {
  static struct program l;
  sigset_t signals;
  diag_start(argc, argv, SYNOPSIS);
  if (!process_standard_files()) {
    if (errno != EBADF) diag_system("unable to open /dev/null");
    diag_permanent("descriptor 1 must be open");
  }
  read_options(&l, argc, argv);
  if (!clock_works()) diag_system("unable to read the clock");
  read_environment(&l);
  settle_limits(&l);
  open_sockets(&l);
  if (!spawn_prepare(&l.listener.spawn, &signals)) diag_system("unable to prepare for handlers");
  open_hall(&l, &signals);
  if (!notify_open(&l.notify, getenv("NOTIFY_SOCKET"))) {
    if (errno != EINVAL) diag_system("unable to open NOTIFY_SOCKET");
    diag_permanent("malformed NOTIFY_SOCKET");
  }
  drop_privileges(&l);
  look_first(&l);
  start_porters(&l);
  say_ready(&l);
  serve(&l);
  return l.socket_failed ? EXIT_TEMPORARY : EXIT_DONE;
}
