/* sinbin-collect: receives the reports of detectors and decides who is listed. */
#include "collect/decision.h"
#include "collect/settings.h"
#include "sys/activation.h"
#include "sys/clock.h"
#include "sys/confine.h"
#include "sys/diag.h"
#include "sys/env.h"
#include "sys/notify.h"
#include "sys/privileges.h"
#include "sys/ratelimit.h"
#include "sys/signals.h"
#include "sys/udp.h"
#include "sys/udpbatch.h"
#include <poll.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#define RECEIVE_BUFFER (16 * 1024 * 1024)
#define HOUR_MS        (3600 * 1000)
#define PURGE_MS       100
#define CLOCK_DAYS     7
#define ALARM_MS       10000
#define NOTICE_MS      60000
#define CHECK_MS       1000 /* how soon a removed database is noticed */
#define NO_FD          (-1)

struct config {
  struct addr ip;
  uint16_t port;
  const char *store, *detectors, *rules; /* rules: NULL if there is no never-list */
  int notify;                            /* descriptor, or NO_FD */
  struct store_options memory;
  int64_t breaker_least, breaker_percent, breaker_network;
  int64_t rate, span, learning; /* span, learning: seconds */
};

struct collector {
  const struct config *config;
  int socket;
  struct intake intake;
  struct registry registry;
  struct table rules;
  int64_t next_hour, next_purge; /* monotonic milliseconds */
  struct ratelimit alarm[ALARMS], notice;
  uint64_t logged; /* datagrams at the last line of counters */
  struct udp_inbox inbox;
  struct udp_outbox outbox;
};

static volatile sig_atomic_t got_term, got_hup, got_usr1, got_usr2;

static int64_t wall_seconds(void) {
  return clock_wall_ms() / 1000;
}

/* ---- configuration ---- */

static void read_policy(struct config *c, struct env_error *bad) {
  c->breaker_least = (int64_t)env_number("BREAKER_LEAST", 10000, 0, 1000000000, bad);
  c->breaker_percent = (int64_t)env_number("BREAKER_PERCENT", 5, 0, 1000, bad);
  c->breaker_network = (int64_t)env_number("BREAKER_NETWORK", 256, 0, 1000000000, bad);
  c->rate = (int64_t)env_number("RATE_CAP", 100, 0, RATE_MAX, bad);
  c->span = (int64_t)env_number("RATE_SPAN", 3600, 1, SPAN_MAX, bad);
  c->learning = 86400 * (int64_t)env_number("LEARNING", 0, 0, 365, bad);
}

static void read_config(struct config *c) {
  struct env_error bad = {.name = NULL};
  const char *ip = env_text("LISTEN_IP", "127.0.0.1");
  c->port = (uint16_t)env_number("LISTEN_PORT", 7373, 1, 65535, &bad);
  c->notify = notify_env(&bad);
  c->store = env_text("STORE", "sinbin.db");
  c->detectors = env_text("DETECTORS", "detectors");
  c->rules = env_text("RULES", NULL);
  c->memory.cache = env_number("CACHE", 1048576, 1000, 100000000, &bad);
  c->memory.slice = 2000;
  c->memory.at_once = env_number("AT_ONCE", 64, 0, 100000, &bad);
  c->memory.sweep_ms = (int64_t)env_ms("SWEEP", 30000, 100, 3600000, &bad);
  read_policy(c, &bad);
  env_check(&bad);
  if (!addr_parse(span_str(ip), &c->ip))
    diag_permanent("malformed LISTEN_IP=", ip, ": want an IPv4 or IPv6 address");
  if (!*c->store) diag_permanent("malformed STORE=: want the path of a file");
}

/* ---- detectors ---- */

/* Loads their state from the store and sets their rate. */
static bool load_detectors(struct collector *c, struct registry *r) {
  for (size_t i = 0; i < r->count; i++) {
    struct detector *d = &r->detectors[i];
    if (!store_load_detector(c->intake.store, d) || !store_load_detector_state(c->intake.store, d))
      return false;
    d->cap.rate = d->orders.has_rate ? d->orders.rate : c->config->rate;
    d->cap.span = c->config->span;
    if (detector_is_quarantined(d)) log_warning("detector ", d->name, " is in quarantine");
  }
  r->learning = c->config->learning;
  return true;
}

/* A reload does not fill the budgets again, except of a detector that was released since then. */
static void keep_budgets(struct registry *old, struct registry *fresh) {
  for (size_t i = 0; i < fresh->count; i++) {
    struct detector *d = &fresh->detectors[i];
    struct detector *was = registry_find(old, span_str(d->name));
    if (!was) continue;
    d->heard_from = was->heard_from;
    if (was->orders.released != d->orders.released) continue;
    const struct ratecap limits = d->cap;
    d->cap = was->cap;
    d->cap.rate = limits.rate;
    d->cap.span = limits.span;
    was->cap = limits; /* d owns the memory now */
  }
}

/* ---- the socket ---- */

/* A socket passed by the supervisor, as in sd_listen_fds(3). */
static int inherited_socket(void) {
  int type = 0, count = activation_count(1);
  socklen_t len = sizeof type;
  if (count < 0) diag_permanent("malformed LISTEN_FDS or LISTEN_PID: want one socket");
  if (count == 0) return NO_FD;
  if (getsockopt(ACTIVATION_FIRST, SOL_SOCKET, SO_TYPE, &type, &len) != 0 || type != SOCK_DGRAM)
    diag_permanent("descriptor 3 (LISTEN_FDS) is not a datagram socket");
  return ACTIVATION_FIRST;
}

static int bind_socket(const struct config *c) {
  int fd = udp_bind(&c->ip, c->port);
  if (fd < 0) {
    char ip[ADDR_TEXT_MAX + 1], port[NUMBER_MAX + 1];
    ip[addr_format(ip, &c->ip)] = '\0';
    port[number_format(port, c->port)] = '\0';
    diag_system("unable to bind ", ip, " port ", port);
  }
  return fd;
}

static void open_socket(struct collector *c) {
  int size = RECEIVE_BUFFER;
  c->socket = inherited_socket();
  if (c->socket == NO_FD) c->socket = bind_socket(c->config);
  /* The kernel limits it to net.core.rmem_max; a smaller buffer is not an error. */
  setsockopt(c->socket, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
  if (!udp_batch_prepare(c->socket)) diag_system("unable to set the options of the UDP socket");
}

/* ---- messages ---- */

static void log_counts(struct collector *c) {
  char text[INTAKE_TEXT];
  intake_counts(&c->intake, text);
  log_info(text);
  c->logged = c->intake.counts[COUNT_DATAGRAMS];
}

static void log_alarm(const struct collector *c, enum alarm which) {
  char text[INTAKE_TEXT];
  intake_alarm(&c->intake, which, text);
  diag_log("alarm", 0, diag_parts(text));
}

static void log_alarms(struct collector *c, bool all) {
  int64_t now = clock_monotonic_ms();
  uint64_t ignored;
  for (int i = 0; i < ALARMS; i++) {
    struct alarm_state *a = &c->intake.alarms[i];
    if (a->count == 0 || !(ratelimit_allow(&c->alarm[i], now, ALARM_MS, &ignored) || all)) continue;
    log_alarm(c, (enum alarm)i);
    a->count = 0;
  }
}

/* Anyone can cause notices, so they are logged at most once a minute. */
static void log_notices(struct collector *c, bool all) {
  char text[INTAKE_TEXT];
  int64_t now = clock_monotonic_ms();
  uint64_t ignored;
  if (!all && !ratelimit_is_due(&c->notice, now)) return;
  while (intake_notice(&c->intake, text)) {
    log_warning(text);
    ratelimit_allow(&c->notice, now, NOTICE_MS, &ignored);
  }
}

/* ---- the store, the never-list ---- */

_Noreturn static void store_failed(const struct collector *c) {
  const struct store *s = c->intake.store;
  if (c->intake.never_damaged)
    diag_permanent(c->config->rules, ": damaged rules database; make it again with sinbin-rules");
  if (store_needs_repair(s)) diag_permanent(c->config->store, ": ", store_error(s));
  fatal_temporary(c->config->store, ": ", store_error(s));
}

static void open_store(struct collector *c) {
  const char *path = c->config->store;
  enum store_open opened = store_open(path, &c->config->memory, &c->intake.store);
  if (!c->intake.store) diag_system("out of memory");
  if (opened == STORE_FOREIGN) diag_permanent(path, ": not a database of sinbin-collect");
  if (opened == STORE_OTHER)
    diag_permanent(path,
                   ": of another version of sinbin-collect; move it away to start with a new one");
  if (opened == STORE_LOCKED) fatal_temporary(path, ": another sinbin-collect is using it");
  if (opened == STORE_FAILED) store_failed(c);
}

/* ---- the loop ---- */

static void on_signal(int signal) {
  if (signal == SIGTERM) got_term = 1;
  if (signal == SIGHUP) got_hup = 1;
  if (signal == SIGUSR1) got_usr1 = 1;
  if (signal == SIGUSR2) got_usr2 = 1;
}

static void commit(struct collector *c) {
  if (!intake_commit(&c->intake, wall_seconds(), clock_monotonic_ms())) store_failed(c);
}

static void apply_settings(struct collector *c, const struct settings *s) {
  c->registry = s->registry;
  if (s->has_rules) c->rules = s->rules;
  if (!load_detectors(c, &c->registry) ||
      !decision_apply_orders(&c->intake, s->thawed, wall_seconds()))
    store_failed(c);
}

static const struct detector *use_previous(void *context, const char *name,
                                           const struct diagnosis *p) {
  const struct collector *c = context;
  const struct detector *old = registry_find(&c->registry, span_str(name));
  log_warning("not reloaded: ", c->config->detectors, "/", p->text,
              old ? "; its old state stays in force" : "; it is left out");
  return old;
}

/* A part that cannot be read keeps its old state, and all other parts are reloaded: an order
   against a detector must take effect even if something else is broken. */
static void reload(struct collector *c) {
  struct fallback fallback = {use_previous, c};
  const struct settings_paths at = {c->config->detectors, c->config->rules, &fallback};
  struct settings settings;
  struct diagnosis p = {.text = ""};
  if (!settings_detectors(&settings, &at, &p)) {
    log_warning("not reloaded: ", p.text);
    return;
  }
  if (!settings_thawed(&settings, &at, &p)) log_warning("not reloaded: ", p.text);
  if (!settings_rules(&settings, &at, &p)) log_warning("not reloaded: ", p.text);
  commit(c);
  struct registry old = c->registry;
  if (settings.has_rules) table_close(&c->rules);
  apply_settings(c, &settings);
  keep_budgets(&old, &c->registry);
  registry_free(&old);
  commit(c);
  log_info("reloaded");
}

static void process_inbox(struct collector *c) {
  struct datagram answer;
  struct arrival a = {.now = wall_seconds()};
  for (int i = 0; i < c->inbox.count; i++) {
    a.datagram = udp_received(&c->inbox, i);
    addr_from_sockaddr(&c->inbox.peers[i].name.any, &a.from, &a.port);
    if (!intake_datagram(&c->intake, &a, &answer)) store_failed(c);
    if (answer.len) udp_answer(&c->outbox, &c->inbox.peers[i], span_of(answer.buf, answer.len));
  }
}

/* One transaction holds all datagrams that came while the last one was written to disk, but not
   more than there is room for answers. A single report is committed and answered at once. Datagrams
   that are dropped count towards the limit, so that a flood of them cannot delay a commit. */
static void receive_batch(struct collector *c) {
  int left = UDP_OUTBOX / UDP_INBOX;
  do {
    if (udp_receive(&c->inbox, c->socket) < 0) log_warning_errno("unable to receive");
    process_inbox(c);
  } while (c->inbox.count == UDP_INBOX && --left > 0);
  commit(c);
  udp_send(&c->outbox, c->socket);
}

/* Either the clock is wrong, or nothing was purged for that long. */
static void warn_clock(const struct collector *c) {
  int64_t days = store_purge_lag(c->intake.store, wall_seconds()) / PURGE_STEP;
  char text[NUMBER_MAX + 1];
  if (days < CLOCK_DAYS) return;
  text[number_format(text, (uint64_t)days)] = '\0';
  log_warning("the clock is ", text,
              " days ahead of the last purge; old rows are removed slowly, one day's rows an hour");
}

/* A purge begins an hour after the start or after the end of the last one. */
static void purge(struct collector *c) {
  int64_t now = clock_monotonic_ms();
  bool more;
  if (now < c->next_purge) return;
  if (!store_purge(c->intake.store, wall_seconds(), &more)) store_failed(c);
  if (!more) warn_clock(c);
  c->next_purge = now + (more ? PURGE_MS : HOUR_MS);
}

static void log_hourly(struct collector *c) {
  if (clock_monotonic_ms() < c->next_hour) return;
  c->next_hour = clock_monotonic_ms() + HOUR_MS;
  if (c->intake.counts[COUNT_DATAGRAMS] != c->logged) log_counts(c);
}

static int64_t earlier(int64_t a, int64_t b) {
  return a < b ? a : b;
}

/* Wakes up for merges and purges, for delayed alarms, and to check the database. */
static bool wait_datagram(const struct collector *c, const sigset_t *mask) {
  struct pollfd in = {.fd = c->socket, .events = POLLIN};
  int64_t now = clock_monotonic_ms(), due = store_due(c->intake.store, now);
  int64_t wait = earlier(c->next_hour, c->next_purge) - now;
  wait = earlier(wait, due >= 0 ? earlier(due, CHECK_MS) : CHECK_MS);
  for (int i = 0; i < ALARMS; i++)
    if (c->intake.alarms[i].count) wait = earlier(wait, c->alarm[i].next - now);
  if (wait < 0) wait = 0;
  struct timespec limit = {.tv_sec = wait / 1000, .tv_nsec = wait % 1000 * 1000000};
  int ready = ppoll(&in, 1, &limit, mask);
  if (ready < 0 && errno != EINTR) diag_system("unable to poll");
  return ready > 0;
}

static void handle_signals(struct collector *c) {
  if (got_hup) reload(c);
  if (got_usr2 && !store_flush(c->intake.store)) store_failed(c);
  if (got_usr1) log_counts(c);
  got_hup = got_usr1 = got_usr2 = 0;
}

static void serve(struct collector *c, const sigset_t *mask) {
  while (!got_term) {
    bool ready = wait_datagram(c, mask);
    handle_signals(c);
    purge(c);
    if (ready) receive_batch(c);
    else commit(c);
    if (!decision_refresh_freeze(&c->intake, wall_seconds())) store_failed(c);
    log_alarms(c, false);
    log_notices(c, false);
    log_hourly(c);
  }
  if (!store_flush(c->intake.store)) store_failed(c);
}

static void start(struct collector *c) {
  struct diagnosis problem = {.text = ""};
  struct settings settings;
  const struct settings_paths at = {c->config->detectors, c->config->rules, NULL};
  if (!settings_read(&settings, &at, &problem))
    diag_exit(problem.temporary ? EXIT_TEMPORARY : EXIT_PERMANENT, 0, diag_parts(problem.text));
  if (!at.rules) log_warning("RULES is not set: only the built-in never-list applies");
  c->intake.registry = &c->registry;
  c->intake.rules = c->config->rules ? &c->rules : NULL;
  c->intake.breaker.least = c->config->breaker_least;
  c->intake.breaker.percent = c->config->breaker_percent;
  c->intake.breaker.network = c->config->breaker_network;
  randombytes_buf(&c->intake.hash, sizeof c->intake.hash);
  c->intake.breaker.networks.key = c->intake.hash;
  c->intake.testimonies = calloc(DETECTORS_MAX, sizeof *c->intake.testimonies);
  if (!c->intake.testimonies) diag_system("out of memory");
  randombytes_buf(&c->intake.dummy_key, sizeof c->intake.dummy_key);
  open_socket(c);
  open_store(c);
  apply_settings(c, &settings);
  c->next_hour = c->next_purge = clock_monotonic_ms() + HOUR_MS;
  warn_clock(c);
}

/* Notifies s6 by a newline and systemd by its socket. If that fails, the program goes on. */
static void notify_supervisor(int fd) {
  struct notify systemd;
  notify_ready(fd);
  if (!notify_open(&systemd, getenv("NOTIFY_SOCKET")) || !notify_send(&systemd, "READY=1"))
    log_warning_errno("unable to notify NOTIFY_SOCKET");
}

int main(int argc, char **argv) {
  static struct config config;
  static struct collector collector = {.config = &config};
  static const int caught[] = {SIGTERM, SIGHUP, SIGUSR1, SIGUSR2};
  sigset_t while_waiting;
  diag_start(argc, argv, "takes no arguments");
  signals_catch(caught, 4, on_signal, &while_waiting);
  if (argc != 1) diag_usage("takes no arguments");
  if (!clock_works()) diag_system("unable to read the clock");
  privileges_refuse_root(PRIVILEGES_OWN_USER);
  if (!sandbox_hide()) log_warning_errno("unable to hide the keys from a core file");
  sodium_set_misuse_handler(fatal_no_random);
  if (!mac_init()) fatal_temporary("unable to start libsodium");
  read_config(&config);
  start(&collector);
  notify_supervisor(config.notify);
  confine_program(CONFINE_COLLECTOR);
  serve(&collector, &while_waiting);
  log_alarms(&collector, true);
  log_notices(&collector, true);
  log_counts(&collector);
  store_close(collector.intake.store);
  return EXIT_DONE;
}
