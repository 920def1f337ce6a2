/* sinbin-collect: receives the reports of detectors and decides who is listed. */
#include "base/clock.h"
#include "base/env.h"
#include "base/fatal.h"
#include "base/keyfile.h"
#include "base/notify.h"
#include "base/udp.h"
#include "base/valuefile.h"
#include "collect/intake.h"
#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#define BATCH          64
#define BUFFER         2048 /* over DATAGRAM_MAX: what the kernel cuts to this is still too long */
#define RECEIVE_BUFFER (4 * 1024 * 1024)
#define HOUR_MS        (3600 * 1000)
#define ALARM_MS       10000
#define NO_FD          (-1)

struct config {
  struct addr ip;
  uint16_t port;
  const char *store, *detectors, *rules; /* rules: NULL where there is no never-list */
  int notify;                            /* descriptor, or NO_FD */
};

struct collector {
  const struct config *config;
  int socket;
  struct intake intake;
  struct registry registry;
  struct table rules;
  int64_t next_hour, next_alarm[ALARMS]; /* monotonic milliseconds */
  uint64_t logged;                       /* datagrams at the last line of counters */
};

static volatile sig_atomic_t got_term, got_hup, got_usr1;

static int64_t wall_seconds(void) {
  return clock_wall_ms() / 1000;
}

/* ---- configuration ---- */

static void read_config(struct config *c) {
  struct env_error bad = {.name = NULL};
  const char *ip = env_text("LISTEN_IP", "127.0.0.1");
  char text[512];
  c->port = (uint16_t)env_number("LISTEN_PORT", 7373, 1, 65535, &bad);
  c->notify = getenv("NOTIFY_FD") ? (int)env_number("NOTIFY_FD", 3, 1, 1023, &bad) : NO_FD;
  c->store = env_text("STORE", "sinbin.db");
  c->detectors = env_text("DETECTORS", "detectors");
  c->rules = env_text("RULES", NULL);
  if (bad.name) {
    env_explain(&bad, text, sizeof text);
    fatal_permanent(text);
  }
  if (!addr_parse(span_str(ip), &c->ip))
    fatal_permanent("malformed LISTEN_IP=", ip, ": want an IPv4 or IPv6 address");
  if (!*c->store) fatal_permanent("malformed STORE=: want the path of a file");
}

/* ---- detectors ---- */

/* What is wrong, and where, in words; the caller decides whether that is the end. */
struct problem {
  char text[512];
};

static bool refuse(struct problem *p, const char *detector, const char *file, const char *what) {
  const char *reason = errno ? strerror(errno) : "";
  snprintf(p->text, sizeof p->text, "%s%s%s: %s%s%s", detector, file ? "/" : "", file ? file : "",
           what, errno ? ": " : "", reason);
  return false;
}

/* A file that is there must hold a value that `set` takes. */
static bool read_setting(int dir, const char *file, struct detector *d,
                         bool (*set)(struct detector *, struct span)) {
  char buf[VALUEFILE_MAX + 1];
  struct span value;
  int found = valuefile_read(dir, file, buf, &value);
  if (found < 0) return false;
  errno = 0;
  return found == 0 || set(d, value);
}

static bool read_settings(int dir, struct detector *d, struct problem *p) {
  if (!read_setting(dir, "weight", d, detector_set_weight))
    return refuse(p, d->name, "weight", "want 0 to 1, at most three decimals");
  if (!read_setting(dir, "group", d, detector_set_group))
    return refuse(p, d->name, "group", "want 1 to 32 of a-z, 0-9 and -");
  return true;
}

static bool read_key(int dir, const char *file, struct detector *d, struct problem *p) {
  struct detector_key key = {.keygen = 0};
  errno = 0;
  if (!keygen_from_name(span_str(file), &key.keygen))
    return refuse(p, d->name, file, "want key. and a number from 1 to 4294967295");
  const char *wrong = keyfile_read(dir, file, key.key.byte);
  if (wrong) return refuse(p, d->name, file, wrong);
  return detector_add_key(d, &key) || refuse(p, d->name, file, "too many keys");
}

static bool read_detector(DIR *dir, struct detector *d, struct problem *p) {
  struct dirent *entry;
  while ((errno = 0, entry = readdir(dir)))
    if (strncmp(entry->d_name, "key.", 4) == 0 && !read_key(dirfd(dir), entry->d_name, d, p))
      return false;
  if (errno) return refuse(p, d->name, NULL, "unable to read the directory");
  if (d->key_count == 0) return refuse(p, d->name, NULL, "it has no key file");
  return read_settings(dirfd(dir), d, p);
}

static bool open_detector(int parent, const char *name, struct registry *r, struct problem *p) {
  errno = 0;
  struct detector *d = registry_add(r, span_str(name));
  if (!d && r->count == DETECTORS_MAX) return refuse(p, name, NULL, "too many detectors");
  if (!d) return refuse(p, name, NULL, "no name of a detector: want 1 to 32 of a-z, 0-9 and -");
  int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR *dir = fd < 0 ? NULL : fdopendir(fd);
  if (!dir) return refuse(p, name, NULL, "unable to open it as a directory");
  bool ok = read_detector(dir, d, p);
  closedir(dir);
  return ok;
}

static bool fill_registry(DIR *dir, struct registry *r, struct problem *p) {
  struct dirent *entry;
  while ((errno = 0, entry = readdir(dir)))
    if (entry->d_name[0] != '.' && !open_detector(dirfd(dir), entry->d_name, r, p)) return false;
  if (errno || r->count == 0) return refuse(p, ".", NULL, "there is no detector");
  registry_sort(r);
  return true;
}

static bool read_detectors(const char *path, struct registry *r, struct problem *p) {
  DIR *dir = opendir(path);
  if (!dir) return refuse(p, ".", NULL, "unable to open the directory");
  bool ok = registry_create(r);
  if (!ok) refuse(p, ".", NULL, "out of memory");
  else if (!fill_registry(dir, r, p)) {
    registry_destroy(r);
    ok = false;
  }
  closedir(dir);
  return ok;
}

static bool load_windows(struct collector *c) {
  for (size_t i = 0; i < c->registry.count; i++)
    if (!store_load_detector(c->intake.store, &c->registry.detectors[i])) return false;
  return true;
}

/* ---- the socket ---- */

/* A socket handed over in the manner of sd_listen_fds(3). */
static int inherited_socket(void) {
  const char *pid = getenv("LISTEN_PID"), *count = getenv("LISTEN_FDS");
  uint64_t whose;
  int type = 0;
  socklen_t len = sizeof type;
  if (!pid || !count || !number_parse(span_str(pid), INT32_MAX, &whose) ||
      whose != (uint64_t)getpid())
    return NO_FD;
  if (strcmp(count, "1") != 0) fatal_permanent("malformed LISTEN_FDS=", count, ": want 1");
  if (getsockopt(3, SOL_SOCKET, SO_TYPE, &type, &len) != 0 || type != SOCK_DGRAM)
    fatal_permanent("descriptor 3 (LISTEN_FDS) is not a datagram socket");
  return 3;
}

static int bind_socket(const struct config *c) {
  int fd = udp_bind(&c->ip, c->port);
  if (fd < 0) {
    char ip[ADDR_TEXT_MAX + 1], port[NUMBER_MAX + 1];
    ip[addr_format(ip, &c->ip)] = '\0';
    port[number_format(port, c->port)] = '\0';
    fatal_system("unable to bind ", ip, " port ", port);
  }
  return fd;
}

static void open_socket(struct collector *c) {
  int size = RECEIVE_BUFFER;
  c->socket = inherited_socket();
  if (c->socket == NO_FD) c->socket = bind_socket(c->config);
  /* The kernel cuts it down to net.core.rmem_max; less is no fault. */
  setsockopt(c->socket, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
}

/* ---- what is told ---- */

static void log_counts(struct collector *c) {
  char text[INTAKE_TEXT];
  intake_counts(&c->intake, text);
  info_plain(text);
  c->logged = c->intake.counts[COUNT_DATAGRAMS];
}

static void tell_alarm(const struct collector *c, enum alarm which) {
  char text[INTAKE_TEXT];
  intake_alarm(&c->intake, which, text);
  fatal_report("alarm", 0, fatal_pieces(text));
}

static void tell_alarms(struct collector *c, bool all) {
  int64_t now = clock_monotonic_ms();
  for (int i = 0; i < ALARMS; i++) {
    struct alarm_state *a = &c->intake.alarms[i];
    if (a->count == 0 || (!all && now < c->next_alarm[i])) continue;
    tell_alarm(c, (enum alarm)i);
    a->count = 0;
    c->next_alarm[i] = now + ALARM_MS;
  }
}

/* ---- the store, the never-list ---- */

_Noreturn static void store_failed(const struct collector *c) {
  if (c->intake.never_damaged) fatal_permanent(c->config->rules, ": damaged rules database");
  fatal_temporary(c->config->store, ": ", store_error(c->intake.store));
}

static void open_store(struct collector *c) {
  const char *path = c->config->store;
  enum store_open opened = store_open(path, &c->intake.store);
  if (!c->intake.store) fatal_system("out of memory");
  if (opened == STORE_FOREIGN)
    fatal_permanent(path, ": not a database of sinbin-collect, or of another version");
  if (opened == STORE_LOCKED) fatal_temporary(path, ": another sinbin-collect writes to it");
  if (opened == STORE_FAILED) store_failed(c);
}

static bool open_rules(const char *path, struct table *rules) {
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return false;
  bool ok = table_open(rules, fd);
  int saved = errno;
  close(fd);
  errno = saved;
  return ok;
}

/* ---- the loop ---- */

static void on_signal(int signal) {
  if (signal == SIGTERM) got_term = 1;
  if (signal == SIGHUP) got_hup = 1;
  if (signal == SIGUSR1) got_usr1 = 1;
}

/* Signals come in only while the loop waits, so that no batch is ever half done. */
static void catch_signals(sigset_t *while_waiting) {
  static const int caught[] = {SIGTERM, SIGHUP, SIGUSR1};
  struct sigaction act = {.sa_handler = on_signal};
  sigset_t blocked;
  sigemptyset(&blocked);
  for (size_t i = 0; i < sizeof caught / sizeof *caught; i++) {
    sigaction(caught[i], &act, NULL);
    sigaddset(&blocked, caught[i]);
  }
  sigprocmask(SIG_BLOCK, &blocked, while_waiting);
  for (size_t i = 0; i < sizeof caught / sizeof *caught; i++) sigdelset(while_waiting, caught[i]);
  act.sa_handler = SIG_IGN;
  sigaction(SIGPIPE, &act, NULL);
  sigaction(SIGXFSZ, &act, NULL); /* a file size limit is to be an error of the database */
}

/* What cannot be read leaves everything as it was. */
static void reload(struct collector *c) {
  struct registry fresh;
  struct problem problem = {""};
  struct table rules;
  if (!read_detectors(c->config->detectors, &fresh, &problem)) {
    warn_plain("not reloaded: ", c->config->detectors, "/", problem.text);
    return;
  }
  if (c->config->rules && !open_rules(c->config->rules, &rules)) {
    warn_system("not reloaded: ", c->config->rules);
    registry_destroy(&fresh);
    return;
  }
  registry_destroy(&c->registry);
  c->registry = fresh;
  if (c->config->rules) {
    table_close(&c->rules);
    c->rules = rules;
  }
  if (!load_windows(c) || !intake_sweep(&c->intake, wall_seconds())) store_failed(c);
  info_plain("reloaded");
}

static void receive_batch(struct collector *c) {
  static struct datagram answers[BATCH];
  static struct sockaddr_storage peers[BATCH];
  static char buffers[BATCH][BUFFER];
  static struct iovec vectors[BATCH];
  static struct mmsghdr messages[BATCH];
  for (int i = 0; i < BATCH; i++) {
    vectors[i] = (struct iovec){buffers[i], BUFFER};
    messages[i].msg_hdr = (struct msghdr){.msg_name = &peers[i],
                                          .msg_namelen = sizeof peers[i],
                                          .msg_iov = &vectors[i],
                                          .msg_iovlen = 1};
  }
  int got = recvmmsg(c->socket, messages, BATCH, MSG_DONTWAIT, NULL);
  if (got < 0 && errno != EAGAIN && errno != EINTR) warn_system("unable to receive");
  int64_t now = wall_seconds();
  bool ok = true;
  for (int i = 0; i < got && ok; i++) {
    ok = intake_datagram(&c->intake, span_of(buffers[i], messages[i].msg_len), now);
    answers[i] = c->intake.answer;
  }
  if (!ok || !intake_commit(&c->intake, now)) store_failed(c);
  for (int i = 0; i < got; i++) /* an answer that is lost is asked for again */
    if (answers[i].len)
      sendto(c->socket, answers[i].buf, answers[i].len, MSG_DONTWAIT | MSG_NOSIGNAL,
             messages[i].msg_hdr.msg_name, messages[i].msg_hdr.msg_namelen);
  tell_alarms(c, false);
}

static void hourly(struct collector *c) {
  if (clock_monotonic_ms() < c->next_hour) return;
  c->next_hour = clock_monotonic_ms() + HOUR_MS;
  if (c->intake.counts[COUNT_DATAGRAMS] != c->logged) log_counts(c);
  if (!store_purge(c->intake.store, wall_seconds())) store_failed(c);
}

/* Wakes at least once in ALARM_MS while alarms are held back. */
static bool wait_datagram(const struct collector *c, const sigset_t *mask) {
  struct pollfd in = {.fd = c->socket, .events = POLLIN};
  struct timespec limit = {.tv_sec = HOUR_MS / 1000};
  for (int i = 0; i < ALARMS; i++)
    if (c->intake.alarms[i].count) limit.tv_sec = ALARM_MS / 1000;
  return ppoll(&in, 1, &limit, mask) > 0;
}

static void serve(struct collector *c, const sigset_t *mask) {
  while (!got_term) {
    bool ready = wait_datagram(c, mask);
    if (got_hup) reload(c);
    if (got_usr1) log_counts(c);
    got_hup = got_usr1 = 0;
    if (ready) receive_batch(c);
    tell_alarms(c, false);
    hourly(c);
  }
}

static void start(struct collector *c) {
  struct problem problem = {""};
  if (!read_detectors(c->config->detectors, &c->registry, &problem))
    fatal_permanent(c->config->detectors, "/", problem.text);
  if (c->config->rules && !open_rules(c->config->rules, &c->rules))
    fatal_exit(EXIT_PERMANENT, errno, fatal_pieces("unable to open rules ", c->config->rules));
  c->intake.registry = &c->registry;
  c->intake.rules = c->config->rules ? &c->rules : NULL;
  c->intake.witnesses = calloc(DETECTORS_MAX, sizeof *c->intake.witnesses);
  if (!c->intake.witnesses) fatal_system("out of memory");
  randombytes_buf(&c->intake.nobody, sizeof c->intake.nobody);
  open_socket(c);
  open_store(c);
  if (!load_windows(c) || !intake_sweep(&c->intake, wall_seconds()) ||
      !store_purge(c->intake.store, wall_seconds()))
    store_failed(c);
  c->next_hour = clock_monotonic_ms() + HOUR_MS;
}

/* To s6 by a newline, to systemd by its socket; a supervisor that does not listen is no fault of
   ours worth stopping for. */
static void notify_ready(int fd) {
  struct notify systemd;
  if (fd != NO_FD && !notify_newline(fd)) warn_system("unable to write to NOTIFY_FD");
  if (!notify_open(&systemd, getenv("NOTIFY_SOCKET")) || !notify_send(&systemd, "READY=1"))
    warn_system("unable to notify NOTIFY_SOCKET");
}

int main(int argc, char **argv) {
  static struct config config;
  static struct collector collector = {.config = &config};
  sigset_t while_waiting;
  fatal_set_program(argv[0]);
  if (argc != 1) fatal_usage("takes no arguments");
  if (!mac_start()) fatal_temporary("unable to start libsodium");
  read_config(&config);
  catch_signals(&while_waiting);
  start(&collector);
  notify_ready(config.notify);
  serve(&collector, &while_waiting);
  tell_alarms(&collector, true);
  log_counts(&collector);
  store_close(collector.intake.store);
  return EXIT_DONE;
}
