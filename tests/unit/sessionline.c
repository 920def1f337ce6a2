/* The session line as a struct and as text. */
#include "line/sessionline.h"
#include "tap.h"

#define REQUIRED "session1 at=1764000000.123 peer=192.0.2.7 ms=14023 stage=data end=fin"
/* sinbin-session(5) has this line as its example. */
#define WHOLE                                                                                    \
  "@4000000067890abc00000000 session1 at=1764000000.123 peer=192.0.2.7 pport=40112 "             \
  "local=198.51.100.5 lport=25 ms=14023 stage=data end=fin after=none verb=ehlo helo=ylmf-pc "   \
  "helos=1 from=a@b.example to=x@example.org,y@example.org rcpts=2 lines=5 bad=0 bytes=143 "     \
  "rtt=38 nosmtp=http talk=banner:0.310:14:EHLO%20ylmf-pc%0D%0A did=early-talk,odd-space "       \
  "dialect=EHLO%20H|MAIL%20FROM:%20<A>|RCPT%20TO:%20<A>*2|DATA cut=to r451=yes mx=high peers=5 " \
  "recent=7 seq=4711 pos=131077.90210 ptr=pool-7.isp.example fcrdns=yes heloa=none sendermx=? "  \
  "dnsbl=zen.example:127.0.0.4 dnswl= rules=0123456789abcdef sins=high-mx,early-talk score=-3 "  \
  "verdict=bot"

static void decoding(void) {
  static const struct {
    const char *name, *line, *bad;
  } rows[] = {
      {"all that is required", REQUIRED, NULL},
      {"everything", WHOLE, NULL},
      {"an unknown key", REQUIRED " colour=blue", NULL},
      {"an empty text", REQUIRED " from=", NULL},
      {"another kind", "session2 at=1.000 peer=192.0.2.7 ms=1 stage=data end=fin",
       "session2 at=1.000 peer=192.0.2.7"},
      {"nothing", "", ""},
      {"no peer", "session1 at=1.000 ms=1 stage=data end=fin", "peer"},
      {"no time", "session1 peer=192.0.2.7 ms=1 stage=data end=fin", "at"},
      {"no duration", "session1 at=1.000 peer=192.0.2.7 stage=data end=fin", "ms"},
      {"no stage", "session1 at=1.000 peer=192.0.2.7 ms=1 end=fin", "stage"},
      {"no end", "session1 at=1.000 peer=192.0.2.7 ms=1 stage=data", "end"},
      {"a key twice", REQUIRED " ms=1", "ms"},
      {"an unknown end", "session1 at=1.000 peer=192.0.2.7 ms=1 stage=data end=gone", "end"},
      {"no answer", REQUIRED " fcrdns=maybe", "fcrdns"},
      {"an empty answer", REQUIRED " r451=", "r451"},
      {"an address too long", "session1 at=1.000 peer=192.0.2.7.1 ms=1 stage=data end=fin", "peer"},
      {"a leading zero", REQUIRED " lines=05", "lines"},
      {"a port too high", REQUIRED " pport=65536", "pport"},
      {"a negative number", REQUIRED " lines=-1", "lines"},
      {"a score too low", REQUIRED " score=-100", "score"},
      {"four decimals", "session1 at=1.0001 peer=192.0.2.7 ms=1 stage=data end=fin", "at"},
      {"every byte encoded", REQUIRED " helo=%00%fF%25,%2C", NULL},
      {"no digits", REQUIRED " helo=ma%zz", "helo"},
      {"one digit", REQUIRED " from=a%4@b.example", "from"},
      {"one digit, and the end", REQUIRED " to=a%41,b%4", "to"},
      {"nothing but a mark", REQUIRED " ptr=%", "ptr"},
      {"digits beyond a comma", REQUIRED " helo=a%,41", "helo"},
      {"no digits in an unknown text", REQUIRED " colour=%zz", NULL},
      {"two spaces", REQUIRED "  lines=1", ""},
      {"a word without a key", REQUIRED " lines", "lines"},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    struct sessionline line;
    struct span bad;
    bool got = sessionline_decode(span_str(rows[i].line), &line, &bad);
    ok(got == !rows[i].bad, "decode: %s", rows[i].name);
    if (rows[i].bad) is_text(bad, rows[i].bad, "what was wrong");
  }
}

static void values(void) {
  struct sessionline l;
  struct span bad;
  ok(sessionline_decode(span_str(WHOLE), &l, &bad), "the whole line");
  ok(l.at == UINT64_C(1764000000123) && l.pport == 40112 && l.ms == 14023 && l.rcpts == 2,
     "numbers");
  ok(l.stage == STAGE_DATA && l.end == END_FIN && l.after == AFTER_NONE && l.verb == VERB_EHLO,
     "names");
  ok(l.r451 == ANSWER_YES && l.sendermx == ANSWER_UNKNOWN && l.heloa == HELOA_NONE &&
         l.verdict == VERDICT_BOT && l.score == -3,
     "answers");
  is_text(l.cut, "to", "a text");
  is_text(l.nosmtp, "http", "another");
  ok(l.dnswl.s && l.dnswl.len == 0, "a text that is there and empty");
  ok(sessionline_has(&l, "rtt") && !sessionline_has(&l, "nothing"), "has");
  ok(sessionline_decode(span_str(REQUIRED), &l, &bad) && l.dnswl.s == NULL &&
         !sessionline_has(&l, "rtt") && l.r451 == ANSWER_ABSENT && l.verb == VERB_NONE,
     "what is absent");
}

static void round_trip(void) {
  static const char *const lines[] = {
      WHOLE, REQUIRED " after=none",
      "session1 at=0.000 peer=2001:db8::1 ms=0 stage=banner end=quit "
      "after=none helo= rtt=0"};
  for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
    struct sessionline l;
    struct span bad;
    char out[SESSION_BYTES_MAX];
    ok(sessionline_decode(span_str(lines[i]), &l, &bad), "line %zu", i);
    is_text(span_of(out, sessionline_encode(&l, out, sizeof out)), lines[i], "line %zu again", i);
    ok(sessionline_encode(&l, out, strlen(lines[i])) == strlen(lines[i]), "it fits exactly");
    ok(sessionline_encode(&l, out, strlen(lines[i]) - 1) == 0, "one byte less is too little");
  }
}

static void fill(struct span *value, char *text, size_t len) {
  *value = span_of(text, len);
}

/* The bounds of the texts and the widest numbers together still make one line. */
static void widest(void) {
  static char text[1400];
  static const char *const set[] = {"at",    "peer",  "pport", "local", "lport", "ms",    "helos",
                                    "rcpts", "lines", "bad",   "bytes", "rtt",   "peers", "recent"};
  char out[SESSION_BYTES_MAX];
  struct sessionline l = {.at = UINT64_C(253402300799999),
                          .pport = 65535,
                          .lport = 65535,
                          .ms = UINT64_C(253402300799999),
                          .stage = STAGE_BANNER,
                          .end = END_LIMIT,
                          .after = AFTER_OTHER,
                          .verb = VERB_EHLO,
                          .helos = UINT32_MAX,
                          .rcpts = UINT32_MAX,
                          .lines = UINT32_MAX,
                          .bad = UINT32_MAX,
                          .bytes = UINT32_MAX,
                          .rtt = UINT32_MAX,
                          .peers = UINT32_MAX,
                          .recent = UINT32_MAX,
                          .r451 = ANSWER_YES,
                          .mx = SPAN_LITERAL("high"),
                          .cut = SPAN_LITERAL("helo,from,to,dialect")};
  memset(text, 'x', sizeof text);
  memset(l.peer.byte, 0xee, sizeof l.peer.byte);
  memset(l.local.byte, 0xee, sizeof l.local.byte);
  fill(&l.helo, text, HELO_TEXT_MAX);
  fill(&l.from, text, FROM_TEXT_MAX);
  fill(&l.to, text, TO_TEXT_MAX);
  fill(&l.talk, text, TALK_TEXT_MAX);
  fill(&l.did, text, DID_TEXT_MAX);
  fill(&l.dialect, text, DIALECT_TEXT_MAX);
  for (size_t i = 0; i < sizeof set / sizeof *set; i++) sessionline_set(&l, set[i]);
  size_t len = sessionline_encode(&l, out, SESSION_BYTES_MAX - 1);
  ok(len > 3500, "the widest session still is one line: %zu bytes", len);
}

static void names(void) {
  int value;
  ok(strcmp(stage_name(STAGE_DATA), "data") == 0 && !stage_name(5) && !stage_name(-1), "stages");
  ok(strcmp(end_name(END_ERROR), "error") == 0 && !end_name(8), "ends");
  ok(strcmp(after_name(AFTER_OTHER), "other") == 0 && !after_name(6), "afters");
  ok(strcmp(answer_name(ANSWER_UNKNOWN), "?") == 0 && !answer_name(4), "answers");
  ok(strcmp(heloa_name(HELOA_NONE), "none") == 0 && !*heloa_name(HELOA_ABSENT), "HELO's address");
  ok(strcmp(verdict_name(VERDICT_CLEAN), "clean") == 0 && !verdict_name(6), "verdicts");
  ok(verdict_parse(span_str("bot"), &value) && value == VERDICT_BOT, "a verdict");
  ok(!verdict_parse(span_str(""), &value) && !verdict_parse(span_str("Bot"), &value), "no verdict");
  ok(end_parse(span_str("rst"), &value) && value == END_RST && !end_parse(span_str("x"), &value),
     "an end");
}

int main(void) {
  decoding();
  values();
  round_trip();
  widest();
  names();
  return done();
}
