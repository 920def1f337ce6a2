/* sinbin-publish: publishes the listings in the collector's store to rbldnsd; see sinbin-publish(8). */
#include "publish/expiry.h"
#include "publish/publication.h"
#include "publish/rbldnsd.h"
#include "publish/txt.h"
#include "publish/zonename.h"
#include "sys/atomicfile.h"
#include "sys/clock.h"
#include "sys/diag.h"
#include "sys/env.h"
#include "sys/fileid.h"
#include "sys/notify.h"
#include "sys/privileges.h"
#include "sys/ratelimit.h"
#include "sys/signals.h"
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#define SYNOPSIS      "[-1] STORE OUTDIR [PROG ARGS...] | -z BL.ZONE ALL.ZONE"
#define SPACING_MS    250 /* between two publications, so that rbldnsd does not reload all the time */
#define RETRY_MS      5000  /* until PROG is run again after it failed */
#define PROG_LIMIT_MS 10000 /* after which PROG is killed */
#define PROG_POLL_MS  50    /* how often PROG is checked if there is no pidfd */
#define WARNING_MS    60000 /* between two warnings about the store */

struct config {
  bool once;
  char *const *zones; /* of -z; NULL: publish */
  const char *store, *outdir;
  char *const *prog; /* NULL: none */
  struct zone_settings zone;
  struct published_limits limits;
  int64_t lifetime; /* seconds for which rbldnsd answers without this program */
  int poll_ms;
  int notify_fd; /* -1: none */
};

static volatile sig_atomic_t stop;

static void on_stop(int signal) {
  (void)signal;
  stop = 1;
}

/* ---- configuration */

static void check_zone(const struct zone_settings *zone) {
  if (!zonename_list_is_valid(zone->ns, 1, 8))
    diag_permanent("malformed ZONE_NS=", zone->ns.s,
                   ": want one to eight host names separated by one space");
  if (!zonename_list_is_valid(zone->soa, 2, 2))
    diag_permanent("malformed ZONE_SOA=", zone->soa.s,
                   ": want two names, of the master server and of the person");
  if (zone->url.len && !txt_url_is_valid(zone->url))
    diag_permanent("malformed LOOKUP_URL=", zone->url.s,
                   ": want an http or https URL of at most 120 bytes, with at most one $");
}

static struct config read_environment(void) {
  struct env_error bad = {0};
  struct config c = {0};
  c.zone.ns = span_str(env_text("ZONE_NS", "localhost"));
  c.zone.soa = span_str(env_text("ZONE_SOA", "localhost hostmaster.localhost"));
  c.zone.url = span_str(env_text("LOOKUP_URL", ""));
  c.zone.ttl = env_number("ZONE_TTL", 60, 1, 86400, &bad);
  c.limits.hot_max = env_number("HOT", 20000, 0, 1000000, &bad);
  c.limits.linger = (int64_t)env_number("LINGER", 30, 0, 3600, &bad);
  c.limits.refresh = (int64_t)env_number("REFRESH", 600, 1, 86400, &bad);
  c.lifetime = (int64_t)env_number("ZONE_EXPIRE", 10800, EXPIRY_LIFETIME_MIN, 604800, &bad);
  c.poll_ms = (int)env_ms("POLL", 100, 10, 60000, &bad);
  c.notify_fd = notify_env(&bad);
  env_check(&bad);
  check_zone(&c.zone);
  return c;
}

static void read_arguments(struct config *c, int argc, char **argv) {
  int option;
  bool zones = false;
  opterr = 0;
  while ((option = getopt(argc, argv, "+1z")) != -1) {
    if (option == '1') c->once = true;
    else if (option == 'z') zones = true;
    else diag_usage(SYNOPSIS);
  }
  argc -= optind;
  argv += optind;
  if (zones ? argc != 2 || c->once : argc < 2) diag_usage(SYNOPSIS);
  if (zones) {
    c->zones = argv;
    return;
  }
  c->store = argv[0];
  c->outdir = argv[1];
  c->prog = argc > 2 ? argv + 2 : NULL;
}

/* ---- PROG */

static _Noreturn void exec_prog(char *const *prog) {
  signal(SIGPIPE, SIG_DFL);
  signal(SIGXFSZ, SIG_DFL);
  execvp(prog[0], prog);
  diag_system("unable to run ", prog[0]);
}

/* False if the child still runs at the limit, or when a signal asks to stop. */
static bool wait_child(pid_t child) {
  int64_t limit = clock_monotonic_ms() + PROG_LIMIT_MS;
  int fd = pidfd_open(child, 0); /* -1 if it is refused or missing: then poll(2) only waits */
  struct pollfd ended = {.fd = fd, .events = POLLIN};
  bool over = false;
  while (!over && !stop) {
    int64_t left = limit - clock_monotonic_ms();
    if (left <= 0) break;
    poll(&ended, 1, fd < 0 && left > PROG_POLL_MS ? PROG_POLL_MS : (int)left);
    siginfo_t info = {.si_pid = 0};
    over = waitid(P_PID, (id_t)child, &info, WEXITED | WNOHANG | WNOWAIT) != 0 || info.si_pid;
  }
  if (fd >= 0) close(fd);
  return over;
}

/* True if PROG succeeded, or still runs when a signal asks to stop. */
static bool run_prog(char *const *prog) {
  int status;
  pid_t child = fork();
  if (child < 0) {
    log_warning_errno("unable to fork");
    return false;
  }
  if (child == 0) exec_prog(prog);
  if (!wait_child(child)) {
    if (stop) return true;
    log_warning(prog[0], ": did not end within 10 seconds, killed");
    kill(child, SIGKILL);
  }
  while (waitpid(child, &status, 0) < 0)
    if (errno != EINTR) diag_system("unable to wait for a child");
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return true;
  log_warning(prog[0], ": failed, will be tried again");
  return false;
}

/* ---- the loop */

struct publisher {
  const struct config *config;
  struct rbldnsd rbldnsd;
  struct publication publication;
  struct reader *reader;
  struct fileid store;      /* the file that is open */
  int64_t version;          /* of the store, at the last complete publication */
  int64_t next_publication; /* monotonic milliseconds */
  bool prog_due;            /* files were replaced since PROG last succeeded */
  int64_t next_prog;        /* monotonic milliseconds */
  struct ratelimit warning;
  bool store_missing; /* there is no file of its name any more */
  bool ready;         /* the first publication is complete */
};

static int64_t wall_seconds(void) {
  return clock_wall_ms() / 1000;
}

/* Waits for POLL; a signal that comes just before ends the wait, too. */
static void wait_poll(const struct config *c) {
  sigset_t all, before;
  struct timespec t = {c->poll_ms / 1000, c->poll_ms % 1000 * 1000000L};
  sigfillset(&all);
  sigprocmask(SIG_BLOCK, &all, &before);
  if (!stop && ppoll(NULL, 0, &t, &before) < 0 && errno != EINTR) diag_system("unable to poll");
  sigprocmask(SIG_SETMASK, &before, NULL);
}

static void warn_of_store(struct publisher *p, const char *what) {
  uint64_t count;
  if (ratelimit_allow(&p->warning, clock_monotonic_ms(), WARNING_MS, &count))
    log_warning(p->config->store, ": ", what);
}

/* Ends the program because the files could not be written. */
static _Noreturn void fail_output(const struct files *f) {
  if (f->failure) diag_exit(EXIT_TEMPORARY, f->error, diag_parts(f->failure, f->path));
  fatal_temporary("out of memory");
}

/* Returns if it may help to wait. */
static void check_result(struct publisher *p, enum reader_result result) {
  const char *store = p->config->store;
  switch (result) {
  case READER_OK: return;
  case READER_STOPPED:
    if (p->rbldnsd.files.failure) fail_output(&p->rbldnsd.files);
    return;
  case READER_ABSENT: warn_of_store(p, "cannot be opened yet, waiting for it"); return;
  case READER_BUSY: warn_of_store(p, "is locked, waiting for it"); return;
  case READER_FOREIGN: diag_permanent(store, ": is not a store of this version");
  case READER_MEMORY: fatal_temporary("out of memory");
  case READER_DAMAGED: break;
  }
  fatal_temporary(store, ": is damaged: ", reader_reason(p->reader));
}

static void open_store(struct publisher *p) {
  const struct config *c = p->config;
  while (!stop) {
    /* its identity comes first: watch_store then notices if it is replaced before it is opened */
    bool exists = fileid_of_path(c->store, &p->store);
    enum reader_result result = exists ? reader_open(&p->reader, c->store) : READER_ABSENT;
    if (result == READER_OK) return;
    if (result == READER_ABSENT && c->once) fatal_temporary(c->store, ": cannot be opened");
    check_result(p, result);
    wait_poll(c);
  }
}

/* If the store is missing, the files stay as they are. If it is another file, a new start is needed. */
static void watch_store(struct publisher *p) {
  struct fileid named;
  p->store_missing = !fileid_of_path(p->config->store, &named);
  if (p->store_missing) warn_of_store(p, "does not exist any more");
  else if (!fileid_is_same(&named, &p->store)) fatal_temporary(p->config->store, ": was replaced");
}

static void check_date(const struct config *c, int64_t now) {
  if (!expiry_is_possible(now, c->lifetime))
    log_warning("rbldnsd takes only dates of the years 1970 to 2038: check the clock");
}

static void create_missing(struct publisher *p) {
  int64_t now = wall_seconds();
  if (!rbldnsd_create_missing(&p->rbldnsd, now)) fail_output(&p->rbldnsd.files);
  if (p->rbldnsd.end) check_date(p->config, now);
}

static bool must_move_expiry(const struct publisher *p, int64_t now) {
  return !p->store_missing && rbldnsd_expiry_is_due(&p->rbldnsd, now);
}

/* Whether a publication at this time would change nothing. */
static bool is_current(const struct publisher *p, int64_t version, int64_t now) {
  const struct published *published = p->publication.published;
  return p->ready && version == p->version && published_valid_from(published) <= now &&
         now < published_valid_until(published) && !must_move_expiry(p, now);
}

/* The expiry is written last: only if the store was read and all datasets are written. */
static void finish_publication(struct publisher *p, int64_t version, int64_t now) {
  p->version = version;
  if (must_move_expiry(p, now)) {
    check_date(p->config, now);
    if (!rbldnsd_write_expiry(&p->rbldnsd, now)) fail_output(&p->rbldnsd.files);
  }
  if (p->ready) return;
  p->ready = true;
  notify_ready(p->config->notify_fd);
}

static void publish(struct publisher *p) {
  int64_t version, now = wall_seconds();
  enum reader_result result = reader_version(p->reader, &version);
  if (result == READER_OK) {
    if (is_current(p, version, now)) return;
    result = publication_run(&p->publication, p->reader, now);
    p->next_publication = clock_monotonic_ms() + SPACING_MS;
  }
  check_result(p, result);
  if (result == READER_OK) finish_publication(p, version, now);
}

/* Runs PROG if files were replaced; after a failure again with the next change, or after a time. */
static void signal_reader(struct publisher *p) {
  if (!p->config->prog) return;
  if (p->rbldnsd.files.changed) {
    p->rbldnsd.files.changed = false;
    p->prog_due = true;
    p->next_prog = 0;
  }
  if (!p->ready || !p->prog_due || clock_monotonic_ms() < p->next_prog) return;
  if (run_prog(p->config->prog)) p->prog_due = false;
  else p->next_prog = clock_monotonic_ms() + RETRY_MS;
}

static void step(struct publisher *p) {
  watch_store(p);
  if (clock_monotonic_ms() >= p->next_publication) publish(p);
  signal_reader(p);
}

static void start(struct publisher *p, const struct config *c) {
  *p = (struct publisher){.config = c};
  p->rbldnsd = (struct rbldnsd){.zone = &c->zone, .lifetime = c->lifetime, .stop = &stop};
  if (!files_init(&p->rbldnsd.files, c->outdir))
    diag_permanent(c->outdir, ": the name is too long");
  p->publication = (struct publication){
      .published = published_new(c->limits), .output = rbldnsd_output(&p->rbldnsd), .seen = -1};
  if (!p->publication.published) fatal_temporary("out of memory");
}

static void finish(struct publisher *p) {
  reader_close(p->reader);
  rbldnsd_free(&p->rbldnsd);
  published_free(p->publication.published);
}

static int run(const struct config *c) {
  struct publisher p;
  start(&p, c);
  create_missing(&p);
  open_store(&p);
  while (!stop) {
    step(&p);
    if (c->once && p.ready) break;
    wait_poll(c);
  }
  bool prog_failed = c->once && !stop && p.prog_due;
  finish(&p);
  return prog_failed ? EXIT_TEMPORARY : EXIT_DONE;
}

/* ---- the program */

/* Prints the arguments of rbldnsd for both zones; the file names are relative to OUTDIR. */
static int print_zones(char *const *zones) {
  stralloc out = {0};
  for (int i = 0; i < 2; i++) {
    if (!zonename_is_valid(span_str(zones[i])))
      diag_permanent("malformed zone ", zones[i], ": want a domain name without its last dot");
    if (!dataset_arguments(&out, span_str(zones[i]), i == 0)) fatal_temporary("out of memory");
  }
  if (!atomicfile_write_all(1, out.s, out.len)) diag_system("unable to write");
  stralloc_free(&out);
  return EXIT_DONE;
}

static void catch_signals(void) {
  struct sigaction end = {.sa_handler = on_stop};
  sigemptyset(&end.sa_mask);
  sigaction(SIGTERM, &end, NULL);
  sigaction(SIGINT, &end, NULL);
  signals_ignore_write();
}

static void check_notify_fd(int fd) {
  if (fd >= 0 && fcntl(fd, F_SETFD, FD_CLOEXEC) != 0)
    diag_permanent("NOTIFY_FD: no such descriptor is open");
}

int main(int argc, char **argv) {
  diag_start(argc, argv, SYNOPSIS);
  struct config c = read_environment();
  read_arguments(&c, argc, argv);
  if (c.zones) return print_zones(c.zones);
  if (!clock_works()) diag_system("unable to read the clock");
  if (!c.once) privileges_refuse_root(PRIVILEGES_OWN_USER);
  catch_signals();
  check_notify_fd(c.notify_fd);
  return run(&c);
}
