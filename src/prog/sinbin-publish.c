/* sinbin-publish: the collector's store -> datasets for rbldnsd; see sinbin-publish(8). */
#include "base/fnv.h"
#include "sys/atomicfile.h"
#include "sys/clock.h"
#include "sys/env.h"
#include "sys/diag.h"
#include "sys/fileid.h"
#include "sys/notify.h"
#include "sys/privileges.h"
#include "sys/ratelimit.h"
#include "sys/signals.h"
#include "publish/expiry.h"
#include "publish/publication.h"
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define SYNOPSIS      "[-1] STORE OUTDIR [PROG ARGS...] | -z BL.ZONE ALL.ZONE"
#define SPACING_MS    250   /* between two publications: rbldnsd is not to reload all the time */
#define RETRY_MS      5000  /* until PROG is run again after it failed */
#define PROG_LIMIT_MS 10000 /* PROG is killed then */
#define LOOK_MS       50    /* between two looks whether PROG has ended, without a pidfd */
#define COMPLAIN_MS   60000 /* between two warnings that the store cannot be read */
#define FILE_MODE     0644  /* rbldnsd runs as somebody else */

struct config {
  bool once;
  const char *store, *outdir;
  char *const *prog; /* NULL: none */
  struct zone_head head;
  struct published_limits limits;
  int64_t lifetime; /* seconds for which rbldnsd may answer without us */
  int poll_ms;
  int notify_fd; /* -1: none */
};

static volatile sig_atomic_t stop;

static void on_stop(int signal) {
  (void)signal;
  stop = 1;
}

/* ---- configuration */

static bool names_are_valid(struct span names, size_t min, size_t max) {
  size_t n = 0;
  struct span wait_poll = names;
  for (; wait_poll.len; n++)
    if (!zone_name_is_valid(span_cut(&wait_poll, ' '))) return false;
  return n >= min && n <= max && names.len && names.s[names.len - 1] != ' ';
}

static void check_head(const struct zone_head *head) {
  if (!names_are_valid(head->ns, 1, 8))
    diag_permanent("malformed ZONE_NS=", head->ns.s,
                   ": want one to eight host names separated by one space");
  if (!names_are_valid(head->soa, 2, 2))
    diag_permanent("malformed ZONE_SOA=", head->soa.s,
                   ": want two names, of the master and of the person");
  if (head->url.len && !lookup_url_is_valid(head->url))
    diag_permanent("malformed LOOKUP_URL=", head->url.s,
                   ": want an http or https URL of at most 120 bytes, with at most one $");
}

static struct config read_config(void) {
  struct env_error bad = {0};
  struct config c = {0};
  c.head.ns = span_str(env_text("ZONE_NS", "localhost"));
  c.head.soa = span_str(env_text("ZONE_SOA", "localhost hostmaster.localhost"));
  c.head.url = span_str(env_text("LOOKUP_URL", ""));
  c.head.ttl = env_number("ZONE_TTL", 60, 1, 86400, &bad);
  c.limits.hot_max = env_number("HOT", 20000, 0, 1000000, &bad);
  c.limits.sweep = (int64_t)env_number("LINGER", 30, 0, 3600, &bad);
  c.limits.refresh = (int64_t)env_number("REFRESH", 600, 1, 86400, &bad);
  c.lifetime = (int64_t)env_number("ZONE_EXPIRE", 10800, EXPIRY_LIFETIME_MIN, 604800, &bad);
  c.poll_ms = (int)env_ms("POLL", 100, 10, 60000, &bad);
  c.notify_fd = notify_env(&bad);
  env_check(&bad);
  check_head(&c.head);
  return c;
}

/* ---- the files */

/* What rbldnsd may have loaded last of a dataset. */
struct published {
  uint64_t hash;
  struct stat st; /* st_size 0: there is no file */
};

struct publisher {
  const struct config *config;
  struct published files[PARTITIONS][DATASET_KINDS];
  struct published expiry;
  int64_t end;       /* in the expiry, 0: not known */
  bool changed;      /* a file was replaced since PROG was last run with success */
  int64_t next_prog; /* monotonic milliseconds */
};

/* A text that is the same is not written again. */
static uint64_t hash_of(struct span text) {
  return fnv_bytes(FNV_START, text.s, text.len);
}

static void path_of(const struct publisher *p, const char *name, char path[PATH_MAX]) {
  size_t dir = strlen(p->config->outdir);
  if (dir + DATASET_NAME_MAX + 1 > PATH_MAX)
    diag_permanent(p->config->outdir, ": the name is too long");
  memcpy(path, p->config->outdir, dir);
  path[dir] = '/';
  strcpy(path + dir + 1, name);
}

/* rbldnsd tells a new file by its size and by its time in whole seconds: within one second the
   sizes of a dataset only grow, so that no two of its files look the same. */
static bool pad(int fd, const struct stat *last) {
  char padding[4096];
  struct stat st;
  if (fstat(fd, &st) != 0) return false;
  if (st.st_mtime != last->st_mtime || st.st_size > last->st_size) return true;
  size_t missing = (size_t)(last->st_size - st.st_size) + 1;
  while (missing) {
    size_t n = missing < sizeof padding ? missing : sizeof padding;
    dataset_padding(padding, n);
    if (!atomicfile_write_all(fd, padding, n)) return false;
    missing -= n;
  }
  return true;
}

static void write_file(struct publisher *p, const char *name, struct published *file,
                       struct span text) {
  struct atomicfile f;
  struct stat st;
  char path[PATH_MAX];
  path_of(p, name, path);
  if (!atomicfile_open(&f, path, FILE_MODE)) diag_system("unable to write ", path);
  if (!atomicfile_write_all(f.fd, text.s, text.len) || !pad(f.fd, &file->st) ||
      fstat(f.fd, &st) != 0) {
    atomicfile_abandon(&f);
    diag_system("unable to write ", path);
  }
  if (!atomicfile_commit(&f)) diag_system("unable to replace ", path);
  file->st = st;
  p->changed = true;
  p->next_prog = 0;
}

static bool write_dataset(void *context, unsigned int partition,
                          const struct datasets_text *sheet) {
  struct publisher *p = context;
  for (int kind = 0; kind < DATASET_KINDS; kind++) {
    struct span text = span_of(sheet->of[kind].s, sheet->of[kind].len);
    char name[DATASET_NAME_MAX];
    if (!partition_has(partition, (enum dataset_kind)kind)) continue;
    if (stop) return false;
    uint64_t hash = hash_of(text);
    if (hash == p->files[partition][kind].hash) continue;
    dataset_name(name, partition, (enum dataset_kind)kind);
    write_file(p, name, &p->files[partition][kind], text);
    p->files[partition][kind].hash = hash;
  }
  return true;
}

static bool is_missing(const struct publisher *p, const char *name, struct published *file) {
  char path[PATH_MAX];
  path_of(p, name, path);
  if (stat(path, &file->st) == 0) return false;
  if (errno != ENOENT) diag_system("unable to look at ", path);
  return true;
}

static void write_expiry(struct publisher *p, int64_t now) {
  char text[EXPIRY_TEXT_MAX];
  int64_t end = expiry_end(now, p->config->lifetime);
  if (end != now + p->config->lifetime)
    log_warning("rbldnsd knows no dates but those of 1970 to 2038: set the clock");
  write_file(p, EXPIRY_NAME, &p->expiry, span_of(text, expiry_format(text, end)));
  p->end = end;
}

/* rbldnsd serves no zone of which a file is missing: all are there before anything else. Those of
   an earlier run are good until the store has been read, or the expiry of that run has passed. */
static void create_missing(struct publisher *p) {
  struct datasets_text sheet = {0};
  for (unsigned int partition = 0; partition < PARTITIONS; partition++) {
    if (!datasets_text_begin(&sheet, partition, &p->config->head)) fatal_temporary("out of memory");
    for (int kind = 0; kind < DATASET_KINDS; kind++) {
      struct published *file = &p->files[partition][kind];
      const stralloc *text = &sheet.of[kind];
      char name[DATASET_NAME_MAX];
      if (!partition_has(partition, (enum dataset_kind)kind)) continue;
      dataset_name(name, partition, (enum dataset_kind)kind);
      if (is_missing(p, name, file)) write_file(p, name, file, span_of(text->s, text->len));
    }
  }
  datasets_text_free(&sheet);
  if (is_missing(p, EXPIRY_NAME, &p->expiry)) write_expiry(p, clock_wall_ms() / 1000);
}

/* ---- PROG */

static _Noreturn void become(char *const *prog) {
  signal(SIGPIPE, SIG_DFL);
  signal(SIGXFSZ, SIG_DFL);
  execvp(prog[0], prog);
  diag_system("unable to run ", prog[0]);
}

/* False where it is still running at the limit, or we are told to stop. */
static bool wait_bounded(pid_t child) {
  int64_t limit = clock_monotonic_ms() + PROG_LIMIT_MS;
  int fd = pidfd_open(child, 0); /* -1, and poll only waits, if it is refused or missing */
  struct pollfd ended = {.fd = fd, .events = POLLIN};
  bool over = false;
  while (!over && !stop) {
    int64_t left = limit - clock_monotonic_ms();
    if (left <= 0) break;
    poll(&ended, 1, fd < 0 && left > LOOK_MS ? LOOK_MS : (int)left);
    siginfo_t info = {.si_pid = 0};
    over = waitid(P_PID, (id_t)child, &info, WEXITED | WNOHANG | WNOWAIT) != 0 || info.si_pid;
  }
  if (fd >= 0) close(fd);
  return over;
}

static bool run_prog(char *const *prog) {
  int status;
  pid_t child = fork();
  if (child < 0) {
    log_warning_errno("unable to fork");
    return false;
  }
  if (child == 0) become(prog);
  if (!wait_bounded(child)) {
    if (stop) return true; /* it finishes on its own */
    log_warning(prog[0], ": takes too long, killed");
    kill(child, SIGKILL);
  }
  while (waitpid(child, &status, 0) < 0)
    if (errno != EINTR) diag_system("unable to wait for a child");
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return true;
  log_warning(prog[0], ": failed, will be tried again");
  return false;
}

/* ---- the loop */

struct loop {
  const struct config *config;
  struct publisher publisher;
  struct publication round;
  struct reader *reader;
  struct fileid store; /* the file that is open */
  int64_t version;     /* of the store, at the last whole round */
  int64_t next_round;  /* monotonic milliseconds */
  struct ratelimit complaint;
  bool gone;  /* the name of the store is no file any more */
  bool ready; /* the first round is done */
};

/* Waits without missing a signal that comes just before. */
static void wait_poll(const struct config *c) {
  sigset_t all, before;
  struct timespec t = {c->poll_ms / 1000, c->poll_ms % 1000 * 1000000L};
  sigfillset(&all);
  sigprocmask(SIG_BLOCK, &all, &before);
  if (!stop && ppoll(NULL, 0, &t, &before) < 0 && errno != EINTR) diag_system("unable to poll");
  sigprocmask(SIG_SETMASK, &before, NULL);
}

static void rule_error(struct loop *l, const char *what) {
  uint64_t ignored;
  if (!ratelimit_allow(&l->complaint, clock_monotonic_ms(), COMPLAIN_MS, &ignored)) return;
  log_warning(l->config->store, ": ", what);
}

/* Returns where waiting may help. */
static void check_result(struct loop *l, enum reader_result result) {
  const char *store = l->config->store;
  switch (result) {
  case READER_OK:
  case READER_STOPPED: return;
  case READER_ABSENT: rule_error(l, "cannot be opened yet, waiting for it"); return;
  case READER_BUSY: rule_error(l, "is locked, waiting for it"); return;
  case READER_FOREIGN: diag_permanent(store, ": is not a store of this version");
  case READER_MEMORY: fatal_temporary("out of memory");
  case READER_DAMAGED: break;
  }
  fatal_temporary(store, ": is damaged: ", reader_reason(l->reader));
}

static void open_store(struct loop *l) {
  const struct config *c = l->config;
  while (!stop) {
    /* looked at first: if it is replaced in between, that is seen later */
    bool there = fileid_of_path(c->store, &l->store);
    enum reader_result result = there ? reader_open(&l->reader, c->store) : READER_ABSENT;
    if (result == READER_OK) return;
    if (result == READER_ABSENT && c->once) fatal_temporary(c->store, ": cannot be opened");
    check_result(l, result);
    wait_poll(c);
  }
}

/* The last good files stay while the store is away; a new one wants a new start. */
static void watch_store(struct loop *l) {
  struct fileid named;
  l->gone = !fileid_of_path(l->config->store, &named);
  if (l->gone) rule_error(l, "is gone");
  else if (!fileid_is_same(&named, &l->store)) fatal_temporary(l->config->store, ": was replaced");
}

static void tell_ready(struct loop *l) {
  l->ready = true;
  notify_ready(l->config->notify_fd);
}

/* True when all that the clock decides is as it was decided last. */
static bool is_settled(const struct loop *l, int64_t now) {
  const struct published *published = l->round.published;
  return published_first(published) <= now && now < published_next(published) &&
         (l->gone || !expiry_is_due(l->publisher.end, now, l->config->lifetime));
}

/* The expiry comes last: it is moved only when the store was read and all of it is written. */
static void publish(struct loop *l) {
  int64_t version, now = clock_wall_ms() / 1000;
  enum reader_result result = reader_version(l->reader, &version);
  if (result == READER_OK) {
    if (l->ready && version == l->version && is_settled(l, now)) return;
    result = publication_run(&l->round, l->reader, now);
    l->next_round = clock_monotonic_ms() + SPACING_MS;
  }
  check_result(l, result);
  if (result != READER_OK) return;
  l->version = version;
  if (!l->gone && expiry_is_due(l->publisher.end, now, l->config->lifetime))
    write_expiry(&l->publisher, now);
  if (!l->ready) tell_ready(l);
}

static void step(struct loop *l) {
  watch_store(l);
  if (clock_monotonic_ms() >= l->next_round) publish(l);
  struct publisher *p = &l->publisher;
  if (!l->config->prog) p->changed = false;
  if (!l->ready || !p->changed || clock_monotonic_ms() < p->next_prog) return;
  if (run_prog(l->config->prog)) p->changed = false;
  else p->next_prog = clock_monotonic_ms() + RETRY_MS;
}

static int run(const struct config *c) {
  struct loop l = {.config = c, .publisher = {.config = c}};
  l.round = (struct publication){
      .head = &c->head, .seen = -1, .write_dataset = write_dataset, .context = &l.publisher};
  l.round.published = published_new(c->limits);
  if (!l.round.published) fatal_temporary("out of memory");
  create_missing(&l.publisher);
  open_store(&l);
  while (!stop) {
    step(&l);
    if (c->once && l.ready) break;
    wait_poll(c);
  }
  bool undone = c->once && !stop && l.publisher.changed;
  reader_close(l.reader);
  datasets_text_free(&l.round.sheet);
  published_free(l.round.published);
  return undone ? EXIT_TEMPORARY : EXIT_DONE;
}

/* The zones as rbldnsd wants them on its command line, with file names relative to OUTDIR. */
static int print_zones(char *const zones[2]) {
  stralloc out = {0};
  for (int i = 0; i < 2; i++) {
    if (!zone_name_is_valid(span_str(zones[i])))
      diag_permanent("malformed zone ", zones[i], ": want a domain name without its last dot");
    if (!zone_arguments(&out, span_str(zones[i]), i == 0)) fatal_temporary("out of memory");
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

int main(int argc, char **argv) {
  int option;
  bool zones = false;
  diag_start(argc, argv, SYNOPSIS);
  struct config c = read_config();
  opterr = 0;
  while ((option = getopt(argc, argv, "+1z")) != -1) {
    if (option == '1') c.once = true;
    else if (option == 'z') zones = true;
    else diag_usage(SYNOPSIS);
  }
  argc -= optind;
  argv += optind;
  if (zones && (argc != 2 || c.once)) diag_usage(SYNOPSIS);
  if (zones) return print_zones(argv);
  if (argc < 2) diag_usage(SYNOPSIS);
  c.store = argv[0];
  c.outdir = argv[1];
  c.prog = argc > 2 ? argv + 2 : NULL;
  if (!clock_works()) diag_system("unable to read the clock");
  if (!c.once) privileges_refuse_root(PRIVILEGES_OWN_USER);
  catch_signals();
  if (c.notify_fd >= 0 && fcntl(c.notify_fd, F_SETFD, FD_CLOEXEC) != 0)
    diag_permanent("NOTIFY_FD: no such descriptor is open");
  return run(&c);
}
