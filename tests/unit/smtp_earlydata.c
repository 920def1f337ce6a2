/* Bytes that came too early: the first run, the two facts, and the text. */
#include "smtp/earlydata.h"
#include "tap.h"

/* A script of lines. A capital letter is a line in time, a small one a line with an early byte:
   Q QUIT, R RSET, N NOOP, U an unknown command; 4: the 451 is sent. An early last line that is
   unfinished is q; or u; (it is a QUIT or not). */
static const struct {
  const char *name, *script, *want;
} rows[] = {
    {"nothing", "", ""},
    {"lines in time", "NRUQ", ""},
    {"an early QUIT", "Nq", "pipelined"},
    {"an early RSET and QUIT", "rq", "pipelined"},
    {"an early RSET and a QUIT in time", "rQ", "pipelined"},
    {"an early RSET and another command", "rN", "talk-in-delay"},
    {"an early RSET and an early command", "rn", "talk-in-delay"},
    {"an early RSET at the end", "r", "talk-in-delay"},
    {"two early ones", "rrq", "talk-in-delay"},
    {"an early command", "n", "talk-in-delay"},
    {"an early unknown command", "u", "talk-in-delay"},
    {"an early QUIT after an early command", "nq", "talk-in-delay"},
    {"an early command after an early QUIT", "qn", "talk-in-delay"},
    {"a command with an RSET, before the 451", "Rn", "talk-in-delay"},
    {"a command with an RSET, after the 451", "4Rn", "pipelined"},
    {"an unknown one with an RSET, after the 451", "4Ru", "talk-in-delay"},
    {"two commands with an RSET, after the 451", "4Rnn", "talk-in-delay"},
    {"a command after that", "4RNn", "talk-in-delay"},
    {"an early RSET and a command, after the 451", "4rn", "talk-in-delay"},
    {"an RSET and an early RSET, after the 451", "4Rr", "pipelined"},
    {"an unfinished early QUIT", "q;", "pipelined"},
    {"an unfinished early line", "u;", "talk-in-delay"},
    {"an early RSET and an unfinished QUIT in time", "rQ;", "pipelined"},
    {"an early RSET and an unfinished line", "rU;", "talk-in-delay"},
    {"an early QUIT and an unfinished early line", "qu;", "talk-in-delay"},
};

static enum command command_of(char letter) {
  switch (letter) {
  case 'q': return COMMAND_QUIT;
  case 'r': return COMMAND_RSET;
  case 'n': return COMMAND_NOOP;
  default: return COMMAND_UNKNOWN;
  }
}

static void classification(void) {
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    struct earlydata e = {0};
    fact_set facts = 0;
    char text[FACT_TEXT_MAX];
    bool refused = false, quit = false;
    for (const char *s = rows[i].script; *s; s++) {
      char letter = *s >= 'A' && *s <= 'Z' ? (char)(*s - 'A' + 'a') : *s;
      if (*s == '4') refused = true;
      if (*s == '4' || *s == ';') continue;
      e.line = letter == *s;
      if (s[1] == ';') quit = letter == 'q';
      else earlydata_line(&e, command_of(letter), refused, &facts);
    }
    earlydata_end(&e, quit, &facts);
    is_text(span_of(text, fact_list(facts, text)), rows[i].want, "%s", rows[i].name);
  }
}

static void add(struct earlydata *e, int64_t ms, const char *stage, const char *bytes) {
  for (; *bytes; bytes++) earlydata_byte(e, ms, stage, *bytes);
}

static struct span text_of(const struct earlydata *e, bool hidden) {
  static char out[EARLYDATA_TEXT_MAX];
  return span_of(out, earlydata_format(e, hidden, out));
}

static void text(void) {
  struct earlydata e = {0};
  is_text(text_of(&e, false), "", "no byte");
  earlydata_reply(&e);
  ok(!e.closed, "a reply alone ends no run");
  add(&e, 310, "banner", "EHLO h\r\n");
  add(&e, 400, "other", "%");
  is_text(text_of(&e, false), "banner:0.310:9:EHLO%20h%0D%0A%25",
          "the time and stage of the first");
  is_text(text_of(&e, true), "banner:0.310:9:", "without its text");
  earlydata_reply(&e);
  add(&e, 500, "mail", "more");
  is_text(text_of(&e, false), "banner:0.310:9:EHLO%20h%0D%0A%25", "a reply ends the run");
}

static void lengths(void) {
  struct earlydata e = {0};
  add(&e, 0, "x", "12345678901234567890123456789012");
  is_text(text_of(&e, false), "x:0.000:32:12345678901234567890123456789012", "as much as is kept");
  add(&e, 0, "x", "3");
  is_text(text_of(&e, false), "x:0.000:33:12345678901234567890123456789012", "one more is counted");
  e.bytes = UINT32_MAX;
  add(&e, 0, "x", "4");
  ok(e.bytes == UINT32_MAX, "the count does not overflow");
  e = (struct earlydata){0};
  add(&e, INT64_C(86400000), "teaser",
      "\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n");
  e.bytes = UINT32_MAX;
  struct span longest = text_of(&e, false);
  ok(longest.len == strlen("teaser:86400.000:4294967295:") + 96 &&
         longest.len <= EARLYDATA_TEXT_MAX,
     "the longest text fits");
}

int main(void) {
  classification();
  text();
  lengths();
  return done();
}
