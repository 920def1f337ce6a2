/* sinbin-smtpd: serves one SMTP connection, accepts no mail, and writes one session line.

   The dialogue is a pure state machine (smtp/session.h). This file connects it to the connection, a
   clock and the descriptor for the line. */
#include "sys/clock.h"
#include "sys/env.h"
#include "sys/diag.h"
#include "sys/splicesend.h"
#include "sys/logfd.h"
#include "sys/privileges.h"
#include "sys/sandbox.h"
#include "sys/signals.h"
#include "sys/systemerror.h"
#include "sys/endpoint.h"
#include "smtp/summary.h"
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/auxv.h>
#include <sys/syscall.h>
#include <unistd.h>

#define SYNOPSIS "[-u]"

enum { CONNECTION = 0, LINE = 1, DIAGNOSTICS = 2 };

struct config {
  struct session_config session;
  bool highmx;
  uint64_t peers, recent;
};

struct connection {
  bool is_socket;
  struct splicesend splicesend;
  struct summary_connection summary; /* for the session line */
  char literal[ADDR_TEXT_MAX + 8];   /* the default name: an address literal */
  size_t literal_len;
};

static volatile sig_atomic_t stop_requested;

static void on_stop(int signal_number) {
  (void)signal_number;
  stop_requested = 1;
}

/* ---- the connection ---- */

static ssize_t receive(const struct connection *c, char *into, size_t cap) {
  return c->is_socket ? recv(CONNECTION, into, cap, MSG_DONTWAIT) : read(CONNECTION, into, cap);
}

static _Noreturn void refuse(int code, int error, const char *const *pieces) {
  char text[REPLY_MAX];
  struct reply_texts texts = {.name = span_str(env_text("TRAP_NAME", ""))};
  if (!reply_name_is_valid(texts.name)) texts.name = span_str("[127.0.0.1]");
  size_t len = reply_compose(REPLY_UNABLE, &texts, text);
  ssize_t ignored = send(CONNECTION, text, len, MSG_DONTWAIT | MSG_NOSIGNAL);
  (void)ignored; /* the client will try again with or without the reply */
  diag_exit(code, error, pieces);
}

/* EPIPE: the client closed the connection with a FIN, and answered later output with a RST. */
static enum end ending_of(int error) {
  if (error == ECONNRESET) return END_RST;
  return error == 0 || error == EPIPE ? END_FIN : END_ERROR;
}

/* Reads all that can be read. broken: 0, or the errno of a failed write or wait. */
static void read_client(struct session *s, const struct connection *c, int64_t now, int broken) {
  char chunk[512];
  while (!session_closing(s)) {
    ssize_t got = receive(c, chunk, sizeof chunk);
    if (got > 0) {
      if (!session_greeted(s)) session_round_trip(s, (int64_t)endpoint_least_rtt_ms(CONNECTION));
      session_feed(s, now, span_of(chunk, (size_t)got));
      continue;
    }
    int error = got < 0 ? errno : 0;
    if (error == EINTR) continue;
    bool empty = error == EAGAIN || error == EWOULDBLOCK;
    if (empty && !broken) return;
    session_hangup(s, now, ending_of(broken ? broken : error));
  }
}

/* Returns 0, or the errno of a failed write. Never waits. */
static int send_output(struct session *s, struct connection *c, int64_t now) {
  struct span out = session_output(s);
  if (out.len == 0) return 0;
  ssize_t sent = splicesend_send(&c->splicesend, out);
  if (sent >= 0) session_wrote(s, now, (size_t)sent);
  else if (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR) return errno;
  return 0;
}

/* Returns 0, or the errno of a failed wait. */
static int wait_for_client(const struct session *s, int64_t now) {
  int64_t left = session_deadline(s) - now;
  struct timespec timeout = {left > 0 ? left / 1000 : 0, left > 0 ? left % 1000 * 1000000 : 0};
  short wanted = session_output(s).len ? POLLIN | POLLOUT : POLLIN;
  struct pollfd connection = {.fd = CONNECTION, .events = wanted};
  sigset_t none;
  sigemptyset(&none);
  if (ppoll(&connection, 1, &timeout, &none) >= 0 || errno == EINTR) return 0;
  log_warning_errno("unable to wait for the client");
  return errno;
}

static void serve(struct session *s, struct connection *c) {
  int broken = 0;
  for (;;) {
    int64_t now = clock_monotonic_ms();
    read_client(s, c, now, broken);
    if (stop_requested) session_stop(s, now);
    session_tick(s, now);
    broken = send_output(s, c, now);
    if (session_closing(s)) return;
    if (!broken) broken = wait_for_client(s, now);
  }
}

/* ---- the session line ---- */

static size_t format_line(const struct session *s, const struct config *config,
                          struct connection *c, char *out) {
  c->summary.has_rtt = endpoint_rtt_ms(CONNECTION, &c->summary.rtt);
  c->summary.highmx = config->highmx;
  c->summary.peers = config->peers;
  c->summary.recent = config->recent;
  return summary_format(s, &c->summary, out);
}

/* Waits for the logger without a limit: a slow reader must not lose a line. */
static void write_line(const char *line, size_t len) {
  while (len) {
    ssize_t wrote = write(LINE, line, len);
    if (wrote >= 0) {
      line += wrote;
      len -= (size_t)wrote;
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      struct pollfd logger = {.fd = LINE, .events = POLLOUT};
      if (ppoll(&logger, 1, NULL, NULL) < 0 && errno != EINTR)
        diag_system("unable to wait for the logger");
    } else if (errno != EINTR) {
      diag_system("unable to write the session line");
    }
  }
}

/* ---- configuration ---- */

static void open_line(void) {
  const char *path = getenv("SINBIN_LOG");
  enum logfd result = logfd_make(path);
  if (result == LOGFD_NONE)
    refuse(EXIT_PERMANENT, 0, diag_parts("no descriptor for the session line: set SINBIN_LOG"));
  if (result == LOGFD_FAILED)
    refuse(EXIT_TEMPORARY, errno,
           diag_parts("unable to write the session line to ", path ? path : "descriptor 2"));
}

static struct span checked(const char *name, const char *value, bool valid) {
  if (!valid) refuse(EXIT_PERMANENT, 0, diag_parts("malformed ", name, "=", value));
  return span_str(value);
}

static enum refuse_at refuse_at(void) {
  const char *value = env_text("REFUSE_AT", "data");
  if (span_is(span_str(value), "rcpt")) return REFUSE_AT_RCPT;
  if (span_is(span_str(value), "body")) return REFUSE_AT_BODY;
  checked("REFUSE_AT", value, span_is(span_str(value), "data"));
  return REFUSE_AT_DATA;
}

static struct span reply_text(const char *name, const char *otherwise, bool is_valid(struct span)) {
  const char *value = env_text(name, otherwise);
  return checked(name, value, is_valid(span_str(value)));
}

static struct reply_texts read_texts(const struct connection *c) {
  struct reply_texts texts = {.name = span_of(c->literal, c->literal_len)};
  const char *name = getenv("TRAP_NAME");
  if (name) texts.name = checked("TRAP_NAME", name, reply_name_is_valid(span_str(name)));
  texts.refusal = reply_text("TRAP_TEXT", REPLY_DEFAULT_REFUSAL, reply_text_is_valid);
  texts.teaser = reply_text("TRAP_BANNER", REPLY_DEFAULT_TEASER, reply_teaser_is_valid);
  texts.help = reply_text("TRAP_HELP", REPLY_DEFAULT_HELP, reply_text_is_valid);
  return texts;
}

static void read_delays(struct session_config *s, struct env_error *bad) {
  s->delay[DELAY_GREETING] = (int64_t)env_ms("DELAY_GREET", 8000, 0, 20000, bad);
  s->delay[DELAY_HELO] = (int64_t)env_ms("DELAY_HELO", 1000, 0, 30000, bad);
  s->delay[DELAY_MAIL] = (int64_t)env_ms("DELAY_MAIL", 1000, 0, 30000, bad);
  s->delay[DELAY_RCPT] = (int64_t)env_ms("DELAY_RCPT", 1000, 0, 30000, bad);
  s->delay[DELAY_DATA] = (int64_t)env_ms("DELAY_DATA", 3000, 0, 30000, bad);
  s->jitter = (uint32_t)env_number("JITTER", 0, 0, 50, bad);
  s->stutter = env_flag("STUTTER", false, bad);
  s->teaser = env_flag("TEASER", true, bad);
  if (env_flag("STRESS", false, bad))
    for (int i = 0; i < DELAYS; i++) s->delay[i] /= 4;
}

static struct config read_config(const struct connection *c) {
  struct env_error bad = {.name = NULL};
  struct config config = {.highmx = env_flag("HIGHMX", false, &bad),
                          .peers = env_number("PEERS", 0, 0, UINT32_MAX, &bad),
                          .recent = env_number("RECENT", 0, 0, UINT32_MAX, &bad)};
  struct session_config *s = &config.session;
  char why[200];
  read_delays(s, &bad);
  s->idle = (int64_t)env_ms("TIMEOUT_IDLE", 90000, 1, 3600000, &bad);
  s->line = (int64_t)env_ms("TIMEOUT_LINE", 60000, 1, 3600000, &bad);
  s->watch = (int64_t)env_ms("TIMEOUT_WATCH", 90000, 1, 3600000, &bad);
  s->cap = (int64_t)env_ms("TIMEOUT_SESSION", 300000, 1, 3600000, &bad);
  s->max_lines = (uint32_t)env_number("LIMIT_LINES", 250, 1, SESSION_LINES_MAX, &bad);
  s->max_bytes = (uint32_t)env_number("LIMIT_BYTES", 65536, 512, 1048576, &bad);
  s->max_body = (uint32_t)env_number("LIMIT_BODY", 1048576, 0, 67108864, &bad);
  s->max_recipients = (uint32_t)env_number("LIMIT_RCPTS", 100, 1, 500, &bad);
  s->hide_local = !env_flag("LOCAL_PARTS", true, &bad);
  if (bad.name) {
    env_explain(&bad, why, sizeof why);
    refuse(EXIT_PERMANENT, 0, diag_parts(why));
  }
  s->refuse_at = refuse_at();
  s->texts = read_texts(c);
  return config;
}

/* ---- both ends of the connection ---- */

/* Returns false if TCPREMOTEIP is not set. */
static bool read_environment(struct endpoint_env *ends) {
  const char *bad;
  enum endpoint_result result = endpoint_from_env(ends, &bad);
  if (result == ENDPOINT_MALFORMED) checked(bad, env_text(bad, ""), false);
  return result == ENDPOINT_OK;
}

static void set_ends(struct summary_connection *s, const struct endpoint_env *ends) {
  s->peer = ends->peer.ip;
  s->pport = ends->peer.port;
  s->local = ends->local.ip;
  s->lport = ends->local.port;
  s->has_local = ends->has_local;
}

static void default_name(struct connection *c) {
  static const struct addr unknown = {{0}};
  const struct addr *ip = c->summary.has_local ? &c->summary.local : &unknown;
  size_t n = 0;
  c->literal[n++] = '[';
  if (!addr_is_ipv4(ip)) {
    memcpy(c->literal + n, "IPv6:", 5);
    n += 5;
  }
  n += addr_format(c->literal + n, ip);
  c->literal[n++] = ']';
  c->literal_len = n;
}

/* sinbin-listen sets SINBIN_PEER=env if the header of a proxy named the client. */
static bool is_proxied(void) {
  const char *peer = env_text("SINBIN_PEER", "socket");
  bool proxied = span_is(span_str(peer), "env");
  checked("SINBIN_PEER", peer, proxied || span_is(span_str(peer), "socket"));
  return proxied;
}

static void identify_peer(struct connection *c, bool environment) {
  static const enum splicesend_kind splicesend_kinds[] = {[SOCKET_INET] = SPLICESEND_TCP,
                                                          [SOCKET_OTHER] = SPLICESEND_SOCKET,
                                                          [SOCKET_GONE] = SPLICESEND_SOCKET,
                                                          [SOCKET_NONE] = SPLICESEND_FILE};
  struct endpoint_env ends;
  enum socket_kind kind = endpoint_ends(CONNECTION, &ends.peer, &ends.local);
  int error = errno;
  c->is_socket = kind != SOCKET_NONE;
  ends.has_local = kind == SOCKET_INET;
  c->splicesend = splicesend_make(CONNECTION, splicesend_kinds[kind]);
  c->summary.at = (uint64_t)clock_wall_ms();
  if (environment || is_proxied()) {
    if (!read_environment(&ends)) refuse(EXIT_PERMANENT, 0, diag_parts("TCPREMOTEIP is not set"));
  } else if (kind == SOCKET_GONE) {
    /* The client had reset the connection: only the acceptor knows the address. */
    if (!read_environment(&ends))
      diag_exit(EXIT_PEER, 0, diag_parts("the client left; its address is unknown"));
  } else if (kind != SOCKET_INET) {
    if (kind == SOCKET_NONE && systemerror_is_temporary(error))
      refuse(EXIT_TEMPORARY, error, diag_parts("unable to examine descriptor 0"));
    refuse(EXIT_PERMANENT, 0, diag_parts("descriptor 0 is not a TCP connection (see option -u)"));
  }
  set_ends(&c->summary, &ends);
  default_name(c);
}

static void catch_signals(void) {
  static const int stops[] = {SIGTERM, SIGINT, SIGHUP};
  signals_catch(stops, sizeof stops / sizeof *stops, on_stop, NULL);
}

static void enter_sandbox(void) {
  static const int calls[] = {
      SYS_clock_gettime, SYS_recvfrom,     SYS_ppoll,           SYS_close,       SYS_pipe2,
      SYS_write,         SYS_splice,       SYS_sendto,          SYS_read,        SYS_getsockopt,
      SYS_exit_group,    SYS_rt_sigreturn, SYS_restart_syscall, SYS_gettimeofday};
  if (!sandbox_limits(DIAGNOSTICS, SPLICESEND_FILES))
    refuse(EXIT_TEMPORARY, errno, diag_parts("unable to set limits"));
  enum sandbox_result result = sandbox_calls(calls, sizeof calls / sizeof *calls);
  if (result == SANDBOX_FAILED)
    refuse(EXIT_TEMPORARY, errno, diag_parts("unable to enter the sandbox"));
  if (result == SANDBOX_NONE) log_warning("no system call filter; running without");
}

/* Not inlined: its variables would take stack throughout the session. */
__attribute__((noinline)) static void check_system(void) {
  char text[PRIVILEGES_TEXT_MAX];
  const char *wrong =
      privileges_check("give the acceptor a user for it (sinbin-listen -u, inetd.conf)", text);
  if (wrong) refuse(EXIT_PERMANENT, 0, diag_parts(wrong));
  if (!clock_works()) refuse(EXIT_TEMPORARY, errno, diag_parts("unable to read the clock"));
}

static uint64_t random_seed(void) {
  uint64_t random = 0;
  const void *bytes = (const void *)getauxval(AT_RANDOM);
  if (bytes) memcpy(&random, bytes, sizeof random);
  return random;
}

/* The linker puts common symbols after all other variables. So these variables, those of the C
   library and the first 3 KiB of the session share one page; most sessions touch no more than that.
   A static variable would come first. */
struct buffers {
  struct session session;
  char line[SESSION_BYTES_MAX];
} buffers __attribute__((common));

int main(int argc, char **argv) {
  catch_signals(); /* first: until here a signal ends the program without a line */
  struct connection connection = {.is_socket = true};
  bool environment = argc == 2 && span_is(span_str(argv[1]), "-u");
  diag_start(argc, argv, SYNOPSIS);
  open_line();
  if (argc > 1 && !environment)
    refuse(EXIT_PERMANENT, 0, diag_parts("usage: sinbin-smtpd " SYNOPSIS));
  check_system();
  identify_peer(&connection, environment);
  const struct config config = read_config(&connection);
  enter_sandbox();
  session_start(&buffers.session, &config.session, clock_monotonic_ms(), random_seed());
  serve(&buffers.session, &connection);
  size_t len = format_line(&buffers.session, &config, &connection, buffers.line);
  close(CONNECTION);
  write_line(buffers.line, len);
  _exit(EXIT_DONE);
}
