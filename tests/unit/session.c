/* Every fact of the catalogue with a look-alike that must not fire, and every ending that honest
   programs show. Each script is played whole, byte by byte and in threes: nothing may differ. */
#include "sessiondrive.h"
#include "tap.h"

static const char *const endings[] = {"quit", "fin",   "rst",  "idle",
                                      "cap",  "limit", "stop", "error"};
static const char *const stages[] = {"banner", "helo", "mail", "rcpt", "data"};
static const char *const after_names[] = {"none", "rset", "noop", "mail", "body", "other"};

#define GREETED "~w9000"
#define HELO    GREETED "~dEHLO mail.example\r\n"
#define SENDER  HELO "~dMAIL FROM:<a@b.example>\r\n"
#define RCPT    SENDER "~dRCPT TO:<x@example.org>\r\n"
#define REFUSED RCPT "~dDATA\r\n"
#define NULS(s) s, sizeof(s) - 1

struct row {
  const char *name;
  const char *script;
  size_t len;
  const char *want; /* end after stage r451 did */
};

static const struct row rows[] = {
    /* early-talk, teaser-talk, early-quit */
    {"a byte before the teaser", NULS("~sE~w9000~f"), "fin none banner no early-talk"},
    {"a command before the teaser", NULS("~sEHLO h\r\n~w20000~f"), "fin none helo no early-talk"},
    {"a command a millisecond after it, no round trip known", NULS("~w1~sEHLO h\r\n~w20000~f"),
     "fin none helo no teaser-talk"},
    {"less than a round trip after it", NULS("~t300~w299~sEHLO h\r\n~w20000~f"),
     "fin none helo no early-talk"},
    {"a round trip after it", NULS("~t300~w300~sEHLO h\r\n~w20000~f"),
     "fin none helo no teaser-talk"},
    {"a byte in the greeting's wait", NULS("~w300~sE~w9000~f"), "fin none banner no teaser-talk"},
    {"its first byte counts", NULS("~t300~w299~sEH~w5000~sLO h\r\n~w9000~f"),
     "fin none helo no early-talk"},
    {"begun in the wait, whole after it", NULS("~w300~sEH~w9000~sLO h\r\n~w9000~f"),
     "fin none helo no teaser-talk"},
    {"the first byte right after the greeting", NULS("~w8001~dEHLO h\r\n~f"), "fin none helo no -"},
    {"a byte in the moment of the greeting", NULS("~w8000~dEHLO h\r\n~f"),
     "fin none helo no teaser-talk"},
    {"a patient dialogue from the teaser on",
     NULS("~w300~sEHLO h\r\n~w9000~dMAIL FROM:<a@b>\r\n~dRCPT TO:<x@y>\r\n~dDATA\r\n~r"),
     "rst none data yes teaser-talk"},
    {"an impatient one",
     NULS("~w300~sEHLO h\r\n~w9000~dMAIL FROM:<a@b>\r\n~sRCPT TO:<x@y>\r\nDATA\r\n~w9000~f"),
     "fin none data yes early-talk,talk-in-delay"},
    {"one that loses patience", NULS("~w300~sEHLO h\r\n~w9000~sMAIL FROM:<a@b>\r\nQUIT\r\n~w9000"),
     "quit none mail no teaser-talk,pipelined"},
    {"MAIL between the greeting's end and the reply to EHLO",
     NULS("~w300~sEHLO h\r\n~w8000~sMAIL FROM:<a@b>\r\n~w9000~f"),
     "fin none mail no early-talk,talk-in-delay"},
    {"two commands in one piece", NULS("~w300~sEHLO h\r\nRSET\r\n~w20000~f"),
     "fin none helo no early-talk"},
    {"two commands, one by one", NULS("~w300~sEHLO h\r\n~w4000~sRSET\r\n~w20000~f"),
     "fin none helo no early-talk"},
    {"the second only begun", NULS("~w300~sEHLO h\r\n~w4000~sR~w20000~f"),
     "fin none helo no early-talk"},
    {"all in one piece",
     NULS("~w9~sHELO h\r\nMAIL FROM:<a@b>\r\nRCPT TO:<x@y>\r\nDATA\r\nQUIT\r\n~w30000"),
     "quit none data yes early-talk"},
    {"EHLO and QUIT in one piece", NULS("~w300~sEHLO h\r\nQUIT\r\n~w20000"),
     "quit none helo no early-talk"},
    {"EHLO, and QUIT less than a round trip later",
     NULS("~t200~w300~sEHLO h\r\n~w199~sQUIT\r\n~w20000"), "quit none helo no early-talk"},
    {"EHLO, and QUIT a round trip later", NULS("~t200~w300~sEHLO h\r\n~w200~sQUIT\r\n~w20000"),
     "quit none helo no teaser-talk,pipelined"},
    {"EHLO after a QUIT is not read", NULS("~w300~sQUIT\r\nEHLO h\r\n~w9000"),
     "quit none banner no early-quit"},
    {"QUIT", NULS("~w300~sQUIT\r\n~w9000"), "quit none banner no early-quit"},
    {"QUIT before the teaser", NULS("~sQUIT\r\n~w9000"), "quit none banner no early-quit"},
    {"QUIT without its line end, and FIN", NULS("~w300~sQUIT~f"), "quit none banner no early-quit"},
    {"part of a QUIT", NULS("~w300~sQUI~f"), "fin none banner no teaser-talk,hasty-exit"},
    {"RSET and QUIT", NULS("~sRSET\r\nQUIT\r\n~w9000"), "quit none banner no early-quit"},
    {"RSET and QUIT, one by one", NULS("~w300~sRSET\r\n~w999~sQUIT\r\n~w9000"),
     "quit none banner no early-quit"},
    {"RSET alone", NULS("~w300~sRSET\r\n~w9000~f"), "fin none banner no teaser-talk"},
    {"RSET, RSET and QUIT", NULS("~w300~sRSET\r\nRSET\r\nQUIT\r\n~w9000"),
     "quit none banner no early-talk"},
    {"NOOP and QUIT", NULS("~w300~sNOOP\r\nQUIT\r\n~w9000"), "quit none banner no early-talk"},
    {"a reply sent twice puts a client one answer ahead",
     NULS("~w300~sEHLO h\r\n~w13000~sMAIL FROM:<a@b>\r\n~w9~sRCPT TO:<x@y>\r\n~w9000~dDATA\r\n~f"),
     "fin none data yes teaser-talk"},
    {"two commands at once after teaser-talk",
     NULS("~w300~sEHLO h\r\n~w13000~sMAIL FROM:<a@b>\r\n~w9~sRCPT TO:<x@y>\r\nDATA\r\n~w9000~f"),
     "fin none data yes early-talk,talk-in-delay"},
    /* bytes that make no command */
    {"a bare FIN in the wait is no talk", NULS("~w300~f"), "fin none banner no hasty-exit"},
    {"an empty line before the teaser", NULS("~s\r\n~w9000~dEHLO h\r\n~f"), "fin none helo no -"},
    {"NULs, blanks and line ends in the wait",
     NULS("~w9~s\0\0~w9~s \t\r\n~w9~s\n\r\0~w9000~dEHLO h\r\n~f"), "fin none helo no -"},
    {"a NUL before the teaser, a command in the wait", NULS("~s\0~w300~sEHLO h\r\n~w20000~f"),
     "fin none helo no teaser-talk"},
    {"a NUL and a command before the teaser", NULS("~s\0EHLO h\r\n~w20000~f"),
     "fin none helo no early-talk"},
    {"an empty line after each command",
     NULS(GREETED "~dEHLO h\r\n\r\n~dMAIL FROM:<a@b>\r\n\r\n~dRCPT TO:<x@y>\r\n\r\n~dDATA\r\n\r\n"
                  "~dQUIT\r\n\r\n"),
     "quit none data yes -"},
    {"an empty line after each command, in another piece",
     NULS(GREETED "~sEHLO h\r\n~w9~d\r\n~sMAIL FROM:<a@b>\r\n~w9~d\r\n~sRCPT TO:<x@y>\r\n~w9~d\r\n"
                  "~sDATA\r\n~w9~d\r\n~sQUIT\r\n~w9"),
     "quit none data yes -"},
    {"a NUL after each",
     NULS(GREETED "~dEHLO h\r\n\0~dMAIL FROM:<a@b>\r\n\0~dRCPT TO:<x@y>\r\n\0~dDATA\r\n\0"
                  "~dQUIT\r\n\0"),
     "quit none data yes -"},
    {"a NUL before each line end",
     NULS(GREETED "~dEHLO h\0\r\n~dMAIL FROM:<a@b>\0\r\n~dRCPT TO:<x@y>\0\r\n~dDATA\0\r\n"
                  "~dQUIT\0\r\n"),
     "quit none data yes -"},
    {"LF after each CRLF is no bare LF", NULS(GREETED "~dEHLO h\r\n\n~dMAIL FROM:<a@b>\r\n\n~f"),
     "fin none mail no -"},
    {"a blank before each",
     NULS(GREETED "~d EHLO h\r\n~d\tMAIL FROM:<a@b>\r\n~d RCPT TO:<x@y>\r\n~f"),
     "fin none rcpt no -"},
    {"an empty line in one piece with EHLO", NULS(GREETED "~d\r\nEHLO h\r\n~f"),
     "fin none helo no -"},
    {"an empty line, its answer, EHLO", NULS(GREETED "~s\r\n~w1~dEHLO h\r\n~f"),
     "fin none helo no -"},
    {"a command without waiting after an empty line and EHLO",
     NULS(GREETED "~d\r\nEHLO h\r\nMAIL FROM:<a@b>\r\n~f"), "fin none mail no talk-in-delay"},
    {"a command without waiting after a NUL",
     NULS(GREETED "~sEHLO h\r\n~w9~s\0N~w9000~sOOP\r\n~w9~f"), "fin none helo no talk-in-delay"},
    {"empty lines are no unknown commands", NULS(HELO "~d\r\n~d\r\n~d\r\n~d\r\n~d\r\n~f"),
     "fin none helo no -"},
    {"an empty line and FIN leave no reply unread", NULS(HELO "~s\r\n~f"), "fin none helo no -"},
    {"two CRs before each line end",
     NULS(GREETED "~dEHLO h\r\r\n~dMAIL FROM:<a@b>\r\r\n~dRCPT TO:<x@y>\r\r\n~dDATA\r\r\n"
                  "~dQUIT\r\r\n"),
     "quit none data yes bare-cr"},
    /* a TLS handshake */
    {"a TLS handshake with line feeds after STARTTLS",
     NULS(HELO "~dSTARTTLS\r\n~d\x16\x03\x01\0a\nb\nc\nd~w9000~f"),
     "fin none helo no bare-lf,starttls"},
    {"its rest in another piece", NULS(HELO "~s\x16\x03\x01\0a\n~w0~sb\nc~w9000~f"),
     "fin none helo no bare-lf"},
    {"commands in one piece with it",
     NULS(HELO "~d\x16\x03\n\x16MAIL\nMAIL FROM:<a@b>\r\n~w9000~f"),
     "fin none mail no talk-in-delay,bare-lf"},
    {"a hello in the form of SSL 2", NULS(HELO "~d\x80\x2e\x01\x03\x01\0\x15\nb\nc~w9000~f"),
     "fin none helo no bare-lf"},
    {"other bytes with line feeds", NULS(HELO "~d\x17\x03\x01\0a\nb\nc~w9000~f"),
     "fin none helo no talk-in-delay,bare-lf"},
    /* talk-in-delay and pipelined */
    {"MAIL before the reply to EHLO", NULS(GREETED "~sEHLO h\r\nMAIL FROM:<a@b>\r\n~w9000~f"),
     "fin none mail no talk-in-delay"},
    {"one byte in the delay", NULS(GREETED "~sEHLO h\r\n~w500~sN~w9000~sOOP\r\n~w1~f"),
     "fin none helo no talk-in-delay"},
    {"the next line in time", NULS(GREETED "~sEHLO h\r\n~w1001~sNOOP\r\n~w1~f"),
     "fin none helo no -"},
    {"without a delay, bytes of one moment", NULS(HELO "~sNOOP\r\nNOOP\r\n~w9~f"),
     "fin none helo no talk-in-delay"},
    {"QUIT before the 451", NULS(RCPT "~sDATA\r\nQUIT\r\n~w9000"), "quit none data yes pipelined"},
    {"RSET and QUIT before the 451", NULS(RCPT "~sDATA\r\nRSET\r\nQUIT\r\n~w9000"),
     "quit rset data yes pipelined"},
    {"RSET before the reply and QUIT after it", NULS(RCPT "~sDATA\r\nRSET\r\n~w9000~sQUIT\r\n~w1"),
     "quit rset data yes pipelined"},
    {"RSET before the reply, NOOP and QUIT after it",
     NULS(RCPT "~sDATA\r\nRSET\r\n~w9000~dNOOP\r\n~sQUIT\r\n~w1"),
     "quit rset data yes talk-in-delay"},
    {"RSET alone before the 451", NULS(RCPT "~sDATA\r\nRSET\r\n~w9000~f"),
     "fin rset data yes talk-in-delay"},
    {"RSET and NOOP before the 451", NULS(RCPT "~sDATA\r\nRSET\r\nNOOP\r\n~w9000~f"),
     "fin rset data yes talk-in-delay"},
    {"RSET, MAIL and QUIT before the 451",
     NULS(RCPT "~sDATA\r\nRSET\r\nMAIL FROM:<a@b>\r\nQUIT\r\n~w19000"),
     "quit rset data yes talk-in-delay"},
    {"part of a QUIT in the delay", NULS(HELO "~sMAIL FROM:<a@b>\r\nQU~w1500~sIT\r\n~w1"),
     "quit none mail no pipelined"},
    {"RSET and MAIL after the 451", NULS(REFUSED "~dRSET\r\nMAIL FROM:<c@d>\r\n~dQUIT\r\n"),
     "quit rset data yes pipelined"},
    {"RSET and MAIL after each of two 451",
     NULS(REFUSED "~dRSET\r\nMAIL FROM:<c@d>\r\n~dRCPT TO:<x@y>\r\n~dDATA\r\n"
                  "~dRSET\r\nMAIL FROM:<c@d>\r\n~dQUIT\r\n"),
     "quit rset data yes pipelined"},
    {"RSET, MAIL and RCPT after the 451",
     NULS(REFUSED "~dRSET\r\nMAIL FROM:<c@d>\r\nRCPT TO:<x@y>\r\n~dQUIT\r\n"),
     "quit rset data yes talk-in-delay"},
    {"RSET and MAIL, and then RCPT in the delay",
     NULS(REFUSED "~sRSET\r\nMAIL FROM:<c@d>\r\n~w9~sRCPT TO:<x@y>\r\n~w9000~dQUIT\r\n"),
     "quit rset data yes talk-in-delay"},
    {"RSET and MAIL before the 451", NULS(RCPT "~sDATA\r\nRSET\r\nMAIL FROM:<c@d>\r\n~w9000~f"),
     "fin rset data yes talk-in-delay"},
    {"RSET and MAIL without any 451", NULS(HELO "~dRSET\r\nMAIL FROM:<c@d>\r\n~f"),
     "fin none mail no talk-in-delay"},
    {"RSET and a header after the 451", NULS(REFUSED "~dRSET\r\nSubject: x\r\n~f"),
     "fin rset data yes talk-in-delay"},
    {"NOOP and MAIL after the 451", NULS(REFUSED "~dNOOP\r\nMAIL FROM:<c@d>\r\n~f"),
     "fin noop data yes talk-in-delay"},
    {"RSET, RSET and MAIL after the 451", NULS(REFUSED "~dRSET\r\nRSET\r\nMAIL FROM:<c@d>\r\n~f"),
     "fin rset data yes talk-in-delay"},
    {"QUIT glued to the FIN, the 451 read", NULS(REFUSED "~sQUIT\r\n~f"), "quit none data yes -"},
    {"QUIT in the delay and gone", NULS(HELO "~sMAIL FROM:<a@b>\r\nQUIT\r\n~f"),
     "quit none helo no pipelined"},
    /* hasty-exit */
    {"FIN in the delay before the 451", NULS(RCPT "~sDATA\r\n~w1000~f"),
     "fin none rcpt no hasty-exit"},
    {"RST in the delay before the 451", NULS(RCPT "~sDATA\r\n~w1000~r"),
     "rst none rcpt no hasty-exit"},
    {"FIN between replies", NULS(RCPT "~f"), "fin none rcpt no -"},
    {"FIN in a delay after the 451", NULS(REFUSED "~sMAIL FROM:<a@b>\r\n~f"),
     "fin mail data yes -"},
    {"told to stop in a delay", NULS(RCPT "~sDATA\r\n~w1000~x"), "stop none rcpt no -"},
    /* stall */
    {"silence until the idle limit", NULS(HELO "~w91000"), "idle none helo no stall"},
    {"silence from the start", NULS("~w100000"), "idle none banner no stall"},
    {"half a line until the line limit", NULS(HELO "~sMAIL~w61000"), "idle none helo no -"},
    {"silence after the 451 is abandoned, no stall", NULS(REFUSED "~w91000"),
     "idle none data yes -"},
    {"a byte a minute is held by the line limit, not the idle limit",
     NULS(HELO "~sM~w30000~sA~w29000~sI~w2000"), "idle none helo no -"},
    {"the cap", NULS(HELO "~dNOOP\r\n~w80000~dNOOP\r\n~w80000~dNOOP\r\n~w80000~dNOOP\r\n~w80000"),
     "cap none helo no -"},
    /* body-after-451 */
    {"a header", NULS(REFUSED "~dSubject: hello\r\n~f"), "fin body data yes body-after-451"},
    {"text", NULS(REFUSED "~dbuy now\r\n~f"), "fin body data yes body-after-451"},
    {"a lone dot", NULS(REFUSED "~d.\r\n~f"), "fin body data yes body-after-451"},
    {"a header after an empty line", NULS(REFUSED "~d\r\n~dX-Y: 1\r\n~f"),
     "fin body data yes body-after-451"},
    {"an unknown word is a command", NULS(REFUSED "~dEXIT\r\n~f"), "fin other data yes -"},
    {"an unknown command with an argument", NULS(REFUSED "~dXFOO bar\r\n~f"),
     "fin other data yes -"},
    {"XCLIENT", NULS(REFUSED "~dXCLIENT NAME=mail.example ADDR=192.0.2.1\r\n~f"),
     "fin other data yes -"},
    {"a verb with digits and a hyphen", NULS(REFUSED "~dX-EXPS2 NTLM\r\n~f"),
     "fin other data yes -"},
    {"a verb with digits and a hyphen, alone", NULS(REFUSED "~dX-EXPS2\r\n~f"),
     "fin other data yes -"},
    {"16 capitals", NULS(REFUSED "~dABCDEFGHIJKLMNOP x\r\n~f"), "fin other data yes -"},
    {"17 capitals", NULS(REFUSED "~dABCDEFGHIJKLMNOPQ x\r\n~f"),
     "fin body data yes body-after-451"},
    {"two capitals", NULS(REFUSED "~dAH, x\r\n~f"), "fin body data yes body-after-451"},
    {"a sentence that begins with I", NULS(REFUSED "~dI am a prince\r\n~f"),
     "fin body data yes body-after-451"},
    {"a capital and small letters", NULS(REFUSED "~dDear friend\r\n~f"),
     "fin body data yes body-after-451"},
    {"a word in capitals with a comma", NULS(REFUSED "~dHELLO, friend\r\n~f"),
     "fin body data yes body-after-451"},
    {"a header in capitals", NULS(REFUSED "~dSUBJECT: hello\r\n~f"),
     "fin body data yes body-after-451"},
    {"a header without a blank", NULS(REFUSED "~dSUBJECT:hello\r\n~f"),
     "fin body data yes body-after-451"},
    {"a header with one before the colon", NULS(REFUSED "~dSUBJECT : hello\r\n~f"),
     "fin body data yes body-after-451"},
    {"Received", NULS(REFUSED "~dReceived: from a by b\r\n~f"), "fin body data yes body-after-451"},
    {"a mailbox's first line", NULS(REFUSED "~dFrom a@b Mon Jan  1\r\n~f"),
     "fin body data yes body-after-451"},
    {"a boundary", NULS(REFUSED "~d--ABC-123\r\n~f"), "fin body data yes body-after-451"},
    {"a number", NULS(REFUSED "~d100 PERCENT FREE\r\n~f"), "fin body data yes body-after-451"},
    {"RSET and then a header", NULS(REFUSED "~dRSET\r\n~dSubject: x\r\n~f"), "fin rset data yes -"},
    {"MAIL FROM: is no header", NULS(REFUSED "~dMAIL FROM:<c@d>\r\n~f"), "fin mail data yes -"},
    {"an empty line alone", NULS(REFUSED "~d\r\n~f"), "fin none data yes -"},
    {"a header without any 451", NULS(RCPT "~dSubject: x\r\n~f"), "fin none rcpt no -"},
    {"all in one go, gone before the 451", NULS(RCPT "~sDATA\r\nSubject: x\r\n.\r\n~f"),
     "fin none rcpt no talk-in-delay,hasty-exit"},
    {"all in one go, waited for", NULS(RCPT "~sDATA\r\nSubject: x\r\n.\r\n~w9000~f"),
     "fin body data yes talk-in-delay,body-after-451"},
    {"a body after a second DATA",
     NULS(REFUSED "~dRSET\r\n~dMAIL FROM:<c@d>\r\n~dRCPT TO:<e@f>\r\n"
                  "~dDATA\r\n~dX: y\r\n~f"),
     "fin rset data yes body-after-451"},
    {"half a line after the 451", NULS(REFUSED "~sNO~f"), "fin other data yes -"},
    /* bare-lf, bare-cr */
    {"LF alone", NULS(GREETED "~dEHLO h\n~f"), "fin none helo no bare-lf"},
    {"a CR in the line", NULS(GREETED "~dEHLO h\rx\r\n~f"), "fin none helo no bare-cr"},
    {"CR CR LF", NULS(GREETED "~dEHLO h\r\r\n~f"), "fin none helo no bare-cr"},
    {"CR last, the LF cut off", NULS(HELO "~sNOOP\r~f"), "fin none helo no -"},
    {"a CR and its LF in two segments", NULS(GREETED "~sEHLO h\r~w100~s\n~w9000~f"),
     "fin none helo no -"},
    /* auth, unoffered, starttls, params-after-helo */
    {"AUTH", NULS(HELO "~dAUTH LOGIN\r\n~f"), "fin none helo no auth"},
    {"AUTHOR is unknown, no AUTH", NULS(HELO "~dAUTHOR\r\n~f"), "fin none helo no -"},
    {"BDAT", NULS(HELO "~dBDAT 12 LAST\r\n~f"), "fin none helo no unoffered"},
    {"SIZE=", NULS(HELO "~dMAIL FROM:<a@b> SIZE=12\r\n~f"), "fin none helo no unoffered"},
    {"SMTPUTF8", NULS(HELO "~dMAIL FROM:<a@b> SMTPUTF8\r\n~f"), "fin none helo no unoffered"},
    {"a trailing blank is no parameter", NULS(HELO "~dMAIL FROM:<a@b> \r\n~f"),
     "fin none mail no -"},
    {"SIZE= within the local part", NULS(HELO "~dMAIL FROM:<a+SIZE=1@b>\r\n~f"),
     "fin none mail no -"},
    {"STARTTLS", NULS(HELO "~dSTARTTLS\r\n~f"), "fin none helo no starttls"},
    {"parameters after HELO", NULS(GREETED "~dHELO h\r\n~dMAIL FROM:<a@b> SIZE=1\r\n~f"),
     "fin none helo no unoffered,params-after-helo"},
    {"HELO and then EHLO", NULS(GREETED "~dHELO h\r\n~dEHLO h\r\n~dMAIL FROM:<a@b> SIZE=1\r\n~f"),
     "fin none helo no unoffered"},
    /* no-brackets, odd-space */
    {"MAIL without brackets", NULS(HELO "~dMAIL FROM:a@b\r\n~f"), "fin none mail no no-brackets"},
    {"RCPT without brackets", NULS(SENDER "~dRCPT TO: x@y\r\n~f"), "fin none rcpt no no-brackets"},
    {"a space before <", NULS(HELO "~dMAIL FROM: <a@b>\r\n~f"), "fin none mail no odd-space"},
    {"lower and mixed case", NULS(HELO "~dmail From:<a@b>\r\n~drcpt tO:<x@y>\r\n~f"),
     "fin none rcpt no -"},
    {"the null sender", NULS(HELO "~dMAIL FROM:<>\r\n~f"), "fin none mail no -"},
    {"no address at all", NULS(HELO "~dMAIL FROM:\r\n~f"), "fin none helo no -"},
    /* bad-order, no-helo, goes-on */
    {"MAIL without HELO", NULS(GREETED "~dMAIL FROM:<a@b>\r\n~f"),
     "fin none banner no bad-order,no-helo"},
    {"MAIL before HELO", NULS(GREETED "~dMAIL FROM:<a@b>\r\n~dHELO h\r\n~f"),
     "fin none helo no bad-order"},
    {"RCPT before MAIL", NULS(HELO "~dRCPT TO:<x@y>\r\n~f"), "fin none helo no bad-order"},
    {"nested MAIL", NULS(RCPT "~dMAIL FROM:<c@d>\r\n~f"), "fin none rcpt no bad-order"},
    {"DATA without RCPT", NULS(SENDER "~dDATA\r\n~f"), "fin none mail no bad-order"},
    {"MAIL after RSET", NULS(RCPT "~dRSET\r\n~dMAIL FROM:<c@d>\r\n~f"), "fin none rcpt no -"},
    {"MAIL after another HELO", NULS(RCPT "~dHELO mail.example\r\n~dMAIL FROM:<c@d>\r\n~f"),
     "fin none rcpt no -"},
    {"a new MAIL after the 451", NULS(REFUSED "~dMAIL FROM:<c@d>\r\n~dRCPT TO:<e@f>\r\n~f"),
     "fin mail data yes -"},
    {"DATA again after the 451", NULS(REFUSED "~dDATA\r\n~f"), "fin other data yes -"},
    {"no mail, no HELO", NULS(GREETED "~dNOOP\r\n~dQUIT\r\n"), "quit none banner no -"},
    {"RCPT after a refused MAIL", NULS(HELO "~dMAIL FROM:\r\n~dRCPT TO:<x@y>\r\n~f"),
     "fin none helo no goes-on"},
    {"DATA after refused recipients", NULS(SENDER "~dRCPT TO:<>\r\n~dDATA\r\n~f"),
     "fin none mail no goes-on"},
    {"what was refused before RSET is forgotten",
     NULS(SENDER "~dRCPT TO:<>\r\n~dRSET\r\n~dMAIL FROM:<a@b>\r\n~dDATA\r\n~f"),
     "fin none mail no bad-order"},
    {"MAIL after a refused HELO", NULS(GREETED "~dHELO\r\n~dMAIL FROM:<a@b>\r\n~f"),
     "fin none banner no goes-on,helo-empty"},
    {"a better MAIL after a refused one",
     NULS(HELO "~dMAIL FROM:\r\n~dMAIL FROM:<a@b>\r\n~dRCPT TO:<x@y>\r\n~f"), "fin none rcpt no -"},
    {"RCPT after a malformed MAIL after the 451",
     NULS(REFUSED "~dMAIL FROM:<c\r\n~dRCPT TO:<e@f>\r\n~f"), "fin mail data yes goes-on"},
    {"DATA after a MAIL with parameters after the 451",
     NULS(REFUSED "~dMAIL FROM:<c@d> SIZE=1\r\n~dDATA\r\n~f"),
     "fin mail data yes unoffered,goes-on"},
    {"a better MAIL after a malformed one after the 451",
     NULS(REFUSED "~dMAIL FROM:<c\r\n~dMAIL FROM:<c@d>\r\n~dRCPT TO:<e@f>\r\n~dDATA\r\n~f"),
     "fin mail data yes -"},
    {"a malformed MAIL and RSET after the 451",
     NULS(REFUSED "~dMAIL FROM:<c\r\n~dRSET\r\n~dMAIL FROM:<c@d>\r\n~f"), "fin mail data yes -"},
    {"RCPT after the 451", NULS(REFUSED "~dRCPT TO:<e@f>\r\n~f"), "fin other data yes -"},
    {"a malformed RCPT after the 451, and DATA", NULS(REFUSED "~dRCPT TO:<e\r\n~dDATA\r\n~f"),
     "fin other data yes -"},
    {"a malformed nested MAIL changes nothing", NULS(RCPT "~dMAIL FROM:<c\r\n~dDATA\r\n~f"),
     "fin none data yes bad-order"},
    {"one recipient of two refused",
     NULS(SENDER "~dRCPT TO:<>\r\n~dRCPT TO:<x@y>\r\n~dDATA\r\n~dQUIT\r\n"),
     "quit none data yes -"},
    /* garbage, long-line, helo-empty */
    {"four unknown commands", NULS(HELO "~dA\r\n~dB\r\n~dC\r\n~dD\r\n~f"),
     "fin none helo no garbage"},
    {"three unknown commands", NULS(HELO "~dA\r\n~dB\r\n~dC\r\n~f"), "fin none helo no -"},
    {"known verbs of other services", NULS(HELO "~dEXPN a\r\n~dETRN b\r\n~dTURN\r\n~dSEND x\r\n~f"),
     "fin none helo no -"},
    {"EHLO without a name", NULS(GREETED "~dEHLO \r\n~f"), "fin none banner no helo-empty"},
    {"one name twice", NULS(GREETED "~dEHLO h\r\n~dEHLO h\r\n~f"), "fin none helo no -"},
    /* what honest programs do at a 451 */
    {"Postfix, qmail-remote, nullmailer", NULS(REFUSED "~sQUIT\r\n~r"), "quit none data yes -"},
    {"Postfix with a cached connection", NULS(REFUSED "~dRSET\r\n~w2000~f"), "fin rset data yes -"},
    {"Postfix, the cached connection used again",
     NULS(REFUSED "~dRSET\r\n~dRSET\r\n~dMAIL FROM:<c@d>\r\n~dRCPT TO:<x@example.org>\r\n~dDATA\r\n"
                  "~dRSET\r\n~dRSET\r\n~dMAIL FROM:<>\r\n~dRCPT TO:<y@example.org>\r\n~dDATA\r\n"
                  "~dRSET\r\n~w2000~f"),
     "fin rset data yes -"},
    {"OpenSMTPD", NULS(REFUSED "~dRSET\r\n~w10000~dQUIT\r\n"), "quit rset data yes -"},
    {"Courier", NULS(REFUSED "~w60050~dQUIT\r\n"), "quit none data yes -"},
    {"dma", NULS(REFUSED "~f"), "fin none data yes -"},
    {"Exim", NULS(REFUSED "~sQUIT\r\n~f"), "quit none data yes -"},
    {"QUIT without its line end, and FIN", NULS(REFUSED "~sQUIT~f"), "quit none data yes -"},
    {"QUI and FIN", NULS(REFUSED "~sQUI~f"), "fin other data yes -"},
    {"reset without a QUIT", NULS(REFUSED "~r"), "rst none data yes -"},
    {"NOOP", NULS(REFUSED "~dNOOP\r\n~f"), "fin noop data yes -"},
    {"HELP", NULS(REFUSED "~dHELP\r\n~f"), "fin other data yes -"},
    {"told to stop in the watch", NULS(REFUSED "~x"), "stop none data yes -"},
};

static struct drive first, other;

static size_t tell(const struct drive *d, char *out, size_t cap) {
  const struct session *s = &d->session;
  char did[FACT_TEXT_MAX];
  size_t n = fact_list(s->facts, did);
  if (n == 0) did[n++] = '-';
  if (!session_closing(s)) return (size_t)snprintf(out, cap, "open");
  return (size_t)snprintf(out, cap, "%s %s %s %s %.*s", endings[s->end], after_names[s->after],
                          stages[s->stage], s->refused ? "yes" : "no", (int)n, did);
}

static bool same_words(const struct session *a, const struct session *b) {
  static struct summary x, y;
  summary_fill(&x, a);
  summary_fill(&y, b);
  return span_equal(x.helo, y.helo) && span_equal(x.from, y.from) && span_equal(x.to, y.to) &&
         span_equal(x.talk, y.talk) && span_equal(x.dialect, y.dialect) && a->lines == b->lines &&
         a->bytes == b->bytes && a->bad == b->bad && a->ended == b->ended;
}

static void play(const struct row *row) {
  struct session_config config = drive_defaults();
  char got[400];
  static const size_t splits[] = {1, 3};
  drive_start(&first, &config, 0);
  drive_script(&first, span_of(row->script, row->len));
  is_text(span_of(got, tell(&first, got, sizeof got)), row->want, "%s", row->name);
  for (size_t i = 0; i < 2; i++) {
    char again[400];
    drive_start(&other, &config, splits[i]);
    drive_script(&other, span_of(row->script, row->len));
    tell(&other, again, sizeof again);
    ok(strcmp(got, again) == 0 && same_words(&first.session, &other.session) &&
           span_equal(drive_said(&first), drive_said(&other)),
       "%s, split by %zu", row->name, splits[i]);
  }
}

/* A command that is too long is refused, but it still counts as that command. */
static void long_commands(void) {
  static char script[8192];
  static const struct {
    const char *name, *before, *command, *rest, *want;
  } cases[] = {
      {"a long MAIL after the 451", REFUSED, "MAIL FROM:<", "@b>\r\n~f",
       "fin mail data yes long-line"},
      {"a long NOOP after the 451", REFUSED, "NOOP ", "\r\n~f", "fin noop data yes long-line"},
      {"a long RSET after the 451", REFUSED, "RSET ", "\r\n~f", "fin rset data yes long-line"},
      {"a long VRFY after the 451", REFUSED, "VRFY ", "\r\n~f", "fin other data yes long-line"},
      {"a long header after the 451", REFUSED, "X-To: ", "\r\n~f",
       "fin body data yes body-after-451,long-line"},
      {"long text after the 451", REFUSED, "buy ", "\r\n~f",
       "fin body data yes body-after-451,long-line"},
      {"a long QUIT", HELO, "QUIT ", "\r\n~w9", "quit none helo no long-line"},
      {"RCPT after a long MAIL", HELO, "MAIL FROM:<", "@b>\r\n~dRCPT TO:<x@y>\r\n~f",
       "fin none helo no long-line,goes-on"},
      {"a long RCPT and another", SENDER, "RCPT TO:<", "@b>\r\n~dRCPT TO:<x@y>\r\n~dDATA\r\n~f",
       "fin none data yes long-line"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    size_t n = (size_t)sprintf(script, "%s~d%s", cases[i].before, cases[i].command);
    memset(script + n, 'a', 2100);
    n += 2100;
    n += (size_t)sprintf(script + n, "%s", cases[i].rest);
    play(&(struct row){cases[i].name, script, n, cases[i].want});
  }
}

static void long_lines(void) {
  static char script[8192];
  static const struct {
    const char *name;
    size_t len;
    const char *want;
  } cases[] = {{"a line of 2,048 bytes", 2048, "fin none helo no -"},
               {"a line of 2,049 bytes", 2049, "fin none helo no long-line"}};
  for (size_t i = 0; i < 2; i++) {
    size_t n = (size_t)sprintf(script, "%s", HELO "~d");
    memset(script + n, 'a', cases[i].len);
    n += cases[i].len;
    n += (size_t)sprintf(script + n, "\r\n~f");
    play(&(struct row){cases[i].name, script, n, cases[i].want});
  }
}

int main(void) {
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) play(&rows[i]);
  long_lines();
  long_commands();
  return done();
}
