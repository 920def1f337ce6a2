/* Which replies the trap sends and when; the three settings of REFUSE_AT; limits; final replies. */
#include "sessiondrive.h"
#include "tap.h"

#define GREETED "~w9000"
#define HELO    GREETED "~dEHLO h\r\n"
#define RCPT    HELO "~dMAIL FROM:<a@b>\r\n~dRCPT TO:<x@y>\r\n"

static void at_rcpt(struct session_config *c) {
  c->refuse_at = REFUSE_AT_RCPT;
}
static void at_body(struct session_config *c) {
  c->refuse_at = REFUSE_AT_BODY;
  c->max_body = 20;
}
static void few_at_rcpt(struct session_config *c) {
  c->refuse_at = REFUSE_AT_RCPT;
  c->max_recipients = 2;
}
static void few(struct session_config *c) {
  c->max_lines = 3;
  c->max_recipients = 1;
}
static void small(struct session_config *c) {
  c->max_bytes = 512;
}
static void short_watch(struct session_config *c) {
  c->watch = 89999;
}
static void stutter(struct session_config *c) {
  c->stutter = true;
}

static void no_teaser(struct session_config *c) {
  c->teaser = false;
}

static void impatient(struct session_config *c) {
  c->idle = 30000;
}

static void very_impatient(struct session_config *c) {
  c->idle = 2000;
}

struct row {
  const char *name;
  void (*tweak)(struct session_config *);
  const char *script;
  const char *codes; /* the code of each line that was sent; an incomplete line ends in `!` */
  enum end end;
  bool refused;
};

static const struct row rows[] = {
    {"the teaser comes at once", NULL, "~w1~x", "220- 421", END_STOP, false},
    {"the greeting waits", NULL, "~w8000~x", "220- 421", END_STOP, false},
    {"the greeting after its wait", NULL, "~w8001~x", "220- 220 421", END_STOP, false},
    {"no greeting after early talk", NULL, "~w10~sEHLO h\r\n~w9001~x", "220- 250 421", END_STOP,
     false},
    {"a whole dialogue", NULL, RCPT "~dDATA\r\n~dRSET\r\n~dQUIT\r\n",
     "220- 220 250 250 250 451 250 221", END_QUIT, true},
    {"other verbs", NULL,
     HELO "~dNOOP x\r\n~dVRFY a\r\n~dVRFY\r\n~dEXPN a\r\n~dHELP\r\n~dHELP x\r\n~dSTARTTLS\r\n"
          "~dAUTH PLAIN\r\n~dBDAT 1\r\n~dWHAT\r\n~d\r\n~d NOOP\r\n~dQUIT now\r\n",
     "220- 220 250 250 252 501 502 214 214 502 502 502 500 500 250 221", END_QUIT, false},
    {"an empty line alone", NULL, GREETED "~s\r\n~w1~sEHLO h\r\n~w1001~f", "220- 220 500 250",
     END_FIN, false},
    {"two of them", NULL, GREETED "~s\r\n \r\n~w1~f", "220- 220 500", END_FIN, false},
    {"with a command after", NULL, GREETED "~s\r\nEHLO h\r\n~w1001~f", "220- 220 250", END_FIN,
     false},
    {"with part of one", NULL, GREETED "~s\r\nEH~w9~sLO h\r\n~w1001~f", "220- 220 250", END_FIN,
     false},
    {"in a delay", NULL, GREETED "~sEHLO h\r\n\r\n~w1001~f", "220- 220 250", END_FIN, false},
    {"in the greeting", NULL, "~w9~s\r\n~w9~s\r\n~w9000~sEHLO h\r\n~w1001~f", "220- 220 250",
     END_FIN, false},
    {"no teaser", no_teaser, "~w8000~x", "421", END_STOP, false},
    {"the whole greeting at its end", no_teaser, "~w8001~dEHLO h\r\n~x", "220 250 421", END_STOP,
     false},
    {"the whole greeting at its end after early talk", no_teaser, "~w10~sEHLO h\r\n~w20000~x",
     "220 250 421", END_STOP, false},
    {"the reply to early talk is repeated", NULL, "~w10~sEHLO h\r\n~w11990~x", "220- 250 421",
     END_STOP, false},
    {"the reply to early talk is repeated after three seconds", NULL, "~w10~sEHLO h\r\n~w11991~x",
     "220- 250 250 421", END_STOP, false},
    {"the reply to early talk is repeated once", NULL, "~w10~sEHLO h\r\n~w50000~x",
     "220- 250 250 421", END_STOP, false},
    {"the reply to early talk is not repeated if another command comes", NULL,
     "~w10~sEHLO h\r\n~w11000~sNOOP\r\n~w50000~x", "220- 250 250 421", END_STOP, false},
    {"the reply to early talk is not repeated if part of a command comes", NULL,
     "~w10~sEHLO h\r\n~w11000~sN~w20000~x", "220- 250 421", END_STOP, false},
    {"the reply to early talk is not repeated if part of a command came before it", NULL,
     "~w10~sEHLO h\r\nN~w50000~x", "220- 250 421", END_STOP, false},
    {"the reply to early talk is not repeated if the idle limit comes first", very_impatient,
     "~w10~sEHLO h\r\n~w12500", "220- 250 421", END_IDLE, false},
    {"the reply to early talk is repeated after an empty line", NULL,
     "~w10~sEHLO h\r\n~w11000~s\r\n~w20000~x", "220- 250 500 250 421", END_STOP, false},
    {"the reply to early talk is not repeated if another reply is pending", NULL,
     "~w10~sEHLO h\r\nNOOP\r\n~w50000~x", "220- 250 250 421", END_STOP, false},
    {"only the first reply to early talk is repeated", NULL,
     "~w10~sEHLO h\r\n~w10000~dMAIL FROM:<a@b>\r\n~w20000~x", "220- 250 250 421", END_STOP, false},
    {"the reply to a command after the greeting is not repeated", NULL, HELO "~w50000~x",
     "220- 220 250 421", END_STOP, false},
    {"the idle limit counts from the repetition on", impatient, "~w10~sEHLO h\r\n~w41990~x",
     "220- 250 250 421", END_STOP, false},
    {"the idle limit after the repetition is met", impatient, "~w10~sEHLO h\r\n~w41991",
     "220- 250 250 421", END_IDLE, false},
    {"syntax", NULL,
     GREETED
     "~dHELO\r\n~dEHLO h\r\n~dMAIL\r\n~dMAIL a@b\r\n~dMAIL FROM:<a@b\r\n~dMAIL FROM:<a b@c>\r\n"
     "~dMAIL FROM:<@>\r\n~dMAIL FROM:<@b>\r\n~dMAIL FROM:<a@>\r\n~dMAIL FROM:<a@b>x\r\n~dMAIL "
     "FROM:<\"a b>\"@c>\r\n~dRCPT TO:<>\r\n"
     "~dRCPT TO:<@r1,@r2:x@y>\r\n~dDATA now\r\n~dRSET x\r\n~x",
     "220- 220 501 250 501 501 501 501 501 501 501 501 250 501 250 501 501 421", END_STOP, false},
    {"order", NULL,
     GREETED "~dMAIL FROM:<a@b>\r\n~dEHLO h\r\n~dRCPT TO:<a@b>\r\n~dDATA\r\n~dMAIL FROM:<a@b>\r\n"
             "~dMAIL FROM:<a@b>\r\n~dDATA\r\n~dRCPT TO:<postmaster>\r\n~dDATA\r\n~x",
     "220- 220 503 250 503 503 250 503 503 250 451 421", END_STOP, true},
    {"quotes", NULL,
     HELO "~dMAIL FROM:<\"a\\\" b\"@c>\r\n~dRCPT TO:<\"a\\\"b>c\"@d>\r\n~dRCPT TO:<\"\\\\\"@d>\r\n"
          "~dRCPT TO:<\"a@b\"@d>\r\n~x",
     "220- 220 250 250 250 250 250 421", END_STOP, false},
    {"quotes that hold nothing off", NULL,
     HELO "~dMAIL FROM:<a@b>\r\n~dRCPT TO:<\"a\\\\\" b\"@d>\r\n~dRCPT TO:<a\\ b@d>\r\n"
          "~dRCPT TO:<\"a\"b c\"@d>\r\n~dRCPT TO:\"a@d\r\n~dRCPT TO:<\"a@d>\r\n~dRCPT "
          "TO:<\"a\\\"@d>\r\n~x",
     "220- 220 250 250 501 501 501 501 501 501 421", END_STOP, false},
    {"parameters", NULL, HELO "~dMAIL FROM:<a@b> SIZE=1\r\n~x", "220- 220 250 555 421", END_STOP,
     false},
    {"a delay of one second", NULL, HELO "~sMAIL FROM:<a@b>\r\n~w1000~f", "220- 220 250", END_FIN,
     false},
    {"after a delay of one second", NULL, HELO "~sMAIL FROM:<a@b>\r\n~w1001~f", "220- 220 250 250",
     END_FIN, false},
    {"lines of one moment are answered one by one", NULL,
     HELO "~sMAIL FROM:<a@b>\r\nRCPT TO:<x@y>\r\nDATA\r\n~w4999~f", "220- 220 250 250 250", END_FIN,
     false},
    {"in the end all of them", NULL, HELO "~sMAIL FROM:<a@b>\r\nRCPT TO:<x@y>\r\nDATA\r\n~w5001~f",
     "220- 220 250 250 250 451", END_FIN, true},
    {"221 to a QUIT at the FIN", NULL, HELO "~sQUIT\r\n~f", "220- 220 250 221", END_QUIT, false},
    {"nothing to a FIN", NULL, HELO "~sMAIL FROM:<a@b>\r\n~f", "220- 220 250", END_FIN, false},
    {"421 at the idle limit", NULL, HELO "~w91000", "220- 220 250 421", END_IDLE, false},
    {"the watch ends", NULL, RCPT "~dDATA\r\n~w91000", "220- 220 250 250 250 451 421", END_IDLE,
     true},
    {"before the 451 the idle limit counts", impatient, RCPT "~w31000", "220- 220 250 250 250 421",
     END_IDLE, false},
    {"after it the watch does", impatient, RCPT "~dDATA\r\n~w80000~dQUIT\r\n",
     "220- 220 250 250 250 451 221", END_QUIT, true},
    {"a short watch tells nothing", short_watch, RCPT "~dDATA\r\n~w91000",
     "220- 220 250 250 250 451 421", END_CAP, true},
    {"the 451 at RCPT", at_rcpt,
     RCPT "~dRCPT TO:<z@y>\r\n~dDATA\r\n~dMAIL FROM:<c@d>\r\n~dQUIT\r\n",
     "220- 220 250 250 451 451 503 250 221", END_QUIT, true},
    {"a refused MAIL after the 451 leaves none", NULL,
     RCPT "~dDATA\r\n~dMAIL FROM:<c@d> SIZE=1\r\n~dRCPT TO:<x@y>\r\n~dDATA\r\n~dMAIL FROM:<c@d>\r\n"
          "~dRCPT TO:<x@y>\r\n~dDATA\r\n~x",
     "220- 220 250 250 250 451 555 503 503 250 250 451 421", END_STOP, true},
    {"a refused MAIL before it leaves what was", NULL,
     RCPT "~dMAIL FROM:<c@d> SIZE=1\r\n~dDATA\r\n~x", "220- 220 250 250 250 555 451 421", END_STOP,
     true},
    {"RCPT and DATA again after the 451", NULL,
     RCPT "~dDATA\r\n~dRCPT TO:<x@y>\r\n~dDATA\r\n~dDATA\r\n~x",
     "220- 220 250 250 250 451 250 451 451 421", END_STOP, true},
    {"a refused MAIL after the 451 at RCPT", at_rcpt,
     RCPT "~dMAIL FROM:<c@d\r\n~dRCPT TO:<x@y>\r\n~dMAIL FROM:<c@d>\r\n~dRCPT TO:<x@y>\r\n~x",
     "220- 220 250 250 451 501 503 250 451 421", END_STOP, true},
    {"too many recipients at RCPT", few_at_rcpt,
     RCPT
     "~dRCPT TO:<x@y>\r\n~dRCPT TO:<z@y>\r\n~dRCPT TO:<>\r\n~dMAIL FROM:<a@b>\r\n"
     "~dRCPT TO:<x@y>\r\n~dRSET\r\n~dMAIL FROM:<a@b>\r\n~dRCPT TO:<x@y>\r\n~dRCPT TO:<x@y>\r\n~x",
     "220- 220 250 250 451 451 452 501 250 451 250 250 451 451 421", END_STOP, true},
    {"the 451 after the body", at_body, RCPT "~dDATA\r\n~dX: y\r\n\r\n..\r\n.\r\n~dQUIT\r\n",
     "220- 220 250 250 250 354 451 221", END_QUIT, true},
    {"FIN within the body", at_body, RCPT "~dDATA\r\n~dX: y\r\n~f", "220- 220 250 250 250 354",
     END_FIN, false},
    {"a body too long", at_body, RCPT "~dDATA\r\n~d123456789012345678901234\r\n~f",
     "220- 220 250 250 250 354 451", END_LIMIT, true},
    {"too many lines", few, HELO "~dNOOP\r\n~dNOOP\r\n~dNOOP\r\n", "220- 220 250 250 250 421",
     END_LIMIT, false},
    {"too many recipients", few,
     "~w9000~sEHLO h\r\nMAIL FROM:<a@b>\r\nRCPT TO:<x@y>\r\n~w9000"
     "~dRCPT TO:<z@y>\r\n",
     "220- 220 250 250 250 421", END_LIMIT, false},
    {"a stutter spares the greeting", stutter, "~w8001~x", "220- 220 421", END_STOP, false},
    {"one byte a second", stutter, GREETED "~dEHLO h\r\n~w1~f", "220- 220 250!", END_FIN, false},
    {"no last words within a reply", stutter, GREETED "~dEHLO h\r\n~x", "220- 220 250!", END_STOP,
     false},
    {"a stuttered reply ends", stutter, GREETED "~dEHLO h\r\n~w20000~x", "220- 220 250 421",
     END_STOP, false},
};

static struct drive d;

static size_t codes(struct span said, char *out) {
  size_t n = 0;
  while (said.len) {
    size_t end = span_find(said, '\n');
    struct span line = span_head(said, end);
    if (n) out[n++] = ' ';
    memcpy(out + n, line.s, 3);
    n += 3;
    if (line.len > 3 && line.s[3] == '-') out[n++] = '-';
    if (end == said.len) out[n++] = '!';
    said = span_from(said, end + 1);
  }
  return n;
}

static void play(const struct row *row) {
  struct session_config config = drive_defaults();
  char got[400];
  if (row->tweak) row->tweak(&config);
  drive_start(&d, &config, 0);
  drive_script(&d, span_str(row->script));
  is_text(span_of(got, codes(drive_said(&d), got)), row->codes, "%s", row->name);
  ok(session_closing(&d.session) && d.session.end == row->end, "%s: its end", row->name);
  ok(d.session.refused == row->refused, "%s: the 451", row->name);
}

static void too_many_recipients(void) {
  struct session_config config = drive_defaults();
  char got[100];
  config.max_recipients = 2;
  drive_start(&d, &config, 0);
  drive_script(&d, span_str(RCPT "~dRCPT TO:<z@y>\r\n~dRCPT TO:<q@y>\r\n~dDATA\r\n~x"));
  is_text(span_of(got, codes(drive_said(&d), got)), "220- 220 250 250 250 250 452 451 421",
          "the third of two recipients");
}

static void without_line_end(void) {
  struct session_config config = drive_defaults();
  static char much[70000];
  memset(much, 'x', sizeof much);
  small(&config);
  drive_start(&d, &config, 7);
  drive_script(&d, span_str(GREETED));
  drive_send(&d, span_of(much, 512));
  ok(!session_closing(&d.session), "as many bytes as are allowed");
  drive_send(&d, span_of(much, 1));
  ok(session_closing(&d.session) && d.session.end == END_LIMIT, "one more");
  ok(d.session.bytes == 513, "it is counted");
}

static void restart(const struct session_config *config, uint64_t seed) {
  memset(&d.session, 0, sizeof d.session);
  session_start(&d.session, config, 0, seed);
}

static void jitter(void) {
  struct session_config config = drive_defaults();
  int64_t least = INT64_MAX, most = 0;
  config.jitter = 50;
  for (uint64_t seed = 0; seed < 500; seed++) {
    restart(&config, seed);
    session_tick(&d.session, 0);
    session_wrote(&d.session, 0, session_output(&d.session).len);
    int64_t due = session_deadline(&d.session);
    if (due < least) least = due;
    if (due > most) most = due;
  }
  ok(least >= 4000 && least < 4400 && most <= 12000 && most > 11600,
     "jitter spreads over its range");
  config.delay[DELAY_GREETING] = 20000;
  most = 0;
  for (uint64_t seed = 0; seed < 500; seed++) {
    restart(&config, seed);
    session_tick(&d.session, 0);
    session_wrote(&d.session, 0, session_output(&d.session).len);
    if (session_deadline(&d.session) > most) most = session_deadline(&d.session);
  }
  ok(most == SESSION_GREETING_MAX, "the greeting stays below 25 s");
}

/* If the client does not read, the reply stays ready, and only the cap ends the session. */
static void unread(void) {
  struct session_config config = drive_defaults();
  restart(&config, 1);
  session_tick(&d.session, 0);
  ok(session_output(&d.session).len > 4 && session_deadline(&d.session) == config.cap,
     "an unsent reply waits for the peer");
  session_wrote(&d.session, 5, 4);
  struct span rest = session_output(&d.session);
  ok(rest.len && rest.s[0] == 't', "what is left of it is ready");
  session_tick(&d.session, config.cap);
  ok(session_closing(&d.session) && d.session.end == END_CAP, "the cap ends it");
  ok(session_output(&d.session).len == 0, "no last words within a reply");
}

/* The time limit of a line that was begun in a delay counts from the reply. */
static void slow_line(void) {
  struct session_config config = drive_defaults();
  drive_start(&d, &config, 0);
  drive_script(&d, span_str(HELO "~sMAIL FROM:<a@b>\r\nRC~w100000"));
  ok(d.session.ended - d.session.started == 15000 + 1000 + 60000, "the time for one line");
}

static void sequels_at_rcpt(void) {
  struct session_config config = drive_defaults();
  at_rcpt(&config);
  drive_start(&d, &config, 0);
  drive_script(&d, span_str(RCPT "~dRCPT TO:<z@y>\r\n~f"));
  ok(d.session.after == AFTER_NONE, "another recipient does not come after the 451 to one");
  drive_start(&d, &config, 0);
  drive_script(&d, span_str(RCPT "~dRCPT TO:<z@y>\r\n~dRSET\r\n~f"));
  ok(d.session.after == AFTER_RSET && d.session.stage == STAGE_RCPT, "RSET does");
}

/* What ends a message, and what may come before the 354. */
static void messages(void) {
  static const struct {
    const char *name, *script, *codes, *did;
  } cases[] = {
      {"LF.LF and other sequences that do not end a message",
       "~dDATA\r\n~dx\n.\n\n.\r\n\r\n.\n\r.\r\nQUIT\r\n~x", "354 421", ""},
      {"CRLF.CRLF", "~dDATA\r\n~dx\n.\nRSET\r\n.\r\n~dQUIT\r\n", "354 451 221", ""},
      {"an empty message", "~dDATA\r\n~d.\r\n~x", "354 451 421", ""},
      {"DATA and LF, and a dot", "~dDATA\n~d.\r\n~x", "354 421", "bare-lf"},
      {"DATA and LF, an empty line and a dot", "~dDATA\n~d\r\n.\r\n~x", "354 451 421", "bare-lf"},
      {"text after the end", "~dDATA\r\n~dx\r\n.\r\n~dmore of it\r\n~x", "354 451 500 421",
       "body-after-451"},
      {"text in one piece with the end", "~dDATA\r\n~dx\r\n.\r\nmore of it\r\n~x",
       "354 451 500 421", "talk-in-delay,body-after-451"},
      {"a message that does not wait for the 354", "~dDATA\r\nx\r\n.\r\n~w9~x", "354 451 421",
       "talk-in-delay"},
      {"an empty line that does not", "~dDATA\r\n\r\n~dx\r\n.\r\n~x", "354 451 421", ""},
      {"QUIT that does not", "~dDATA\r\nQUIT\r\n~f", "354", "pipelined"},
      {"RSET that does not", "~dDATA\r\nRSET\r\n~f", "354", "talk-in-delay"},
  };
  for (size_t i = 0; i < 2 * sizeof cases / sizeof *cases; i++) {
    struct session_config config = drive_defaults();
    char got[400];
    config.refuse_at = REFUSE_AT_BODY;
    drive_start(&d, &config, i % 2);
    drive_script(&d, span_str(RCPT));
    d.said_len = 0;
    drive_script(&d, span_str(cases[i / 2].script));
    is_text(span_of(got, codes(drive_said(&d), got)), cases[i / 2].codes, "message: %s",
            cases[i / 2].name);
    is_text(span_of(got, fact_list(d.session.facts, got)), cases[i / 2].did, "message: %s: facts",
            cases[i / 2].name);
  }
}

/* After the delay of a second, one byte at once, and one more each second. */
static void bytes_in_a_stutter(void) {
  static const struct {
    int64_t ms;
    size_t bytes;
  } moments[] = {{1000, 0}, {1001, 1}, {2000, 1}, {2001, 2}, {3000, 2}, {3001, 3}, {9001, 9}};
  struct session_config config = drive_defaults();
  stutter(&config);
  drive_start(&d, &config, 0);
  drive_script(&d, span_str(GREETED "~sEHLO h\r\n"));
  size_t before = d.said_len;
  int64_t start = d.now;
  for (size_t i = 0; i < sizeof moments / sizeof *moments; i++) {
    drive_until(&d, start + moments[i].ms);
    ok(d.said_len - before == moments[i].bytes, "after %d ms: %zu bytes", (int)moments[i].ms,
       d.said_len - before);
  }
}

/* The reply to an empty line is not lost while it is sent at one byte a second, and the client need
   not wait for it. */
static void empty_line_in_a_stutter(void) {
  struct session_config config = drive_defaults();
  char got[100];
  stutter(&config);
  drive_start(&d, &config, 0);
  drive_script(&d, span_str(GREETED "~s\r\n~w3000~sEHLO h\r\n~w90000~x"));
  is_text(span_of(got, codes(drive_said(&d), got)), "220- 220 500 250 421",
          "empty line: both replies");
  ok(d.session.facts == 0, "empty line: no talk");
}

static void empty_lines_counted(void) {
  struct session_config config = drive_defaults();
  drive_start(&d, &config, 0);
  drive_script(&d, span_str(GREETED "~d\r\nEHLO h\r\n~d\r\n~x"));
  ok(d.session.bad == 1 && d.session.lines == 3, "empty lines: the one that was answered is bad");
}

static void texts(void) {
  static const struct {
    const char *name, *text;
    bool text_ok, name_ok;
  } cases[] = {{"empty", "", false, false},
               {"a name", "mx.example", true, true},
               {"a sentence", "come back later", true, false},
               {"a line end", "x\r\n250 y", false, false},
               {"an escape", "x\033[0m", false, false},
               {"a byte above ASCII", "caf\xc3\xa9", false, false}};
  char many[REPLY_TEXT_MAX + 1], out[REPLY_MAX];
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    ok(reply_text_is_valid(span_str(cases[i].text)) == cases[i].text_ok, "text: %s", cases[i].name);
    ok(reply_teaser_is_valid(span_str(cases[i].text)) == cases[i].text_ok, "teaser: %s",
       cases[i].name);
    ok(reply_name_is_valid(span_str(cases[i].text)) == cases[i].name_ok, "name: %s", cases[i].name);
  }
  memset(many, 'x', sizeof many);
  ok(reply_text_is_valid(span_of(many, REPLY_TEXT_MAX)), "400 bytes are a text");
  ok(!reply_text_is_valid(span_of(many, REPLY_TEXT_MAX + 1)), "401 are none");
  ok(!reply_name_is_valid(span_of(many, REPLY_NAME_MAX + 1)), "256 bytes are no name");
  ok(reply_teaser_is_valid(span_of(many, REPLY_TEASER_MAX)), "200 bytes are a teaser");
  ok(!reply_teaser_is_valid(span_of(many, REPLY_TEASER_MAX + 1)), "201 are none");
  struct reply_texts long_ones = {span_of(many, REPLY_NAME_MAX), span_of(many, REPLY_TEXT_MAX),
                                  span_of(many, REPLY_TEASER_MAX), span_of(many, REPLY_TEXT_MAX)};
  ok(reply_compose(REPLY_TEASER, &long_ones, out) == 4 + REPLY_NAME_MAX + 1 + REPLY_TEASER_MAX + 2,
     "the longest name and teaser fit");
  for (enum reply reply = 0; reply < REPLIES; reply++) {
    size_t n = reply_compose(reply, &long_ones, out);
    ok(n <= REPLY_MAX && n > 6 && out[n - 2] == '\r' && out[n - 1] == '\n' &&
           reply_code(reply) >= 214,
       "reply %d is one line", (int)reply);
  }
}

int main(void) {
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) play(&rows[i]);
  too_many_recipients();
  without_line_end();
  jitter();
  unread();
  slow_line();
  sequels_at_rcpt();
  messages();
  bytes_in_a_stutter();
  empty_line_in_a_stutter();
  empty_lines_counted();
  texts();
  return done();
}
