/* sinbin-report: tells a collector what the lines on stdin say, and passes them on. */
#include "base/atomicfile.h"
#include "base/clock.h"
#include "base/env.h"
#include "base/fatal.h"
#include "base/keyfile.h"
#include "base/linein.h"
#include "base/seldom.h"
#include "base/udp.h"
#include "base/valuefile.h"
#include "line/sessionline.h"
#include "report/dialecthash.h"
#include "report/mac.h"
#include "report/message.h"
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define LINE_CAP    65536
#define WARN_EVERY  60000 /* milliseconds */
#define KEYPATH_MAX 24

struct config {
  struct addr collector;
  uint16_t port;
  struct origin origin;
  struct mac_key key;
};

struct reporter {
  const struct config *config;
  int socket; /* connected, or -1 */
  uint64_t next_seq;
  struct datagram datagram;
  char out[LINE_CAP];
  size_t out_len;
  struct seldom sending, unparsable;
  uint64_t sent, failed, refused;
};

static volatile sig_atomic_t stopping;

/* A signal that comes just before a read blocks would not end it; the next second's alarm does. */
static void on_term(int signal) {
  (void)signal;
  stopping = 1;
  alarm(1);
}

/* ---- configuration ---- */

static void read_key(struct config *c) {
  char path[KEYPATH_MAX];
  snprintf(path, sizeof path, "key.%llu", (unsigned long long)c->origin.keygen);
  const char *file = env_text("KEYFILE", path);
  const char *wrong = keyfile_read(AT_FDCWD, file, c->key.byte);
  if (wrong) fatal_exit(EXIT_PERMANENT, errno, fatal_pieces("key file ", file, ": ", wrong));
}

static uint64_t last_epoch(const char *path) {
  char buf[VALUEFILE_MAX + 1];
  struct span value;
  uint64_t epoch;
  int found = valuefile_read(AT_FDCWD, path, buf, &value);
  if (found < 0) fatal_system("unable to read ", path);
  if (found == 0) return 0;
  if (!number_canonical(value, EPOCH_MAX - 1, &epoch))
    fatal_permanent(path, ": malformed epoch: want a whole number");
  return epoch;
}

/* A new epoch is on the disk before anything is sent under it, so that no number is ever used
   twice, also when the clock was set back. */
static uint64_t new_epoch(void) {
  const char *path = env_text("EPOCH", "epoch");
  struct atomicfile file;
  char text[NUMBER_MAX + 1];
  if (!atomicfile_open(&file, path, 0644)) fatal_system("unable to write ", path);
  uint64_t epoch = last_epoch(path) + 1, now = (uint64_t)(clock_wall_ms() / 1000);
  if (epoch < now) epoch = now;
  size_t len = number_format(text, epoch);
  text[len++] = '\n';
  if (!write_all(file.fd, text, len) || !atomicfile_commit(&file)) {
    atomicfile_abandon(&file);
    fatal_system("unable to write ", path);
  }
  return epoch;
}

static void read_config(struct config *c) {
  struct env_error bad = {.name = NULL};
  const char *collector = env_text("COLLECTOR", "127.0.0.1");
  const char *detector = env_text("DETECTOR", "local");
  char text[512];
  c->port = (uint16_t)env_number("COLLECTOR_PORT", 7373, 1, 65535, &bad);
  c->origin.keygen = env_number("KEYGEN", 1, 1, KEYGEN_MAX, &bad);
  if (bad.name) {
    env_explain(&bad, text, sizeof text);
    fatal_permanent(text);
  }
  if (!addr_parse(span_str(collector), &c->collector))
    fatal_permanent("malformed COLLECTOR=", collector, ": want an IPv4 or IPv6 address");
  c->origin.detector = span_str(detector);
  if (!detector_is_valid(c->origin.detector))
    fatal_permanent("malformed DETECTOR=", detector, ": want 1 to 32 of a-z, 0-9 and -");
  read_key(c);
  c->origin.epoch = new_epoch();
}

/* ---- sending ---- */

static bool send_once(struct reporter *r, struct span datagram) {
  if (r->socket < 0) r->socket = udp_connect(&r->config->collector, r->config->port);
  return r->socket >= 0 && send(r->socket, datagram.s, datagram.len, MSG_NOSIGNAL) >= 0;
}

static void warn_failed(struct reporter *r, int error) {
  uint64_t count;
  char digits[NUMBER_MAX + 1];
  r->failed++;
  if (!seldom_due(&r->sending, clock_monotonic_ms(), WARN_EVERY, &count)) return;
  digits[number_format(digits, count)] = '\0';
  fatal_report("warning", error, fatal_pieces("datagrams that failed: ", digits));
}

static void flush_datagram(struct reporter *r) {
  char tag[TAG_HEX];
  if (r->datagram.len == 0) return;
  mac_tag(&r->config->key, datagram_covered(&r->datagram), tag);
  struct span whole = datagram_close(&r->datagram, tag);
  bool sent = send_once(r, whole);
  if (!sent) warn_failed(r, errno);
  /* A refusal answers an earlier datagram: this one has not been tried yet. */
  if (!sent && errno == ECONNREFUSED) sent = send_once(r, whole);
  if (sent) r->sent++;
  r->datagram.len = 0;
}

static void add_line(struct reporter *r, struct span line) {
  if (datagram_add(&r->datagram, line)) return;
  flush_datagram(r);
  datagram_add(&r->datagram, line);
}

/* ---- lines ---- */

/* Only whole names are kept where a list is too long for a report. */
static struct span cut_sins(struct span sins) {
  if (sins.len <= SINS_TEXT_MAX) return sins;
  return span_head(sins, span_find_last(span_head(sins, SINS_TEXT_MAX + 1), ','));
}

static bool hash_dialect(const struct sessionline *l, char *hash, struct span *out) {
  char decoded[SESSION_BYTES_MAX];
  size_t len;
  *out = span_of(hash, 0);
  if (l->dialect.len == 0) return true;
  if (!escape_get(decoded, sizeof decoded, l->dialect, &len)) return false;
  dialect_hash(span_of(decoded, len), hash);
  *out = span_of(hash, DIALECT_HEX);
  return true;
}

static bool report_line(struct reporter *r, const struct sessionline *l) {
  char hash[DIALECT_HEX], text[REPORT_LINE_MAX];
  struct report report = {.origin = r->config->origin,
                          .unixtime = (l->at + l->ms) / 1000,
                          .ip = l->peer,
                          .verdict = l->verdict,
                          .score = l->score,
                          .end = l->end,
                          .sins = cut_sins(l->sins)};
  if (!sessionline_has(l, "score") || !hash_dialect(l, hash, &report.dialect)) return false;
  report.seq = sessionline_has(l, "seq") ? l->seq : r->next_seq;
  size_t len = report_encode(&report, text, sizeof text);
  if (len == 0) return false;
  r->next_seq = report.seq + 1;
  add_line(r, span_of(text, len));
  return true;
}

static bool is_reported(int verdict) {
  return verdict == VERDICT_BOT || verdict == VERDICT_SUSPECT || verdict == VERDICT_CLEAN;
}

static void warn_unparsable(struct reporter *r, struct span bad) {
  uint64_t count;
  char digits[NUMBER_MAX + 1], piece[64];
  r->refused++;
  if (!seldom_due(&r->unparsable, clock_monotonic_ms(), WARN_EVERY, &count)) return;
  digits[number_format(digits, count)] = '\0';
  bad = span_head(bad, sizeof piece - 1);
  if (bad.len) memcpy(piece, bad.s, bad.len);
  piece[bad.len] = '\0';
  warn_plain("lines passed on that could not be reported: ", digits, ", the last one at: ", piece);
}

static void flush_out(struct reporter *r) {
  if (!write_all(1, r->out, r->out_len)) fatal_system("unable to write to stdout");
  r->out_len = 0;
}

static void pass_on(struct reporter *r, struct span text) {
  if (text.len > sizeof r->out - r->out_len) flush_out(r);
  if (text.len) memcpy(r->out + r->out_len, text.s, text.len);
  r->out_len += text.len;
}

static void handle_line(struct reporter *r, struct span line) {
  struct sessionline l;
  struct span bad;
  pass_on(r, line);
  pass_on(r, span_of("\n", 1));
  if (line_is_of_others(line, SESSION_KIND)) return;
  if (!sessionline_decode(line, &l, &bad)) warn_unparsable(r, bad);
  else if (is_reported(l.verdict) && !report_line(r, &l))
    warn_unparsable(r, span_str("score, sins, dialect or seq"));
}

/* ---- the loop ---- */

/* What has been read is handled and handed on before waiting for more. True at the end. */
static bool step(struct reporter *r, struct linein *in) {
  struct span line;
  if (!linein_ready(in)) {
    flush_out(r);
    flush_datagram(r);
    if (stopping) return true;
  }
  switch (linein_next(in, &line)) {
  case LINEIN_LINE: handle_line(r, line); return false;
  case LINEIN_LONG: warn_unparsable(r, span_str("a line over 65535 bytes, left out")); return false;
  case LINEIN_PARTIAL: /* its writer may have died within it */
    pass_on(r, line);
    warn_unparsable(r, span_str("a last line without line end"));
    return false;
  case LINEIN_AGAIN: return false;
  case LINEIN_END: return true;
  case LINEIN_ERROR: break;
  }
  fatal_system("unable to read stdin");
}

static void catch_signals(void) {
  struct sigaction act = {.sa_handler = on_term};
  sigaction(SIGTERM, &act, NULL);
  sigaction(SIGALRM, &act, NULL);
  act.sa_handler = SIG_IGN;
  sigaction(SIGPIPE, &act, NULL);
  sigaction(SIGXFSZ, &act, NULL); /* a file size limit is to be an error of the write */
}

static void log_totals(const struct reporter *r) {
  char sent[NUMBER_MAX + 1], failed[NUMBER_MAX + 1], refused[NUMBER_MAX + 1];
  sent[number_format(sent, r->sent)] = '\0';
  failed[number_format(failed, r->failed)] = '\0';
  refused[number_format(refused, r->refused)] = '\0';
  info_plain("datagrams sent ", sent, ", failed ", failed, "; lines that could not be reported ",
             refused);
}

int main(int argc, char **argv) {
  static char buf[LINE_CAP];
  static struct reporter reporter = {.socket = -1, .next_seq = 1};
  static struct config config;
  struct linein in;
  fatal_set_program(argv[0]);
  if (argc != 1) fatal_usage("takes no arguments");
  if (!mac_start()) fatal_temporary("unable to start libsodium");
  catch_signals();
  read_config(&config);
  reporter.config = &config;
  linein_init(&in, 0, buf, sizeof buf);
  while (!step(&reporter, &in)) {
  }
  flush_out(&reporter);
  flush_datagram(&reporter);
  log_totals(&reporter);
  return EXIT_DONE;
}
