/* sinbin-report: reports the session lines on stdin to a collector until it acknowledges them, and
   passes them on. */
#include "follow/checkpointfile.h"
#include "line/gap.h"
#include "report/exchange.h"
#include "report/replaywindow.h"
#include "sys/clock.h"
#include "sys/diag.h"
#include "sys/env.h"
#include "sys/epochfile.h"
#include "sys/fileio.h"
#include "sys/keyfile.h"
#include "sys/linereader.h"
#include "sys/pipeout.h"
#include "sys/privileges.h"
#include "sys/ratelimit.h"
#include "sys/sandbox.h"
#include "sys/secret.h"
#include "sys/signals.h"
#include "sys/systemerror.h"
#include "sys/udplink.h"
#include <fcntl.h>
#include <poll.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define LINE_CAP     65536
#define BUFFER       2048 /* above DATAGRAM_MAX: a datagram that is cut to this is still too long */
#define WARN_EVERY   60000 /* milliseconds */
#define SAVE_EVERY   1000
#define ANSWERS_MAX  256 /* received in one turn */
#define NEXT_ADDRESS 2   /* silences in a row before another address is tried */
#define KEYPATH_MAX  24

struct config {
  const char *collector, *checkpoint; /* checkpoint: NULL if lines have no numbers */
  uint16_t port;
  struct origin origin; /* epoch 0: the checkpoint's */
  struct mac_key key;
  int64_t grace, heartbeat; /* milliseconds; heartbeat 0: none */
  int64_t first, longest;   /* delays before a report is sent again */
};

struct reporter {
  const struct config *config;
  struct exchange exchange;
  struct checkpoint read; /* after the last line read */
  uint64_t saved;         /* the number in the checkpoint on disk */
  struct linereader in;
  struct udplink link;
  struct pipeout out;
  bool reading;
  int64_t now, leave, next_save, next_beat;
  struct ratelimit sending, unparsable, saving, silence, refusal;
  uint64_t refused; /* refusals logged so far */
  bool silent;      /* a silence was logged, and no answer came since */
  bool unsaved;     /* the last checkpoint could not be written */
};

static volatile sig_atomic_t got_term, got_usr1;

static void on_signal(int signal) {
  if (signal == SIGTERM) got_term = 1;
  if (signal == SIGUSR1) got_usr1 = 1;
}

/* ---- configuration ---- */

static void read_key(struct config *c) {
  char path[KEYPATH_MAX];
  snprintf(path, sizeof path, "key.%llu", (unsigned long long)c->origin.keygen);
  const char *file = env_text("KEYFILE", path);
  const char *wrong = keyfile_read(AT_FDCWD, file, c->key.byte);
  if (wrong)
    diag_exit(systemerror_is_temporary(errno) ? EXIT_TEMPORARY : EXIT_PERMANENT, errno,
              diag_parts("key file ", file, ": ", wrong));
}

static uint64_t new_epoch(void) {
  const char *path = env_text("EPOCH", "epoch");
  uint64_t epoch;
  const char *wrong = epochfile_next(path, (uint64_t)(clock_wall_ms() / 1000), &epoch);
  if (wrong)
    diag_exit(errno ? EXIT_TEMPORARY : EXIT_PERMANENT, errno, diag_parts(path, ": ", wrong));
  return epoch;
}

static void read_numbers(struct config *c) {
  struct env_error bad = {.name = NULL};
  c->port = (uint16_t)env_number("COLLECTOR_PORT", 7373, 1, 65535, &bad);
  c->origin.keygen = env_number("KEYGEN", 1, 1, KEYGEN_MAX, &bad);
  c->grace = (int64_t)env_ms("GRACE", 3000, 0, 3600000, &bad);
  c->heartbeat = (int64_t)env_ms("HEARTBEAT", 60000, 0, 86400000, &bad);
  c->first = (int64_t)env_ms("RESEND_FIRST", 500, 10, 3600000, &bad);
  c->longest = (int64_t)env_ms("RESEND_LONGEST", 60000, 10, 3600000, &bad);
  env_check(&bad);
}

static void read_config(struct config *c) {
  const char *detector = env_text("DETECTOR", "local");
  read_numbers(c);
  c->collector = env_text("COLLECTOR", "127.0.0.1");
  c->checkpoint = env_text("CHECKPOINT", NULL);
  if (!udplink_host_is_valid(c->collector))
    diag_permanent("malformed COLLECTOR=", c->collector, ": want an address or a name");
  c->origin.detector = span_str(detector);
  if (!origin_detector_is_valid(c->origin.detector))
    diag_permanent("malformed DETECTOR=", detector, ": want 1 to 32 of a-z, 0-9 and -");
  if (c->checkpoint && !*c->checkpoint)
    diag_permanent("malformed CHECKPOINT=: want the path of a file");
  read_key(c);
  if (!c->checkpoint) c->origin.epoch = new_epoch();
}

/* ---- messages ---- */

static void log_counts(const struct reporter *r) {
  char text[EXCHANGE_TEXT];
  exchange_counts(&r->exchange, text);
  log_info(text);
}

static void warn_failed(struct reporter *r, int error) {
  char digits[NUMBER_MAX + 1];
  uint64_t count;
  r->exchange.failed++;
  if (!ratelimit_allow(&r->sending, r->now, WARN_EVERY, &count)) return;
  diag_log("warning", r->link.why ? 0 : error,
           diag_parts("datagrams to ", r->config->collector, " that failed: ",
                      number_text(digits, count), r->link.why ? ": " : "", r->link.why));
}

static void warn_unparsable(struct reporter *r, struct span bad) {
  char digits[NUMBER_MAX + 1], piece[64];
  uint64_t count;
  r->exchange.unread++;
  if (!ratelimit_allow(&r->unparsable, r->now, WARN_EVERY, &count)) return;
  bad = span_head(bad, sizeof piece - 1);
  if (bad.len) memcpy(piece, bad.s, bad.len);
  piece[bad.len] = '\0';
  log_warning("lines passed on that could not be reported: ", number_text(digits, count),
              ", the last one at: ", piece);
}

static void warn_silence(struct reporter *r) {
  char digits[NUMBER_MAX + 1], port[NUMBER_MAX + 1], keygen[NUMBER_MAX + 1];
  uint64_t ignored;
  if (!ratelimit_allow(&r->silence, r->now, WARN_EVERY, &ignored)) return;
  log_warning("no answer from ", r->config->collector,
              "; reports that wait: ", number_text(digits, r->exchange.outstanding.pending));
  if (!r->silent)
    log_info("is ", r->config->collector, " up, is ", number_text(port, r->config->port),
             "/UDP open, and does it know detector ", env_text("DETECTOR", "local"),
             " with this key as generation ", number_text(keygen, r->config->origin.keygen), "?");
  r->silent = true;
}

/* A refusal has a valid tag: the collector has this key, and will not accept a report that
   waits. */
static void warn_refusal(struct reporter *r) {
  char count[NUMBER_MAX + 1], seq[NUMBER_MAX + 1];
  uint64_t ignored;
  if (r->exchange.refused == r->refused) return;
  if (!ratelimit_allow(&r->refusal, r->now, WARN_EVERY, &ignored)) return;
  number_text(count, r->exchange.refused - r->refused);
  number_text(seq, r->exchange.refused_seq);
  r->refused = r->exchange.refused;
  diag_log("alarm", 0,
           diag_parts(r->config->collector, " refused reports ", count, " times, last number ", seq,
                      ": does another machine report as detector ", env_text("DETECTOR", "local"),
                      ", or is the checkpoint an old one? See RECOVERY in sinbin-report(8)"));
}

static void log_answers(struct reporter *r) {
  char digits[NUMBER_MAX + 1];
  if (!r->silent || r->exchange.backoff.silences) return;
  r->silent = false;
  log_info(r->config->collector, " answers again; reports that wait: ",
           number_text(digits, r->exchange.outstanding.pending));
}

/* ---- stdout and the checkpoint ---- */

static void flush_out(struct reporter *r) {
  if (!pipeout_flush(&r->out)) diag_system("unable to write to stdout");
}

static void pass_on(struct reporter *r, struct span line) {
  if (!pipeout_put_line(&r->out, line)) diag_system("unable to write to stdout");
}

static bool save_is_due(const struct reporter *r) {
  return r->config->checkpoint && r->exchange.origin.epoch &&
         r->exchange.outstanding.resume.seq != r->saved;
}

/* After a kill, lines are read again from the checkpoint on disk. Their numbers must still be in
   the replay window of the collector (report/replaywindow.h), or it refuses them. So no number is
   used that is a window or more above the checkpoint. */
static bool has_room(const struct reporter *r) {
  return outstanding_has_room(&r->exchange.outstanding) &&
         (!r->config->checkpoint || !r->exchange.origin.epoch ||
          r->exchange.outstanding.next - r->saved < REPLAYWINDOW_SIZE);
}

/* Half of the difference between the window and the lines that may be outstanding. */
static bool save_is_urgent(const struct reporter *r) {
  return r->exchange.outstanding.resume.seq - r->saved >= (REPLAYWINDOW_SIZE - OUTSTANDING_MAX) / 2;
}

/* The checkpoint must never move past a line that has not been passed on. */
static bool save_checkpoint(struct reporter *r) {
  if (!save_is_due(r)) return true;
  flush_out(r);
  r->next_save = r->now + SAVE_EVERY;
  if (!checkpointfile_write(r->config->checkpoint, &r->exchange.outstanding.resume)) return false;
  r->saved = r->exchange.outstanding.resume.seq;
  return true;
}

static void keep_checkpoint(struct reporter *r) {
  uint64_t ignored;
  bool wait = r->unsaved || !save_is_urgent(r);
  if (wait && r->now < r->next_save) return;
  r->unsaved = !save_checkpoint(r);
  if (!r->unsaved) return;
  /* With an older checkpoint nothing is lost: more lines are read again. */
  if (ratelimit_allow(&r->saving, r->now, WARN_EVERY, &ignored))
    log_warning_errno("unable to write ", r->config->checkpoint);
}

/* ---- lines ---- */

_Noreturn static void fail_gap(struct reporter *r, uint64_t seq) {
  char want[NUMBER_MAX + 1], got[NUMBER_MAX + 1];
  number_text(want, r->read.seq);
  save_checkpoint(r);
  fatal_temporary("a gap in the input: want seq=", want, ", got seq=", number_text(got, seq));
}

_Noreturn static void fail_line(struct reporter *r, const char *what) {
  save_checkpoint(r);
  diag_permanent(what, ", but CHECKPOINT is set: want the lines of sinbin-follow");
}

/* sinbin-follow makes the checkpoint before it prints the first line. */
static void load_checkpoint(struct reporter *r) {
  errno = 0;
  if (checkpointfile_read(r->config->checkpoint, &r->read) != 1)
    diag_system("unable to read checkpoint ", r->config->checkpoint);
  r->saved = r->read.seq;
  r->next_beat = r->now;
  exchange_resume(&r->exchange, &r->read);
}

/* The number of the line must be the next one. */
static void check_number(struct reporter *r, struct span line) {
  struct seqpos pos;
  if (!seqpos_parse(line, &pos)) fail_line(r, "a line without seq= and pos=");
  if (!r->exchange.origin.epoch) load_checkpoint(r);
  if (pos.seq != r->read.seq || !checkpoint_advance(&r->read, line)) fail_gap(r, pos.seq);
}

/* Lines were lost before they were read. A heartbeat reports it at once. */
static void count_gap(struct reporter *r, struct span line) {
  struct gap gap;
  if (!gap_parse(line, &gap)) return;
  r->exchange.gaps++;
  r->exchange.lastgap = gap.at / 1000;
  r->next_beat = r->now;
}

static void handle_line(struct reporter *r, struct span line) {
  struct composed report;
  count_gap(r, line);
  if (r->config->checkpoint) check_number(r, line);
  pass_on(r, line);
  exchange_compose(&r->exchange, line, &report);
  if (report.refused) warn_unparsable(r, report.bad);
  if (r->config->checkpoint || report.len)
    outstanding_add(&r->exchange.outstanding, span_of(report.text, report.len), &r->read, r->now);
}

/* Without a checkpoint, lines taken from the pipe cannot be read again, so they are handled now. */
static void stop_reading(struct reporter *r) {
  struct span line;
  while (!r->config->checkpoint && has_room(r) && linereader_ready(&r->in) &&
         linereader_next(&r->in, &line) == LINE_READER_LINE)
    handle_line(r, line);
  r->reading = false;
  r->leave = r->now + r->config->grace;
}

/* The writer died while it wrote the line. With a checkpoint the line is printed again. */
static void handle_partial(struct reporter *r, struct span line) {
  if (r->config->checkpoint) return;
  if (!pipeout_put(&r->out, line)) diag_system("unable to write to stdout");
  warn_unparsable(r, span_str("a last line without line end"));
}

static void handle_long(struct reporter *r) {
  if (r->config->checkpoint) fail_line(r, "a line over 65535 bytes");
  warn_unparsable(r, span_str("a line over 65535 bytes, left out"));
}

/* Reads without waiting, while there is room. */
static void read_lines(struct reporter *r, bool readable) {
  struct span line;
  while (r->reading && has_room(r) && (readable || linereader_ready(&r->in))) {
    readable = false;
    switch (linereader_next(&r->in, &line)) {
    case LINE_READER_LINE: handle_line(r, line); break;
    case LINE_READER_LONG: handle_long(r); break;
    case LINE_READER_PARTIAL: handle_partial(r, line); break;
    case LINE_READER_AGAIN: break;
    case LINE_READER_END: stop_reading(r); break;
    case LINE_READER_ERROR: diag_system("unable to read stdin");
    }
  }
}

/* ---- the collector ---- */

static void send_datagram(struct reporter *r, const struct datagram *d) {
  if (udplink_send(&r->link, datagram_covered(d)) < 0) warn_failed(r, errno);
}

/* A datagram that cannot be sent is treated as lost on the way: its lines become due again. */
static void send_reports(struct reporter *r) {
  struct datagram d;
  if (exchange_expire(&r->exchange, r->now)) {
    warn_silence(r);
    if (r->exchange.backoff.silences >= NEXT_ADDRESS) udplink_next_address(&r->link);
  }
  while (exchange_next(&r->exchange, r->now, randombytes_random(), &d)) send_datagram(r, &d);
}

static void receive_answers(struct reporter *r) {
  static char buffer[BUFFER];
  for (int i = 0; i < ANSWERS_MAX; i++) {
    ssize_t got = udplink_receive(&r->link, buffer, sizeof buffer);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (got < 0) {
      warn_failed(r, errno);
      if (r->link.count > 1) udplink_next_address(&r->link);
      return;
    }
    exchange_answer(&r->exchange, span_of(buffer, (size_t)got), r->now);
  }
}

static void handle_answers(struct reporter *r) {
  receive_answers(r);
  log_answers(r);
  warn_refusal(r);
}

/* Before the first line the epoch is read from the checkpoint. */
static void send_beat(struct reporter *r) {
  const struct clocks clocks = {r->now, clock_wall_ms()};
  struct checkpoint c = {.epoch = 0};
  struct datagram d;
  if (!r->config->heartbeat || r->now < r->next_beat) return;
  r->next_beat = r->now + r->config->heartbeat;
  if (!r->exchange.origin.epoch) checkpointfile_read(r->config->checkpoint, &c);
  if (exchange_beat(&r->exchange, c.epoch, &clocks, &d)) send_datagram(r, &d);
}

/* ---- the loop ---- */

static void at_most(int64_t *wait, int64_t until, int64_t now) {
  int64_t left = until > now ? until - now : 0;
  if (left < *wait) *wait = left;
}

/* Everything that may be sent now has been sent, so only times matter. */
static int64_t wait_limit(const struct reporter *r) {
  int64_t wait = 3600000;
  if (r->reading && has_room(r) && linereader_ready(&r->in)) return 0;
  if (r->exchange.outstanding.next_due != OUTSTANDING_NEVER)
    at_most(&wait, r->exchange.outstanding.next_due, r->now);
  if (r->config->heartbeat) at_most(&wait, r->next_beat, r->now);
  if (save_is_due(r)) at_most(&wait, r->next_save, r->now);
  if (!r->reading) at_most(&wait, r->leave, r->now);
  return wait;
}

/* True if stdin can be read. Also detects that stdout was closed, without a line to write. */
static bool wait_for_more(struct reporter *r, const sigset_t *mask) {
  bool wanted = r->reading && has_room(r);
  struct pollfd fds[] = {
      {.fd = wanted ? 0 : -1, .events = POLLIN}, {.fd = r->link.fd, .events = POLLIN}, {.fd = 1}};
  int64_t wait = wait_limit(r);
  struct timespec limit = {.tv_sec = wait / 1000, .tv_nsec = wait % 1000 * 1000000};
  int ready = ppoll(fds, 3, &limit, mask);
  if (ready < 0 && errno != EINTR) diag_system("unable to poll");
  r->now = clock_monotonic_ms();
  if (ready > 0 && fds[2].revents & POLLERR)
    diag_exit(EXIT_TEMPORARY, EPIPE, diag_parts("unable to write to stdout"));
  if (got_usr1) log_counts(r);
  got_usr1 = 0;
  if (got_term && r->reading) stop_reading(r);
  return ready > 0 && fds[0].revents;
}

static void serve(struct reporter *r, const sigset_t *mask) {
  while (r->reading || (r->exchange.outstanding.pending && r->now < r->leave)) {
    bool readable = wait_for_more(r, mask);
    handle_answers(r);
    read_lines(r, readable);
    flush_out(r);
    send_reports(r);
    keep_checkpoint(r);
    send_beat(r);
  }
}

static void start(struct reporter *r, const struct config *c, const sigset_t *mask) {
  static char buf[LINE_CAP];
  r->config = c;
  r->reading = true;
  r->now = clock_monotonic_ms();
  r->exchange.origin = c->origin;
  r->exchange.key = c->key;
  secret_keep(&r->exchange.key, sizeof r->exchange.key);
  exchange_init(&r->exchange, c->first, c->longest, r->now);
  udplink_init(&r->link, c->collector, c->port);
  linereader_init(&r->in, 0, buf, sizeof buf);
  linereader_unblock(&r->in);
  pipeout_init(&r->out, 1, mask, &got_term);
}

static int finish(struct reporter *r) {
  char digits[NUMBER_MAX + 1];
  uint64_t pending = r->exchange.outstanding.pending;
  flush_out(r);
  log_counts(r);
  if (!save_checkpoint(r)) diag_system("unable to write ", r->config->checkpoint);
  if (pending && !r->config->checkpoint)
    log_warning("reports that were not acknowledged and are lost: ", number_text(digits, pending));
  return pending && !r->config->checkpoint && !got_term ? EXIT_TEMPORARY : EXIT_DONE;
}

int main(int argc, char **argv) {
  static const int caught[] = {SIGTERM, SIGUSR1};
  static struct reporter reporter;
  static struct config config;
  sigset_t while_waiting;
  diag_start(argc, argv, "takes no arguments");
  if (argc != 1) diag_usage("takes no arguments");
  if (!clock_works()) diag_system("unable to read the clock");
  privileges_refuse_root(PRIVILEGES_OWN_USER);
  if (!sandbox_hide()) log_warning_errno("unable to hide the key from a core file");
  sodium_set_misuse_handler(fatal_no_random);
  if (!mac_init()) fatal_temporary("unable to start libsodium");
  signals_catch(caught, 2, on_signal, &while_waiting);
  read_config(&config);
  start(&reporter, &config, &while_waiting);
  secret_wipe(&config.key, sizeof config.key);
  serve(&reporter, &while_waiting);
  return finish(&reporter);
}
