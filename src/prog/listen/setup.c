/* Options, environment, limits, sockets, threads. */
#include "prog/listen/listen.h"
#include "sys/diag.h"
#include "sys/env.h"
#include "sys/listening.h"
#include "sys/privileges.h"
#include "sys/process.h"
#include "sys/systemerror.h"
#include <errno.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/signalfd.h>
#include <unistd.h>

extern char **environ;

void setup_options(struct server *s, int argc, char **argv) {
  const char *want;
  int letter;
  struct env_error bad = {.name = NULL};
  s->options = options_default;
  s->options.notify_fd = (int)env_number("NOTIFY_FD", 0, 3, 1023, &bad);
  if (bad.name)
    diag_permanent("malformed NOTIFY_FD=", bad.value, ": want a descriptor, 3 or above");
  opterr = 0;
  while ((letter = getopt(argc, argv, OPTIONS_LETTERS)) != -1) {
    char name[2] = {(char)letter, '\0'};
    if (letter == '?') diag_usage(LISTEN_SYNOPSIS);
    if (!options_set(&s->options, letter, optarg, &want))
      diag_permanent("malformed option -", name, " ", optarg, ": want ", want);
  }
  if (optind == argc) diag_usage(LISTEN_SYNOPSIS);
  s->listener.spawn.argv = argv + optind;
}

void setup_environment(struct server *s) {
  struct env_error bad = {.name = NULL};
  char text[512];
  struct log_queue *q = &s->queue;
  struct logroom_limits *limits = &q->log.limits;
  limits->files = env_number("LOG_FILES", 10, 1, 4000, &bad);
  limits->size = env_number("LOG_SIZE", 99999, 4096, 268435455, &bad);
  limits->total = env_number("LOG_TOTAL", 0, 0, UINT64_C(1) << 50, &bad);
  q->wanted = env_number("LOG_ROOM", logroom_kept(limits) / 10, 1, UINT64_C(1) << 50, &bad);
  if (bad.name) {
    env_explain(&bad, text, sizeof text);
    diag_permanent(text);
  }
  queue_open(s, env_text("LOGDIR", ""), env_text("CHECKPOINTS", ""));
}

void setup_limits(struct server *s) {
  struct rlimit ignored;
  char total[NUMBER_MAX + 1];
  struct spawn *spawn = &s->listener.spawn;
  struct options_system system = {.pid_max = process_pid_max()};
  system.files = process_raise_limit(RLIMIT_NOFILE, &spawn->files);
  system.processors = process_processors();
  system.processes = process_raise_limit(RLIMIT_NPROC, &ignored);
  spawn->restore_files = spawn->files.rlim_cur != spawn->files.rlim_max;
  if (!s->options.drop && geteuid() == 0)
    system.processes = UINT64_MAX; /* root has no such limit */
  int changed = options_finish(&s->options, &system);
  format_number(total, s->options.limits.total);
  if (changed & OPTIONS_OVER_FILES)
    log_warning("at most ", total, " connections: the limit of open files allows no more");
  if (changed & OPTIONS_OVER_PROCESSES)
    log_warning("at most ", total, " connections: the limit of processes allows no more");
  if (changed & OPTIONS_OVER_PIDS)
    log_warning("-c ", total,
                " is more than half of kernel.pid_max: exhausting process IDs stops every program "
                "on this machine");
}

static void bind_one(struct server *s, const struct options_bind *b) {
  char name[SOCKET_NAME_MAX];
  int fd = listening_bind(&b->address, b->ipv6, b->port, (int)s->options.backlog);
  format_socket(name, &b->address, b->port);
  if (fd >= 0) s->sockets[s->socket_count++] = fd;
  else if (errno != EAFNOSUPPORT) diag_system("unable to listen on ", name);
  else log_warning("not listening on ", name, ": this system has no ", b->ipv6 ? "IPv6" : "IPv4");
}

static void inherit_sockets(struct server *s) {
  const char *wrong;
  errno = 0; /* a malformed variable is not an error of the system */
  int count = listening_inherit(s->sockets, WORKER_SOCKETS_MAX, &wrong);
  if (count < 0)
    diag_exit(systemerror_is_temporary(errno) ? EXIT_TEMPORARY : EXIT_PERMANENT, 0,
              diag_parts(wrong));
  if (count == 0)
    diag_permanent("no socket: want -b, LISTEN_FDS, or a listening socket as descriptor 0");
  s->socket_count = (size_t)count;
}

void setup_sockets(struct server *s) {
  for (size_t i = 0; i < s->options.bind_count; i++) bind_one(s, &s->options.binds[i]);
  if (!s->options.bind_count) inherit_sockets(s);
  if (!s->socket_count) fatal_temporary("unable to listen on any address of -b");
  for (size_t i = 0; i < s->socket_count; i++)
    if (!listening_name(s->sockets[i], &s->addresses[i].ip, &s->addresses[i].port))
      diag_system("unable to get the address of a socket");
}

static void open_listener(struct server *s) {
  struct siphash_key key;
  struct listener *l = &s->listener;
  l->limits = s->options.limits;
  l->environment = (const char *const *)environ;
  l->waiting_max = (uint32_t)s->options.waiting;
  l->proxy_ms = (int64_t)s->options.proxy_ms;
  l->close_in_workers = s->options.notify_fd >= 3 ? s->options.notify_fd : -1;
  l->check_rules = s->options.rules ? rules_check : NULL;
  l->context = s;
  if (getrandom(&key, sizeof key, 0) != (ssize_t)sizeof key)
    diag_system("unable to get random numbers");
  if (!listener_open(l, &key, 1)) diag_system("unable to allocate the tables");
}

void setup_listener(struct server *s) {
  sigset_t signals;
  if (!spawn_prepare(&s->listener.spawn, &signals)) diag_system("unable to prepare for handlers");
  open_listener(s);
  s->signals = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
  if (s->signals < 0) diag_system("unable to wait for signals");
  if (!notify_open(&s->notify, getenv("NOTIFY_SOCKET"))) {
    if (errno != EINVAL) diag_system("unable to open NOTIFY_SOCKET");
    diag_permanent("malformed NOTIFY_SOCKET");
  }
}

void setup_privileges(struct server *s) {
  const char *root = s->options.root;
  if (root && !process_enter_root(root)) diag_system("unable to change the root to ", root);
  if (!spawn_find(&s->listener.spawn, getenv("PATH")))
    diag_system("unable to run ", s->listener.spawn.argv[0]);
  if (s->options.drop && !process_drop(s->options.uid, s->options.gid))
    diag_system("unable to drop privileges");
  privileges_refuse_root("name another user for it and its handlers with -u");
  if (s->options.rules && !rules_load(s)) diag_system("unable to read ", s->options.rules);
}

/* The first worker may have accepted a connection before the next one is started. So once one has been
   started there is no exit but a stop. */
void setup_workers(struct server *s) {
  char some[NUMBER_MAX + 1], all[NUMBER_MAX + 1];
  uint64_t started = 0;
  while (started < s->options.threads &&
         worker_start(&s->workers[started], &s->listener, s->sockets, s->socket_count))
    started++;
  if (started == 0) diag_system("unable to start an accepting thread");
  if (started < s->options.threads)
    log_warning_errno("started only ", format_number(some, started), " of ",
                      format_number(all, s->options.threads), " accepting threads");
  s->options.threads = started;
  for (size_t i = 0; i < s->socket_count; i++) close(s->sockets[i]); /* workers have copies */
}
