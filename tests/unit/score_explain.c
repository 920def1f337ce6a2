/* The table of sinbin-score -d: what decided, the sins, and the lines of the rules. */
#include "score/explain.h"
#include "score_rules.h"
#include "tap.h"

static const struct rule_text files[] = {
    {"helo", "# bots\nylmf-pc\n*-xp\n"},
    {"bigco", "other.example x.example\nbig.example big.example\n"},
    {"blacklist", "192.0.2.0/24 3\n"},
    {"dnsbl", "zen.example 4\nstrong.example 8 sure\nweak.example 2 hint\n"},
    {"dialects", "\n\nEHLO%20H|MAIL%20FROM:%20<A> 4 spitter\nHELO%20H 3 hint some-mta\n"},
    {"spamtraps", "trap@ours.example\n"},
    {"domains", "ours.example\n"},
    {"whitelist", "192.0.2.99\n198.51.100.0/24\nfriend.example\n"},
    {"pool-words", "pool\n"},
    {NULL, NULL},
};

#define FROM(peer) "session1 at=1.000 peer=" peer " local=203.0.113.5 ms=9000 bytes=9 "
#define LINE       FROM("192.0.2.7")

static const struct {
  const char *name, *line, *head;
} heads[] = {
    {"a sure sin", FROM("203.0.113.9") "stage=mail end=fin did=early-talk",
     "203.0.113.9 bot, score 8: a sin is sure"},
    {"witnesses", FROM("203.0.113.9") "stage=data end=fin r451=yes ptr= did=unoffered",
     "203.0.113.9 bot, score 10: the 451 was sent, and two families or more are witnesses"},
    {"a score that reaches the threshold, without the 451",
     FROM("203.0.113.9") "stage=helo end=fin ptr= did=bare-lf",
     "203.0.113.9 suspect, score 8: no sin is sure, and no 451 was sent"},
    {"a score that reaches the threshold, one family",
     FROM("203.0.113.9") "stage=data end=cap r451=yes did=bare-lf,bare-cr,garbage",
     "203.0.113.9 suspect, score 8: no sin is sure, and only one family is a witness"},
    {"a score below the threshold", FROM("203.0.113.9") "stage=data end=fin r451=yes",
     "203.0.113.9 suspect, score 4"},
    {"no sin", FROM("2001:db8::9") "stage=helo end=quit", "2001:db8::9 clean, score -4"},
    {"silence", "session1 at=1.000 peer=203.0.113.9 ms=9 stage=banner end=fin bytes=0",
     "203.0.113.9 scanner, score 0: no byte came"},
    {"HTTP", LINE "stage=banner end=fin did=http",
     "192.0.2.7 scanner, score 11: its first line was not SMTP"},
    {"HTTP, then a sure sin, and no 451", LINE "stage=rcpt end=fin nosmtp=http did=talk-in-delay",
     "192.0.2.7 suspect, score 19: its first line was not SMTP, and no 451 was sent"},
    {"hints alone",
     FROM("203.0.113.9") "stage=data end=fin r451=yes did=odd-space,teaser-talk sendermx=no",
     "203.0.113.9 suspect, score 14: no sin is sure, and only one family is a witness"},
    {"hints alone, and QUIT",
     FROM("203.0.113.9") "stage=data end=quit r451=yes did=odd-space,teaser-talk sendermx=no "
                         "ptr=a.org fcrdns=no dnsbl=weak.example:127.0.0.2",
     "203.0.113.9 suspect, score 9: no sin is sure, and no family is a witness"},
    {"binary", LINE "stage=banner end=fin did=binary",
     "192.0.2.7 scanner, score 11: its first line was not SMTP"},
    {"a whitelisted address", FROM("192.0.2.99") "stage=helo end=fin",
     "192.0.2.99 exempt, score 3: whitelisted, peer 192.0.2.99 (whitelist:1)"},
    {"a whitelisted network", FROM("198.51.100.7") "stage=helo end=fin",
     "198.51.100.7 exempt, score 0: whitelisted, peer 198.51.100.7 (whitelist:2)"},
    {"a whitelisted name",
     FROM("203.0.113.9") "stage=helo end=fin ptr=a.org,mx.friend.example fcrdns=yes",
     "203.0.113.9 exempt, score 0: whitelisted, mx.friend.example (whitelist:3)"},
    {"a DNS whitelist",
     FROM("203.0.113.9") "stage=helo end=fin dnswl=a.example:?,b.example:127.0.5.1",
     "203.0.113.9 exempt, score 0: whitelisted, b.example:127.0.5.1"},
};

static const struct {
  const char *name, *line, *row;
} details[] = {
    {"early bytes", LINE "stage=helo end=fin did=early-talk talk=banner:0.310:4:EHLO",
     "  timing    early-talk             4 hint  4       banner:0.310:4:EHLO\n"},
    {"early bytes of a client that sent mail",
     LINE "stage=mail end=fin did=early-talk talk=banner:0.310:4:EHLO",
     "  timing    early-talk-sure        8 sure  8       banner:0.310:4:EHLO\n"},
    {"teaser talk", LINE "stage=helo end=fin did=teaser-talk talk=banner:0.310:4:EHLO",
     "  timing    teaser-talk            4 hint  4       banner:0.310:4:EHLO\n"},
    {"the kind of a first line that is not SMTP", LINE "stage=banner end=fin nosmtp=ssh",
     "  wire      no-smtp                8       8       ssh\n"},
    {"the kind from nosmtp=, not from an old fact", LINE "stage=banner end=fin nosmtp=ssh did=http",
     "  wire      no-smtp                8       8       ssh\n"},
    {"the kind from an old fact", LINE "stage=banner end=fin did=binary dialect=X",
     "  wire      no-smtp                8       8       other\n"},
    {"a relay that weighs nothing",
     LINE "stage=data end=quit r451=yes helo=a.org heloa=near to=x@else.example",
     "  envelope  relay                  0       0       x@else.example\n"},
    {"a DNS list that is a hint",
     FROM("203.0.113.9") "stage=helo end=fin dnsbl=weak.example:127.0.0.2",
     "  source    listed                 2 hint  2       weak.example:127.0.0.2 (dnsbl:3)\n"},
    {"a DNS list, and one that is a hint",
     FROM("203.0.113.9") "stage=helo end=fin dnsbl=weak.example:127.0.0.2,zen.example:127.0.0.4",
     "  source    listed                 6       6       weak.example:127.0.0.2 (dnsbl:3): 2 hint\n"
     "                                                   zen.example:127.0.0.4 (dnsbl:1): 4\n"},
    {"a dialect that is a hint", LINE "stage=helo end=fin dialect=HELO%20H",
     "  wire      dialect                3 hint  3       HELO%20H (dialects:4)\n"},
    {"many connections", LINE "stage=helo end=fin peers=7 recent=3",
     "  timing    hammer                 1       1       peers 7\n"},
    {"many connects", LINE "stage=helo end=fin peers=1 recent=64",
     "  timing    hammer                 1       1       recent 64\n"},
    {"the dialect is the reason",
     LINE "stage=helo end=fin did=odd-space dialect=MAIL%20FROM:%20<A>",
     "  wire      odd-space              2 hint  2       MAIL%20FROM:%20<A>\n"},
    {"a dialect", LINE "stage=helo end=fin dialect=EHLO%20H|MAIL%20FROM:%20<A>",
     "  wire      dialect                4       4       EHLO%20H|MAIL%20FROM:%20<A> "
     "(dialects:3)\n"},
    {"the heaviest sin of a family", LINE "stage=helo end=fin helo=YLMF-PC,1.2.3.4",
     "  helo      helo-bot               8 sure  8       YLMF-PC (helo:2)\n"},
    {"a pattern of names", LINE "stage=helo end=fin helo=Office-XP",
     "  helo      helo-bot               8 sure  8       Office-XP (helo:3)\n"},
    {"the heading", LINE "stage=helo end=fin did=stall",
     "\n  family    sin                    weight  counts  why\n"
     "  timing    stall                  2       2       stall\n"},
    {"a lighter sin of a family", LINE "stage=helo end=fin helo=YLMF-PC,1.2.3.4",
     "  helo      helo-ip                4       2       1.2.3.4\n"},
    {"a provider's name", LINE "stage=helo end=fin helo=mx.big.example ptr= heloa=none",
     "  helo      helo-bigco             8       8       mx.big.example (bigco:2)\n"},
    {"a spamtrap", LINE "stage=helo end=fin to=a@ours.example,Trap@ours.example",
     "  envelope  spamtrap               4 hint  4       Trap@ours.example (spamtraps:1)\n"},
    {"many recipients", LINE "stage=helo end=fin rcpts=33",
     "  envelope  many-rcpts             2       2       rcpts 33\n"},
    {"our blacklist", LINE "stage=helo end=fin",
     "  source    listed                 3       3       peer 192.0.2.7 (blacklist:1)\n"},
    {"a DNS list", FROM("203.0.113.9") "stage=helo end=fin dnsbl=zen.example:127.0.0.2",
     "  source    listed                 4       4       zen.example:127.0.0.2 (dnsbl:1)\n"},
    {"several codes of one DNS list",
     FROM("203.0.113.9") "stage=helo end=fin dnsbl=zen.example:127.0.0.4,zen.example:127.0.0.10",
     "  source    listed                 4       4       zen.example:127.0.0.4 (dnsbl:1)\n"},
    {"several lists, the sure one first",
     FROM("203.0.113.9") "stage=helo end=fin dnsbl=zen.example:127.0.0.4,strong.example:127.0.0.2",
     "  source    listed                 8 sure  8       "
     "strong.example:127.0.0.2 (dnsbl:2): 8 sure\n"
     "                                                   zen.example:127.0.0.4 (dnsbl:1): 4\n"},
    {"our blacklist, a DNS list, one that refuses us and one without a weight",
     LINE "stage=helo end=fin dnsbl=no.example:127.0.0.2,strong.example:127.255.255.254,"
          "zen.example:127.0.0.4",
     "  source    listed                 7       7       peer 192.0.2.7 (blacklist:1): 3\n"
     "                                                   zen.example:127.0.0.4 (dnsbl:1): 4\n"},
    {"our blacklist comes after a sure DNS list",
     LINE "stage=helo end=fin dnsbl=strong.example:127.0.0.2",
     "  source    listed                 8 sure  8       "
     "strong.example:127.0.0.2 (dnsbl:2): 8 sure\n"
     "                                                   peer 192.0.2.7 (blacklist:1): 3\n"},
    {"good conduct", LINE "stage=helo end=quit helo=a.org heloa=peer",
     "  helo      helo-match             -2      -2      a.org\n"},
    {"good conduct beside a sure sin", LINE "stage=helo end=quit did=auth",
     "  ending    quit                   -4      0       quit\n"},
    {"the weaker good conduct", LINE "stage=data end=quit after=rset r451=yes",
     "  ending    polite                 -2      0       rset\n"},
};

static struct span explained(const struct rules *rules, const char *text) {
  static char out[EXPLAIN_TEXT_MAX];
  static struct judgement j;
  static struct sessionline line;
  struct span bad;
  if (!sessionline_decode(span_str(text), &line, &bad)) test_is_broken("malformed line", text);
  if (!score_line(&line, rules, &j)) test_is_broken("damaged", "rules");
  return span_of(out, explain_line(&j, out));
}

int main(void) {
  static struct rules rules;
  rules_of(&rules, files);
  for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) {
    struct span text = explained(&rules, heads[i].line);
    is_text(span_cut(&text, '\n'), heads[i].head, "%s", heads[i].name);
  }
  for (size_t i = 0; i < sizeof details / sizeof *details; i++) {
    struct span text = explained(&rules, details[i].line);
    bool there = memmem(text.s, text.len, details[i].row, strlen(details[i].row)) != NULL;
    ok(there, "%s", details[i].name);
    if (!there) printf("# %.*s", (int)text.len, text.s);
  }
  rules_close(&rules);
  return done();
}
