/* sinbin-resolve: appends what the DNS says to the session lines that pass through it. */
#include "sys/clock.h"
#include "sys/confine.h"
#include "sys/env.h"
#include "sys/diag.h"
#include "sys/filter.h"
#include "sys/privileges.h"
#include "sys/process.h"
#include "sys/pipewait.h"
#include "sys/ratelimit.h"
#include "sys/signals.h"
#include "sys/systemerror.h"
#include "sys/wholelines.h"
#include "resolve/dnsclient.h"
#include "resolve/inflight.h"
#include "resolve/listtest.h"
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define INPUT_CAP    262144 /* the longest line that can be passed on */
#define OUTPUT_CAP   524288
#define LINES_A_TURN 256
#define LISTNAME_MAX 65536
#define MEBIBYTE     1048576
#define QUEUE_A_ROW \
  16                     /* lines that are ready, and wait for one before them, for each in flight \
                          */
#define LATE_EVERY 60000 /* milliseconds between two warnings of lateness */

struct config {
  struct inflight_options inflight;
  struct dnsclient_options client;
  int64_t every; /* between two tests of a list */
};

struct resolver {
  struct inflight inflight;
  struct dnsclient client;
  struct listtests trials;
  struct dnslists lists;
  struct filter in;
  struct ratelimit lateness;
  uint64_t told_late, told_refused;
  int64_t begun;
  bool has_begun, has_ended;
  size_t out_start, out_end;
  char out[OUTPUT_CAP];
};

static volatile sig_atomic_t stopping;

static void on_term(int signal) {
  (void)signal;
  stopping = 1;
}

/* ---- configuration ---- */

/* Returns how much of buf the file fills. */
static size_t read_list_file(const char *path, char *buf) {
  size_t len = 0;
  ssize_t got = 1;
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  while (fd >= 0 && got > 0 && len < LISTNAME_MAX) {
    got = read(fd, buf + len, LISTNAME_MAX - len);
    if (got > 0) len += (size_t)got;
  }
  if (fd < 0 || got < 0)
    diag_exit(systemerror_is_temporary(errno) ? EXIT_TEMPORARY : EXIT_PERMANENT, errno,
              diag_parts("unable to read ", path));
  if (len == LISTNAME_MAX) diag_permanent(path, ": more than 65535 bytes");
  close(fd);
  return len;
}

static bool is_at_or_below(struct span name, struct span zone) {
  if (!span_ends_nocase(name, zone)) return false;
  return name.len == zone.len || name.s[name.len - zone.len - 1] == '.';
}

static bool is_own_zone(struct span zone) {
  struct span rest = span_str(env_text("OWN_ZONES", "")), word;
  while ((word = span_word(&rest)).len)
    if (is_at_or_below(zone, word)) return true;
  return false;
}

static void check_own_zones(void) {
  const char *zones = env_text("OWN_ZONES", "");
  struct span rest = span_str(zones), word;
  while ((word = span_word(&rest)).len)
    if (!question_zone_is_valid(word))
      diag_permanent("malformed OWN_ZONES=", zones, ": want names of zones, blanks between them");
}

/* The lists borrow from text, which stays. */
static void read_lists(struct dnslists *lists, enum list_kind kind, const char *variable,
                       char *text) {
  const char *path = env_text(variable, NULL), *wrong;
  char number[NUMBER_MAX + 1];
  uint64_t line = 0;
  if (!path) return;
  struct span rest = span_of(text, read_list_file(path, text));
  while (rest.len) {
    size_t before = lists->count;
    wrong = dnslists_add(lists, kind, span_cut(&rest, '\n'));
    number[number_format(number, ++line)] = '\0';
    if (wrong) diag_permanent(path, ":", number, ": ", wrong);
    if (lists->count > before && is_own_zone(lists->list[before].zone))
      diag_permanent(path, ":", number, ": a zone of OWN_ZONES, which would prove itself");
  }
}

static void read_config(struct config *c) {
  struct env_error bad = {.name = NULL};
  const char *servers = env_text("NAMESERVERS", NULL);
  c->inflight.deadline_ms = (int64_t)env_ms("DEADLINE", 5000, 100, 60000, &bad);
  c->inflight.late = (int64_t)env_ms("LATE", 2000, 100, 60000, &bad);
  c->inflight.rows = env_number("IN_FLIGHT", 1000, 1, 20000, &bad);
  c->inflight.queue = c->inflight.rows * QUEUE_A_ROW;
  c->inflight.budget = env_number("NETWORK_BUDGET", 16, 1, 10000, &bad);
  c->inflight.dnscache_bytes = env_number("CACHE_MIB", 16, 1, 4096, &bad) * MEBIBYTE;
  c->inflight.ask_special = env_flag("SPECIAL", false, &bad);
  c->every = (int64_t)env_number("SELFTEST", 3600, 1, 86400, &bad) * 1000;
  c->client.deadline_ms = c->inflight.deadline_ms;
  env_check(&bad);
  if (servers && !dnsclient_parse_servers(span_str(servers), &c->client))
    diag_permanent("malformed NAMESERVERS=", servers,
                   ": want 1 to 8 of ADDRESS, ADDRESS:PORT, [ADDRESS]:PORT");
  check_own_zones();
}

/* ---- diagnostics ---- */

static void tell_list(const struct dnslist *l, enum list_family family, const char *wrong) {
  char zone[QUESTION_NAME_MAX + 1];
  const char *kind = family == LIST_IPV4 ? " (IPv4)" : " (IPv6)";
  memcpy(zone, l->zone.s, l->zone.len);
  zone[l->zone.len] = '\0';
  if (wrong) log_warning("list ", zone, kind, " is muted: ", wrong);
  else log_info("list ", zone, kind, " is good again");
}

static uint64_t all_refused(const struct inflight *d) {
  uint64_t sum = 0;
  for (int i = 0; i <= BUDGET_SERVER; i++) sum += d->tally.refused[i];
  return sum;
}

static void tell_totals(const struct resolver *r) {
  const struct inflight *d = &r->inflight;
  char text[512];
  snprintf(text, sizeof text,
           "lines resolved %" PRIu64 ", past the deadline %" PRIu64 "; questions asked %" PRIu64
           ", known %" PRIu64 ", under way already %" PRIu64 "; lines given up early %" PRIu64
           "; not asked: of a network %" PRIu64 ", of a zone %" PRIu64 ", no name server %" PRIu64
           ", too many %" PRIu64,
           d->tally.sessions, d->tally.expired, d->tally.questions, d->tally.kept, d->tally.shared,
           d->tally.late, d->tally.refused[BUDGET_NETWORK], d->tally.refused[BUDGET_ZONE],
           d->tally.refused[BUDGET_SERVER], d->tally.refused[BUDGET_ALLOWED]);
  log_info(text);
}

/* Once a minute, while facts are left out so that lines need not wait. */
static void tell_lateness(struct resolver *r, int64_t now) {
  uint64_t late = r->inflight.tally.late - r->told_late, ignored;
  uint64_t refused = all_refused(&r->inflight) - r->told_refused;
  char lines[NUMBER_MAX + 1], questions[NUMBER_MAX + 1];
  if ((late == 0 && refused == 0) || !ratelimit_allow(&r->lateness, now, LATE_EVERY, &ignored))
    return;
  r->told_late += late;
  r->told_refused += refused;
  lines[number_format(lines, late)] = '\0';
  questions[number_format(questions, refused)] = '\0';
  log_warning("name servers are slow: lines given up early: ", lines,
              ", questions not asked: ", questions);
}

/* ---- lines ---- */

static void take_line(struct resolver *r, struct span line, int64_t now) {
  struct span bad;
  switch (inflight_add(&r->inflight, line, now, &bad)) {
  case ADDED_SESSION:
  case ADDED_PASSTHROUGH: return;
  case ADDED_MALFORMED: filter_warn(&r->in, bad, "malformed session line at"); return;
  case ADDED_LONG: filter_warn(&r->in, line, "too long"); return;
  case ADDED_NO_MEMORY: fatal_temporary("out of memory");
  }
}

static void take_rest(struct resolver *r, struct span text) {
  filter_warn(&r->in, text, "no line end");
  if (!inflight_add_partial(&r->inflight, text)) fatal_temporary("out of memory");
}

/* Takes what has been read, and once more what can be read where `readable`. */
static void take_lines(struct resolver *r, bool readable, int64_t now) {
  struct span text;
  for (int i = 0; i < LINES_A_TURN && inflight_has_room(&r->inflight); i++) {
    if (!linereader_ready(&r->in.in) && !readable) return;
    switch (filter_next(&r->in, &text)) {
    case FILTER_LINE: take_line(r, text, now); break;
    case FILTER_PARTIAL: take_rest(r, text); break;
    case FILTER_AGAIN: return;
    case FILTER_END: r->has_ended = true; return;
    }
    readable =
        readable && r->in.in.ended; /* one read a turn; then only the end is left to be told */
  }
}

static void fill(struct resolver *r) {
  if (r->out_start == r->out_end) r->out_start = r->out_end = 0;
  r->out_end += inflight_flush(&r->inflight, r->out + r->out_end, sizeof r->out - r->out_end);
}

static size_t next_piece(const struct resolver *r) {
  return wholelines_piece(span_of(r->out + r->out_start, r->out_end - r->out_start));
}

static _Noreturn void fail_write(void) {
  if (errno == EPIPE) pipewait_leave();
  diag_system("unable to write");
}

static void drain(struct resolver *r) {
  ssize_t put = write(1, r->out + r->out_start, next_piece(r));
  if (put < 0 && errno != EAGAIN && errno != EINTR) fail_write();
  if (put > 0) r->out_start += (size_t)put;
}

/* ---- the loop ---- */

static bool may_read(const struct resolver *r) {
  return r->has_begun && !r->has_ended && !stopping && inflight_has_room(&r->inflight);
}

static int until_next(const struct resolver *r, int64_t now) {
  int64_t next = inflight_next(&r->inflight), other = dnsclient_next(&r->client);
  if (r->has_begun && linereader_ready(&r->in.in) && inflight_has_room(&r->inflight)) return 0;
  if (other < next) next = other;
  other = listtests_next(&r->trials);
  if (other < next) next = other;
  if (!r->has_begun && r->begun + r->inflight.deadline_ms < next)
    next = r->begun + r->inflight.deadline_ms;
  if (next == INT64_MAX) return -1;
  return next <= now ? 0 : next - now > 60000 ? 60000 : (int)(next - now);
}

/* Waits; true where there is something to read. Signals come only here. */
static bool wait_for_work(struct resolver *r, const sigset_t *signals) {
  bool fits = wholelines_fits(1, next_piece(r));
  struct pollfd fd[3] = {{.fd = may_read(r) ? 0 : -1, .events = POLLIN},
                         {.fd = 1, .events = fits && r->out_end > r->out_start ? POLLOUT : 0},
                         {.fd = r->client.epoll, .events = POLLIN}};
  int ms = until_next(r, clock_monotonic_ms());
  if (!fits && (ms < 0 || ms > WHOLELINES_WAIT)) ms = WHOLELINES_WAIT;
  struct timespec timeout = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L};
  if (ppoll(fd, 3, ms < 0 ? NULL : &timeout, signals) < 0) {
    if (errno != EINTR) diag_system("unable to poll");
    return false;
  }
  if (fd[1].revents & POLLOUT) drain(r);
  else if (fd[1].revents & (POLLERR | POLLHUP)) pipewait_leave(); /* seen without a line to write */
  return fd[0].revents != 0;
}

static bool is_done(const struct resolver *r) {
  bool read_all = r->has_ended || (stopping && !linereader_ready(&r->in.in));
  return read_all && r->inflight.count == 0 && r->out_start == r->out_end;
}

/* Answers come before lines, so that the lists have been heard before the first line is read. */
static void run(struct resolver *r, const sigset_t *signals) {
  bool readable = false;
  while (!is_done(r)) {
    int64_t now = clock_monotonic_ms();
    if (stopping && r->inflight.limit == INT64_MAX)
      r->inflight.limit = now + r->inflight.deadline_ms;
    listtests_run(&r->trials, now);
    dnsclient_poll(&r->client, now);
    if (listtests_done(&r->trials) || now >= r->begun + r->inflight.deadline_ms)
      r->has_begun = true;
    if (r->has_begun) take_lines(r, readable && !stopping, now);
    inflight_expire(&r->inflight, now);
    tell_lateness(r, now);
    fill(r);
    if (!is_done(r)) readable = wait_for_work(r, signals);
  }
}

/* ---- start ---- */

static void start(struct resolver *r, const struct config *c) {
  static char input[INPUT_CAP];
  uint8_t key[DNSCACHE_KEY_BYTES];
  if (!process_standard_files()) {
    if (errno != EBADF) diag_system("unable to open /dev/null");
    diag_permanent("standard output is closed");
  }
  sodium_set_misuse_handler(fatal_no_random);
  if (sodium_init() < 0) fatal_temporary("unable to start libsodium");
  randombytes_buf(key, sizeof key);
  const char *wrong = dnsclient_open(&r->client, &c->client);
  if (wrong) fatal_temporary(wrong);
  if (!inflight_init(&r->inflight, &c->inflight, key)) fatal_temporary("out of memory");
  r->inflight.lists = &r->lists;
  r->inflight.ask = r->trials.ask = (struct dnssender){&r->client, dnsclient_send};
  r->trials.every = c->every;
  r->trials.tell = tell_list;
  listtests_init(&r->trials, &r->lists);
  r->begun = clock_monotonic_ms();
  filter_init(&r->in, input, sizeof input);
  r->in.in.polled = true;
}

int main(int argc, char **argv) {
  static struct resolver resolver;
  static struct config config;
  static const int caught[] = {SIGTERM, SIGINT};
  sigset_t while_waiting;
  static char blacklists[LISTNAME_MAX], whitelists[LISTNAME_MAX];
  diag_start(argc, argv, "takes no arguments");
  if (argc != 1) diag_usage("takes no arguments");
  if (!clock_works()) diag_system("unable to read the clock");
  privileges_refuse_root(PRIVILEGES_OWN_USER);
  if (!sandbox_hide()) log_warning_errno("unable to hide memory from a core file");
  read_config(&config);
  read_lists(&resolver.lists, LIST_BLACK, "DNSBL", blacklists);
  read_lists(&resolver.lists, LIST_WHITE, "DNSWL", whitelists);
  signals_catch(caught, 2, on_term, &while_waiting);
  start(&resolver, &config);
  confine_program(CONFINE_RESOLVER);
  run(&resolver, &while_waiting);
  tell_totals(&resolver);
  dnsclient_close(&resolver.client);
  inflight_free(&resolver.inflight);
  return EXIT_DONE;
}
