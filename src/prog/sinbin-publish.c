/* sinbin-publish: publishes the listings in the collector's store to rbldnsd; see sinbin-publish(8). */
#include "prog/publish/publish.h"
#include "publish/expiry.h"
#include "publish/publication.h"
#include "publish/rbldnsd.h"
#include "publish/txt.h"
#include "publish/zonename.h"
#include "sys/atomicfile.h"
#include "sys/clock.h"
#include "sys/diag.h"
#include "sys/env.h"
#include "sys/notify.h"
#include "sys/privileges.h"
#include <fcntl.h>
#include <unistd.h>

#define SYNOPSIS   "[-1] STORE OUTDIR [PROG ARGS...] | -z BL.ZONE ALL.ZONE"
#define SPACING_MS 250 /* between two publications, so that rbldnsd does not reload all the time */

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

static void read_outlets(struct outlets *outlets) {
  const char *text = env_text("OUTLETS", "rbldnsd");
  char names[OUTLETS_TEXT_MAX];
  outlets_names(names);
  if (!outlets_parse(span_str(text), outlets))
    diag_permanent("malformed OUTLETS=", text, ": want one or more of: ", names,
                   "; sha256 only with one of the lists");
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
  c.interval_ms = (int64_t)env_ms("LIST_INTERVAL", 60000, 1000, 86400000, &bad);
  c.notify_fd = notify_env(&bad);
  env_check(&bad);
  check_zone(&c.zone);
  read_outlets(&c.outlets);
  return c;
}

static void read_arguments(struct config *c, int argc, char **argv) {
  int option;
  bool zones = false;
  c->name = argv[0];
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

/* ---- the loop */

struct publisher {
  const struct config *config;
  struct rbldnsd rbldnsd;
  struct publication publication;
  struct source source;
  int64_t version;          /* of the store, at the last complete publication */
  int64_t next_publication; /* monotonic milliseconds */
  struct prog_state prog;
  struct second second;
  bool ready; /* the first publication is complete */
};

/* Ends the program because the files could not be written. */
static _Noreturn void fail_output(const struct files *f) {
  if (f->failure) diag_exit(EXIT_TEMPORARY, f->error, diag_parts(f->failure, f->path));
  fatal_temporary("out of memory");
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
  return !p->source.missing && rbldnsd_expiry_is_due(&p->rbldnsd, now);
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
  enum reader_result result = reader_version(p->source.reader, &version);
  if (result == READER_OK) {
    if (is_current(p, version, now)) return;
    result = publication_run(&p->publication, p->source.reader, now);
    p->next_publication = clock_monotonic_ms() + SPACING_MS;
  }
  if (result == READER_STOPPED && p->rbldnsd.files.failure) fail_output(&p->rbldnsd.files);
  source_check(&p->source, result);
  if (result == READER_OK) finish_publication(p, version, now);
}

static void signal_reader(struct publisher *p) {
  bool *changed = &p->rbldnsd.files.changed;
  if (!p->ready) return;
  prog_run(&p->prog, p->config, *changed);
  *changed = false;
}

static void step(struct publisher *p) {
  if (outlets_have_lists(&p->config->outlets)) second_keep(&p->second, p->config);
  source_watch(&p->source);
  if (clock_monotonic_ms() >= p->next_publication) publish(p);
  signal_reader(p);
}

static void start(struct publisher *p, const struct config *c) {
  *p = (struct publisher){.config = c, .source = {.config = c}};
  p->rbldnsd = (struct rbldnsd){.zone = &c->zone, .lifetime = c->lifetime, .stop = &publish_stop};
  if (!files_init(&p->rbldnsd.files, c->outdir))
    diag_permanent(c->outdir, ": the name is too long");
  p->publication = (struct publication){
      .published = published_new(c->limits), .output = rbldnsd_output(&p->rbldnsd), .seen = -1};
  if (!p->publication.published) fatal_temporary("out of memory");
}

static void finish(struct publisher *p) {
  reader_close(p->source.reader);
  rbldnsd_free(&p->rbldnsd);
  published_free(p->publication.published);
}

static int rbldnsd_run(const struct config *c) {
  struct publisher p;
  start(&p, c);
  create_missing(&p);
  source_open(&p.source);
  while (!publish_stop) {
    step(&p);
    if (c->once && p.ready) break;
    wait_poll(c);
  }
  bool prog_failed = c->once && !publish_stop && p.prog.due;
  bool lists_failed = !second_finish(&p.second) && c->once;
  finish(&p);
  return prog_failed || lists_failed ? EXIT_TEMPORARY : EXIT_DONE;
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
  wait_catch_signals();
  check_notify_fd(c.notify_fd);
  return c.outlets.on[OUTLET_RBLDNSD] ? rbldnsd_run(&c) : lists_run(&c);
}
