/* Whole session lines of finished sessions. */
#include "sessiondrive.h"
#include "tap.h"

static struct drive d;
static char line[SESSION_BYTES_MAX];

static const struct summary_connection bare = {.at = 1764000000123}, full = {
                                                                         .at = 1764000000123,
                                                                         .pport = 40112,
                                                                         .lport = 25,
                                                                         .rtt = 48,
                                                                         .has_local = true,
                                                                         .has_rtt = true,
                                                                         .highmx = true,
                                                                         .peers = 3,
                                                                         .recent = 7,
};

static struct span play(const char *script, const struct summary_connection *connection,
                        bool hide_local) {
  struct session_config config = drive_defaults();
  struct summary_connection c = *connection;
  config.hide_local = hide_local;
  c.peer = addr_from_ipv4(0xc0000207);
  c.local = addr_from_ipv4(0xc0000219);
  drive_start(&d, &config, 5000);
  drive_script(&d, span_str(script));
  size_t len = summary_format(&d.session, &c, line);
  ok(len > 0 && line[len - 1] == '\n', "a line");
  return span_of(line, len - 1);
}

static const struct {
  const char *name, *script;
  const struct summary_connection *connection;
  bool hide_local;
  const char *want;
} rows[] = {
    {"nothing was said", "~w9000~f", &bare, false,
     "session1 at=1764000000.123 peer=192.0.2.7 ms=9000 stage=banner end=fin "
     "after=none helos=0 rcpts=0 lines=0 bad=0 bytes=0 r451=no"},
    {"everything",
     "~w310~sEHLO h\r\n~w9000~dEHLO h2\r\n~dMAIL FROM:<a@b>\r\n~dRCPT TO:<x@y>\r\n"
     "~dRCPT TO:<z@y>\r\n~dWHAT\r\n~dDATA\r\n~dRSET\r\n~dQUIT\r\n",
     &full, false,
     "session1 at=1764000000.123 peer=192.0.2.7 pport=40112 local=192.0.2.25 lport=25 "
     "ms=51310 stage=data end=quit after=rset verb=ehlo helo=h,h2 helos=2 from=a@b "
     "to=x@y,z@y rcpts=2 lines=9 bad=1 bytes=88 rtt=48 "
     "talk=banner:0.310:8:EHLO%20h%0D%0A did=teaser-talk "
     "dialect=EHLO%20H|EHLO%20H|MAIL%20FROM:<A>|RCPT%20TO:<A>*2|WHAT|DATA r451=yes "
     "mx=high peers=3 recent=7"},
    {"without local parts", "~w9000~dHELO h\r\n~dMAIL FROM:<a@b>\r\n~f", &bare, true,
     "session1 at=1764000000.123 peer=192.0.2.7 ms=21000 stage=mail end=fin after=none "
     "verb=helo helo=h helos=1 from=@b rcpts=0 lines=2 bad=0 bytes=25 "
     "dialect=HELO%20H|MAIL%20FROM:<A> r451=no"},
    {"what was cut",
     "~w9000~dEHLO h\r\n~dMAIL FROM:<a@b> A B C D E F G H I J K L M N O P Q R S T U V W X Y Z A B "
     "C D "
     "E F G H I J K L M N O P Q R S T U V W X Y Z\r\n~f",
     &bare, false,
     "session1 at=1764000000.123 peer=192.0.2.7 ms=21000 stage=helo end=fin after=none verb=ehlo "
     "helo=h helos=1 from=a@b rcpts=0 lines=2 bad=1 bytes=129 did=unoffered dialect=EHLO%20H+ "
     "cut=dialect r451=no"},
    {"another protocol", "~w9000~dGET / HTTP/1.1\r\n~f", &bare, false,
     "session1 at=1764000000.123 peer=192.0.2.7 ms=15000 stage=banner end=fin "
     "after=none helos=0 rcpts=0 lines=1 bad=1 bytes=16 nosmtp=http dialect=GET%20X "
     "r451=no"},
};

int main(void) {
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    is_text(play(rows[i].script, rows[i].connection, rows[i].hide_local), rows[i].want, "%s",
            rows[i].name);
  return done();
}
