/* The SB1 codec: every field's limits, one spelling for one report, and datagrams. */
#include "report/message.h"
#include "line/sessionline.h"
#include "tap.h"
#include <stdlib.h>

#define HEAD     "SB1 trap1 1 1764000000 4711 1764000014 "
#define TAIL     " 192.0.2.7 bot 28 fin no-quit 3e77501df101d7f4"
#define NAME_32  "abcdefghijklmnopqrstuvwxyz-01234"
#define TAG_TEXT "0123456789abcdef0123456789abcdef"

struct row {
  const char *name, *line;
  bool want;
};

static const struct row rows[] = {
    {"an ordinary report", HEAD "192.0.2.7 bot 28 fin high-mx,no-quit 3e77501df101d7f4", true},
    {"no sins, no dialect", HEAD "192.0.2.7 clean 0 quit - -", true},
    {"IPv6", HEAD "2001:db8::7 suspect 4 rst a -", true},
    {"the lowest score", HEAD "192.0.2.7 clean -99 quit - -", true},
    {"a score of -1", HEAD "192.0.2.7 clean -1 quit - -", true},
    {"a score of 0", HEAD "192.0.2.7 clean 0 quit - -", true},
    {"the highest score", HEAD "192.0.2.7 bot 999 idle - -", true},
    {"ends as in a session line: cap", HEAD "192.0.2.7 bot 1 cap - -", true},
    {"the longest detector", "SB1 " NAME_32 " 1 1 1 0" TAIL, true},
    {"the highest numbers", "SB1 a 4294967295 253402300799 9223372036854775807 253402300799" TAIL,
     true},
    {"the lowest numbers", "SB1 a 1 1 1 0" TAIL, true},

    {"nothing", "", false},
    {"the kind alone", "SB1", false},
    {"another kind", "SB2 trap1 1 1 1 1" TAIL, false},
    {"the kind in lower case", "sb1 trap1 1 1 1 1" TAIL, false},
    {"a detector too long", "SB1 " NAME_32 "5 1 1 1 1" TAIL, false},
    {"an empty detector", "SB1  1 1 1 1" TAIL, false},
    {"a detector in upper case", "SB1 Trap1 1 1 1 1" TAIL, false},
    {"a detector with a dot", "SB1 trap.1 1 1 1 1" TAIL, false},
    {"keygen 0", "SB1 a 0 1 1 1" TAIL, false},
    {"keygen too high", "SB1 a 4294967296 1 1 1" TAIL, false},
    {"keygen with a leading zero", "SB1 a 01 1 1 1" TAIL, false},
    {"keygen with a sign", "SB1 a +1 1 1 1" TAIL, false},
    {"epoch 0", "SB1 a 1 0 1 1" TAIL, false},
    {"epoch too high", "SB1 a 1 253402300800 1 1" TAIL, false},
    {"epoch that is no number", "SB1 a 1 x 1 1" TAIL, false},
    {"seq 0", "SB1 a 1 1 0 1" TAIL, false},
    {"seq too high", "SB1 a 1 1 9223372036854775808 1" TAIL, false},
    {"seq over 64 bits", "SB1 a 1 1 18446744073709551617 1" TAIL, false},
    {"an empty seq", "SB1 a 1 1  1" TAIL, false},
    {"unixtime too high", "SB1 a 1 1 1 253402300800" TAIL, false},
    {"unixtime with a fraction", "SB1 a 1 1 1 1.5" TAIL, false},
    {"a negative unixtime", "SB1 a 1 1 1 -1" TAIL, false},
    {"an octet too high", HEAD "192.0.2.256 bot 1 fin - -", false},
    {"an octet with a leading zero", HEAD "192.0.2.07 bot 1 fin - -", false},
    {"three octets", HEAD "192.0.2 bot 1 fin - -", false},
    {"IPv4 mapped into IPv6", HEAD "::ffff:192.0.2.7 bot 1 fin - -", false},
    {"IPv6 not shortened", HEAD "2001:db8:0:0:0:0:0:7 bot 1 fin - -", false},
    {"IPv6 in upper case", HEAD "2001:DB8::7 bot 1 fin - -", false},
    {"IPv6 with a zone", HEAD "fe80::1%eth0 bot 1 fin - -", false},
    {"no address", HEAD "- bot 1 fin - -", false},
    {"verdict exempt", HEAD "192.0.2.7 exempt 1 fin - -", false},
    {"verdict scanner", HEAD "192.0.2.7 scanner 1 fin - -", false},
    {"an unknown verdict", HEAD "192.0.2.7 bots 1 fin - -", false},
    {"a score too low", HEAD "192.0.2.7 bot -100 fin - -", false},
    {"a score too high", HEAD "192.0.2.7 bot 1000 fin - -", false},
    {"a score of minus zero", HEAD "192.0.2.7 bot -0 fin - -", false},
    {"a score with a leading zero", HEAD "192.0.2.7 bot 07 fin - -", false},
    {"a score with a plus", HEAD "192.0.2.7 bot +7 fin - -", false},
    {"an unknown end", HEAD "192.0.2.7 bot 1 gone - -", false},
    {"an empty end", HEAD "192.0.2.7 bot 1  - -", false},
    {"sins with an empty name", HEAD "192.0.2.7 bot 1 fin a,,b -", false},
    {"sins that end in a comma", HEAD "192.0.2.7 bot 1 fin a, -", false},
    {"sins in upper case", HEAD "192.0.2.7 bot 1 fin No-Quit -", false},
    {"a sin that begins with a digit", HEAD "192.0.2.7 bot 1 fin 4 -", false},
    {"a sin that begins with a hyphen", HEAD "192.0.2.7 bot 1 fin -a -", false},
    {"empty sins", HEAD "192.0.2.7 bot 1 fin  -", false},
    {"a dialect too short", HEAD "192.0.2.7 bot 1 fin - 3e77501df101d7f", false},
    {"a dialect too long", HEAD "192.0.2.7 bot 1 fin - 3e77501df101d7f40", false},
    {"a dialect in upper case", HEAD "192.0.2.7 bot 1 fin - 3E77501DF101D7F4", false},
    {"a dialect that is no hex", HEAD "192.0.2.7 bot 1 fin - 3g77501df101d7f4", false},
    {"no dialect word", HEAD "192.0.2.7 bot 1 fin -", false},
    {"a word too many", HEAD "192.0.2.7 bot 1 fin - - -", false},
    {"a space at the end", HEAD "192.0.2.7 bot 1 fin - - ", false},
    {"a space at the beginning", " " HEAD "192.0.2.7 bot 1 fin - -", false},
    {"two spaces", "SB1  trap1 1 1 1 1" TAIL, false},
    {"a tab for a space", "SB1\ttrap1 1 1 1 1" TAIL, false},
    {"CR at the end", HEAD "192.0.2.7 bot 1 fin - -\r", false},
    {"LF at the end", HEAD "192.0.2.7 bot 1 fin - -\n", false},
};

/* Also from a copy of just the line's size, so that a sanitizer detects a read after it. */
static bool decodes(const char *line, struct report *r) {
  size_t len = strlen(line);
  char *copy = malloc(len + 1);
  bool exact;
  if (!copy) abort();
  memcpy(copy, line, len);
  exact = report_decode(span_of(copy, len), r);
  free(copy);
  return exact && report_decode(span_str(line), r);
}

static void test_rows(void) {
  char again[REPORT_LINE_MAX];
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    struct report r;
    bool got = decodes(rows[i].line, &r);
    ok(got == rows[i].want, "%s: %s", rows[i].want ? "taken" : "refused", rows[i].name);
    if (got)
      is_text(span_of(again, report_encode(&r, again, sizeof again)), rows[i].line,
              "encodes to itself: %s", rows[i].name);
  }
}

static void test_members(void) {
  struct report r;
  if (!report_decode(span_str(rows[0].line), &r)) r = (struct report){.seq = 0};
  is_text(r.origin.detector, "trap1", "detector");
  ok(r.origin.keygen == 1 && r.origin.epoch == 1764000000, "keygen and epoch");
  ok(r.seq == 4711 && r.unixtime == 1764000014, "seq and unixtime");
  ok(addr_is_ipv4(&r.ip) && addr_ipv4(&r.ip) == 0xc0000207, "ip");
  ok(r.verdict == VERDICT_BOT && r.score == 28 && r.end == END_FIN, "verdict, score and end");
  is_text(r.sins, "high-mx,no-quit", "sins");
  is_text(r.dialect, "3e77501df101d7f4", "dialect");
}

static struct report longest(const char *sins) {
  struct report r = {
      .origin = {span_str(NAME_32), KEYGEN_MAX, EPOCH_MAX},
      .seq = SEQ_MAX,
      .unixtime = UNIXTIME_MAX,
      .verdict = VERDICT_SUSPECT,
      .score = SCORE_MAX,
      .end = END_ERROR,
      .sins = span_of(sins, SINS_TEXT_MAX),
      .dialect = span_str("0123456789abcdef"),
  };
  addr_parse(span_str("2001:db8:1111:2222:3333:4444:5555:6666"), &r.ip);
  return r;
}

static void test_limits(void) {
  char sins[SINS_TEXT_MAX + 1], text[REPORT_LINE_MAX];
  struct report back;
  memset(sins, 'a', sizeof sins);
  struct report r = longest(sins);
  size_t len = report_encode(&r, text, sizeof text);
  ok(len > 0 && len <= REPORT_LINE_MAX, "the longest report fits a datagram (%zu bytes)", len);
  ok(report_decode(span_of(text, len), &back), "and is taken");
  ok(report_encode(&r, text, len) == len, "in a buffer of just its size");
  ok(report_encode(&r, text, len - 1) == 0, "and not in one byte less");
  r.sins.len++;
  ok(report_encode(&r, text, sizeof text) == 0, "a list of sins one byte longer is refused");
  r.sins = span_str("No");
  ok(report_encode(&r, text, sizeof text) == 0, "and so is one that is not a list of names");
  r = longest(sins);
  r.verdict = VERDICT_EXEMPT;
  ok(report_encode(&r, text, sizeof text) == 0, "exempt is not encoded");
  r = longest(sins);
  r.end = END_ERROR + 1;
  ok(report_encode(&r, text, sizeof text) == 0, "an end without a name is not encoded");
  r = longest(sins);
  r.seq = 0;
  ok(report_encode(&r, text, sizeof text) == 0, "seq 0 is not encoded");
  r = longest(sins);
  r.origin.detector = span_str("no good");
  ok(report_encode(&r, text, sizeof text) == 0, "a detector with a space is not encoded");
  r = longest(sins);
  r.dialect = span_str("xyz");
  ok(report_encode(&r, text, sizeof text) == 0, "a dialect that is no hash is not encoded");
}

/* Whatever one byte of a good line becomes: what is taken encodes to the very bytes taken. */
static void test_canonical(void) {
  char line[REPORT_LINE_MAX], again[REPORT_LINE_MAX];
  size_t len = strlen(rows[0].line), taken = 0, wrong = 0;
  for (size_t at = 0; at < len; at++)
    for (int byte = 0; byte < 256; byte++) {
      struct report r;
      memcpy(line, rows[0].line, len);
      line[at] = (char)byte;
      if (!report_decode(span_of(line, len), &r)) continue;
      size_t n = report_encode(&r, again, sizeof again);
      taken++;
      wrong += n != len || memcmp(line, again, len) != 0;
    }
  ok(taken > len && wrong == 0, "one spelling for one report (%zu variants taken)", taken);
}

static const struct row identities[] = {
    {"a good line", "SB1 trap1 1 2 3 4 5", true},
    {"five words alone", "SB1 trap1 1 2 3", true},
    {"garbage after the number", "SB1 trap1 1 2 3 \x80\x01", true},
    {"four words", "SB1 trap1 1 2", false},
    {"a bad number", "SB1 trap1 1 2 x", false},
    {"number 0", "SB1 trap1 1 2 0", false},
};

static void test_identities(void) {
  for (size_t i = 0; i < sizeof identities / sizeof *identities; i++) {
    struct origin origin = {{NULL, 0}, 0, 0};
    uint64_t seq = 0;
    bool got = report_identify(span_str(identities[i].line), &origin, &seq);
    ok(got == identities[i].want && (!got || (origin.epoch == 2 && seq == 3)), "identity: %s",
       identities[i].name);
  }
}

static const struct row datagrams[] = {
    {"one line", "SB1 trap1 1 2 3 " TAG_TEXT "\n", true},
    {"two lines", "SB1 trap1 1 2 3\nSB1 trap1 1 2 4 " TAG_TEXT "\n", true},
    {"not read after the origin", "SB1 trap1 1 2 \xff\n\n " TAG_TEXT "\n", true},
    {"nothing", "", false},
    {"LF", "\n", false},
    {"the tag alone", " " TAG_TEXT "\n", false},
    {"no tag", "SB1 trap1 1 2 3\n", false},
    {"no LF", "SB1 trap1 1 2 3 " TAG_TEXT, false},
    {"CRLF", "SB1 trap1 1 2 3 " TAG_TEXT "\r\n", false},
    {"LF before the tag", "SB1 trap1 1 2 3\n" TAG_TEXT "\n", false},
    {"a tag in upper case", "SB1 trap1 1 2 3 0123456789ABCDEF0123456789abcdef\n", false},
    {"a tag that is no hex", "SB1 trap1 1 2 3 0123456789abcdeg0123456789abcdef\n", false},
    {"a tag one digit short",
     "SB1 trap1 1 2 3 "
     "123456789abcdef0123456789abcdef\n",
     false},
    {"another kind", "SB2 trap1 1 2 3 " TAG_TEXT "\n", false},
    {"no detector", "SB1  1 2 3 " TAG_TEXT "\n", false},
    {"no epoch", "SB1 trap1 1 " TAG_TEXT "\n", false},
    {"keygen 0", "SB1 trap1 0 2 3 " TAG_TEXT "\n", false},
};

static void test_opening(void) {
  struct span covered, tag;
  struct origin origin;
  char big[DATAGRAM_MAX + 1];
  for (size_t i = 0; i < sizeof datagrams / sizeof *datagrams; i++)
    ok(datagram_parse(span_str(datagrams[i].line), &covered, &tag, &origin) == datagrams[i].want,
       "datagram %s: %s", datagrams[i].want ? "opened" : "refused", datagrams[i].name);
  memset(big, 'x', sizeof big);
  memcpy(big, "SB1 a 1 2 3 ", 12);
  memcpy(big + DATAGRAM_MAX - 34, " " TAG_TEXT "\n", 34);
  ok(datagram_parse(span_of(big, DATAGRAM_MAX), &covered, &tag, &origin), "1,200 bytes are opened");
  memcpy(big + DATAGRAM_MAX + 1 - 34, " " TAG_TEXT "\n", 34);
  ok(!datagram_parse(span_of(big, DATAGRAM_MAX + 1), &covered, &tag, &origin), "1,201 are not");
}

static void test_lines(void) {
  static const char *const want[] = {"a", "", "b", ""};
  struct span rest = span_str("a\n\nb\n"), line;
  size_t n = 0;
  while (datagram_line(&rest, &line)) {
    if (n < 4) is_text(line, want[n], "line %zu of what a tag covers", n + 1);
    n++;
  }
  ok(n == 4, "an empty last line is a line");
}

static void test_building(void) {
  struct datagram d = {.len = 0};
  struct span covered, tag, line = span_str("SB1 trap1 1 2 3");
  struct origin origin;
  size_t lines = 0;
  while (datagram_add(&d, line)) lines++;
  ok(lines == (DATAGRAM_MAX - 34 + 1) / (line.len + 1), "as many lines as fit with the tag");
  struct span built = span_of(d.buf, d.len);
  struct span whole = datagram_close(&d, TAG_TEXT);
  ok(whole.len <= DATAGRAM_MAX && datagram_parse(whole, &covered, &tag, &origin), "opened again");
  ok(span_equal(covered, built), "the tag covers what was added");
  is_text(tag, TAG_TEXT, "the tag");
  is_text(origin.detector, "trap1", "the detector");
}

/* Checks are in the database, so their values must stay: computed here by another program. */
static const struct {
  const char *name, *line;
  bool same; /* as the first one */
} checks[] = {
    {"the first", HEAD "192.0.2.7 bot 28 fin no-quit 3e77501df101d7f4", true},
    {"another verdict, score and sins", HEAD "192.0.2.7 clean 2 fin - 3e77501df101d7f4", true},
    {"another number", "SB1 trap1 1 9 1 1764000014 192.0.2.7 bot 28 fin - 3e77501df101d7f4", true},
    {"another time", "SB1 trap1 1 9 1 1764000015 192.0.2.7 bot 28 fin - 3e77501df101d7f4", false},
    {"another address", HEAD "192.0.2.8 bot 28 fin no-quit 3e77501df101d7f4", false},
    {"another end", HEAD "192.0.2.7 bot 28 rst no-quit 3e77501df101d7f4", false},
    {"another dialect", HEAD "192.0.2.7 bot 28 fin no-quit 3e77501df101d7f5", false},
    {"no dialect", HEAD "192.0.2.7 bot 28 fin no-quit -", false},
};

static void test_checks(void) {
  for (size_t i = 0; i < sizeof checks / sizeof *checks; i++) {
    struct report r;
    if (!report_decode(span_str(checks[i].line), &r)) abort();
    ok((report_check(&r) == UINT32_C(0x0ace9bf1)) == checks[i].same, "the check: %s",
       checks[i].name);
  }
  ok(report_check_text(span_str(HEAD "192.0.2.7 bot 28 fin rest")) == UINT32_C(0xab3bb7a4),
     "the check of a line that cannot be read");
  ok(report_check_text(span_str("SB1 a 2 3 4 1764000014 192.0.2.7 bot 28 fin rest")) ==
         UINT32_C(0xab3bb7a4),
     "of the bytes after its number");
}

int main(void) {
  test_checks();
  test_rows();
  test_members();
  test_limits();
  test_canonical();
  test_identities();
  test_opening();
  test_lines();
  test_building();
  return done();
}
