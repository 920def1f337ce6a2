/* sinbin-resolve: appends to each session line what the DNS says about the client. */
#include "sys/clock.h"
#include "sys/confine.h"
#include "sys/diag.h"
#include "sys/env.h"
#include "sys/fileio.h"
#include "sys/filter.h"
#include "sys/pipewait.h"
#include "sys/privileges.h"
#include "sys/process.h"
#include "sys/ratelimit.h"
#include "sys/signals.h"
#include "sys/systemerror.h"
#include "sys/wholelines.h"
#include "resolve/dnsclient.h"
#include "resolve/inflight.h"
#include "resolve/listtest.h"
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define SYNOPSIS          "takes no arguments"
#define INPUT_CAP         262144          /* a longer line is dropped */
#define OUTPUT_CAP        (2 * INPUT_CAP) /* room for the longest line and its fields */
#define LINES_PER_TURN    256
#define LINES_PER_PENDING 16 /* lines held for each line that may wait for answers */
#define LISTFILE_MAX      65535
#define MEBIBYTE          1048576
#define WARN_EVERY_MS     60000
#define WAIT_MAX_MS       60000

struct config {
  struct inflight_options inflight;
  struct dnsclient_options client;
  struct dnslists lists;
  char list_text[2][LISTFILE_MAX]; /* of DNSBL and DNSWL; lists borrows from it */
  int64_t selftest_ms;             /* between two tests of a list */
};

struct resolver {
  const struct config *config;
  struct dnslists lists; /* as configured, and which of them are muted */
  struct listtests tests;
  struct dnsclient client;
  struct inflight inflight;
  struct filter in;
  bool input_ended;
  int64_t started;
  bool lists_tested; /* once, or the deadline passed; no line is read before that */
  struct ratelimit late_warnings;
  uint64_t late_logged, refused_logged; /* counts in the warnings so far */
  size_t out_start, out_end;
  char out[OUTPUT_CAP];
};

/* Set by a signal, which is delivered only during a wait. */
static volatile sig_atomic_t stopping;

static void on_term(int signal) {
  (void)signal;
  stopping = 1;
}

/* ---- configuration ---- */

static bool is_own_zone(struct span zone) {
  struct span rest = span_str(env_text("OWN_ZONES", "")), word;
  while ((word = span_word(&rest)).len)
    if (question_name_is_in(zone, word)) return true;
  return false;
}

static void check_own_zones(void) {
  const char *zones = env_text("OWN_ZONES", "");
  struct span rest = span_str(zones), word;
  while ((word = span_word(&rest)).len)
    if (!question_zone_is_valid(word))
      diag_permanent("malformed OWN_ZONES=", zones, ": want zone names separated by blanks");
}

static struct span read_list_file(const char *path, char text[LISTFILE_MAX]) {
  struct span read;
  if (fileio_read(path, text, LISTFILE_MAX, &read) == 1) return read;
  if (errno == EFBIG) diag_permanent(path, ": more than 65535 bytes");
  diag_exit(systemerror_is_temporary(errno) ? EXIT_TEMPORARY : EXIT_PERMANENT, errno,
            diag_parts("unable to read ", path));
}

/* The error in the last line of *lists, or NULL. */
static const char *add_list(struct dnslists *lists, enum list_kind kind, struct span line) {
  size_t before = lists->count;
  const char *wrong = dnslists_add(lists, kind, line);
  if (wrong || lists->count == before) return wrong;
  if (!is_own_zone(lists->list[before].zone)) return NULL;
  return "the zone is in OWN_ZONES: our own list must not confirm itself";
}

static void read_lists(struct config *c, enum list_kind kind, const char *variable) {
  const char *path = env_text(variable, NULL);
  char number[NUMBER_MAX + 1];
  uint64_t line = 0;
  if (!path) return;
  struct span rest = read_list_file(path, c->list_text[kind]);
  while (rest.len) {
    const char *wrong = add_list(&c->lists, kind, span_cut(&rest, '\n'));
    number[number_format(number, ++line)] = '\0';
    if (wrong) diag_permanent(path, ":", number, ": ", wrong);
  }
}

static void read_servers(struct dnsclient_options *o) {
  const char *servers = env_text("NAMESERVERS", NULL);
  if (servers && !dnsclient_parse_servers(span_str(servers), o))
    diag_permanent("malformed NAMESERVERS=", servers,
                   ": want 1 to 8 of ADDRESS, ADDRESS:PORT, [ADDRESS]:PORT");
}

static void read_config(struct config *c) {
  struct env_error bad = {.name = NULL};
  c->inflight.deadline_ms = (int64_t)env_ms("DEADLINE", 5000, 100, 60000, &bad);
  c->inflight.late_deadline_ms = (int64_t)env_ms("LATE", 2000, 100, 60000, &bad);
  c->inflight.pending_max = env_number("IN_FLIGHT", 1000, 1, 20000, &bad);
  c->inflight.lines_max = c->inflight.pending_max * LINES_PER_PENDING;
  c->inflight.network_budget = env_number("NETWORK_BUDGET", 16, 1, 10000, &bad);
  c->inflight.cache_bytes = env_number("CACHE_MIB", 16, 1, 4096, &bad) * MEBIBYTE;
  c->inflight.ask_special = env_flag("SPECIAL", false, &bad);
  c->selftest_ms = (int64_t)env_number("SELFTEST", 3600, 1, 86400, &bad) * 1000;
  c->client.deadline_ms = c->inflight.deadline_ms;
  env_check(&bad);
  read_servers(&c->client);
  check_own_zones();
  read_lists(c, LIST_BLACK, "DNSBL");
  read_lists(c, LIST_WHITE, "DNSWL");
}

/* ---- messages ---- */

static void log_list(const struct dnslist *l, enum list_family family, const char *wrong) {
  char zone[QUESTION_NAME_MAX + 1];
  const char *family_name = family == LIST_IPV4 ? " (IPv4)" : " (IPv6)";
  memcpy(zone, l->zone.s, l->zone.len);
  zone[l->zone.len] = '\0';
  if (wrong) log_warning("list ", zone, family_name, " is muted: ", wrong);
  else log_info("list ", zone, family_name, " passes its test again");
}

static void log_totals(const struct resolver *r) {
  const struct inflight_counters *c = &r->inflight.counters;
  char text[512];
  snprintf(text, sizeof text,
           "lines resolved %" PRIu64 ", past the deadline %" PRIu64 ", given up early %" PRIu64
           "; questions asked %" PRIu64 ", in the cache %" PRIu64 ", in progress already %" PRIu64
           "; not asked: slow network %" PRIu64 ", slow zone %" PRIu64
           ", silent name server %" PRIu64 ", too many %" PRIu64,
           c->sessions, c->expired, c->late, c->queries, c->cached, c->shared,
           c->refused[BUDGET_NETWORK], c->refused[BUDGET_ZONE], c->refused[BUDGET_SERVER],
           c->refused[BUDGET_ALLOWED]);
  log_info(text);
}

static uint64_t all_refused(const struct inflight_counters *c) {
  uint64_t sum = 0;
  for (int i = 0; i <= BUDGET_SERVER; i++) sum += c->refused[i];
  return sum;
}

/* Warns at most once a minute that fields are unknown because name servers are slow. */
static void warn_late(struct resolver *r, int64_t now) {
  const struct inflight_counters *c = &r->inflight.counters;
  uint64_t late = c->late - r->late_logged, refused = all_refused(c) - r->refused_logged, ignored;
  char lines[NUMBER_MAX + 1], questions[NUMBER_MAX + 1];
  if (late == 0 && refused == 0) return;
  if (!ratelimit_allow(&r->late_warnings, now, WARN_EVERY_MS, &ignored)) return;
  r->late_logged += late;
  r->refused_logged += refused;
  lines[number_format(lines, late)] = '\0';
  questions[number_format(questions, refused)] = '\0';
  log_warning("name servers are slow: lines given up early: ", lines,
              ", questions not asked: ", questions);
}

/* ---- input ---- */

static void add_line(struct resolver *r, struct span line, int64_t now) {
  struct span bad;
  switch (inflight_add(&r->inflight, line, now, &bad)) {
  case ADDED_SESSION:
  case ADDED_PASSTHROUGH: return;
  case ADDED_MALFORMED: filter_warn(&r->in, bad, "malformed session line at"); return;
  case ADDED_LONG: filter_warn(&r->in, line, "too long"); return;
  case ADDED_NO_MEMORY: fatal_temporary("out of memory");
  }
}

static void add_partial(struct resolver *r, struct span text) {
  filter_warn(&r->in, text, "no line end");
  if (!inflight_add_partial(&r->inflight, text)) fatal_temporary("out of memory");
}

/* Adds the lines in the buffer and, if the input is readable, those of one read. */
static void read_lines(struct resolver *r, bool readable, int64_t now) {
  struct span text;
  for (int i = 0; i < LINES_PER_TURN && inflight_has_room(&r->inflight); i++) {
    if (!linereader_ready(&r->in.in) && !readable) return;
    switch (filter_next(&r->in, &text)) {
    case FILTER_LINE: add_line(r, text, now); break;
    case FILTER_PARTIAL: add_partial(r, text); break;
    case FILTER_AGAIN: return;
    case FILTER_END: r->input_ended = true; return;
    }
    readable = readable && r->in.in.ended; /* to reach FILTER_END; a second read could block */
  }
}

/* ---- output ---- */

static bool has_output(const struct resolver *r) {
  return r->out_end > r->out_start;
}

static void fill_output(struct resolver *r) {
  if (!has_output(r)) r->out_start = r->out_end = 0;
  r->out_end += inflight_flush(&r->inflight, r->out + r->out_end, sizeof r->out - r->out_end);
}

static size_t next_piece(const struct resolver *r) {
  return wholelines_piece(span_of(r->out + r->out_start, r->out_end - r->out_start));
}

static _Noreturn void fail_write(void) {
  if (errno == EPIPE) pipewait_leave();
  diag_system("unable to write");
}

static void write_output(struct resolver *r) {
  ssize_t wrote = write(1, r->out + r->out_start, next_piece(r));
  if (wrote < 0 && errno != EAGAIN && errno != EINTR) fail_write();
  if (wrote > 0) r->out_start += (size_t)wrote;
}

/* ---- the loop ---- */

static bool wants_input(const struct resolver *r) {
  return r->lists_tested && !r->input_ended && !stopping && inflight_has_room(&r->inflight);
}

static void lower(int64_t *time, int64_t other) {
  if (other < *time) *time = other;
}

/* How long to wait for events, in milliseconds; -1: without limit. */
static int wait_ms(const struct resolver *r, int64_t now) {
  int64_t next = inflight_next(&r->inflight);
  if (r->lists_tested && linereader_ready(&r->in.in) && inflight_has_room(&r->inflight)) return 0;
  lower(&next, dnsclient_next(&r->client));
  lower(&next, listtests_next(&r->tests));
  if (!r->lists_tested) lower(&next, r->started + r->config->inflight.deadline_ms);
  if (next == INT64_MAX) return -1;
  if (next <= now) return 0;
  return next - now > WAIT_MAX_MS ? WAIT_MAX_MS : (int)(next - now);
}

/* Waits, and writes output if it can be written. Returns true if the input is readable. */
static bool wait_for_events(struct resolver *r, const sigset_t *while_waiting) {
  bool fits = wholelines_fits(1, next_piece(r));
  struct pollfd fd[3] = {{.fd = wants_input(r) ? 0 : -1, .events = POLLIN},
                         {.fd = 1, .events = fits && has_output(r) ? POLLOUT : 0},
                         {.fd = r->client.epoll, .events = POLLIN}};
  int ms = wait_ms(r, clock_monotonic_ms());
  if (!fits && (ms < 0 || ms > WHOLELINES_WAIT)) ms = WHOLELINES_WAIT;
  struct timespec timeout = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L};
  if (ppoll(fd, 3, ms < 0 ? NULL : &timeout, while_waiting) < 0) {
    if (errno != EINTR) diag_system("unable to poll");
    return false;
  }
  if (fd[1].revents & POLLOUT) write_output(r);
  else if (fd[1].revents & (POLLERR | POLLHUP)) pipewait_leave(); /* even without a line to write */
  return fd[0].revents != 0;
}

static bool is_done(const struct resolver *r) {
  bool read_all = r->input_ended || (stopping && !linereader_ready(&r->in.in));
  return read_all && r->inflight.count == 0 && !has_output(r);
}

static void test_lists(struct resolver *r, int64_t now) {
  listtests_run(&r->tests, now);
  dnsclient_poll(&r->client, now);
  if (listtests_done(&r->tests) || now >= r->started + r->config->inflight.deadline_ms)
    r->lists_tested = true;
}

static void run(struct resolver *r, const sigset_t *while_waiting) {
  bool readable = false;
  while (!is_done(r)) {
    int64_t now = clock_monotonic_ms();
    if (stopping && r->inflight.stop_at == INT64_MAX)
      r->inflight.stop_at = now + r->config->inflight.deadline_ms;
    test_lists(r, now);
    if (r->lists_tested) read_lines(r, readable && !stopping, now);
    inflight_expire(&r->inflight, now);
    warn_late(r, now);
    fill_output(r);
    if (!is_done(r)) readable = wait_for_events(r, while_waiting);
  }
}

/* ---- start ---- */

static void prepare_process(void) {
  if (!clock_works()) diag_system("unable to read the clock");
  privileges_refuse_root(PRIVILEGES_OWN_USER);
  if (!sandbox_hide()) log_warning_errno("unable to hide memory from a core file");
  if (!process_standard_files()) {
    if (errno != EBADF) diag_system("unable to open /dev/null");
    diag_permanent("standard output is closed");
  }
  sodium_set_misuse_handler(fatal_no_random);
  if (sodium_init() < 0) fatal_temporary("unable to start libsodium");
}

static void start(struct resolver *r, const struct config *c) {
  static char input[INPUT_CAP];
  uint8_t key[DNSCACHE_KEY_BYTES];
  randombytes_buf(key, sizeof key);
  const char *wrong = dnsclient_open(&r->client, &c->client);
  if (wrong) fatal_temporary(wrong);
  if (!inflight_init(&r->inflight, &c->inflight, key)) fatal_temporary("out of memory");
  r->config = c;
  r->lists = c->lists;
  r->inflight.lists = &r->lists;
  r->inflight.sender = r->tests.sender = (struct dnssender){dnsclient_send, &r->client};
  r->tests.every_ms = c->selftest_ms;
  r->tests.report = log_list;
  listtests_init(&r->tests, &r->lists);
  filter_init(&r->in, input, sizeof input);
  r->in.in.polled = true;
  r->started = clock_monotonic_ms();
}

static void finish(struct resolver *r) {
  log_totals(r);
  dnsclient_close(&r->client);
  inflight_free(&r->inflight);
}

int main(int argc, char **argv) {
  static const int caught[] = {SIGTERM, SIGINT};
  static struct resolver resolver;
  static struct config config;
  sigset_t while_waiting;
  diag_start(argc, argv, SYNOPSIS);
  if (argc != 1) diag_usage(SYNOPSIS);
  prepare_process();
  read_config(&config);
  signals_catch(caught, 2, on_term, &while_waiting);
  start(&resolver, &config);
  confine_program(CONFINE_RESOLVER);
  run(&resolver, &while_waiting);
  finish(&resolver);
  return EXIT_DONE;
}
