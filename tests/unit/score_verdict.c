/* Scores, verdicts, and what honest programs get. */
#include "score/score.h"
#include "score_rules.h"
#include "tap.h"

static const struct rule_text files[] = {
    {"own", "trap.example\n"},
    {"helo", "ylmf-pc\n"},
    {"highmx", "0.0.0.0/0\n::/0\n"},
    {"dnsbl", "zen.example 4\ngrey.example 4 hint\nodd.example 3 hint\n"},
    {"dialects", "HELO%20H|QUIT 4 hint old-mta\n"},
    {"domains", "ours.org\nexample.org\n"},
    {"spamtraps", "trap@ours.org\n"},
    {"private-tlds", "localdomain\n"},
    {"whitelist", "192.0.2.99\nfriend.example\n"},
    {"pool-words", "pool\n"},
    {"host-words", "mail\n"},
    {"tlds", "org\nde\n"},
    {NULL, NULL},
};

#define START "session1 at=1764000000.123 peer=192.0.2.7 local=198.51.100.5 bytes=143 ms=14023 "
#define START_SILENT \
  "session1 at=1.000 peer=192.0.2.7 local=198.51.100.5 ms=1 stage=banner end=fin "
#define NOQUIT START "stage=data end=fin after=none r451=yes "
#define QUIT   START "stage=data end=quit after=none r451=yes "
#define EARLY  START "stage=helo end=fin r451=no "

static const struct {
  const char *name, *line, *want;
} rows[] = {
    {"the founding rule: no QUIT alone never condemns", NOQUIT, "score=6 verdict=suspect"},
    {"no QUIT and a witness", NOQUIT "did=unoffered", "score=8 verdict=bot"},
    {"no QUIT and a hint", NOQUIT "did=odd-space", "score=8 verdict=suspect"},
    {"reset and a sin of topology", START "stage=data end=rst after=none r451=yes mx=high",
     "score=6 verdict=suspect"},
    {"no sin but high-mx", START "stage=helo end=stop", "score=2 verdict=clean"},

    /* what a list, an alias or a forged sender can cause */
    {"a bounce to two, by a server that caches",
     START "stage=data end=fin after=rset r451=yes ptr= from=<> to=a@ours.org,b@ours.org rcpts=2",
     "score=8 verdict=suspect"},
    {"a mail to oneself, by a server that caches",
     START "stage=data end=fin after=rset r451=yes ptr= from=a@b.org to=a@b.org rcpts=1",
     "score=10 verdict=suspect"},
    {"the same without QUIT", NOQUIT "ptr= from=<> to=a@ours.org,b@ours.org rcpts=2",
     "score=14 verdict=bot"},

    /* families: the heaviest counts whole, each other one half, each rounded down */
    {"4 and 4", EARLY "did=bare-lf,bare-cr", "score=8 verdict=suspect"},
    {"4, 2 and 2", EARLY "did=bare-lf,unoffered,odd-space", "score=8 verdict=suspect"},
    {"4 and 1: half of 1 is 0", EARLY "did=bare-lf,starttls", "score=6 verdict=suspect"},
    {"1, 1 and 1", EARLY "helo=localhost heloa=none", "score=3 verdict=clean"},
    {"8, 2, 2 and 2, the heaviest last", EARLY "did=pipelined,hasty-exit,stall,talk-in-delay",
     "score=13 verdict=bot"},
    {"8, 2, 2 and 2, the heaviest first", EARLY "did=talk-in-delay,pipelined,hasty-exit,stall",
     "score=13 verdict=bot"},
    {"much of one family", EARLY "did=auth,body-after-451,garbage nosmtp=http",
     "score=20 verdict=scanner"},

    /* hints count in the score, but not in the witness of their family */
    {"a hint adds half to a witness", NOQUIT "did=bare-lf,odd-space", "score=11 verdict=bot"},
    {"a hint that is heavier than the witness", NOQUIT "did=teaser-talk,pipelined",
     "score=11 verdict=bot"},
    {"a witness of 2 counts whole for the witness sum",
     START "stage=data end=cap r451=yes ptr= did=teaser-talk,hasty-exit", "score=11 verdict=bot"},
    {"a hint and a witness of 1", NOQUIT "did=odd-space,starttls", "score=8 verdict=suspect"},
    {"hints of all families",
     NOQUIT "did=teaser-talk,odd-space helo=a.qzj from=a@b.org sendermx=no to=x@else.org "
            "ptr=a.org fcrdns=no dnsbl=grey.example:127.0.0.2",
     "score=27 verdict=suspect"},
    {"two lists that are hints", NOQUIT "dnsbl=grey.example:127.0.0.2,odd.example:127.0.0.2",
     "score=13 verdict=suspect"},
    {"a list that is a hint, and one that is not",
     NOQUIT "dnsbl=grey.example:127.0.0.2,zen.example:127.0.0.4", "score=14 verdict=bot"},
    {"a dialect that is a hint", NOQUIT "dialect=HELO%20H|QUIT", "score=10 verdict=suspect"},

    /* good conduct */
    {"QUIT", QUIT, "score=-2 verdict=clean"},
    {"only the strongest good conduct of a family", START "stage=data end=quit after=rset r451=yes",
     "score=-2 verdict=clean"},
    {"good conduct of two families", QUIT "helo=mx.a.org heloa=peer", "score=-4 verdict=clean"},
    {"good conduct is added after the halves", QUIT "did=bare-lf,bare-cr,odd-space",
     "score=5 verdict=suspect"},
    {"good conduct is not added if a sin is sure",
     QUIT "did=talk-in-delay helo=mx.a.org heloa=peer", "score=10 verdict=bot"},
    {"good conduct does not reduce the number of families",
     START
     "stage=data end=quit after=none r451=yes did=bare-lf,bare-cr ptr= dnsbl=zen.example:127.0.0.2",
     "score=10 verdict=bot"},
    {"a family with good conduct only is not a witness",
     QUIT "did=bare-lf,bare-cr,no-brackets,bad-order", "score=8 verdict=suspect"},

    /* bot: a sure sin, or the 451 and two families */
    {"a sure sin suffices", EARLY "did=talk-in-delay", "score=10 verdict=bot"},
    {"early talk alone", EARLY "did=early-talk", "score=6 verdict=suspect"},
    {"early talk and AUTH", EARLY "did=early-talk,auth", "score=18 verdict=bot"},
    {"early talk and MAIL", START "stage=mail end=fin r451=no did=early-talk",
     "score=10 verdict=bot"},
    {"a monitor that talks early and leaves",
     START "stage=helo end=quit r451=no did=early-talk helo=xymon", "score=3 verdict=clean"},
    {"a monitor that has no patience", START "stage=banner end=quit r451=no did=early-quit",
     "score=0 verdict=clean"},
    {"8 without the 451", EARLY "did=bare-lf ptr=", "score=10 verdict=suspect"},
    {"8 with the 451",
     START "stage=data end=cap r451=yes did=bare-lf ptr=", "score=10 verdict=bot"},
    {"8 with the 451 and one family", START "stage=data end=cap r451=yes did=bare-lf,bare-cr",
     "score=8 verdict=suspect"},
    {"a second family with a witness of 1",
     START "stage=data end=cap r451=yes did=bare-lf,bare-cr helo=localhost",
     "score=9 verdict=suspect"},
    {"a second family with a witness of 2",
     START "stage=data end=cap r451=yes did=bare-lf,bare-cr,pipelined", "score=10 verdict=bot"},
    {"below 8", START "stage=data end=cap r451=yes did=bare-lf,starttls helo=localhost",
     "score=7 verdict=suspect"},
    {"4 is a suspect", START "stage=helo end=stop did=odd-space", "score=4 verdict=suspect"},
    {"3 is clean", START "stage=helo end=stop did=starttls", "score=3 verdict=clean"},

    /* exempt and scanner come first; the sins are still listed */
    {"exempt by address",
     "session1 at=1.000 peer=192.0.2.99 ms=1 bytes=9 local=198.51.100.5 stage=data end=fin "
     "r451=yes "
     "did=talk-in-delay nosmtp=http",
     "score=22 verdict=exempt"},
    {"exempt by name", NOQUIT "did=early-talk ptr=mx.friend.example fcrdns=yes",
     "score=14 verdict=exempt"},
    {"a name that does not resolve back", NOQUIT "did=early-talk ptr=mx.friend.example fcrdns=no",
     "score=16 verdict=bot"},
    {"a name that perhaps resolves back", NOQUIT "did=early-talk ptr=mx.friend.example fcrdns=?",
     "score=14 verdict=bot"},
    {"a name that only ends like a whitelisted one",
     NOQUIT "did=early-talk ptr=notfriend.example fcrdns=yes", "score=14 verdict=bot"},
    {"the first of two names is whitelisted",
     NOQUIT "did=early-talk ptr=mx.friend.example,a.org fcrdns=yes", "score=14 verdict=exempt"},
    {"exempt by a DNS whitelist", NOQUIT "did=early-talk dnswl=list.example:127.0.5.1",
     "score=14 verdict=exempt"},
    {"a DNS whitelist that refuses us", NOQUIT "did=early-talk dnswl=list.example:127.0.0.255",
     "score=14 verdict=bot"},
    {"a DNS whitelist that timed out", NOQUIT "did=early-talk dnswl=list.example:?",
     "score=14 verdict=bot"},
    {"no byte", START_SILENT "bytes=0", "score=2 verdict=scanner"},
    {"no bytes=", START_SILENT "pport=9", "score=2 verdict=clean"},
    {"HTTP", START "stage=banner end=fin nosmtp=http", "score=10 verdict=scanner"},
    {"HTTP by its old fact", START "stage=banner end=fin did=http", "score=10 verdict=scanner"},
    {"binary by its old fact", START "stage=banner end=fin did=binary", "score=10 verdict=scanner"},
    {"SSH, which talks early", START "stage=banner end=fin did=early-talk nosmtp=ssh",
     "score=14 verdict=scanner"},
    {"a piece of HTTP in our delays", START "stage=banner end=fin did=talk-in-delay nosmtp=http",
     "score=18 verdict=scanner"},
    {"HTTP, then HELO", START "stage=helo end=fin r451=no nosmtp=http helo=a.org",
     "score=10 verdict=scanner"},
    {"HTTP, then a bot's HELO and no more",
     START "stage=helo end=fin r451=no nosmtp=http helo=ylmf-pc", "score=18 verdict=scanner"},

    /* the first line was not SMTP, and MAIL came: a web server that was made to send it */
    {"HTTP, then MAIL", START "stage=mail end=fin r451=no nosmtp=http", "score=10 verdict=suspect"},
    {"HTTP, then MAIL and RCPT in one piece",
     START "stage=rcpt end=fin r451=no nosmtp=http did=talk-in-delay", "score=18 verdict=suspect"},
    {"HTTP, then RCPT and a body though DATA never came",
     START "stage=rcpt end=fin r451=no nosmtp=http did=talk-in-delay,body-after-451,goes-on ptr=",
     "score=28 verdict=suspect"},
    {"HTTP before the greeting, then MAIL",
     START "stage=mail end=fin r451=no nosmtp=http did=early-talk", "score=18 verdict=suspect"},
    {"MAIL and RCPT in one piece, without HTTP",
     START "stage=rcpt end=fin r451=no did=talk-in-delay", "score=10 verdict=bot"},
    {"HTTP, then the 451 and a body: spam through a proxy",
     START "stage=data end=fin after=body r451=yes nosmtp=http did=talk-in-delay,body-after-451",
     "score=26 verdict=bot"},
    {"HTTP, then the 451 to RCPT and a sure sin",
     START "stage=rcpt end=fin after=other r451=yes nosmtp=http did=talk-in-delay",
     "score=22 verdict=bot"},
    {"HTTP, then the 451, no QUIT", START "stage=data end=fin after=none r451=yes nosmtp=http",
     "score=14 verdict=bot"},
    {"HTTP, then the 451, and QUIT", START "stage=data end=quit after=none r451=yes nosmtp=http",
     "score=6 verdict=suspect"},
    {"a NUL first, then spam",
     START "stage=data end=fin after=body r451=yes did=body-after-451,binary",
     "score=18 verdict=bot"},

    /* what anyone can make an honest server do */
    {"a relay, the server sends QUIT", QUIT "helo=mx.a.org heloa=peer to=x@else.org",
     "score=-4 verdict=clean"},
    {"a spamtrap, the server sends QUIT", QUIT "helo=mx.a.org heloa=near to=trap@ours.org",
     "score=-2 verdict=clean"},
    {"a bounce to a spamtrap, RSET and FIN",
     START
     "stage=data end=fin after=rset r451=yes helo=mx.a.org heloa=peer from=<> to=trap@ours.org",
     "score=-2 verdict=clean"},
    {"a relay and QUIT, but the name leads elsewhere",
     QUIT "helo=mx.a.org heloa=other to=x@else.org", "score=3 verdict=clean"},
    {"a relay and QUIT, it is unknown where the name leads", QUIT "helo=mx.a.org to=x@else.org",
     "score=2 verdict=clean"},
    {"a relay, the name is right, no QUIT", NOQUIT "helo=mx.a.org heloa=peer to=x@else.org",
     "score=8 verdict=suspect"},
    {"a relay and a spamtrap, no QUIT", NOQUIT "to=x@else.org,trap@ours.org",
     "score=12 verdict=suspect"},

    /* what honest programs do after a 451 */
    {"Postfix: QUIT in the last segment", QUIT "helo=mx.a.org", "score=-2 verdict=clean"},
    {"Postfix: RSET, two seconds, FIN",
     START "stage=data end=fin after=rset r451=yes helo=mx.a.org", "score=0 verdict=clean"},
    {"Postfix: RSET, MAIL, DATA again",
     START "stage=data end=quit after=rset r451=yes rcpts=2 helo=mx.a.org",
     "score=-2 verdict=clean"},
    {"Postfix, unconfigured", QUIT "helo=host.localdomain", "score=-1 verdict=clean"},
    {"Exim: QUIT, shutdown; unconfigured", QUIT "helo=server", "score=-1 verdict=clean"},
    {"OpenSMTPD: RSET, ten seconds, QUIT",
     START "stage=data end=quit after=rset r451=yes helo=mx.a.org", "score=-2 verdict=clean"},
    {"Courier: a minute of silence, QUIT",
     "session1 at=1.000 peer=192.0.2.7 local=198.51.100.5 ms=74000 bytes=99 stage=data end=quit "
     "after=none r451=yes",
     "score=-2 verdict=clean"},
    {"Sendmail, Haraka, qmail-remote, nullmailer", QUIT "helo=mx.a.org heloa=peer",
     "score=-4 verdict=clean"},
    {"swaks and curl, one label", QUIT "helo=laptop heloa=none", "score=-1 verdict=clean"},
    {"dma: one label, FIN", NOQUIT "helo=laptop", "score=7 verdict=suspect"},
    {"dma: the label resolves nowhere", NOQUIT "helo=laptop heloa=none", "score=7 verdict=suspect"},
    {"msmtp, Go, Ruby: localhost, FIN", NOQUIT "helo=localhost", "score=7 verdict=suspect"},
    {"Perl: localhost.localdomain, FIN", NOQUIT "helo=localhost.localdomain heloa=none",
     "score=7 verdict=suspect"},
    {"smtplib, nodemailer: [127.0.0.1], FIN", NOQUIT "helo=[127.0.0.1]", "score=7 verdict=suspect"},
    {"mutt tries STARTTLS, FIN", NOQUIT "helo=laptop did=starttls", "score=8 verdict=suspect"},
    {"Haraka and nodemailer give up on a greeting",
     "session1 at=1.000 peer=192.0.2.7 local=198.51.100.5 ms=30000 bytes=0 stage=banner end=fin "
     "r451=no "
     "did=hasty-exit",
     "score=4 verdict=scanner"},
    {"System.Net.Mail: the teaser for the greeting, RST after the 451",
     START "stage=data end=rst after=none r451=yes did=teaser-talk helo=web01 heloa=none",
     "score=11 verdict=suspect"},
    {"System.Net.Mail without the teaser",
     START "stage=data end=rst after=none r451=yes helo=web01 heloa=none",
     "score=7 verdict=suspect"},
    {"System.Net.Mail, its name and address in order",
     START "stage=data end=rst after=none r451=yes did=teaser-talk helo=web.a.org heloa=peer "
           "ptr=web.a.org fcrdns=yes sendermx=yes",
     "score=8 verdict=suspect"},
    {"System.Net.Mail, and all hints",
     START "stage=data end=rst after=none r451=yes did=teaser-talk,odd-space helo=web.a.qzj "
           "heloa=none ptr=a.org fcrdns=no sendermx=no from=a@b.org to=x@else.org,trap@ours.org",
     "score=26 verdict=suspect"},
    {"a reader of one line that sends QUIT", QUIT "did=teaser-talk helo=web.a.org heloa=peer",
     "score=0 verdict=clean"},
    {"dma from a pool's address", NOQUIT "helo=laptop ptr=pool-192-0-2-7.isp.org fcrdns=yes",
     "score=11 verdict=bot"},
    {"dma to seven recipients, a process each", NOQUIT "helo=laptop peers=7 recent=7",
     "score=8 verdict=suspect"},
    {"dma, root to root", NOQUIT "helo=laptop from=root@a.org to=root@ours.org rcpts=1",
     "score=8 verdict=suspect"},
    {"a big provider's crowd", QUIT "helo=mx.a.org peers=40 recent=90", "score=-1 verdict=clean"},
    {"a client that ignores refusals, and no reverse name",
     START "stage=helo end=fin r451=no did=bad-order,goes-on ptr=", "score=12 verdict=bot"},
    {"a client that ignores refusals", START "stage=helo end=fin r451=no did=goes-on",
     "score=6 verdict=suspect"},
    {"a client that ignores refusals, and good conduct",
     START "stage=helo end=quit r451=no did=bad-order,goes-on helo=mx.a.org heloa=peer",
     "score=8 verdict=bot"},
};

static void judge(const char *text, const struct rules *rules, char *out, size_t *len) {
  static struct judgement j;
  struct sessionline line;
  struct span bad, all = span_str(text);
  while (all.len && all.s[all.len - 1] == ' ') all.len--;
  if (!sessionline_decode(all, &line, &bad)) test_is_broken("malformed line", text);
  if (!score_line(&line, rules, &j)) test_is_broken("damaged", "rules");
  *len = score_format(&j, out);
}

static struct span from_score(struct span text) {
  for (int i = 0; i < 3; i++) span_cut(&text, ' ');
  return text;
}

static void verdicts(const struct rules *rules) {
  char text[SCORE_TEXT_MAX], again[SCORE_TEXT_MAX];
  size_t len, len_again;
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    judge(rows[i].line, rules, text, &len);
    is_text(from_score(span_of(text, len)), rows[i].want, "%s", rows[i].name);
    judge(rows[i].line, rules, again, &len_again);
    ok(span_equal(span_of(text, len), span_of(again, len_again)), "the same bytes again");
  }
}

/* A complete line with sins of many families. */
static void worked_example(const struct rules *rules) {
  char text[SCORE_TEXT_MAX];
  size_t len;
  judge("@4000000069247c8a12345678 session1 at=1764000000.123 peer=192.0.2.7 pport=40112 "
        "local=198.51.100.5 lport=25 ms=14023 stage=data end=fin after=none verb=ehlo helo=ylmf-pc "
        "helos=1 from=a@b.example to=x@example.org,y@example.org rcpts=2 lines=5 bad=0 bytes=143 "
        "rtt=38 talk=banner:0.31:14:EHLO%20ylmf-pc%0D%0A did=early-talk,odd-space "
        "dialect=EHLO%20H|MAIL%20FROM:%20<A>|RCPT%20TO:%20<A>*2|DATA r451=yes mx=high seq=4711 "
        "pos=131077.90210 ptr=pool-7.isp.example fcrdns=yes heloa=none dnsbl=zen.example:127.0.0.4",
        rules, text, &len);
  struct span got = span_of(text, len);
  span_cut(&got, ' ');
  struct span version = span_cut(&got, ' ');
  ok(version.len == 6 + TABLE_VERSION_LEN, "rules= names the database");
  is_text(got,
          "sins=high-mx,early-talk-sure,odd-space,helo-label,helo-bot,helo-unknown,listed,no-quit "
          "score=28 verdict=bot",
          "the worked example");
}

/* A weights file with the heaviest weights, and nearly the strongest good conduct. */
static const char *heavy_weights(void) {
  static char text[8192];
  size_t n = 0;
  for (int sin = 0; sin < SIN_COUNT; sin++) {
    bool good = sin == SIN_HELO_MATCH || sin == SIN_QUIT || sin == SIN_POLITE;
    n += (size_t)snprintf(text + n, sizeof text - n, "%s %d\n", sin_names[sin], good ? -90 : 99);
  }
  return text;
}

static void clamped(void) {
  const struct rule_text heavy[] = {{"weights", heavy_weights()}, {NULL, NULL}};
  static struct rules rules;
  char text[SCORE_TEXT_MAX];
  size_t len;
  rules_of(&rules, heavy);
  judge(NOQUIT
        "did=early-talk,talk-in-delay,body-after-451,http,bare-lf,bare-cr,auth,"
        "unoffered,no-brackets,odd-space,bad-order,no-helo,garbage,long-line,goes-on "
        "helo=,1.2.3.4,a_b,c!d heloa=none ptr= recent=9 mx=high from=a@b.org to=a@b.org rcpts=99",
        &rules, text, &len);
  is_text(from_score(span_of(text, len)), "score=999 verdict=bot", "never above 999");
  judge(QUIT "helo=a.org heloa=peer", &rules, text, &len);
  is_text(from_score(span_of(text, len)), "score=-99 verdict=clean", "never below -99");
  rules_close(&rules);
}

enum { WORKS, REFUSED, DAMAGED };

/* What becomes of a database with this content. */
static int use(const char *bytes, size_t len, const struct sessionline *line) {
  static struct judgement j;
  static struct rules rules;
  struct table table;
  const char *bad;
  int result = REFUSED;
  FILE *file = tmpfile();
  if (!file || fwrite(bytes, 1, len, file) != len || fflush(file) != 0)
    test_is_broken("write", "rules");
  bool opened = table_open(&table, fileno(file));
  fclose(file);
  if (!opened) return result;
  if (rules_load(&rules, &table, &bad)) {
    result = score_line(line, &rules, &j) ? WORKS : DAMAGED;
    rules_close(&rules);
  } else table_close(&table);
  return result;
}

/* Damage that the opening does not see is met by a look-up, and reported. */
static void damaged(void) {
  static const struct rule_text few[] = {{"whitelist", "192.0.2.7\n"}, {NULL, NULL}};
  static char bytes[65536];
  struct sessionline line;
  struct span bad;
  int results[3] = {0};
  FILE *file = rule_database_of(few);
  rewind(file);
  size_t len = fread(bytes, 1, sizeof bytes, file);
  fclose(file);
  if (!sessionline_decode(span_str(NOQUIT "helo=a.org"), &line, &bad)) test_is_broken("line", "");
  ok(len < sizeof bytes && use(bytes, len, &line) == WORKS, "a database of %zu bytes", len);
  for (size_t at = 2048; at < len; at++) { /* after the pointers of the CDB */
    bytes[at] ^= 0x40;
    results[use(bytes, len, &line)]++;
    bytes[at] ^= 0x40;
  }
  ok(results[DAMAGED] > 0, "damage is met by a look-up (%d)", results[DAMAGED]);
  ok(results[REFUSED] > 0, "or by the opening (%d)", results[REFUSED]);
}

/* Thresholds come from the rules. */
static void other_thresholds(void) {
  static const struct rule_text soft[] = {
      {"thresholds", "bot 12\nsuspect 7\n"}, {"highmx", "0.0.0.0/0\n"}, {NULL, NULL}};
  static struct rules rules;
  char text[SCORE_TEXT_MAX];
  size_t len;
  rules_of(&rules, soft);
  judge(NOQUIT, &rules, text, &len);
  is_text(from_score(span_of(text, len)), "score=6 verdict=clean", "6 is below 7");
  judge(NOQUIT "did=unoffered ptr=", &rules, text, &len);
  is_text(from_score(span_of(text, len)), "score=12 verdict=bot", "12 reaches 12");
  judge(EARLY "did=talk-in-delay", &rules, text, &len);
  is_text(from_score(span_of(text, len)), "score=10 verdict=suspect",
          "even a sure sin must reach it");
  rules_close(&rules);
}

/* Two variants of a sin: if the heavier one is a hint, the lighter one is still a witness. */
static void variants(void) {
  static char text[8192];
  static struct rules rules;
  char got[SCORE_TEXT_MAX];
  size_t n = 0, len;
  for (int sin = 0; sin < SIN_COUNT; sin++)
    n += (size_t)snprintf(text + n, sizeof text - n, "%s %s\n", sin_names[sin],
                          sin == SIN_UNOFFERED  ? "4 hint"
                          : sin == SIN_STARTTLS ? "3"
                                                : "2");
  const struct rule_text made[] = {{"weights", text}, {NULL, NULL}};
  rules_of(&rules, made);
  judge(NOQUIT "mx=high did=unoffered,starttls", &rules, got, &len);
  is_text(from_score(span_of(got, len)), "score=8 verdict=bot", "a hint, then a lighter witness");
  judge(NOQUIT "mx=high did=starttls,unoffered", &rules, got, &len);
  is_text(from_score(span_of(got, len)), "score=8 verdict=bot", "a witness, then a heavier hint");
  judge(NOQUIT "mx=high did=unoffered", &rules, got, &len);
  is_text(from_score(span_of(got, len)), "score=8 verdict=suspect", "the hint alone");
  rules_close(&rules);
}

static void weights(void) {
  static const struct {
    const char *text;
    bool good;
    int points;
    const char *mark, *rest;
  } texts[] = {
      {"8 sure", true, 8, "sure", ""},
      {"4 hint", true, 4, "hint", ""},
      {"2", true, 2, "", ""},
      {"-4", true, -4, "", ""},
      {"0", true, 0, "", ""},
      {"0 sure", true, 0, "", ""},
      {"0 hint", true, 0, "", ""},
      {"8 sure name", true, 8, "sure", "name"},
      {"4 hint name", true, 4, "hint", "name"},
      {"4 hint sure", true, 4, "hint", "sure"},
      {"3 surely", true, 3, "", "surely"},
      {"3 hints", true, 3, "", "hints"},
      {"", false, 0, "", ""},
      {"sure", false, 0, "", ""},
      {"hint", false, 0, "", ""},
      {"8sure", false, 0, "", ""},
      {"100", false, 0, "", ""},
      {"-100", false, 0, "", ""},
      {"+4", false, 0, "", ""},
  };
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
    struct weight w = {.on = false};
    struct span rest = {NULL, 0};
    bool good = rules_parse_weight(span_str(texts[i].text), &w, &rest);
    ok(good == texts[i].good, "\"%s\" is %s", texts[i].text, texts[i].good ? "a weight" : "none");
    if (!good) continue;
    ok(w.points == texts[i].points && w.on, "of its value");
    is_text(span_str(w.sure && w.hint ? "both"
                     : w.sure         ? "sure"
                     : w.hint         ? "hint"
                                      : ""),
            texts[i].mark, "and its mark");
    is_text(rest, texts[i].rest, "and its rest");
  }
}

static void stripping(void) {
  static const struct {
    const char *line, *want;
    bool on;
  } lines[] = {
      {START "stage=helo end=fin", START "stage=helo end=fin", false},
      {START "stage=helo end=fin rules=0123456789abcdef sins= score=-4 verdict=clean",
       START "stage=helo end=fin", true},
      {START "stage=helo end=fin score=0", START "stage=helo end=fin", true},
      {"@4000000069247c8a12345678 " START "sins=a,b stage=helo end=fin verdict=bot colour=red",
       "@4000000069247c8a12345678 " START "stage=helo end=fin colour=red", true},
  };
  char out[LINE_BYTES_MAX];
  for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
    struct sessionline line;
    struct span bad;
    if (!sessionline_decode(span_str(lines[i].line), &line, &bad)) test_is_broken("line", "strip");
    ok(score_is_on(&line) == lines[i].on, "scored before or not");
    is_text(span_of(out, score_strip(span_str(lines[i].line), out)), lines[i].want, "stripped");
  }
}

int main(void) {
  static struct rules rules;
  rules_of(&rules, files);
  verdicts(&rules);
  worked_example(&rules);
  rules_close(&rules);
  damaged();
  clamped();
  other_thresholds();
  variants();
  weights();
  stripping();
  return done();
}
