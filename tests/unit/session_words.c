/* The texts of a session: names, addresses, talk, dialect, and what is cut. */
#include "sessiondrive.h"
#include "tap.h"

#define GREETED "~w9000"
#define HELO    GREETED "~dEHLO h\r\n"
#define MAIL    HELO "~dMAIL FROM:<a@b>\r\n"

#define NULS(s) s, sizeof(s) - 1

struct row {
  const char *name, *script, *key, *want;
};

static const struct row rows[] = {
    {"no name", GREETED "~dNOOP\r\n~f", "helo", NULL},
    {"one name", GREETED "~dEHLO Mail.Example\r\n~f", "helo", "Mail.Example"},
    {"one name in another case", GREETED "~dEHLO a.B\r\n~dHELO A.b\r\n~f", "helo", "a.B"},
    {"two names", GREETED "~dEHLO a\r\n~dHELO b\r\n~dEHLO a\r\n~f", "helo", "a,b"},
    {"a name that begins another", GREETED "~dEHLO ab\r\n~dEHLO a\r\n~f", "helo", "ab,a"},
    {"special bytes are encoded", GREETED "~dEHLO a,%\t \x80z\r\n~f", "helo", "a%2C%25%09%20%80z"},
    {"a tab before the name", GREETED "~dEHLO\tname\r\n~f", "helo", "name"},
    {"a tab within it", GREETED "~dEHLO a\tb\r\n~f", "helo", "a%09b"},
    {"a tab after it", GREETED "~dEHLO name\t\r\n~f", "helo", "name"},
    {"tabs and blanks around it", GREETED "~dEHLO \t name \t \r\n~f", "helo", "name"},
    {"no sender", HELO "~f", "from", NULL},
    {"the null sender", HELO "~dMAIL FROM:<>\r\n~f", "from", "<>"},
    {"the last sender", MAIL "~dRSET\r\n~dMAIL FROM:<c@d>\r\n~f", "from", "c@d"},
    {"a route is left out", HELO "~dMAIL FROM:<@r,@s:a@b>\r\n~f", "from", "a@b"},
    {"a bare address", HELO "~dMAIL FROM: a@b\r\n~f", "from", "a@b"},
    {"a refused sender is told too", GREETED "~dMAIL FROM:<a@b>\r\n~f", "from", "a@b"},
    {"an accepted sender, and then a refused one",
     MAIL "~dRCPT TO:<x@y>\r\n~dDATA\r\n~dMAIL FROM:<n@b> SIZE=1\r\n~f", "from", "a@b"},
    {"an accepted sender, and a nested one", MAIL "~dMAIL FROM:<n@b>\r\n~f", "from", "a@b"},
    {"a refused sender, and then an accepted one",
     HELO "~dMAIL FROM:<n@b> SIZE=1\r\n~dMAIL FROM:<a@b>\r\n~f", "from", "a@b"},
    {"two refused senders", HELO "~dMAIL FROM:<n@b> SIZE=1\r\n~dMAIL FROM:<a@b> SIZE=1\r\n~f",
     "from", "a@b"},
    {"no recipient", MAIL "~f", "to", NULL},
    {"distinct recipients", MAIL "~dRCPT TO:<x@y>\r\n~dRCPT TO:<X@Y>\r\n~dRCPT TO:<z@y>\r\n~f",
     "to", "x@y,z@y"},
    {"no untimely byte", MAIL "~f", "talk", NULL},
    {"early talk", "~w310~sEHLO h\r\n~w9000~f", "talk", "banner:0.310:8:EHLO%20h%0D%0A"},
    {"the whole first run is counted", "~w310~sEHLO h\r\n~w50~s12345678901234567890123456\r\n~w9~f",
     "talk", "banner:0.310:36:EHLO%20h%0D%0A123456789012345678901234"},
    {"a second run is not kept", "~w310~sEHLO h\r\n~w8500~sMORE\r\n~w9~f", "talk",
     "banner:0.310:8:EHLO%20h%0D%0A"},
    {"talk in a delay", HELO "~sMAIL FROM:<a@b>\r\n~w250~sX~w900~f", "talk", "mail:15.250:1:X"},
    {"talk before a reply without delay", HELO "~sNOOP\r\nX~w9~f", "talk", "other:15.000:1:X"},
    {"nothing typed", GREETED "~f", "dialect", NULL},
    {"commands as typed", GREETED "~dehlo  H.example\r\n~dMail From: <A@B>\r\n~dQUIT\r\n",
     "dialect", "ehlo%20%20H|Mail%20From:%20<A>|QUIT"},
    {"names, addresses, literals",
     GREETED "~dHELO 192.0.2.1\r\n~dHELO [192.0.2.1]\r\n~dHELO a b\r\n~dHELO\r\n~f", "dialect",
     "HELO%20I|HELO%20L|HELO%20H%20X|HELO"},
    {"senders",
     HELO "~dMAIL FROM:<>\r\n~dMAIL FROM:a@b\r\n~dMAIL FROM:\r\n~dMAIL a@b\r\n~dMAIL FROM:<a\r\n~f",
     "dialect", "EHLO%20H|MAIL%20FROM:<>|MAIL%20FROM:A|MAIL%20FROM:|MAIL%20X|MAIL%20FROM:<A"},
    {"parameters", HELO "~dMAIL FROM:<a@b> SIZE=12  body=8BITMIME \r\n~f", "dialect",
     "EHLO%20H|MAIL%20FROM:<A>%20P=SIZE%20%20P=body%20"},
    {"folded recipients",
     MAIL
     "~dRCPT TO:<x@y>\r\n~dRCPT TO:<z@y>\r\n~dRCPT TO:<q@y>\r\n~dRCPT TO: <q@y>\r\n~dDATA\r\n~f",
     "dialect", "EHLO%20H|MAIL%20FROM:<A>|RCPT%20TO:<A>*3|RCPT%20TO:%20<A>|DATA"},
    {"what follows the 451 is no part", MAIL "~dRCPT TO:<x@y>\r\n~dDATA\r\n~dRSET\r\n~dQUIT\r\n",
     "dialect", "EHLO%20H|MAIL%20FROM:<A>|RCPT%20TO:<A>|DATA"},
    {"an empty line after the 451 is no part", MAIL "~dRCPT TO:<x@y>\r\n~dDATA\r\n~d\r\n~f",
     "dialect", "EHLO%20H|MAIL%20FROM:<A>|RCPT%20TO:<A>|DATA"},
    {"line ends", GREETED "~dEHLO h\n~dNO\rOP\r\n~f", "dialect", "EHLO%20H/LF|NO?OP/CR"},
    {"foreign bytes", GREETED "~d\x16\x03|*%,+x y\r\n~f", "dialect",
     "??????"
     "?x%20X"},
    {"AUTH with its secret", HELO "~dAUTH PLAIN AGpvZQBodW50ZXIy\r\n~f", "dialect",
     "EHLO%20H|AUTH%20P=PLAIN%20X"},
    {"AUTH in another case, with a blank more", HELO "~dauth  Login abc d\r\n~f", "dialect",
     "EHLO%20H|auth%20%20P=Login%20X"},
    {"AUTH with a long name", HELO "~dAUTH SCRAM-SHA-256-PLUS biws\r\n~f", "dialect",
     "EHLO%20H|AUTH%20P=SCRAM-SHA-256-PLUS%20X"},
    {"AUTH with a secret for its mechanism", HELO "~dAUTH hunter2 PLAIN\r\n~f", "dialect",
     "EHLO%20H|AUTH%20X"},
    {"AUTH with a secret glued to its mechanism", HELO "~dAUTH PLAIN=AGpvZQ\r\n~f", "dialect",
     "EHLO%20H|AUTH%20X"},
    {"AUTH alone", HELO "~dAUTH\r\n~f", "dialect", "EHLO%20H|AUTH"},
    {"name and password after AUTH", HELO "~dAUTH LOGIN\r\n~dam9l\r\n~dhunter 2\n~d\r\n~dQUIT\r\n",
     "dialect", "EHLO%20H|AUTH%20P=LOGIN|X|X/LF|QUIT"},
    {"an unknown word after the next command is not a credential",
     HELO "~dAUTH LOGIN\r\n~dam9l\r\n~dRSET\r\n~dam9l\r\n~f", "dialect",
     "EHLO%20H|AUTH%20P=LOGIN|X|RSET|am9l"},
    {"an unknown word that only looks like AUTH", HELO "~dAUTHOR x\r\n~dam9l\r\n~f", "dialect",
     "EHLO%20H|AUTHOR%20X|am9l"},
    {"parameters that are too much together",
     HELO
     "~dMAIL FROM:<a@b> A B C D E F G H I J K L M N O P Q R S T U V W X Y Z A B C D E F G H I J "
     "K L M N O P Q R S T U V W X Y Z\r\n~f",
     "dialect", "EHLO%20H+"},
    {"an empty line is no command", GREETED "~d\r\n~d \t\r\n~dEHLO h\r\n~d\r\n~dNOOP\r\n~f",
     "dialect", "EHLO%20H|NOOP"},
    {"a blank and a NUL before a command", GREETED "~d EHLO h\r\n~f", "dialect", "EHLO%20H"},
    {"too long a dialect",
     GREETED "~dNOOP a\r\n~dHELO aaaa                                                           "
             "                                                                                  "
             "                                                                     b\r\n~dQUIT\r\n",
     "dialect", "NOOP%20X+"},
    {"the mark of too long a dialect",
     GREETED "~dNOOP a\r\n~dHELO aaaa                                                           "
             "                                                                                  "
             "                                                                     b\r\n~dQUIT\r\n",
     "cut", "helo,dialect"},
    {"nothing cut", MAIL "~f", "cut", NULL},
};

static struct drive d;
static struct summary words;

static struct span word(const char *key) {
  struct {
    const char *key;
    struct span value;
  } all[] = {{"helo", words.helo},       {"from", words.from},     {"to", words.to},
             {"talk", words.talk},       {"nosmtp", words.nosmtp}, {"did", words.did},
             {"dialect", words.dialect}, {"cut", words.cut}};
  for (size_t i = 0; i < sizeof all / sizeof *all; i++)
    if (strcmp(all[i].key, key) == 0) return all[i].value;
  return span_str("no such key");
}

static void play(const struct row *row) {
  struct session_config config = drive_defaults();
  drive_start(&d, &config, 0);
  drive_script(&d, span_str(row->script));
  summary_fill(&words, &d.session);
  if (row->want) is_text(word(row->key), row->want, "%s", row->name);
  else ok(word(row->key).s == NULL, "%s", row->name);
}

/* The first non-empty line decides, even if the session ends within it. */
static void first_lines(void) {
  static const struct {
    const char *name, *script;
    size_t len;
    const char *want;
  } cases[] = {
      {"nothing", NULS("~f"), NULL},
      {"empty lines", NULS("~d\r\n~d\0\0\n~d \t\r\n~s\0~f"), NULL},
      {"EHLO", NULS("~dEHLO h\r\n~f"), NULL},
      {"EHLO after empty lines", NULS("~d\r\n~d\0\r\n~d \0EHLO h\r\n~f"), NULL},
      {"EHLO in the greeting, after an empty line", NULS("~w9~s\r\nEHLO h\r\n~w9000~f"), NULL},
      {"an unknown word", NULS("~dWHAT\r\n~dGET / HTTP/1.1\r\n~f"), NULL},
      {"GET", NULS("~dGET / HTTP/1.1\r\n~f"), "http"},
      {"GET after empty lines", NULS("~d\r\n~d\0\r\n~dGET / HTTP/1.1\r\n~f"), "http"},
      {"GET as the second line", NULS("~dNOOP\r\n~dGET / HTTP/1.1\r\n~f"), NULL},
      {"GET after EHLO", NULS("~dEHLO h\r\n~dGET / HTTP/1.1\r\n~f"), NULL},
      {"CONNECT without a line end", NULS("~sCONNECT a:25 HTTP/1.0~f"), "http"},
      {"HTTP, and HELO after it", NULS("~dHEAD \r\n~dHELO h\r\n~dMAIL FROM:<a@b>\r\n~f"), "http"},
      {"HTTP in the greeting", NULS("~sPOST / HTTP/1.1\r\nHELO h\r\n~w20000~f"), "http"},
      {"TLS, no line end, FIN", NULS("~s\x16\x03\x01\x02\0\x01~f"), "tls"},
      {"TLS in the greeting, reset", NULS("~w9~s\x16\x03\x01\x02\0\x01~r"), "tls"},
      {"TLS until the limit of time", NULS("~s\x16\x03\x01\x02\0\x01~w99000"), "tls"},
      {"RDP, and a signal to stop", NULS("~s\x03\0\0\x13~x"), "rdp"},
      {"a NUL and a word", NULS("~d\0x\r\n~dHELO h\r\n~f"), "other"},
      {"a NUL in a verb", NULS("~dEH\0LO\r\n~f"), "other"},
      {"a NUL in a name", NULS("~dEHLO a\0b\r\n~f"), NULL},
      {"a NUL after EHLO", NULS("~dEHLO h\r\n~dNO\0OP\r\n~f"), NULL},
  };
  struct session_config config = drive_defaults();
  for (size_t i = 0; i < 2 * sizeof cases / sizeof *cases; i++) {
    const char *want = cases[i / 2].want;
    drive_start(&d, &config, i % 2);
    if (cases[i / 2].script[1] != 'w') drive_script(&d, span_str(GREETED));
    drive_script(&d, span_of(cases[i / 2].script, cases[i / 2].len));
    summary_fill(&words, &d.session);
    if (want) is_text(words.nosmtp, want, "first line: %s", cases[i / 2].name);
    else ok(words.nosmtp.s == NULL, "first line: %s", cases[i / 2].name);
  }
}

/* The first byte beyond the limit of a message is not read and is not early data. */
static void body_too_long(void) {
  struct session_config config = drive_defaults();
  config.refuse_at = REFUSE_AT_BODY;
  config.max_body = 20;
  drive_start(&d, &config, 0);
  drive_script(&d, span_str(MAIL "~dRCPT TO:<x@y>\r\n~dDATA\r\n~s123456789012345678\r\n.\r\n~f"));
  summary_fill(&words, &d.session);
  ok(d.session.end == END_LIMIT && words.talk.s == NULL && words.did.s == NULL,
     "a message that is too long is no talk");
}

/* The longest inputs: no text exceeds its limit, and each is marked as cut. */
static void bounds(void) {
  struct session_config config = drive_defaults();
  static char line[2100];
  char head[40];
  drive_start(&d, &config, 0);
  drive_script(&d, span_str(GREETED));
  for (int i = 0; i < 40; i++) {
    static const char *const shapes[] = {"EHLO ", "MAIL FROM:<", "RCPT TO:<", "\x80"};
    int n = snprintf(head, sizeof head, "%s%03d", shapes[i % 4], i);
    memcpy(line, head, (size_t)n);
    memset(line + n, 0x81, 900);
    memcpy(line + n + 900, ">\r\n", 3);
    drive_send(&d, span_of(line, (size_t)n + 903));
    drive_until(&d, d.now + 6000);
  }
  session_stop(&d.session, d.now);
  summary_fill(&words, &d.session);
  ok(words.helo.len <= ENVELOPE_HELO_MAX && words.helo.len > 590, "helo is bounded");
  ok(words.from.len <= ENVELOPE_FROM_MAX && words.from.len > 510, "from is bounded");
  ok(words.to.len <= ENVELOPE_TO_MAX && words.to.len > 1390, "to is bounded");
  ok(words.dialect.len <= SUMMARY_DIALECT_MAX, "dialect is bounded");
  is_text(words.cut, "helo,from,to,dialect", "all cuts are told");
}

/* Credentials that are too long are still hidden. */
static void long_credentials(void) {
  struct session_config config = drive_defaults();
  static char line[4000];
  static const char *const heads[] = {"AUTH PLAIN ", "AUTH ", "", "NOOP "};
  drive_start(&d, &config, 0);
  drive_script(&d, span_str(HELO));
  for (size_t i = 0; i < 4; i++) {
    size_t n = (size_t)sprintf(line, "%s%03000d\r\n", heads[i], 7);
    drive_send(&d, span_of(line, n));
    drive_until(&d, d.now + 6000);
  }
  session_stop(&d.session, d.now);
  summary_fill(&words, &d.session);
  is_text(words.dialect, "EHLO%20H|AUTH%20P=PLAIN%20X|AUTH%20X|X|NOOP%20X", "long credentials");
}

static void fold_to_the_brim(void) {
  struct dialect dialect = {.len = 0};
  struct command_line rcpt = command_parse(span_str("RCPT TO:<x@y>"));
  struct path path = path_parse(rcpt.argument, "TO:");
  struct command_line noop = command_parse(span_str("NOOP"));
  struct dialect_line folded = {&rcpt, &path, false, false}, plain = {&noop, NULL, false, false};
  for (int i = 0; i < 36; i++) dialect_add(&dialect, &plain);
  for (int i = 0; i < 70000; i++) dialect_add(&dialect, &folded);
  ok(dialect.len <= DIALECT_MAX, "a fold stays within the bound");
  ok(dialect.cut ? dialect.text[dialect.len - 1] == '+' : dialect.repeats == UINT16_MAX,
     "the count of a fold stays within the bound");
}

static void just_too_long(void) {
  struct dialect dialect = {.len = 0};
  struct command_line four = command_parse(span_str("NOOP")),
                      five = command_parse(span_str("NOOPS"));
  for (int i = 0; i < 39; i++)
    dialect_add(&dialect, &(struct dialect_line){&four, NULL, false, false});
  dialect_add(&dialect, &(struct dialect_line){&five, NULL, false, false});
  ok(dialect.cut && dialect.len == 195 && dialect.text[194] == '+',
     "there is always room for the +");
}

static void hidden(void) {
  struct session_config config = drive_defaults();
  config.hide_local = true;
  drive_start(&d, &config, 0);
  drive_script(&d, span_str("~w9~sEHLO h\r\n~w9000~dMAIL FROM:<me@b.example>\r\n"
                            "~dRCPT TO:<you@c.example>\r\n~dRCPT TO:<other@c.example>\r\n"
                            "~dRCPT TO:<postmaster>\r\n~dRCPT TO:<\"j@k\">\r\n~f"));
  summary_fill(&words, &d.session);
  is_text(words.from, "@b.example", "hidden: the sender's domain");
  is_text(words.to, "@c.example,@", "hidden: the recipients' domains");
  is_text(words.talk, "banner:0.009:8:", "hidden: the text of what came early");
  ok(d.session.recipients.count == 4, "hidden recipients are counted");
}

/* Addresses in wrong places: no part of their text may be shown. */
static void hidden_dialects(void) {
  static const struct {
    const char *name, *script, *want;
  } cases[] = {
      {"a name without brackets", "~dMAIL FROM:John Smith <john@b.example>\r\n",
       "EHLO%20H|MAIL%20FROM:A%20X%20X"},
      {"an address after the brackets", "~dMAIL FROM:<> john@b.example=1 SIZEjohn john\r\n",
       "EHLO%20H|MAIL%20FROM:<>%20X%20X%20X"},
      {"an address glued to them", "~dMAIL FROM:<a@b>john\r\n", "EHLO%20H|MAIL%20FROM:<A>X"},
      {"parameters that are known", "~dMAIL FROM:<a@b> SIZE=1 body=john SMTPUTF8\r\n",
       "EHLO%20H|MAIL%20FROM:<A>%20P=SIZE%20P=body%20P=SMTPUTF8"},
      {"one that is not", "~dMAIL FROM:<a@b> XJOHN=1 =john\r\n",
       "EHLO%20H|MAIL%20FROM:<A>%20X%20X"},
      {"a header", "~dTo:john.doe@b.example\r\n", "EHLO%20H|?"},
      {"a header with a blank", "~dTo: john.doe@b.example\n", "EHLO%20H|?%20X/LF"},
      {"a verb glued to an address", "~dRCPTTO:john@b.example x\r\n", "EHLO%20H|?%20X"},
      {"other verbs", "~dVRFY john\r\n~dExpn john\r\n", "EHLO%20H|VRFY%20X|Expn%20X"},
      {"a blank first, an empty line", "~d john\r\n~d\r\n", "EHLO%20H|?"},
      {"AUTH", "~dAUTH john\r\n~djohn\r\n~dAUTH PLAIN\r\n", "EHLO%20H|AUTH%20X|X|AUTH%20P=PLAIN"},
  };
  struct session_config config = drive_defaults();
  config.hide_local = true;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    drive_start(&d, &config, 0);
    drive_script(&d, span_str(HELO));
    drive_script(&d, span_str(cases[i].script));
    session_stop(&d.session, d.now);
    summary_fill(&words, &d.session);
    is_text(words.dialect, cases[i].want, "hidden: %s", cases[i].name);
  }
}

static void recipients(void) {
  static const struct {
    const char *name, *script;
    enum refuse_at refuse_at;
    uint32_t want;
  } cases[] = {
      {"none", "", REFUSE_AT_DATA, 0},
      {"two", "~dRCPT TO:<x@y>\r\n~dRCPT TO:<z@y>\r\n", REFUSE_AT_DATA, 2},
      {"one refused for a parameter and tried again",
       "~dRCPT TO:<x@y> NOTIFY=NEVER\r\n~dRCPT TO:<x@y>\r\n", REFUSE_AT_DATA, 1},
      {"one refused for a parameter", "~dRCPT TO:<x@y> NOTIFY=NEVER\r\n", REFUSE_AT_DATA, 0},
      {"one twice", "~dRCPT TO:<x@y>\r\n~dRCPT TO:<x@Y>\r\n~dRCPT TO: x@y\r\n", REFUSE_AT_DATA, 1},
      {"one twice with another between",
       "~dRCPT TO:<x@y>\r\n~dRCPT TO:<z@y>\r\n~dRCPT TO:<x@y>\r\n", REFUSE_AT_DATA, 2},
      {"local parts in two cases", "~dRCPT TO:<x@y>\r\n~dRCPT TO:<X@y>\r\n", REFUSE_AT_DATA, 2},
      {"an @ within quotes", "~dRCPT TO:<\"a@B\"@y>\r\n~dRCPT TO:<\"a@b\"@y>\r\n", REFUSE_AT_DATA,
       2},
      {"no domain", "~dRCPT TO:<postmaster>\r\n~dRCPT TO:<Postmaster>\r\n", REFUSE_AT_DATA, 2},
      {"one in each of two mails",
       "~dRCPT TO:<x@y>\r\n~dDATA\r\n~dMAIL FROM:<a@b>\r\n~dRCPT TO:<x@y>\r\n", REFUSE_AT_DATA, 1},
      {"a refused MAIL has none",
       "~dRCPT TO:<x@y>\r\n~dDATA\r\n~dMAIL FROM:<\r\n~dRCPT TO:<z@y>\r\n", REFUSE_AT_DATA, 1},
      {"out of order", "~dRSET\r\n~dRCPT TO:<x@y>\r\n", REFUSE_AT_DATA, 0},
      {"the 451 at RCPT", "~dRCPT TO:<x@y>\r\n~dRCPT TO:<x@y>\r\n~dRCPT TO:<z@y>\r\n",
       REFUSE_AT_RCPT, 2},
  };
  for (size_t i = 0; i < 2 * sizeof cases / sizeof *cases; i++) {
    struct session_config config = drive_defaults();
    config.refuse_at = cases[i / 2].refuse_at;
    config.hide_local = i % 2;
    drive_start(&d, &config, 0);
    drive_script(&d, span_str(MAIL));
    drive_script(&d, span_str(cases[i / 2].script));
    ok(d.session.recipients.count == cases[i / 2].want, "recipients: %s%s", cases[i / 2].name,
       i % 2 ? ", hidden" : "");
  }
}

static void many_recipients(void) {
  struct session_config config = drive_defaults();
  char line[40];
  config.max_recipients = 200;
  drive_start(&d, &config, 0);
  drive_script(&d, span_str(MAIL));
  for (int i = 0; i < 2 * 70; i++) {
    int n = snprintf(line, sizeof line, "RCPT TO:<x%d@y>\r\n", i % 70);
    drive_send(&d, span_of(line, (size_t)n));
    drive_until(&d, d.now + 1001);
  }
  ok(d.session.recipients.count == 70 + 6, "repetitions of the first 64 are told");
}

static void counts(void) {
  struct session_config config = drive_defaults();
  drive_start(&d, &config, 0);
  drive_script(&d,
               span_str(MAIL "~dRCPT TO:<x@y>\r\n~dRCPT TO:<z@y>\r\n~dRSET\r\n~dMAIL FROM:<>\r\n"
                             "~dRCPT TO:<x@y>\r\n~dHELO g\r\n~dWHAT\r\n~f"));
  const struct session *s = &d.session;
  ok(s->helos == 2 && s->lines == 9 && s->bad == 1, "helos, lines, bad");
  ok(s->recipients.count == 1, "recipients belong to the last sender");
  ok(s->verb == COMMAND_HELO, "the last verb");
  ok(s->bytes == strlen("EHLO h..MAIL FROM:<a@b>..RCPT TO:<x@y>..RCPT TO:<z@y>..RSET.."
                        "MAIL FROM:<>..RCPT TO:<x@y>..HELO g..WHAT.."),
     "bytes");
  ok(s->ended - s->started == 9000 + 9 * 6000, "duration");
}

int main(void) {
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) play(&rows[i]);
  first_lines();
  body_too_long();
  bounds();
  long_credentials();
  fold_to_the_brim();
  just_too_long();
  hidden();
  hidden_dialects();
  recipients();
  many_recipients();
  counts();
  return done();
}
