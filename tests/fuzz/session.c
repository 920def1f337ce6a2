/* Fuzz target: the session machine.

   The input is a configuration byte and then events: a byte B and what it says. B < 0x80: the B + 1
   bytes that follow come from the peer in one moment. B >= 0x80: time passes, (B & 0x3f) squared
   tens of milliseconds, during which the peer does not read where bit 6 is set. At the end comes a
   hang-up or a stop. Played twice, the second time byte by byte: all that was said and all that is
   told must be equal, every text must be in its bounds and clean, and the session must have ended.
 */
#include "line/field.h"
#include "smtp/firstline.h"
#include "smtp/summary.h"
#include <stdio.h>
#include <stdlib.h>

#define MUST(condition)                            \
  do {                                             \
    if (!(condition)) {                            \
      fprintf(stderr, "not so: %s\n", #condition); \
      abort();                                     \
    }                                              \
  } while (0)

struct run {
  struct session session;
  struct summary summary;
  int64_t now;
  char said[1 << 18];
  size_t len;
};

static struct run one, two;

static void hand_over(struct run *r, bool reads) {
  struct span out = session_output(&r->session);
  MUST(out.len <= REPLY_MAX);
  if (!reads) return;
  MUST(r->len + out.len <= sizeof r->said);
  if (out.len) memcpy(r->said + r->len, out.s, out.len);
  r->len += out.len;
  session_wrote(&r->session, r->now, out.len);
}

static void pass(struct run *r, int64_t ms, bool reads) {
  int64_t until = r->now + ms;
  while (!session_closing(&r->session)) {
    hand_over(r, reads);
    int64_t next = session_deadline(&r->session);
    if (next >= until) break;
    if (next > r->now) r->now = next;
    session_tick(&r->session, r->now);
  }
  r->now = until;
}

static void feed(struct run *r, struct span bytes, size_t piece) {
  for (; bytes.len; bytes = span_from(bytes, piece))
    session_feed(&r->session, r->now, span_head(bytes, piece));
}

static void play(struct run *r, const struct session_config *config, struct span input,
                 size_t piece) {
  r->now = 1000;
  r->len = 0;
  memset(&r->session, 0, sizeof r->session);
  session_start(&r->session, config, r->now, 7);
  session_round_trip(&r->session, config->delay[DELAY_GREETING] ? 50 : 0);
  while (input.len) {
    unsigned int step = (unsigned char)input.s[0];
    input = span_from(input, 1);
    if (step < 0x80) {
      struct span bytes = span_head(input, step + 1);
      input = span_from(input, step + 1);
      feed(r, bytes, piece ? piece : bytes.len);
    } else {
      pass(r, (int64_t)(step & 0x3f) * (step & 0x3f) * 10, !(step & 0x40));
    }
  }
}

static void check_text(struct span text, size_t most) {
  MUST(text.len <= most);
  for (size_t i = 0; i < text.len; i++) MUST(text.s[i] > 0x20 && text.s[i] < 0x7f);
}

static bool is_own_word(struct span word) {
  struct span own = SPAN_LITERAL(
      "HELO EHLO MAIL RCPT DATA RSET NOOP QUIT VRFY HELP AUTH STARTTLS BDAT EXPN ETRN ATRN TURN "
      "SEND SOML SAML FROM TO H I L A P X ? CR LF SIZE BODY SMTPUTF8 RET ENVID NOTIFY ORCPT BY "
      "MTRK HOLDFOR HOLDUNTIL RRVS MT-PRIORITY REQUIRETLS SUBMITTER XFORWARD XOORG PLAIN LOGIN "
      "CRAM-MD5 DIGEST-MD5 NTLM GSSAPI GSS-SPNEGO EXTERNAL ANONYMOUS XOAUTH2 OAUTHBEARER "
      "SCRAM-SHA-1 SCRAM-SHA-1-PLUS SCRAM-SHA-256 SCRAM-SHA-256-PLUS");
  while (own.len)
    if (span_equal_nocase(span_word(&own), word)) return true;
  return false;
}

static bool is_mark(char c) {
  return c && strchr(" \t<>|:=/*+", c);
}

static bool is_count(struct span word) {
  for (size_t i = 0; i < word.len; i++)
    if (!ascii_is_digit((unsigned char)word.s[i])) return false;
  return true;
}

/* With local parts hidden a dialect is made of these words and of marks, and so has no room for any
   text of an address; nor has anything else. */
static void check_hidden(const struct run *r) {
  struct span rest = span_of(r->session.dialect.text, r->session.dialect.len);
  struct span to = r->summary.to, from = r->summary.from, talk = r->summary.talk;
  char mark = '|';
  while (rest.len) {
    size_t end = 0;
    while (end < rest.len && !is_mark(rest.s[end])) end++;
    struct span word = span_head(rest, end);
    MUST(word.len == 0 || is_own_word(word) || (mark == '*' && is_count(word)));
    if (end < rest.len) mark = rest.s[end];
    rest = span_from(rest, end + 1);
  }
  MUST(from.len == 0 || from.s[0] == '@' || span_is(from, "<>"));
  MUST(talk.len == 0 || talk.s[talk.len - 1] == ':');
  while (to.len) MUST(span_cut(&to, ',').s[0] == '@');
}

static void check(const struct run *r) {
  const struct summary *w = &r->summary;
  const struct session *s = &r->session;
  MUST(session_closing(s));
  check_text(w->helo, ENVELOPE_HELO_MAX);
  check_text(w->from, ENVELOPE_FROM_MAX);
  check_text(w->to, ENVELOPE_TO_MAX);
  check_text(w->talk, EARLYDATA_TEXT_MAX);
  check_text(w->did, FACT_TEXT_MAX);
  check_text(w->dialect, SUMMARY_DIALECT_MAX);
  check_text(w->cut, SUMMARY_CUT_MAX);
  check_text(w->nosmtp, FIRSTLINE_TEXT_MAX);
  MUST(fact_seen(s->facts, FACT_EARLY_TALK) + fact_seen(s->facts, FACT_TEASER_TALK) +
           fact_seen(s->facts, FACT_EARLY_QUIT) <=
       1);
  MUST(!fact_seen(s->facts, FACT_EARLY_QUIT) || s->quit);
  MUST(!fact_seen(s->facts, FACT_TEASER_TALK) || !fact_seen(s->facts, FACT_TALK_IN_DELAY));
  MUST(!(fact_seen(s->facts, FACT_PIPELINED) && fact_seen(s->facts, FACT_TALK_IN_DELAY)));
  MUST(!fact_seen(s->facts, FACT_BODY_AFTER_451) || s->refused);
  MUST(s->quit == (s->end == END_QUIT));
  MUST(s->stage != STAGE_DATA || s->lines >= 4);
  if (s->config->hide_local) check_hidden(r);
}

static void compare(void) {
  MUST(span_equal(one.summary.helo, two.summary.helo));
  MUST(span_equal(one.summary.from, two.summary.from));
  MUST(span_equal(one.summary.to, two.summary.to));
  MUST(span_equal(one.summary.nosmtp, two.summary.nosmtp));
  MUST(span_equal(one.summary.talk, two.summary.talk));
  MUST(span_equal(one.summary.did, two.summary.did));
  MUST(span_equal(one.summary.dialect, two.summary.dialect));
  MUST(span_equal(one.summary.cut, two.summary.cut));
  MUST(span_equal(span_of(one.said, one.len), span_of(two.said, two.len)));
  MUST(one.session.end == two.session.end && one.session.after == two.session.after);
  MUST(one.session.ended == two.session.ended && one.session.bytes == two.session.bytes);
  MUST(one.session.bad == two.session.bad && one.session.stage == two.session.stage);
}

static void finish(struct run *r, unsigned int how) {
  if (how == 0) pass(r, 1000000, true);
  else if (how == 3) session_stop(&r->session, r->now);
  else session_hangup(&r->session, r->now, how == 1 ? END_FIN : END_RST);
  hand_over(r, true);
  summary_fill(&r->summary, &r->session);
  check(r);
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size) {
  if (size == 0) return 0;
  unsigned int bits = data[0];
  bool instant = bits & 4;
  struct session_config config = {
      .delay = {instant ? 0 : 8000, instant ? 0 : 1000, 1000, instant ? 0 : 500, 2000},
      .jitter = bits & 8 ? 50 : 0,
      .stutter = bits & 16,
      .teaser = bits >> 5 != 6,
      .idle = 90000,
      .line = 60000,
      .watch = 90000,
      .cap = 300000,
      .max_lines = 60,
      .max_bytes = 20000,
      .max_body = 200,
      .max_recipients = 3,
      .refuse_at = (enum refuse_at)((bits >> 5) % 3),
      .hide_local = bits >> 7,
      .texts = {SPAN_LITERAL("trap.example"), SPAN_LITERAL("later"), SPAN_LITERAL("wait"),
                SPAN_LITERAL("no")}};
  struct span input = span_of((const char *)data + 1, size - 1);
  play(&one, &config, input, 0);
  finish(&one, bits & 3);
  play(&two, &config, input, 1);
  finish(&two, bits & 3);
  compare();
  return 0;
}
