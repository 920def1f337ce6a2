/* Which combinations of sins never condemn, and which always do, with the rules as shipped.

   A missing QUIT never condemns together with a default or private name in HELO, with hints, or with
   what a third party can cause, for any result of the resolver. All combinations are tried. At the
   highest MX a missing QUIT and one witness of any sin do condemn. Each sin that is a witness has a
   line here. */
#include "score/score.h"
#include "score_rules.h"
#include "tap.h"

/* The site's own files; the others are those that are shipped. */
static const struct rule_text site[] = {
    {"own", "203.0.113.25\ntrap.example.org\n"},
    {"domains", "ours.com\n"},
    {"recipients", "joe@ours.com\nann@ours.com\n"},
    {"spamtraps", "trap@ours.com\n"},
    {"dynamic", "198.18.0.0/16\n"},
    {"dnsbl", "zen.example 4\ngrey.example 8 hint\n"},
    {"dialects", "EHLO%20H|MAIL%20FROM:<A> 4 some-bot\nEHLO%20H|RSET 8 hint some-mta\n"},
};
static const char *const shipped_files[] = {"helo",       "bigco",      "tlds",  "private-tlds",
                                            "pool-words", "host-words", "highmx"};

#define SITE_FILES    (sizeof site / sizeof *site)
#define SHIPPED_FILES (sizeof shipped_files / sizeof *shipped_files)

static void load(struct rules *rules) {
  static struct rule_text files[SITE_FILES + SHIPPED_FILES + 1];
  memcpy(files, site, sizeof site);
  for (size_t i = 0; i < SHIPPED_FILES; i++) {
    char path[64], *text = malloc(65536);
    if (!text) test_is_broken("memory", "rules");
    snprintf(path, sizeof path, "rules/%s", shipped_files[i]);
    files[SITE_FILES + i] = (struct rule_text){shipped_files[i], shipped(path, text, 65536)};
  }
  rules_of(rules, files);
}

static const char *verdict(const struct rules *rules, const char *text, struct judgement *j) {
  struct sessionline line;
  struct span bad;
  if (!sessionline_decode(span_str(text), &line, &bad)) test_is_broken("malformed line", text);
  if (!score_line(&line, rules, j)) test_is_broken("damaged", "rules");
  return verdict_name(j->verdict);
}

#define PEER "peer=192.0.2.7 local=203.0.113.25 mx=high bytes=143"
#define HEAD "session1 at=1764000000.123 " PEER " r451=yes stage=data "

/* ---- what must not condemn ---- */

/* Each session has one of each group. "" is none of it. */
static const char *const endings[] = {"end=fin ms=14000", "end=rst ms=14000",
                                      "end=idle after=none ms=120000", NULL};
static const char *const talks[] = {
    "",  "did=teaser-talk", "did=odd-space", "did=starttls", "did=teaser-talk,odd-space,starttls",
    NULL};
static const char *const crowds[] = {"", "peers=40 recent=90 dialect=EHLO%20H|RSET", NULL};
/* Default names, private names, and names that are the client's address. */
static const char *const names[] = {
    "helo=mail.firm.com",
    "helo=localhost",
    "helo=localhost.localdomain",
    "helo=laptop",
    "helo=laptop.localdomain",
    "helo=localhost6.localdomain6",
    "helo=(none)",
    "helo=srv.(none)",
    "helo=srv.firm.local",
    "helo=srv.firm.intranet",
    "helo=srv.firm.corp",
    "helo=srv.firm.lokal",
    "helo=srv.firm.example",
    "helo=srv.firm.qzjxkv",
    "helo=[127.0.0.1]",
    "helo=[10.1.2.3]",
    "helo=[100.64.0.1]",
    "helo=[192.0.0.2]",
    "helo=[192.0.2.7]",
    "helo=[192.0.2.77]",
    "helo=[198.18.0.1]",
    "helo=[250.0.0.5]",
    "helo=[fe80:0:0:0:1c2b:ff:fe00:1%25eth0]",
    "helo=[IPv6:::1%25lo]",
    "helo=WIN-A1B2C3D4E5F.firm.com",
    "helo=[IPv6:::1]",
    "helo=[IPv6:fe80::1]",
    "helo=[IPv6:fd12::1]",
    "helo=[IPv6:2001:db8::7]",
    "helo=ip-192-0-2-7.host.net",
    NULL,
};
static const char *const leads[] = {"",           "heloa=peer", "heloa=near", "heloa=other",
                                    "heloa=none", "heloa=?",    NULL};
static const char *const sources[] = {"",
                                      "ptr=?",
                                      "ptr=gw.firm.com",
                                      "ptr=gw.firm.com fcrdns=yes",
                                      "ptr=gw.firm.com fcrdns=no dnsbl=grey.example:127.0.0.2",
                                      "ptr=ip-192-0-2-7.host.net fcrdns=?",
                                      NULL};
/* A third party chooses recipients and forges senders: mail sent through the client, and bounces. */
static const char *const envelopes[] = {
    "from=ann@firm.com to=joe@ours.com rcpts=1",
    "from=ann@firm.com sendermx=no to=nobody@ours.com,x@ours.com rcpts=2",
    "from=ann@firm.com to=x@evil.com rcpts=1",
    "from=ann@firm.com sendermx=no to=a@evil.com,b@evil.com,c@evil.com,trap@ours.com rcpts=4",
    "from=ann@firm.com to=x@b%C3%BC.com,y@b%C3%BC.com,z@b%C3%BC.com rcpts=20",
    "from=ann@ours.com to=ann@evil.com rcpts=1",
    "from=<> to=trap@ours.com rcpts=1",
    "from=<> to=x@evil.com rcpts=1",
    NULL,
};

static const char *const *const groups[] = {endings, talks, crowds, leads, sources, envelopes};

#define GROUPS (sizeof groups / sizeof *groups)

/* Steps to the next choice of one from each group; false after the last. */
static bool next_choice(size_t choice[GROUPS]) {
  for (size_t g = 0; g < GROUPS; g++) {
    if (groups[g][++choice[g]]) return true;
    choice[g] = 0;
  }
  return false;
}

static bool is_condemned(const struct rules *rules, const char *name, const size_t choice[GROUPS]) {
  static struct judgement j;
  char text[1024];
  size_t len = (size_t)snprintf(text, sizeof text, HEAD "%s", name);
  for (size_t g = 0; g < GROUPS; g++)
    if (*groups[g][choice[g]])
      len += (size_t)snprintf(text + len, sizeof text - len, " %s", groups[g][choice[g]]);
  if (strcmp(verdict(rules, text, &j), "bot") != 0) return false;
  printf("# %s\n", text);
  return true;
}

static void nothing_condemns(const struct rules *rules) {
  size_t tried = 0;
  for (const char *const *name = names; *name; name++) {
    size_t choice[GROUPS] = {0}, condemned = 0;
    do {
      tried++;
      condemned += is_condemned(rules, *name, choice);
    } while (condemned < 3 && next_choice(choice));
    ok(condemned == 0, "no QUIT and %s, with all that is no witness", *name);
  }
  ok(tried > 100000, "%zu combinations were tried", tried);
}

/* ---- a web server that was made to speak SMTP ---- */

static void nothing_before_the_451(const struct rules *rules) {
  static const char *const stages[] = {"banner", "helo", "mail", "rcpt"};
  static const char *const facts[] = {
      "early-talk", "talk-in-delay", "body-after-451", "auth", "goes-on", "garbage",
  };
  static struct judgement j;
  const size_t count = sizeof facts / sizeof *facts;
  size_t condemned = 0, tried = 0;
  for (size_t stage = 0; stage < 4; stage++)
    for (unsigned int set = 0; set < 1u << count; set++) {
      char text[1024];
      size_t len =
          (size_t)snprintf(text, sizeof text,
                           "session1 at=1764000000.123 " PEER " ms=9000 end=fin r451=no "
                           "helo=ylmf-pc ptr= heloa=none nosmtp=http stage=%s did=pipelined",
                           stages[stage]);
      for (size_t i = 0; i < count; i++)
        if (set >> i & 1) len += (size_t)snprintf(text + len, sizeof text - len, ",%s", facts[i]);
      condemned += strcmp(verdict(rules, text, &j), "bot") == 0;
      tried++;
    }
  ok(tried == 4 << 6 && condemned == 0, "no SMTP in the first line, and no 451: never a bot");
}

/* ---- what must condemn ---- */

/* A line that shows this row and, but for high-mx and no-quit, no other witness of weight 2. */
static const struct {
  int row;
  const char *line;
} witnesses[] = {
    {SIN_EARLY_TALK_SURE, "did=early-talk"},
    {SIN_EARLY_QUIT, "did=early-quit"},
    {SIN_TALK_IN_DELAY, "did=talk-in-delay"},
    {SIN_PIPELINED, "did=pipelined"},
    {SIN_HASTY_EXIT, "did=hasty-exit"},
    {SIN_STALL, "did=stall"},
    {SIN_BODY_AFTER_451, "did=body-after-451"},
    {SIN_NO_SMTP, "nosmtp=socks"},
    {SIN_BARE_LF, "did=bare-lf"},
    {SIN_BARE_CR, "did=bare-cr"},
    {SIN_AUTH, "did=auth"},
    {SIN_UNOFFERED, "did=unoffered"},
    {SIN_PARAMS_AFTER_HELO, "did=params-after-helo"},
    {SIN_NO_BRACKETS, "did=no-brackets"},
    {SIN_BAD_ORDER, "did=bad-order"},
    {SIN_NO_HELO, "did=no-helo"},
    {SIN_GARBAGE, "did=garbage"},
    {SIN_LONG_LINE, "did=long-line"},
    {SIN_GOES_ON, "did=goes-on"},
    {SIN_DIALECT, "dialect=EHLO%20H|MAIL%20FROM:<A>"},
    {SIN_HELO_US, "helo=trap.example.org"},
    {SIN_HELO_RCPT, "helo=ours.com to=joe@ours.com"},
    {SIN_HELO_RCPT_SURE, "helo=ours.com to=joe@ours.com heloa=other"},
    {SIN_HELO_IP, "helo=192.0.2.7"},
    {SIN_HELO_LITERAL, "helo=[198.51.100.7]"},
    {SIN_HELO_BOT, "helo=ylmf-pc"},
    {SIN_HELO_WINDOWS, "helo=DESKTOP-4F8K2QA"},
    {SIN_HELO_CHARS, "helo=a!b.org"},
    {SIN_HELO_BIGCO, "helo=mail.google.com ptr=a.org fcrdns=yes"},
    {SIN_HELO_DYNAMIC, "helo=dsl-192-0-2-7.isp.net"},
    {SIN_HELO_CHANGES, "helo=a.org,b.org"},
    {SIN_HELO_EMPTY, "did=helo-empty"},
    {SIN_UNKNOWN_RCPT, "to=a@ours.com,b@ours.com,c@ours.com"},
    {SIN_SELF_MAIL, "from=joe@ours.com to=joe@ours.com"},
    {SIN_BOUNCE_MANY, "from=<> to=joe@ours.com,ann@ours.com rcpts=2"},
    {SIN_MANY_RCPTS, "to=joe@ours.com rcpts=21"},
    {SIN_DYNAMIC, "peer=198.18.0.7"},
    {SIN_LISTED, "dnsbl=zen.example:127.0.0.4"},
    {SIN_NO_RDNS, "ptr="},
    {SIN_GENERIC_RDNS_POOL, "ptr=dsl-192-0-2-7.isp.net fcrdns=yes"},
    {SIN_BAD_RDNS, "ptr=localhost fcrdns=yes"},
};

static bool is_shown(const struct judgement *j, int row) {
  int sin = hits_sin_of_row(row);
  return j->hits.fired[sin] && j->hits.hit[sin].row == row;
}

static void each_witness_condemns(const struct rules *rules) {
  static struct judgement j;
  bool has_line[SIN_COUNT] = {false};
  for (size_t i = 0; i < sizeof witnesses / sizeof *witnesses; i++) {
    int row = witnesses[i].row;
    char text[1024];
    bool has_peer = strncmp(witnesses[i].line, "peer=", 5) == 0;
    snprintf(text, sizeof text,
             "session1 at=1764000000.123 local=203.0.113.25 mx=high bytes=143 r451=yes stage=data "
             "end=fin ms=14000 %s%s",
             has_peer ? "" : "peer=192.0.2.7 ", witnesses[i].line);
    const char *got = verdict(rules, text, &j);
    ok(is_shown(&j, row), "%s is shown by its line", sin_names[row]);
    is_text(span_str(got), "bot", "no QUIT at the highest MX, and %s", sin_names[row]);
    has_line[row] = true;
  }
  for (int row = 0; row < SIN_COUNT; row++) {
    const struct weight *w = &rules->weight[row];
    enum sin_family family = sin_families[row];
    if (w->hint || w->points < 2 || family == FAMILY_TOPOLOGY || family == FAMILY_ENDING) continue;
    ok(has_line[row], "%s, a witness, has a line above", sin_names[row]);
  }
}

int main(void) {
  static struct rules rules;
  load(&rules);
  nothing_condemns(&rules);
  nothing_before_the_451(&rules);
  each_witness_condemns(&rules);
  rules_close(&rules);
  return done();
}
